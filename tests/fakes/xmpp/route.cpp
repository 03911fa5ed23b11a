// Who gets a stanza, and who is told when nobody does (RFC 6120 §10, RFC 6121 §8).
#include "tests/fakes/xmpp/server.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace rialto::fakes::xmpp {

const char* const stanzas_ns = "urn:ietf:params:xml:ns:xmpp-stanzas";

namespace {
std::string kind_of(const element& e)
{
    if (e.name == "message" && e.get("type") == "groupchat")
        return "groupchat";
    if (e.name == "presence" && e.get("type").empty() && e.find("x", "http://jabber.org/protocol/muc"))
        return "join";
    if (e.name == "iq" && e.find("query", "urn:xmpp:mam:2"))
        return "mam";
    if (e.name == "iq" && e.find("ping", "urn:xmpp:ping"))
        return "ping";
    return e.name;
}
}  // namespace

element stanza_error(
    const element& of, std::string_view type, std::string_view condition, std::string_view text,
    bool with_content
)
{
    element e{of.name};
    e.set("from", of.get("to")).set("to", of.get("from")).set("type", "error");
    if (of.has("id"))
        e.set("id", of.get("id"));
    if (with_content)
        e.children = of.children;
    element& error = e.add("error");
    error.set("type", std::string{type});
    error.add(std::string{condition}, stanzas_ns);
    if (!text.empty())
        error.add("text", stanzas_ns).add_text(text);
    return e;
}

bool server::ours(const std::string& domain) const
{
    return domain == options_.domain || domain == options_.muc || domain == options_.upload;
}

element server::answer_to(const element& iq) const
{
    element e{"iq"};
    e.set("type", "result").set("id", iq.get("id")).set("from", iq.get("to")).set("to", iq.get("from"));
    return e;
}

void server::bounce(
    const element& stanza, std::string_view type, std::string_view condition, std::string_view text
)
{
    const std::string was = stanza.get("type");
    const bool silent = was == "error" || (stanza.name == "iq" && was == "result") ||
                        (stanza.name == "message" && was == "headline");
    if (!silent)
        route(stanza_error(stanza, type, condition, text, ejabberd()));
}

void server::accept_stanza(element stanza)
{
    const auto spoilt = faults_.empty() ? std::nullopt : faults_.hit(kind_of(stanza));
    if (!spoilt)
        return route(std::move(stanza));
    switch (spoilt->how) {
        case fault::act::lose:
        case fault::act::hang: return;
        case fault::act::error:
        case fault::act::status:
            return bounce(stanza, "wait", spoilt->body.empty() ? "internal-server-error" : spoilt->body);
        case fault::act::delay: time_.at(spoilt->wait, [this, stanza] { route(stanza); }); return;
        case fault::act::restart:
            if (spoilt->after)
                route(std::move(stanza));
            return boost::asio::post(executor_, [this, alive = alive_] {
                if (*alive)
                    restart();
            });
        case fault::act::cut:
        case fault::act::drop:
        case fault::act::half:
            if (spoilt->after)
                route(std::move(stanza));
            return is_component(jid{stanza.get("from")}.domain) ? cut_components(spoilt->bytes)
                                                                : cut_clients(spoilt->bytes);
    }
}

void server::route(element stanza)
{
    const jid to{stanza.get("to")};
    if (to.domain == options_.muc)
        return rooms_.handle(std::move(stanza), to);
    if (to.domain == options_.upload)
        return to_upload(stanza);
    if (to.domain == options_.domain)
        return to_user(std::move(stanza), to);
    if (to_component(to.domain, to_xml(stanza)) == found::yes || stanza.name == "presence")
        return;
    // A component that is away: Prosody knows it and says wait; to ejabberd it is a server it cannot find.
    if (ejabberd())
        bounce(stanza, "cancel", "remote-server-not-found");
    else if (seen_.contains(to.domain))
        bounce(stanza, "wait", "remote-server-timeout", "Component unavailable");
    else
        bounce(stanza, "cancel", "remote-server-not-found", "Server-to-server connection failed");
}

server::found server::to_component(const std::string& domain, std::string_view xml)
{
    const auto at = components_.find(domain);
    if (at == components_.end())
        return found::no_server;
    const auto& all = at->second;
    link* l = all.size() == 1 ? all.front() : all[luck_() % all.size()];
    const auto spoilt = faults_.empty() ? std::nullopt : faults_.hit("to_component");
    if (spoilt && spoilt->how == fault::act::lose)
        return found::yes;
    if (spoilt && (spoilt->how == fault::act::cut || spoilt->how == fault::act::half)) {
        const auto bytes = spoilt->how == fault::act::half ? xml.size() / 2 : spoilt->bytes;
        l->cut(l->queued() + bytes);
        l->send(xml);
        return found::yes;
    }
    l->send(xml);
    return found::yes;
}

server::found server::deliver(const jid& to, std::string_view xml)
{
    if (to.domain != options_.domain)
        return to_component(to.domain, xml);
    if (to.resource.empty()) {
        const auto at = clients_.find(to.bare());
        if (at == clients_.end())
            return found::no_user;
        for (const auto& [resource, l] : at->second)
            l->send(xml);
        return found::yes;
    }
    link* l = client(to.bare(), to.resource);
    if (!l)
        return found::no_user;
    l->send(xml);
    return found::yes;
}

link* server::client(const std::string& bare, const std::string& resource)
{
    const auto at = clients_.find(bare);
    if (at == clients_.end())
        return nullptr;
    const auto r = at->second.find(resource);
    return r == at->second.end() ? nullptr : r->second;
}

}  // namespace rialto::fakes::xmpp
