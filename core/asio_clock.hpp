// core/asio_clock.hpp: the real time.
#pragma once

#include "core/clock.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <random>

namespace rialto {

class asio_clock final : public clock
{
    std::mt19937_64 dice_{std::random_device{}()};

public:
    timestamp now() const override { return std::chrono::system_clock::now(); }
    boost::asio::awaitable<void> sleep(std::chrono::milliseconds time) override
    {
        boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor, time};
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
    double luck() override { return std::uniform_real_distribution<double>{}(dice_); }
};

}  // namespace rialto
