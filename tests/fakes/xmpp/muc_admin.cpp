// Roles and affiliations (XEP-0045 §8, §9): kicks, bans, members, moderators.
#include "tests/fakes/xmpp/muc.hpp"
#include "tests/fakes/xmpp/server.hpp"

#include <algorithm>
#include <array>

namespace rialto::fakes::xmpp {

namespace {
constexpr const char* admin_ns = "http://jabber.org/protocol/muc#admin";

int height_of(const std::string& affiliation)
{
    static constexpr std::array steps{"outcast", "none", "member", "admin", "owner"};
    const auto at = std::find(steps.begin(), steps.end(), affiliation);
    return static_cast<int>(at - steps.begin());
}

// <actor/> and <reason/>, as the others are shown them.
element told(const occupant* by, const element& item)
{
    element extra{"item", muc_user_ns};
    if (by)
        extra.add("actor", muc_user_ns).set("nick", by->nick);
    const std::string reason = item.child_text("reason", admin_ns);
    if (!reason.empty())
        extra.add("reason", muc_user_ns).add_text(reason);
    return extra;
}
}  // namespace

void muc_service::admin(const element& stanza, room& r)
{
    const element& query = *stanza.find("query", admin_ns);
    const std::string bare = jid{stanza.get("from")}.bare();
    if (stanza.get("type") == "get")
        return admin_list(stanza, r, query);
    const std::string room_address = r.address;
    const occupant* by = r.by_jid(stanza.get("from"));
    const occupant actor = by ? *by : occupant{};
    for (const auto& item : query.children)
        if (item.name == "item" && !admin_change(r, by ? &actor : nullptr, bare, item, true))
            return server_.bounce(stanza, "cancel", "not-allowed");
    element reply = server_.answer_to(stanza);
    for (const auto& item : query.children)
        if (room* now = item.name == "item" ? find(room_address) : nullptr)
            admin_change(*now, by ? &actor : nullptr, bare, item, false);
    server_.route(std::move(reply));
}

void muc_service::admin_list(const element& stanza, room& r, const element& query)
{
    const element* asked = query.find("item", admin_ns);
    const std::string mine = r.affiliation_of(jid{stanza.get("from")}.bare());
    const occupant* me = r.by_jid(stanza.get("from"));
    if (height_of(mine) < height_of("admin") && !(me && (me->role == "moderator" || r.nonanonymous)))
        return server_.bounce(stanza, "auth", "forbidden");
    const std::string affiliation = asked ? asked->get("affiliation") : "",
                      role = asked ? asked->get("role") : "";
    element reply = server_.answer_to(stanza);
    element& out = reply.add("query", admin_ns);
    if (!affiliation.empty())
        for (const auto& [who, is] : r.affiliations)
            if (is == affiliation)
                out.add("item", admin_ns).set("jid", who).set("affiliation", is);
    if (!role.empty())
        for (const auto& [nick, o] : r.occupants)
            if (o.role == role)
                out.add("item", admin_ns)
                    .set("nick", nick)
                    .set("role", o.role)
                    .set("affiliation", o.affiliation)
                    .set("jid", o.real);
    server_.route(std::move(reply));
}

bool muc_service::admin_change(
    room& r, const occupant* by, const std::string& bare, const element& item, bool only_check
)
{
    const int mine = height_of(r.affiliation_of(bare));
    const std::string affiliation = item.get("affiliation");
    if (!affiliation.empty()) {
        const std::string whom = item.has("jid") || !r.occupants.contains(item.get("nick"))
                                     ? jid{item.get("jid")}.bare()
                                     : r.occupants.at(item.get("nick")).bare;
        const int theirs = height_of(r.affiliation_of(whom)), to = height_of(affiliation);
        if (whom.empty() || to > height_of("owner") || mine < height_of("admin"))
            return false;
        if (mine < height_of("owner") && (theirs >= mine || to >= height_of("admin")))
            return false;
        element full = item;
        if (!only_check)
            set_affiliation(r, by, whom, full);
        return true;
    }
    const auto target = r.occupants.find(item.get("nick"));
    if (target == r.occupants.end() || !by || by->role != "moderator")
        return false;
    if (item.get("role") == "none" &&
        height_of(target->second.affiliation) > std::max(mine, height_of("member")))
        return false;
    if (item.get("role") == "moderator" && mine < height_of("admin"))
        return false;
    if (!only_check)
        set_role(r, by, item);
    return true;
}

void muc_service::set_affiliation(room& r, const occupant* by, const std::string& bare, const element& item)
{
    const std::string to = item.get("affiliation");
    if (to == "none")
        r.affiliations.erase(bare);
    else
        r.affiliations[bare] = to;
    std::vector<std::string> nicks;
    for (const auto& [nick, o] : r.occupants)
        if (o.bare == bare || jid{o.bare}.domain == bare)
            nicks.push_back(nick);
    const element extra = told(by, item);
    const std::string address = r.address;
    for (const auto& nick : nicks) {
        room* now = find(address);
        if (!now)
            return;
        occupant& o = now->occupants.at(nick);
        o.affiliation = to;
        if (to == "outcast")
            remove(*now, nick, {301}, &extra, nullptr);
        else if (to == "none" && now->members_only)
            remove(*now, nick, {321}, &extra, nullptr);
        else {
            const bool before = o.role == "moderator";
            o.role = now->default_role(to);
            announce(*now, o, {});
            if (!before && o.role == "moderator" && !now->nonanonymous)
                show_others(*now, o);  // a new moderator learns who they are
        }
    }
}

void muc_service::set_role(room& r, const occupant* by, const element& item)
{
    const auto at = r.occupants.find(item.get("nick"));
    if (at == r.occupants.end())
        return;
    if (item.get("role") == "none") {
        const element extra = told(by, item);
        return remove(r, at->first, {307}, &extra, nullptr);
    }
    at->second.role = item.get("role");
    announce(r, at->second, {});
    if (at->second.role == "moderator" && !r.nonanonymous)
        show_others(r, at->second);  // a new moderator learns who they are
}

}  // namespace rialto::fakes::xmpp
