#include "bridges/xmpp/portal_joins.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gmock/gmock.h>

#include <optional>

namespace rialto::xmpp::portal_joins_test {
namespace {

namespace asio = boost::asio;
using testing::ElementsAre;

class JoinQueue : public testing::Test
{
protected:
    asio::io_context io;
    std::vector<int> order;
    std::vector<join_queue::slot> held;

    std::size_t run()
    {
        io.restart();
        return io.poll();
    }
    asio::awaitable<void> come(join_queue& q, int who)
    {
        auto slot = co_await q.enter();
        order.push_back(who);
        held.push_back(std::move(slot));
    }
    void spawn(join_queue& q, int who)
    {
        asio::co_spawn(io, come(q, who), [](std::exception_ptr) {});
    }
    void leave() { held.pop_back(); }
};

TEST_F(JoinQueue, LetsInAsManyAsItMayAndThenFirstComeFirstServed)
{
    join_queue q{io.get_executor(), 2};
    for (int who = 1; who <= 4; ++who)
        spawn(q, who);
    run();
    EXPECT_THAT(order, ElementsAre(1, 2));
    EXPECT_EQ(q.in_flight(), 2U);
    leave();
    run();
    EXPECT_THAT(order, ElementsAre(1, 2, 3));
    leave();
    run();
    EXPECT_THAT(order, ElementsAre(1, 2, 3, 4));
    EXPECT_EQ(q.in_flight(), 2U);
}

TEST_F(JoinQueue, WakesOnlyWhoMayGo)
{
    join_queue q{io.get_executor(), 1};
    for (int who = 0; who < 1'000; ++who)
        spawn(q, who);
    run();
    leave();
    EXPECT_LT(run(), 20U) << "100,000 rooms would be woken 100,000 times";
    EXPECT_THAT(order, ElementsAre(0, 1));
}

TEST_F(JoinQueue, IsNotHeldUpByWhoGaveUpWaiting)
{
    join_queue q{io.get_executor(), 1};
    asio::cancellation_signal stop;
    spawn(q, 1);
    auto ended = asio::bind_cancellation_slot(stop.slot(), [](std::exception_ptr) {});
    asio::co_spawn(io, come(q, 2), ended);
    spawn(q, 3);
    run();
    stop.emit(asio::cancellation_type::terminal);
    run();
    leave();
    run();
    EXPECT_THAT(order, ElementsAre(1, 3));
}

}  // namespace
}  // namespace rialto::xmpp::portal_joins_test
