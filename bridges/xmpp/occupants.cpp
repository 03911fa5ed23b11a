#include "bridges/xmpp/occupants.hpp"

#include "bridges/xmpp/jid.hpp"
#include "bridges/xmpp/stanza_names.hpp"
#include "bridges/xmpp/xml.hpp"

#include <algorithm>
#include <charconv>

namespace rialto::xmpp {
namespace {

constexpr std::string_view occ = "occ:", nick_mark = "nick:";
constexpr std::size_t most_codes = 16, most_reason = 1000, most_occupant_id = 512;

void read_item(const node& x, room_presence& out)
{
    const auto* item = x.child("item");
    if (item == nullptr)
        return;
    out.real_jid = bare_of(item->attr("jid"));
    out.affiliation = item->attr("affiliation");
    out.role = item->attr("role");
    out.new_nick = item->attr("nick");
    if (const auto* reason = item->child("reason"))
        out.reason = reason->content().substr(0, most_reason);
    if (const auto* actor = item->child("actor")) {
        out.actor_nick = actor->attr("nick");
        out.actor_jid = bare_of(actor->attr("jid"));
    }
}

void read_codes(const node& x, room_presence& out)
{
    for (const auto* s = x.child("status"); s != nullptr && out.codes.size() < most_codes;
         s = s->sibling("status")) {
        int code = 0;
        const auto text = s->attr("code");
        std::from_chars(text.data(), text.data() + text.size(), code);
        out.codes.push_back(code);
    }
}

occupant occupant_of(const room_presence& p)
{
    occupant out;
    out.nick = p.nick;
    out.real_jid = p.real_jid;
    out.occupant_id = p.occupant_id;
    out.affiliation = p.affiliation;
    out.role = p.role;
    return out;
}

}  // namespace

user_id name_of(const person_name& who)
{
    switch (who.what) {
        case person_name::is::real: break;
        case person_name::is::occupant: return user_id{who.room + "/" + std::string{occ} + who.rest};
        case person_name::is::guest:
            const bool marked = who.rest.starts_with(occ) || who.rest.starts_with(nick_mark);
            return user_id{who.room + "/" + (marked ? std::string{nick_mark} : std::string{}) + who.rest};
    }
    return user_id{who.rest};
}

person_name person_of(const user_id& id)
{
    using is = person_name::is;
    const auto slash = id.value.find('/');
    if (slash == std::string::npos)
        return {is::real, {}, id.value};
    std::string room = id.value.substr(0, slash), rest = id.value.substr(slash + 1);
    if (rest.starts_with(occ))
        return {is::occupant, std::move(room), rest.substr(occ.size())};
    if (rest.starts_with(nick_mark))
        rest.erase(0, nick_mark.size());
    return {is::guest, std::move(room), std::move(rest)};
}

bool room_presence::has(int code) const noexcept
{
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

room_presence read_presence(const node& p, bool occupant_ids)
{
    room_presence out;
    out.nick = resource_of(p.attr("from"));
    out.to = p.attr("to");
    out.id = p.attr("id");
    out.error = error_of(p);
    out.available = !p.has("type");
    if (out.error)
        return out;
    const auto* status = p.child("status");
    if (const auto* x = p.child("x", ns::muc_user)) {
        read_item(*x, out);
        read_codes(*x, out);
        if (const auto* destroy = x->child("destroy")) {
            out.destroyed = true;
            out.moved_to = bare_of(destroy->attr("jid"));
            if (const auto* reason = destroy->child("reason"))
                out.reason = reason->content().substr(0, most_reason);
        }
    }
    if (out.reason.empty() && status != nullptr && !out.available)
        out.reason = status->content().substr(0, most_reason);
    if (occupant_ids)
        if (const auto* o = p.child("occupant-id", ns::occupant);
            o != nullptr && o->attr("id").size() <= most_occupant_id)
            out.occupant_id = o->attr("id");
    return out;
}

rank occupant::is() const noexcept
{
    if (affiliation == "owner")
        return rank::owner;
    if (affiliation == "admin")
        return rank::admin;
    if (role == "moderator")
        return rank::moderator;
    return role == "visitor" ? rank::visitor : rank::member;
}

departure why_gone(const room_presence& p) noexcept
{
    if (p.destroyed)
        return departure::destroyed;
    // 333 comes with 307 from Prosody: the kick is the server's own (XEP-0045 §9.6 and its registry).
    if (p.has(333))
        return departure::technical;
    if (p.has(332))
        return departure::shutdown;
    if (p.has(301))
        return departure::banned;
    if (p.has(307))
        return departure::kicked;
    if (p.has(321) || p.has(322))
        return departure::not_member;
    return departure::left;
}

movement occupants::apply(const room_presence& p)
{
    movement out;
    if (p.nick.empty() || p.error)
        return out;
    const auto at = by_nick_.find(p.nick);
    if (!p.available) {
        if (at == by_nick_.end())
            return out;
        out.before = at->second;
        if (p.has(303) && !p.new_nick.empty()) {  // no event yet: the new nick's presence follows
            occupant moved = at->second;
            by_nick_.erase(at);
            moved.nick = p.new_nick;
            by_nick_.insert_or_assign(p.new_nick, moved);
            out.what = movement::is::renamed;
            out.who = std::move(moved);
            return out;
        }
        out.what = movement::is::departed;
        out.who = at->second;
        out.why = why_gone(p);
        out.reason = p.reason;
        by_nick_.erase(at);
        return out;
    }
    out.who = occupant_of(p);
    if (at != by_nick_.end()) {
        out.before = at->second;
        at->second = out.who;
        out.what = out.before.is() == out.who.is() ? movement::is::nothing : movement::is::changed;
        return out;
    }
    if (by_nick_.size() >= most_)
        return out;
    by_nick_.emplace(p.nick, out.who);
    out.what = movement::is::arrived;
    return out;
}

const occupant* occupants::by_nick(std::string_view nick) const
{
    const auto at = by_nick_.find(nick);
    return at == by_nick_.end() ? nullptr : &at->second;
}

const occupant* occupants::by_person(const user_id& who) const
{
    // By any of their names: who was an occupant-id to us has a real JID once we are a moderator.
    using is = person_name::is;
    const auto name = person_of(who);
    for (const auto& [nick, o] : by_nick_) {
        const bool here = name.room == room_ && ((name.what == is::occupant && o.occupant_id == name.rest) ||
                                                 (name.what == is::guest && o.nick == name.rest));
        if (here || (name.what == is::real && o.real_jid == name.rest))
            return &o;
    }
    return nullptr;
}

user_id occupants::identify(const occupant& o) const
{
    using is = person_name::is;
    if (!o.real_jid.empty())
        return name_of({is::real, room_, o.real_jid});
    if (!o.occupant_id.empty())
        return name_of({is::occupant, room_, o.occupant_id});
    return name_of({is::guest, room_, o.nick});
}

user_id occupants::identify(std::string_view nick) const
{
    if (const auto* o = by_nick(nick))
        return identify(*o);
    return name_of({person_name::is::guest, room_, std::string{nick}});
}

user_id occupants::actor(const room_presence& p) const
{
    if (!p.actor_jid.empty())
        return user_id{p.actor_jid};
    return p.actor_nick.empty() ? user_id{} : identify(p.actor_nick);
}

}  // namespace rialto::xmpp
