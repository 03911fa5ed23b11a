#include "bridges/xmpp/muc_intake.hpp"

#include <utility>

namespace rialto::xmpp {

bool muc_intake::fresh(const entry& e)
{
    if (!e.what || e.what->id.empty())
        return true;
    const auto& id = e.what->id.value;
    if (!known_.insert(id).second)
        return false;
    order_.push_back(id);
    if (order_.size() > most_known) {
        known_.erase(order_.front());
        order_.pop_front();
    }
    return true;
}

// Asked before fresh(): what is dropped must not be known, or it would be no news when it is read again.
bool muc_intake::has_place()
{
    // And stays so: what came later must not overtake what was dropped.
    overflowed_ = overflowed_ || ready_.size() + held_.size() >= most_;
    return !overflowed_;
}

void muc_intake::hold()
{
    held_.clear();
    overflowed_ = false;
    holding_ = true;
}

void muc_intake::live(std::optional<event> e, cursor where)
{
    if (!has_place())
        return;
    entry one{std::move(e), std::move(where)};
    if (holding_)
        held_.push_back(std::move(one));
    else if (fresh(one))
        ready_.push_back(std::move(one));
}

void muc_intake::archived(std::optional<event> e, cursor where)
{
    if (!has_place())
        return;
    entry one{std::move(e), std::move(where)};
    if (!fresh(one))
        one.what.reset();  // the cursor moves all the same
    ready_.push_back(std::move(one));
}

void muc_intake::release()
{
    holding_ = false;
    for (auto& one : std::exchange(held_, {}))
        if (fresh(one))
            ready_.push_back(std::move(one));
}

void muc_intake::put_back(intake_batch batch)
{
    if (!batch.upto.empty())
        ready_.emplace_front(std::nullopt, batch.upto);
    for (auto e = batch.events.rbegin(); e != batch.events.rend(); ++e)
        ready_.emplace_front(std::move(*e), cursor{});
    position_ = std::move(batch.before);
}

std::optional<intake_batch> muc_intake::take()
{
    intake_batch out;
    out.before = position_;
    while (!ready_.empty() && out.events.size() < batch_size) {
        auto one = std::move(ready_.front());
        ready_.pop_front();
        if (!one.where.empty()) {
            // A room without archive ids keeps the time alone.
            position_ = std::move(one.where);
            ++uncommitted_;
        }
        if (one.what)
            out.events.push_back(std::move(*one.what));
    }
    if (out.events.empty() && uncommitted_ < own_before_commit)
        return std::nullopt;
    if (uncommitted_ > 0)
        out.upto = position_;
    uncommitted_ = 0;
    return out;
}

}  // namespace rialto::xmpp
