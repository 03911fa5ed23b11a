#include "core/lane.hpp"

#include <algorithm>

namespace rialto {

void lane::add(item it, bool again)
{
    auto& w = queue_.emplace_back(it.seq, it.taken_ms);
    w.again = again || it.first_try_ms != 0;
    w.tries = it.tries;  // of a dead letter that goes again
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

void lane::begin()
{
    sending_ = true;
    ++queue_.front().tries;
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

std::vector<lane::waiting*> lane::overdue(std::int64_t now_ms, std::size_t most)
{
    std::vector<waiting*> out;
    const auto before = now_ms - std::chrono::milliseconds{limits_.pending}.count();
    for (std::size_t i = 0; i < std::min(most, queue_.size()) && queue_[i].taken_ms <= before; ++i)
        if (!queue_[i].told)
            out.push_back(&queue_[i]);
    return out;
}

std::optional<lane::waiting> lane::take_out(position seq)
{
    const auto at = std::find_if(queue_.begin(), queue_.end(), [seq](const auto& w) { return w.seq == seq; });
    if (at == queue_.end() || (at == queue_.begin() && sending_))
        return std::nullopt;
    auto out = std::move(*at);
    if (at == queue_.begin()) {
        not_before_ms_ = 0;
        pause_ = backoff{std::chrono::minutes{2}};
    }
    queue_.erase(at);
    return out;
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
