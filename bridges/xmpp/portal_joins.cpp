#include "bridges/xmpp/portal_joins.hpp"

#include "bridges/xmpp/portal_signal.hpp"

#include <list>

namespace rialto::xmpp {

// Each has a signal of its own: one that woke all of 100,000 rooms whenever one was in took minutes of CPU.
struct join_queue::state
{
    boost::asio::any_io_executor ex;
    std::size_t most, busy = 0;
    std::list<changed_signal*> waiting;

    state(boost::asio::any_io_executor e, std::size_t m) : ex{std::move(e)}, most{m} {}
    void call_next()
    {
        if (busy < most && !waiting.empty())
            waiting.front()->notify();
    }
};

join_queue::join_queue(const boost::asio::any_io_executor& ex, std::size_t most)
    : state_{std::make_shared<state>(ex, most)}
{
}

join_queue::slot::~slot()
{
    if (!of_)
        return;
    --of_->busy;
    of_->call_next();
}

// Given back also when the waiter is cancelled: it would hold up all behind it.
struct join_queue::ticket
{
    state& of;
    changed_signal called;
    std::list<changed_signal*>::iterator mine;

    explicit ticket(state& s) : of{s}, called{s.ex}, mine{s.waiting.insert(s.waiting.end(), &called)} {}
    ticket(const ticket&) = delete;
    ticket& operator=(const ticket&) = delete;
    ~ticket()
    {
        of.waiting.erase(mine);
        of.call_next();
    }
    bool may_go() const { return of.busy < of.most && of.waiting.front() == &called; }
};

boost::asio::awaitable<join_queue::slot> join_queue::enter()
{
    auto s = state_;
    {
        ticket mine{*s};
        while (!mine.may_go())
            co_await mine.called.wait();
        ++s->busy;
    }
    co_return slot{s};
}

std::size_t join_queue::in_flight() const noexcept { return state_->busy; }

}  // namespace rialto::xmpp
