#include "core/refs.hpp"

#include "core/clock.hpp"

namespace rialto {

namespace {
void see_message(message& m, const std::function<void(reference&)>& see)
{
    if (m.reply_to)
        see(*m.reply_to);
    if (m.thread)
        see(*m.thread);
}
}  // namespace

void each_reference(happening& what, const std::function<void(reference&)>& see)
{
    if (auto* m = std::get_if<message>(&what))
        see_message(*m, see);
    else if (auto* e = std::get_if<edit>(&what)) {
        see(e->target);
        see_message(e->now, see);
    } else if (auto* r = std::get_if<retraction>(&what))
        see(r->target);
    else if (auto* x = std::get_if<reactions>(&what))
        see(x->target);
    else if (auto* seen = std::get_if<receipt>(&what))
        see(seen->up_to);
    else if (auto* news = std::get_if<report>(&what))
        see(news->about);
}

namespace {
void see_runs(std::vector<block>& blocks, const std::function<void(user_id&)>& see)
{
    for (auto& b : blocks) {
        for (auto& r : b.runs) {
            if (r.mention.empty())
                continue;
            user_id who{r.mention};
            see(who);
            r.mention = std::move(who.value);
        }
        see_runs(b.inside, see);  // bounded: the reader limits nesting to 100
    }
}
void see_people(message& m, const std::function<void(user_id&)>& see)
{
    for (auto& who : m.mentions)
        see(who);
    see_runs(m.body.blocks, see);
}
}  // namespace

void each_person(happening& what, const std::function<void(user_id&)>& see)
{
    if (auto* m = std::get_if<message>(&what))
        see_people(*m, see);
    else if (auto* e = std::get_if<edit>(&what))
        see_people(e->now, see);
    else if (auto* b = std::get_if<membership>(&what))
        see(b->whom);
    else if (auto* r = std::get_if<role>(&what))
        see(r->whom);
}

const reference* target_of(const happening& what)
{
    if (const auto* e = std::get_if<edit>(&what))
        return &e->target;
    if (const auto* r = std::get_if<retraction>(&what))
        return &r->target;
    if (const auto* x = std::get_if<reactions>(&what))
        return &x->target;
    if (const auto* seen = std::get_if<receipt>(&what))
        return &seen->up_to;
    return nullptr;
}

bool overtook(const item& asks, const item& target)
{
    const bool waits = target.now == stage::queued || target.now == stage::sending;
    return waits && target.bound == asks.bound && target.seq > asks.seq;
}

fitness judge(const happening& what, const item& asks, const std::optional<item>& known)
{
    const bool edits = std::holds_alternative<edit>(what);
    if (!known || overtook(asks, *known))
        return edits ? fitness::as_new : fitness::moot;
    switch (known->now) {
        case stage::held:
        case stage::queued:
        case stage::sending: return fitness::wait;
        case stage::sent: return fitness::go;
        case stage::withdrawn: return fitness::moot;
        case stage::dead: return edits ? fitness::refill : fitness::moot;
    }
    return fitness::moot;
}

bool is_late(timestamp said, std::int64_t now_ms)
{
    constexpr std::int64_t late_ms = 5ll * 60 * 1000;
    return said != timestamp{} && now_ms - to_ms(said) > late_ms;
}

bool is_said(const happening& what)
{
    return std::holds_alternative<message>(what) || std::holds_alternative<edit>(what) ||
           std::holds_alternative<retraction>(what) || std::holds_alternative<reactions>(what);
}

std::string_view kind_name(const happening& what)
{
    static constexpr std::string_view names[] = {"message",    "edit",   "retraction", "reaction",
                                                 "receipt",    "typing", "presence",   "contact",
                                                 "membership", "role",   "room_info",  "room",
                                                 "profile",    "gone",   "report"};
    static_assert(std::size(names) == std::variant_size_v<happening>);
    return names[what.index()];
}

}  // namespace rialto
