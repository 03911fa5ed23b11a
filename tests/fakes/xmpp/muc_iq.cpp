// Questions to rooms and through rooms (XEP-0045 §6, §10; XEP-0410; XEP-0030).
#include "tests/fakes/xmpp/muc.hpp"
#include "tests/fakes/xmpp/server.hpp"

namespace rialto::fakes::xmpp {

namespace {
constexpr const char* info_ns = "http://jabber.org/protocol/disco#info";
constexpr const char* items_ns = "http://jabber.org/protocol/disco#items";
constexpr const char* owner_ns = "http://jabber.org/protocol/muc#owner";

void put_field(element& form, const char* var, const std::string& value, const char* type = nullptr)
{
    element& field = form.add("field", data_ns).set("var", var);
    if (type)
        field.set("type", type);
    field.add("value", data_ns).add_text(value);
}
const char* yes(bool b) { return b ? "1" : "0"; }
}  // namespace

void muc_service::iq(element stanza, const jid& to)
{
    room* r = find(to.bare());
    if (!to.resource.empty()) {
        if (!r)
            return server_.bounce(stanza, "cancel", "item-not-found");
        return occupant_iq(std::move(stanza), *r, to);
    }
    const std::string type = stanza.get("type");
    if (type != "get" && type != "set")
        return;
    if (stanza.find("query", info_ns) || stanza.find("query", items_ns)) {
        if (!r && !to.local.empty())
            return server_.bounce(stanza, "cancel", "item-not-found", "Conference room does not exist");
        return disco(stanza, r);
    }
    if (stanza.find("ping", "urn:xmpp:ping"))
        return server_.route(server_.answer_to(stanza));
    if (!r)
        return server_.bounce(stanza, "cancel", "item-not-found", "Conference room does not exist");
    if (stanza.find("query", "http://jabber.org/protocol/muc#admin"))
        return admin(stanza, *r);
    if (stanza.find("query", owner_ns))
        return owner(stanza, *r);
    if (stanza.find("query", "urn:xmpp:mam:2") && server_.settings().mam)
        return archive(stanza, *r);
    server_.bounce(stanza, "cancel", "service-unavailable");
}

// Both the question and its answer pass the room, each with the occupant's address as `from`.
void muc_service::occupant_iq(element stanza, room& r, const jid& to)
{
    const occupant* me = r.by_jid(stanza.get("from"));
    if (!me)
        return server_.bounce(stanza, "cancel", "not-acceptable", "You are not in the room");
    const auto them = r.occupants.find(to.resource);
    if (them == r.occupants.end())
        return server_.bounce(stanza, "cancel", "item-not-found", "Recipient is not in the conference room");
    // XEP-0410 §3.2: the room answers for one who pings himself.
    const bool self = them->second.real == me->real;
    if (self && server_.settings().self_ping && stanza.find("ping", "urn:xmpp:ping"))
        return server_.route(server_.answer_to(stanza));
    stanza.set("from", r.address + '/' + me->nick).set("to", them->second.real);
    server_.route(std::move(stanza));
}

void muc_service::disco(const element& stanza, room* r)
{
    element reply = server_.answer_to(stanza);
    if (const element* q = stanza.find("query", items_ns)) {
        element& query = reply.add("query", q->ns);
        if (!r)
            for (const auto& [address, one] : rooms_)
                if (!one->hidden)
                    query.add("item", query.ns).set("jid", address).set("name", one->name);
        return server_.route(std::move(reply));
    }
    element& query = reply.add("query", info_ns);
    query.add("identity", info_ns)
        .set("category", "conference")
        .set("type", "text")
        .set("name", r ? r->name : "Rooms");
    const auto feature = [&](const char* var) { query.add("feature", info_ns).set("var", var); };
    feature(muc_ns);
    feature(info_ns);
    feature(items_ns);
    if (r) {
        feature("http://jabber.org/protocol/muc#stable_id");
        feature(sid_ns);
        feature(r->members_only ? "muc_membersonly" : "muc_open");
        feature(r->password.empty() ? "muc_unsecured" : "muc_passwordprotected");
        feature(r->nonanonymous ? "muc_nonanonymous" : "muc_semianonymous");
        feature(r->persistent ? "muc_persistent" : "muc_temporary");
        feature(r->moderated ? "muc_moderated" : "muc_unmoderated");
        feature(r->hidden ? "muc_hidden" : "muc_public");
        if (server_.settings().self_ping)
            feature("http://jabber.org/protocol/muc#self-ping-optimization");
    }
    if (server_.settings().occupant_id)
        feature("urn:xmpp:occupant-id:0");
    if (server_.settings().mam)
        feature("urn:xmpp:mam:2");
    if (r) {
        element& form = query.add("x", data_ns).set("type", "result");
        put_field(form, "FORM_TYPE", "http://jabber.org/protocol/muc#roominfo", "hidden");
        put_field(form, "muc#roominfo_description", r->description);
        put_field(form, "muc#roominfo_subject", r->subject);
        put_field(form, "muc#roominfo_occupants", std::to_string(r->occupants.size()));
        put_field(form, "muc#roomconfig_changesubject", yes(r->change_subject));
    }
    server_.route(std::move(reply));
}

void muc_service::owner(const element& stanza, room& r)
{
    if (r.affiliation_of(jid{stanza.get("from")}.bare()) != "owner")
        return server_.bounce(stanza, "auth", "forbidden", "Owner privileges required");
    const element& query = *stanza.find("query", owner_ns);
    element reply = server_.answer_to(stanza);
    if (stanza.get("type") == "get") {
        element& form = reply.add("query", owner_ns).add("x", data_ns).set("type", "form");
        put_field(form, "FORM_TYPE", "http://jabber.org/protocol/muc#roomconfig", "hidden");
        put_field(form, "muc#roomconfig_roomname", r.name, "text-single");
        put_field(form, "muc#roomconfig_roomdesc", r.description, "text-single");
        put_field(form, "muc#roomconfig_persistentroom", yes(r.persistent), "boolean");
        put_field(form, "muc#roomconfig_membersonly", yes(r.members_only), "boolean");
        put_field(form, "muc#roomconfig_moderatedroom", yes(r.moderated), "boolean");
        put_field(form, "muc#roomconfig_changesubject", yes(r.change_subject), "boolean");
        put_field(form, "muc#roomconfig_passwordprotectedroom", yes(!r.password.empty()), "boolean");
        put_field(form, "muc#roomconfig_roomsecret", r.password, "text-private");
        put_field(form, "muc#roomconfig_whois", r.nonanonymous ? "anyone" : "moderators", "list-single");
        return server_.route(std::move(reply));
    }
    if (const element* how = query.find("destroy", owner_ns)) {
        server_.route(std::move(reply));
        return destroy(r, *how);
    }
    const element* form = query.find("x", data_ns);
    if (form && form->get("type") == "cancel") {
        server_.route(std::move(reply));
        return r.locked ? destroy(r, element{"destroy", owner_ns}) : void();
    }
    if (form)
        configure(r, *form);
    r.locked = false;
    server_.route(std::move(reply));
    send_all(
        r, "<message",
        " from='" + escaped(r.address) + "' type='groupchat'><x xmlns='" + muc_user_ns +
            "'><status code='104'/></x></message>",
        true
    );
}

void muc_service::configure(room& r, const element& form)
{
    for (const auto& field : form.children) {
        const std::string var = field.get("var"), value = field.child_text("value", data_ns);
        const bool on = value == "1" || value == "true";
        if (var == "muc#roomconfig_roomname")
            r.name = value;
        else if (var == "muc#roomconfig_roomdesc")
            r.description = value;
        else if (var == "muc#roomconfig_persistentroom")
            r.persistent = on;
        else if (var == "muc#roomconfig_membersonly")
            r.members_only = on;
        else if (var == "muc#roomconfig_moderatedroom")
            r.moderated = on;
        else if (var == "muc#roomconfig_changesubject")
            r.change_subject = on;
        else if (var == "muc#roomconfig_publicroom")
            r.hidden = !on;
        else if (var == "muc#roomconfig_roomsecret")
            r.password = value;
        else if (var == "muc#roomconfig_passwordprotectedroom" && !on)
            r.password.clear();
        else if (var == "muc#roomconfig_maxusers")
            r.max_users = std::strtoul(value.c_str(), nullptr, 10);
        else if (var == "muc#roomconfig_whois")
            r.nonanonymous = value == "anyone";
    }
}

// §10.9: all are put out, with the reason and where to go instead.
void muc_service::destroy(room& r, const element& how)
{
    element told{"destroy", muc_user_ns};
    told.attributes = how.attributes;
    if (const element* reason = how.find("reason", owner_ns))
        told.add("reason", muc_user_ns).add_text(reason->all_text());
    for (const auto& [nick, o] : r.occupants) {
        occupant gone = o;
        gone.role = gone.affiliation = "none";
        gone.presence.children.clear();
        element p = presence_of(r, gone, {}, false);
        p.set("type", "unavailable").set("to", o.real);
        for (auto& x : p.children)
            if (x.name == "x" && x.ns == muc_user_ns)
                x.children.push_back(told);
        server_.deliver(jid{o.real}, to_xml(p));
    }
    rooms_.erase(std::string{r.address});
}

}  // namespace rialto::fakes::xmpp
