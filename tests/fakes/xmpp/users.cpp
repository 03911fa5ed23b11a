// The server's own users and the server itself as an address (RFC 6121; XEP-0199, XEP-0030).
#include "tests/fakes/xmpp/server.hpp"

#include <algorithm>

namespace rialto::fakes::xmpp {

namespace {
bool is_request(const element& e) { return e.get("type") == "get" || e.get("type") == "set"; }

std::string with_to(const std::string& presence, const std::string& to)
{
    return "<presence to='" + escaped(to) + '\'' + presence.substr(sizeof "<presence" - 1);
}
}  // namespace

void server::client_stanza(link& l, element e)
{
    if (!l.authenticated) {
        if (e.name == "auth" && e.get("mechanism") == "PLAIN")
            return authenticate(l, e);
        return l.fail("not-authorized");
    }
    if (!l.ready) {
        if (e.name == "iq" && e.find("bind", "urn:ietf:params:xml:ns:xmpp-bind"))
            return bind(l, e);
        return l.fail("not-authorized");
    }
    e.set("from", l.name + '/' + l.resource);
    if (e.name == "presence" && e.get("to").empty())
        return client_presence(l, std::move(e));
    if (e.get("to").empty())
        e.set("to", e.name == "iq" ? l.name : l.name);
    const std::string type = e.get("type");
    if (e.name == "presence" && (type.empty() || type == "unavailable")) {
        std::erase(l.directed, e.get("to"));
        if (type.empty())
            l.directed.push_back(e.get("to"));
    }
    if (e.name == "presence" && (type == "subscribed" || type == "unsubscribed" || type == "subscribe")) {
        const std::string to = jid{e.get("to")}.bare();
        auto& watchers = users_[jid{l.name}.local].watchers;
        if (type == "subscribed")
            watchers.insert(to);
        if (type == "unsubscribed")
            watchers.erase(to);
        e.set("from", l.name).set("to", to);
    }
    accept_stanza(std::move(e));
}

void server::client_presence(link& l, element e)
{
    if (e.get("type") == "unavailable")
        return leave_all(l);
    const std::string priority = e.child_text("priority", "");
    l.priority = priority.empty() ? 0 : std::atoi(priority.c_str());
    l.presence = to_xml(e);
    for (const auto& who : users_[jid{l.name}.local].watchers)
        deliver(jid{who}, with_to(l.presence, who));
}

// A client that dies is unavailable at once to all who had its presence, rooms of components included.
void server::leave_all(link& l)
{
    const bool closing = l.dead();
    element bye{"presence"};
    bye.set("from", l.name + '/' + l.resource).set("type", "unavailable");
    if (closing) {
        auto& mine = clients_[l.name];
        const auto at = mine.find(l.resource);
        if (at != mine.end() && at->second == &l)
            mine.erase(at);
        if (mine.empty())
            clients_.erase(l.name);
    }
    l.priority = -129;
    for (const auto& who : std::exchange(l.directed, {}))
        route(element{bye}.set("to", who));
    for (const auto& who : users_[jid{l.name}.local].watchers)
        deliver(jid{who}, with_to(to_xml(bye), who));
}

void server::to_user(element stanza, const jid& to)
{
    if (to.local.empty())
        return stanza.name == "iq" ? to_server(stanza) : void();
    const bool there = users_.contains(to.local);
    if (stanza.name == "iq" && (to.resource.empty() || !there))
        return user_iq(stanza, to);
    if (stanza.name == "presence")
        return user_presence(std::move(stanza), to);
    if (!to.resource.empty()) {
        if (link* l = client(to.bare(), to.resource))
            return l->send(to_xml(stanza));
        return bounce(stanza, "cancel", "service-unavailable");
    }
    if (stanza.get("type") == "groupchat")
        return bounce(stanza, "cancel", "service-unavailable");
    bool taken = false;
    const auto at = clients_.find(to.bare());
    if (at != clients_.end())
        for (const auto& [resource, l] : at->second)
            if (l->priority >= 0) {
                l->send(to_xml(stanza));
                taken = true;
            }
    if (!taken)
        bounce(stanza, "cancel", "service-unavailable");
}

void server::user_presence(element stanza, const jid& to)
{
    const std::string type = stanza.get("type");
    const bool about_subscription = type.find("subscribe") != type.npos;
    const jid target{about_subscription ? to.bare() : to.full()};
    if (type == "probe") {
        const auto u = users_.find(to.local);
        const auto at = clients_.find(to.bare());
        if (u == users_.end() || at == clients_.end() ||
            !u->second.watchers.contains(jid{stanza.get("from")}.bare()))
            return;
        for (const auto& [resource, l] : at->second)
            if (l->priority > -129)
                deliver(jid{stanza.get("from")}, with_to(l->presence, stanza.get("from")));
        return;
    }
    // Prosody and ejabberd stay silent when there is nobody.
    deliver(target, to_xml(stanza));
    if (type == "subscribe" || type == "unsubscribe")
        if (const auto u = users_.find(to.local); u != users_.end() && type == "unsubscribe")
            u->second.watchers.erase(jid{stanza.get("from")}.bare());
}

void server::user_iq(const element& iq, const jid& to)
{
    if (!is_request(iq))
        return;
    element reply = answer_to(iq);
    const bool own = jid{iq.get("from")}.bare() == to.bare();
    if (own && iq.find("query", "jabber:iq:roster")) {
        reply.add("query", "jabber:iq:roster");
        return route(std::move(reply));
    }
    if (own && (iq.find("session", "urn:ietf:params:xml:ns:xmpp-session") ||
                iq.find("enable", "urn:xmpp:carbons:2") || iq.find("ping", "urn:xmpp:ping")))
        return route(std::move(reply));
    if (users_.contains(to.local) && iq.find("query", "http://jabber.org/protocol/disco#info")) {
        element& query = reply.add("query", "http://jabber.org/protocol/disco#info");
        query.add("identity", query.ns).set("category", "account").set("type", "registered");
        return route(std::move(reply));
    }
    bounce(
        iq, "cancel",
        users_.contains(to.local) && iq.find("vCard", "vcard-temp") ? "item-not-found" : "service-unavailable"
    );
}

void server::to_server(const element& iq)
{
    if (!is_request(iq))
        return;
    element reply = answer_to(iq);
    if (iq.find("ping", "urn:xmpp:ping") || iq.find("session", "urn:ietf:params:xml:ns:xmpp-session"))
        return route(std::move(reply));
    if (const element* q = iq.find("query", "http://jabber.org/protocol/disco#info")) {
        element& query = reply.add("query", q->ns);
        query.add("identity", query.ns).set("category", "server").set("type", "im");
        for (const char* feature :
             {"http://jabber.org/protocol/disco#info", "http://jabber.org/protocol/disco#items",
              "urn:xmpp:ping"})
            query.add("feature", query.ns).set("var", feature);
        return route(std::move(reply));
    }
    if (const element* q = iq.find("query", "http://jabber.org/protocol/disco#items")) {
        element& query = reply.add("query", q->ns);
        for (const auto& host : {options_.muc, options_.upload})
            query.add("item", query.ns).set("jid", host);
        return route(std::move(reply));
    }
    bounce(iq, "cancel", "service-unavailable");
}

}  // namespace rialto::fakes::xmpp
