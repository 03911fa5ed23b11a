#include "bridges/xmpp/portal_joins.hpp"

#include "bridges/xmpp/portal_signal.hpp"

#include <set>

namespace rialto::xmpp {

struct join_queue::state
{
    changed_signal changed;
    std::size_t most, busy = 0;
    std::uint64_t next_ticket = 0;
    std::set<std::uint64_t> waiting;

    state(const boost::asio::any_io_executor& ex, std::size_t m) : changed{ex}, most{m} {}
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
    of_->changed.notify();
}

namespace {

struct ticket  // given back also when the waiter is cancelled: it would hold up all behind it
{
    std::set<std::uint64_t>& all;
    std::uint64_t mine;

    ticket(std::set<std::uint64_t>& a, std::uint64_t m) : all{a}, mine{m} { all.insert(m); }
    ticket(const ticket&) = delete;
    ticket& operator=(const ticket&) = delete;
    ~ticket() { all.erase(mine); }
    bool first() const { return *all.begin() == mine; }
};

}  // namespace

boost::asio::awaitable<join_queue::slot> join_queue::enter()
{
    auto s = state_;
    {
        const ticket mine{s->waiting, s->next_ticket++};
        while (s->busy >= s->most || !mine.first())
            co_await s->changed.wait();
    }
    ++s->busy;
    s->changed.notify();
    co_return slot{s};
}

std::size_t join_queue::in_flight() const noexcept { return state_->busy; }

}  // namespace rialto::xmpp
