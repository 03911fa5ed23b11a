// bridges/xmpp/portal_signal.hpp: "something changed, look again": what coroutines of one thread wait on.
// There is no lost wake-up as long as the condition is tested between two waits without suspension. Included
// by .cpp files.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace rialto::xmpp {

class changed_signal
{
    boost::asio::steady_timer timer_;

public:
    explicit changed_signal(const boost::asio::any_io_executor& ex)
        : timer_{ex, boost::asio::steady_timer::time_point::max()}
    {
    }

    void notify() { timer_.cancel(); }  // everybody who waits now
    // Until notify(), or the waiter's own cancellation: test the condition either way.
    boost::asio::awaitable<void> wait()
    {
        constexpr auto quietly = boost::asio::as_tuple(boost::asio::use_awaitable);
        auto woken = co_await timer_.async_wait(quietly);
        (void)woken;
    }
};

}  // namespace rialto::xmpp
