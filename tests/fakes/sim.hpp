// tests/fakes/sim.hpp: a world without waiting: a clock that stands still until nothing else can happen and
// then jumps to the next sleeper, and a runner of coroutines on one io_context.
#pragma once

#include "core/clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <map>
#include <optional>

namespace rialto::test {

class sim_clock final : public clock
{
    timestamp now_{std::chrono::hours{24 * 365 * 50}};
    std::multimap<timestamp, boost::asio::steady_timer*> sleepers_;

    void wake()
    {
        for (auto& [until, timer] : sleepers_)
            if (until <= now_)
                timer->cancel();
    }

public:
    timestamp now() const override { return now_; }
    double luck() override { return 0.5; }
    boost::asio::awaitable<void> sleep(std::chrono::milliseconds time) override
    {
        using boost::asio::steady_timer;
        steady_timer timer{co_await boost::asio::this_coro::executor, steady_timer::time_point::max()};
        const auto until = now_ + time;
        const auto at = sleepers_.emplace(until, &timer);
        auto woken = co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        sleepers_.erase(at);
        if (now_ < until)
            throw boost::system::system_error(std::get<0>(woken));  // cancelled before its time
    }
    bool jump(timestamp end)  // to the next sleeper, not past `end`; false: nobody sleeps
    {
        if (sleepers_.empty())
            return false;
        now_ = std::max(now_, std::min(end, sleepers_.begin()->first));
        wake();
        return true;
    }
    void advance(std::chrono::milliseconds time)
    {
        now_ += time;
        wake();
    }
};

class world
{
public:
    boost::asio::io_context io;
    sim_clock time;

    // Runs what can run now, without letting time pass.
    void settle()
    {
        io.restart();
        io.poll();
    }
    // Lets time pass, at most `most` in all, until it is so.
    bool until(const std::function<bool()>& so, std::chrono::milliseconds most = std::chrono::hours{1})
    {
        const auto end = time.now() + most;
        for (;;) {
            settle();
            if (so())
                return true;
            if (time.now() >= end || !time.jump(end))
                return false;
        }
    }
    void pass(std::chrono::milliseconds span)
    {
        until([] { return false; }, span);
    }
    template <class T>
    T get(boost::asio::awaitable<T> task)
    {
        std::optional<T> value;
        std::exception_ptr failed;
        boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr e, T v) {
            failed = e;
            if (!e)
                value.emplace(std::move(v));
        });
        until([&] { return value.has_value() || failed; });
        if (failed)
            std::rethrow_exception(failed);
        return std::move(value.value());
    }
};

}  // namespace rialto::test
