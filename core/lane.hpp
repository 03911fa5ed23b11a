// core/lane.hpp: the queue of one portal in one direction. Decides what happens next; does nothing itself.
// Strict FIFO with one send in flight (two PUTs or two MUC sends can swap: promise.md, window 1); only a
// definite answer removes the head. Not thread-safe; no clock: the time is passed in.
#pragma once

#include "core/backoff.hpp"
#include "core/store.hpp"

#include <deque>

namespace rialto {

struct lane_limits
{
    std::size_t length = 10'000;             // further messages become dead letters, their authors are told
    std::size_t in_memory = 256;             // beyond it only the position is held, the rest is read again
    std::chrono::seconds age{24 * 60 * 60};  // of a chat message, after which its author is told
    std::chrono::seconds pending{30};        // after which the author sees that it waits
};

class lane
{
public:
    struct waiting  // an item that is not settled
    {
        position seq;
        std::int64_t taken_ms;
        std::optional<item> it;  // none: read it from the store
        bool again = false;      // may have been sent already
        bool told = false;       // the author knows that it waits
        std::uint32_t tries = 0;

        waiting(position s, std::int64_t t) : seq{s}, taken_ms{t} {}
    };
    struct step
    {
        enum class to
        {
            idle,
            parked,
            wait,
            send,
            expire
        };
        to what;
        std::int64_t until_ms = 0;
    };

    explicit lane(lane_limits limits = {}) : limits_{limits} {}

    bool full() const noexcept { return queue_.size() >= limits_.length; }
    bool empty() const noexcept { return queue_.empty(); }
    bool running() const noexcept { return running_; }
    void running(bool is) noexcept { running_ = is; }
    std::size_t size() const noexcept { return queue_.size(); }
    waiting& head() { return queue_.front(); }
    waiting* second() { return queue_.size() > 1 ? &queue_[1] : nullptr; }
    const waiting& head() const { return queue_.front(); }
    bool sending() const noexcept { return sending_; }
    std::int64_t not_before_ms() const noexcept { return not_before_ms_; }

    void add(item it, bool again = false);
    // What to do at `now`. `open`: the link on the other side is up.
    step next(std::int64_t now_ms, bool open) const;
    void begin();
    void settled();  // the head is done for good
    void later(std::int64_t now_ms, std::chrono::seconds after, double luck, bool uncertain);
    void wake() noexcept { not_before_ms_ = 0; }
    // Those among the first `most` that wait so long that their authors should see it, and were not told.
    std::vector<waiting*> overdue(std::int64_t now_ms, std::size_t most);

    // Takes a queued item out before it was begun (its author withdrew it). False: too late, a byte may have
    // left.
    bool withdraw(position seq);
    // The same for an administrator, who may also take out a head that may have gone but is not in flight
    // now. Nothing: it is in flight, or not here.
    std::optional<waiting> take_out(position seq);
    position find_by_id(std::string_view matrix_id) const;  // 0: not queued here
    // The queued item of that position whose text may still be changed; null once it is in flight.
    waiting* find(position seq);

private:
    lane_limits limits_;
    std::deque<waiting> queue_;
    backoff pause_{std::chrono::minutes{2}};
    std::int64_t not_before_ms_ = 0;
    bool sending_ = false, running_ = false;
};

}  // namespace rialto
