#include "bridges/xmpp/muc_echoes.hpp"

namespace rialto::xmpp {

void muc_echoes::expect(const std::string& wire_id, std::string jid, timestamp deadline)
{
    flight f;
    f.jid = std::move(jid);
    f.deadline = deadline;
    flights_.insert_or_assign(wire_id, std::move(f));
}

void muc_echoes::saw(const std::string& wire_id, std::string_view jid, message_id id)
{
    if (const auto at = flights_.find(wire_id); at != flights_.end() && at->second.jid == jid) {
        at->second.what = flight::is::shown;
        at->second.id = id;
    }
    if (seen_.find(wire_id) != seen_.end())
        return;  // the first is the one: a repeat has another stanza-id
    if (order_.size() >= most_seen) {
        seen_.erase(order_.front());
        order_.pop_front();
    }
    seen_.emplace(wire_id, seen_as{std::string{jid}, std::move(id)});
    order_.push_back(wire_id);
}

void muc_echoes::refused(std::string_view wire_id, stanza_error why)
{
    const auto at = flights_.find(wire_id);
    if (at == flights_.end() || at->second.what != flight::is::open)
        return;  // a committed echo is final
    at->second.what = flight::is::refused;
    at->second.error = std::move(why);
}

bool muc_echoes::expire(timestamp now)
{
    bool any = false;
    for (auto& [id, f] : flights_)
        if (f.what == flight::is::open && now >= f.deadline) {
            f.what = flight::is::expired;
            any = true;
        }
    return any;
}

void muc_echoes::link_lost()
{
    for (auto& [id, f] : flights_)
        if (f.what == flight::is::open)
            f.what = flight::is::lost;
}

const flight* muc_echoes::find(std::string_view wire_id) const
{
    const auto at = flights_.find(wire_id);
    return at == flights_.end() ? nullptr : &at->second;
}

void muc_echoes::forget(std::string_view wire_id)
{
    if (const auto at = flights_.find(wire_id); at != flights_.end())
        flights_.erase(at);
}

std::optional<message_id> muc_echoes::shown(std::string_view wire_id, std::string_view jid) const
{
    const auto at = seen_.find(wire_id);
    if (at == seen_.end() || at->second.jid != jid)
        return std::nullopt;
    return at->second.id;
}

}  // namespace rialto::xmpp
