// Rooms: joining, leaving, nicks (XEP-0045 §7).
#include "tests/fakes/xmpp/muc.hpp"

#include "tests/fakes/xmpp/server.hpp"

#include <algorithm>

namespace rialto::fakes::xmpp {

const char* const muc_ns = "http://jabber.org/protocol/muc";
const char* const muc_user_ns = "http://jabber.org/protocol/muc#user";
const char* const sid_ns = "urn:xmpp:sid:0";

occupant* room::by_jid(const std::string& full)
{
    const auto at = nicks.find(full);
    if (at == nicks.end())
        return nullptr;
    const auto o = occupants.find(at->second);
    return o == occupants.end() ? nullptr : &o->second;
}

std::string room::affiliation_of(const std::string& bare) const
{
    for (const auto& key : {bare, jid{bare}.domain})
        if (const auto at = affiliations.find(key); at != affiliations.end())
            return at->second;
    return "none";
}

std::string room::default_role(const std::string& affiliation) const
{
    if (affiliation == "owner" || affiliation == "admin")
        return "moderator";
    return affiliation == "none" && moderated ? "visitor" : "participant";
}

room* muc_service::find(const std::string& address)
{
    const auto at = rooms_.find(address);
    return at == rooms_.end() ? nullptr : at->second.get();
}

room& muc_service::make(const std::string& address)
{
    auto& slot = rooms_[address];
    if (!slot) {
        slot = std::make_unique<room>();
        slot->address = address;
        slot->persistent = true;
        slot->nonanonymous = server_.settings().nonanonymous;
        slot->secret = server_.fresh_id(8);
        slot->name = jid{address}.local;
    }
    return *slot;
}

void muc_service::handle(element stanza, const jid& to)
{
    if (stanza.name == "presence")
        presence(std::move(stanza), to);
    else if (stanza.name == "message")
        message(std::move(stanza), to);
    else
        iq(std::move(stanza), to);
}

void muc_service::presence(element stanza, const jid& to)
{
    room* r = find(to.bare());
    const std::string from = stanza.get("from"), type = stanza.get("type");
    occupant* me = r ? r->by_jid(from) : nullptr;
    if (type == "error") {
        if (me)
            bounced(*r, stanza);
        return;
    }
    if (type == "unavailable") {
        if (me)
            remove(*r, me->nick, {}, nullptr, stanza.find("status", ""));
        return;
    }
    if (!type.empty() || to.local.empty())
        return;
    if (stanza.find("x", muc_ns))
        return join(std::move(stanza), to, r);
    if (!me)
        return server_.bounce(stanza, "cancel", "not-acceptable", "You are not in the room");
    if (me->nick != to.resource)
        return change_nick(std::move(stanza), *r, *me, to.resource);
    me->presence = std::move(stanza);
    announce(*r, *me, {});
}

bool muc_service::refused(const element& stanza, room& r, const jid& to)
{
    const std::string bare = jid{stanza.get("from")}.bare(), affiliation = r.affiliation_of(bare);
    const auto no = [&](const char* type, const char* condition, const char* text) {
        server_.bounce(stanza, type, condition, text);
        return true;
    };
    const element* x = stanza.find("x", muc_ns);
    const bool powerful = affiliation == "owner" || affiliation == "admin";
    const std::size_t most = r.max_users ? r.max_users : server_.settings().max_users;
    if (affiliation == "outcast")
        return no("auth", "forbidden", "You have been banned from this room");
    if (r.locked)
        return no("cancel", "item-not-found", "This room is locked");
    if (r.members_only && affiliation == "none")
        return no("auth", "registration-required", "Membership is required to enter this room");
    if (!r.password.empty() && x->child_text("password", muc_ns) != r.password &&
        !(powerful && !server_.ejabberd()))
        return no("auth", "not-authorized", "Incorrect password");
    const auto taken = r.occupants.find(to.resource);
    if (taken != r.occupants.end() && taken->second.real != stanza.get("from"))
        return no("cancel", "conflict", "That nickname is already in use by another occupant");
    if (r.occupants.size() >= most && !powerful && taken == r.occupants.end()) {
        if (server_.ejabberd())
            return no("wait", "resource-constraint", "The room is full");
        return no("wait", "service-unavailable", "The room is full");
    }
    return false;
}

void muc_service::join(element stanza, const jid& to, room* r)
{
    if (!well_prepared(to.resource)) {
        stanza.set("to", to.bare());
        return server_.bounce(stanza, "modify", "jid-malformed", "A nickname is needed");
    }
    const jid from{stanza.get("from")};
    const bool made = !r;
    if (made) {
        if (!server_.settings().component_may_create && server_.is_component(from.domain))
            return server_.bounce(stanza, "auth", "forbidden", "Room creation is denied by service policy");
        r = &make(to.bare());
        r->persistent = false;
        r->locked = server_.settings().room_locking;
        r->affiliations[from.bare()] = "owner";
    } else if (refused(stanza, *r, to)) {
        return;
    }
    if (occupant* me = r->by_jid(from.full()); me && me->nick != to.resource)
        return change_nick(std::move(stanza), *r, *me, to.resource);
    const bool again = r->by_jid(from.full()) != nullptr;
    occupant& o = r->occupants[to.resource];
    const element x = *stanza.find("x", muc_ns);
    o.nick = to.resource;
    o.real = from.full();
    o.bare = from.bare();
    o.affiliation = r->affiliation_of(o.bare);
    if (!again)
        o.role = r->default_role(o.affiliation);
    o.id = std::to_string(std::hash<std::string>{}(r->secret + o.bare));
    o.since = again ? o.since : ++joins_;
    o.presence = std::move(stanza);
    std::erase_if(o.presence.children, [](const element& c) { return c.ns == muc_ns; });
    r->nicks[o.real] = o.nick;
    welcome(*r, o, x, made);
}

void muc_service::show_others(const room& r, const occupant& o)
{
    std::vector<const occupant*> others;
    for (const auto& [nick, other] : r.occupants)
        if (nick != o.nick)
            others.push_back(&other);
    std::sort(others.begin(), others.end(), [](const auto* a, const auto* b) { return a->since < b->since; });
    const jid to{o.real};
    for (const auto* other : others) {
        element p = presence_of(r, *other, {}, r.nonanonymous || o.role == "moderator");
        server_.deliver(to, to_xml(p.set("to", o.real)));
    }
}

// §7.2: the others, then oneself with 110, then history, then the subject.
void muc_service::welcome(room& r, occupant& o, const element& x, bool made)
{
    show_others(r, o);
    codes mine{110};
    if (r.nonanonymous)
        mine.push_back(100);
    if (made)
        mine.push_back(201);
    announce(r, o, mine);
    send_history(r, o.real, x);
    send_subject(r, o.real);
}

element muc_service::presence_of(const room& r, const occupant& o, const codes& status, bool show_real) const
{
    element p{"presence"};
    p.set("from", r.address + '/' + o.nick);
    for (const auto& c : o.presence.children)
        if (c.ns != muc_user_ns && c.ns != "urn:xmpp:occupant-id:0")
            p.children.push_back(c);
    if (server_.settings().occupant_id)
        p.add("occupant-id", "urn:xmpp:occupant-id:0").set("id", o.id);
    element& x = p.add("x", muc_user_ns);
    element& item = x.add("item", muc_user_ns);
    item.set("affiliation", o.affiliation).set("role", o.role);
    if (show_real)
        item.set("jid", o.real);
    for (const int code : status)
        x.add("status", muc_user_ns).set("code", std::to_string(code));
    return p;
}

bool muc_service::moderates(const room& r, const occupant& viewer) const
{
    return r.nonanonymous || viewer.role == "moderator";
}

namespace {
void send_to(server& s, const std::string& to, const std::string& head, const std::string& rest)
{
    s.deliver(jid{to}, head + " to='" + escaped(to) + '\'' + rest);
}
}  // namespace

// To all; the one it is about gets the status codes.
void muc_service::announce(room& r, const occupant& o, const codes& status)
{
    const std::string head = "<presence";
    const auto rest = [&](bool real, const codes& c) {
        return to_xml(presence_of(r, o, c, real)).substr(head.size());
    };
    const std::string shown = rest(true, {}), veiled = rest(r.nonanonymous, {});
    for (const auto& [nick, other] : r.occupants)
        if (nick != o.nick)
            send_to(server_, other.real, head, moderates(r, other) ? shown : veiled);
    codes own = status;
    if (std::find(own.begin(), own.end(), 110) == own.end())
        own.push_back(110);
    element mine = presence_of(r, o, own, true);
    if (o.presence.has("id"))
        mine.set("id", o.presence.get("id"));
    server_.deliver(jid{o.real}, to_xml(mine.set("to", o.real)));
}

// §7.6: unavailable with 303 from the old nick, then the new one's presence.
void muc_service::change_nick(element stanza, room& r, occupant& o, const std::string& nick)
{
    if (!well_prepared(nick))
        return server_.bounce(stanza, "modify", "jid-malformed");
    if (r.occupants.contains(nick))
        return server_.bounce(
            stanza, "cancel", "conflict", "That nickname is already in use by another occupant"
        );
    const std::string was = o.nick;
    for (const auto& [other_nick, other] : r.occupants) {
        codes status{303};
        if (other_nick == was)
            status.push_back(110);
        element p = presence_of(r, o, status, moderates(r, other) || other_nick == was);
        p.set("type", "unavailable").set("to", other.real);
        for (auto& c : p.children)
            if (c.name == "x" && c.ns == muc_user_ns)
                c.children.front().set("nick", nick);
        server_.deliver(jid{other.real}, to_xml(p));
    }
    auto node = r.occupants.extract(was);
    node.key() = nick;
    occupant& now = r.occupants.insert(std::move(node)).position->second;
    now.nick = nick;
    now.presence = std::move(stanza);
    std::erase_if(now.presence.children, [](const element& c) { return c.ns == muc_ns; });
    r.nicks[now.real] = nick;
    announce(r, now, {});
}

}  // namespace rialto::fakes::xmpp
