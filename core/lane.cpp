#include "core/lane.hpp"

#include <algorithm>

namespace rialto {

void lane::add(item it, bool again)
{
    auto& w = queue_.emplace_back(it.seq, it.taken_ms);
    w.again = again || it.first_try_ms != 0;
    if (queue_.size() <= limits_.in_memory)
        w.it = std::move(it);
}

lane::step lane::next(std::int64_t now_ms, bool open) const
{
    if (queue_.empty())
        return {step::to::idle};
    const auto too_old =
        queue_.front().taken_ms + std::chrono::milliseconds{limits_.age}.count() <= now_ms && !sending_;
    if (too_old)
        return {step::to::expire};
    if (!open)
        return {step::to::parked};
    if (not_before_ms_ > now_ms)
        return {step::to::wait, not_before_ms_};
    return {step::to::send};
}

void lane::settled()
{
    queue_.pop_front();
    sending_ = false;
    not_before_ms_ = 0;
    pause_ = backoff{std::chrono::minutes{2}};
}

void lane::later(std::int64_t now_ms, std::chrono::seconds after, double luck, bool uncertain)
{
    sending_ = false;
    if (uncertain && !queue_.empty())
        queue_.front().again = true;
    const auto own = pause_.after_failure(luck);
    not_before_ms_ = now_ms + (after.count() > 0 ? std::chrono::milliseconds{after}.count() : own.count());
}

bool lane::overdue(std::int64_t now_ms) const
{
    return !queue_.empty() && !queue_.front().told &&
           queue_.front().taken_ms + std::chrono::milliseconds{limits_.pending}.count() <= now_ms;
}

bool lane::withdraw(position seq)
{
    auto* found = find(seq);
    if (!found)
        return false;
    std::erase_if(queue_, [seq](const waiting& w) { return w.seq == seq; });
    return true;
}

position lane::find_by_id(std::string_view matrix_id) const
{
    for (const auto& w : queue_)
        if (w.it && w.it->matrix_id == matrix_id)
            return w.seq;
    return 0;
}

lane::waiting* lane::find(position seq)
{
    const auto at = std::lower_bound(queue_.begin(), queue_.end(), seq, [](const waiting& w, position s) {
        return w.seq < s;
    });
    if (at == queue_.end() || at->seq != seq)
        return nullptr;
    // The head may have been on the wire before a crash: whether a byte left is not known, so it is left
    // alone.
    if (at == queue_.begin() && (sending_ || at->again))
        return nullptr;
    return &*at;
}

}  // namespace rialto
