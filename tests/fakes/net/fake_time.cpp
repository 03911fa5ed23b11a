#include "tests/fakes/net/fake_time.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace rialto::fakes {

namespace asio = boost::asio;
using std::chrono::steady_clock;

bell make_bell(asio::any_io_executor ex)
{
    return std::make_shared<asio::steady_timer>(std::move(ex), steady_clock::time_point::max());
}

fake_time::fake_time(asio::any_io_executor ex)
    : executor_{ex},
      driver_{ex},
      base_fake_{std::chrono::duration_cast<std::chrono::milliseconds>(
                     std::chrono::system_clock::now().time_since_epoch()
      )
                     .count()},
      base_true_{steady_clock::now()}
{
}

std::int64_t fake_time::now() const
{
    if (frozen_)
        return base_fake_;
    const std::chrono::duration<double, std::milli> passed = steady_clock::now() - base_true_;
    return base_fake_ + static_cast<std::int64_t>(passed.count() * scale_);
}

void fake_time::rebase()
{
    base_fake_ = now();
    base_true_ = steady_clock::now();
}

void fake_time::freeze()
{
    rebase();
    frozen_ = true;
    driver_.cancel();
}

void fake_time::thaw()
{
    frozen_ = false;
    base_true_ = steady_clock::now();
    arm();
}

void fake_time::advance(std::int64_t ms)
{
    rebase();
    base_fake_ += ms;
    ring_due();
}

void fake_time::scale(double faster)
{
    rebase();
    scale_ = faster;
    arm();
}

fake_time::alarm fake_time::at(std::int64_t in_ms, std::function<void()> then)
{
    const alarm a{now() + in_ms, ++serial_};
    alarms_->emplace(a, std::move(then));
    if (alarms_->begin()->first == a)
        arm();
    return a;
}

void fake_time::arm()
{
    if (frozen_ || alarms_->empty())
        return;
    const double left = static_cast<double>(alarms_->begin()->first.first - now()) / scale_;
    const auto wait = std::chrono::microseconds{static_cast<std::int64_t>(left * 1000) + 1};
    driver_.expires_after(std::max<std::chrono::microseconds>(wait, std::chrono::microseconds{0}));
    driver_.async_wait([this](boost::system::error_code ec) {
        if (!ec)
            ring_due();
    });
}

void fake_time::ring_due()
{
    const auto until = now();
    while (!alarms_->empty() && alarms_->begin()->first.first <= until) {
        auto first = alarms_->extract(alarms_->begin());
        first.mapped()();
    }
    arm();
}

awaitable<void> fake_time::sleep(std::int64_t ms) { co_await sleep(ms, make_bell(executor_)); }

awaitable<void> fake_time::sleep(std::int64_t ms, bell or_until)
{
    std::function<void()> ring = [or_until] { or_until->cancel(); };
    const alarm mine = at(ms, std::move(ring));
    struct disarm
    {
        std::shared_ptr<alarms> all;
        alarm which;
        ~disarm() { all->erase(which); }
    };
    const disarm at_end{alarms_, mine};
    co_await or_until->async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace rialto::fakes
