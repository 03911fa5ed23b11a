// Leaving rooms, of one's own will or not (XEP-0045 §7.14, §8.2, §9.1), and what is left when a server is
// killed.
#include "tests/fakes/xmpp/muc.hpp"
#include "tests/fakes/xmpp/server.hpp"

#include <algorithm>

namespace rialto::fakes::xmpp {

void muc_service::forget(bool keep_rooms, bool keep_archive)
{
    for (auto& [address, r] : rooms_) {
        r->occupants.clear();
        r->nicks.clear();
        if (!keep_archive)
            r->archive.clear();
        if (server_.ejabberd() || !keep_archive)
            r->history_from = r->archive.size();
    }
    std::erase_if(rooms_, [&](const auto& r) { return !keep_rooms || !r.second->persistent; });
}

std::size_t muc_service::lose_archive(const std::string& address, std::size_t newest)
{
    room* r = find(address);
    std::size_t lost = 0;
    for (std::size_t i = r ? r->archive.size() : 0; i > 0 && lost < newest; --i, ++lost)
        r->archive[i - 1].shown = false;
    return lost;
}

// Leaving, kicks (307), bans (301) and the like: all are told, the leaver with 110 too.
void muc_service::remove(
    room& r, const std::string& nick, const codes& why, const element* item_extra, const element* status
)
{
    const auto at = r.occupants.find(nick);
    if (at == r.occupants.end())
        return;
    occupant gone = at->second;
    gone.role = "none";
    gone.presence.children.clear();
    if (status)
        gone.presence.children.push_back(*status);
    std::vector<std::pair<std::string, bool>> to;  // who, and whether they see the real address
    for (const auto& [other_nick, other] : r.occupants)
        to.emplace_back(other.real, moderates(r, other));
    r.nicks.erase(gone.real);
    r.occupants.erase(at);
    for (const auto& [who, real] : to) {
        codes c = why;
        if (who == gone.real)
            c.insert(c.begin(), 110);
        element p = presence_of(r, gone, c, real || who == gone.real);
        p.set("type", "unavailable").set("to", who);
        if (item_extra)
            for (auto& x : p.children)
                if (x.name == "x" && x.ns == muc_user_ns)
                    x.children.front().children = item_extra->children;
        server_.deliver(jid{who}, to_xml(p));
    }
    drop_if_empty(r.address);
}

void muc_service::drop_if_empty(const std::string& address)
{
    const room* r = find(address);
    if (r && r->occupants.empty() && !r->persistent)
        rooms_.erase(address);
}

// XEP-0045 §7.3, and both servers: whose messages come back is put out.
void muc_service::bounced(room& r, const element& stanza)
{
    occupant* o = r.by_jid(stanza.get("from"));
    if (!o)
        return;
    element status{"status"};
    if (server_.ejabberd()) {
        status.add_text(
            "It is not allowed to send error messages to the room. The participant has been kicked"
        );
        return remove(r, o->nick, {307}, nullptr, &status);
    }
    status.add_text("Kicked: remote server timeout");
    remove(r, o->nick, {333, 307}, nullptr, &status);
}

void muc_service::send_all(room& r, const std::string& head, const std::string& rest, bool must_arrive)
{
    std::vector<std::string> lost;
    std::string copy;
    for (const auto& [nick, o] : r.occupants) {
        copy.assign(head).append(" to='").append(escaped(o.real)).append("'").append(rest);
        if (server_.deliver(jid{o.real}, copy) != server::found::yes && must_arrive)
            lost.push_back(o.real);
    }
    const std::string address = r.address;
    for (const auto& who : lost) {
        room* still = find(address);  // a temporary room goes with its last occupant
        element error{"message"};
        error.set("from", who);
        if (still)
            bounced(*still, error);
    }
}

}  // namespace rialto::fakes::xmpp
