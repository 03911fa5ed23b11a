// tests/fakes/net/fake_time.hpp: the time of a fake server. It can run faster than ours (scale), stand still
// (freeze) and be moved by hand (advance), so that a retry after 512 s is tested in microseconds.
// One io_context thread; times in milliseconds since 1970.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

namespace rialto::fakes {

using boost::asio::awaitable;

// Cancelling it wakes its waiter: "something has happened, look again".
using bell = std::shared_ptr<boost::asio::steady_timer>;
bell make_bell(boost::asio::any_io_executor ex);

class fake_time
{
public:
    explicit fake_time(boost::asio::any_io_executor ex);
    fake_time(const fake_time&) = delete;
    fake_time& operator=(const fake_time&) = delete;

    std::int64_t now() const;
    void freeze();
    void thaw();
    void advance(std::int64_t ms);
    void scale(double faster);  // 100: a fake second lasts 10 ms

    using alarm = std::pair<std::int64_t, std::uint64_t>;
    alarm at(std::int64_t in_ms, std::function<void()> then);
    void cancel(alarm a) { alarms_->erase(a); }

    awaitable<void> sleep(std::int64_t ms);
    awaitable<void> sleep(std::int64_t ms, bell or_until);  // true time has passed, or the bell was rung

private:
    void rebase();
    void arm();
    void ring_due();

    boost::asio::any_io_executor executor_;
    boost::asio::steady_timer driver_;
    using alarms = std::map<alarm, std::function<void()>>;
    std::shared_ptr<alarms> alarms_ = std::make_shared<alarms>();  // a sleeper may outlive us
    std::uint64_t serial_ = 0;
    std::int64_t base_fake_;
    std::chrono::steady_clock::time_point base_true_;
    double scale_ = 1;
    bool frozen_ = false;
};

}  // namespace rialto::fakes
