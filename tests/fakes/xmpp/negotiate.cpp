// How a connection becomes a link: XEP-0114 §3 for components; RFC 6120 §6, §7 (SASL PLAIN, bind) for
// clients.
#include "tests/fakes/xmpp/server.hpp"

#include <boost/uuid/detail/sha1.hpp>

#include <array>

namespace rialto::fakes::xmpp {

namespace {
std::string from_base64(std::string_view s)
{
    static constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    std::uint32_t bits = 0;
    int n = 0;
    for (const char c : s) {
        const std::size_t at = alphabet.find(c);
        if (at == alphabet.npos)
            continue;
        bits = (bits << 6U) | static_cast<std::uint32_t>(at);
        n += 6;
        if (n >= 8) {
            n -= 8;
            out += static_cast<char>((bits >> static_cast<unsigned>(n)) & 0xffU);
        }
    }
    return out;
}

std::string stream_open(const char* ns, const std::string& from, const std::string& id, bool version)
{
    return std::string{"<?xml version='1.0'?><stream:stream xmlns='"} + ns +
           "' xmlns:stream='http://etherx.jabber.org/streams' from='" + escaped(from) + "' id='" + id + "'" +
           (version ? " version='1.0'>" : ">");
}
}  // namespace

std::string digest_of(const std::string& stream_id, const std::string& secret)
{
    boost::uuids::detail::sha1 sha;
    const std::string all = stream_id + secret;
    sha.process_bytes(all.data(), all.size());
    unsigned words[5];
    sha.get_digest(words);
    std::string out;
    for (const unsigned w : words)
        for (int shift = 28; shift >= 0; shift -= 4)
            out += "0123456789abcdef"[(w >> static_cast<unsigned>(shift)) & 15U];
    return out;
}

void server::opened(link& l, element stream)
{
    if (l.kind == port::component)
        component_opened(l, stream);
    else
        client_opened(l);
}

void server::stanza(link& l, element e)
{
    if (l.kind == port::component && l.ready)
        component_stanza(l, std::move(e));
    else if (l.kind == port::component)
        handshake(l, e);
    else
        client_stanza(l, std::move(e));
}

void server::component_opened(link& l, const element& stream)
{
    l.name = stream.get("to");
    l.id = fresh_id();
    l.send(stream_open("jabber:component:accept", l.name, l.id, false));
    const bool known = options_.components.empty() || options_.components.contains(l.name);
    if (l.name.empty() || !known || ours(l.name))
        l.fail("host-unknown");
    l.awaited_digest = digest_of(l.id, options_.secret);
}

void server::handshake(link& l, const element& e)
{
    if (e.name != "handshake" || e.all_text() != l.awaited_digest)
        return l.fail("not-authorized");
    auto& all = components_[l.name];
    if (!all.empty() && !ejabberd()) {
        if (!options_.kick_old)
            return l.fail("conflict");
        for (link* old : std::vector<link*>{all}) {
            old->fail("conflict");
            std::erase(all, old);
        }
    }
    all.push_back(&l);
    seen_.insert(l.name);
    l.ready = true;
    l.send("<handshake/>");
}

// What a component may not send closes its whole stream: one bad stanza takes the bridge down.
void server::component_stanza(link& l, element e)
{
    const bool kind = e.name == "message" || e.name == "presence" || e.name == "iq";
    if (!kind || !e.ns.empty())
        return l.fail("unsupported-stanza-type");
    if (e.get("from").empty() && !ejabberd())
        e.set("from", l.name);
    if (ejabberd() && (e.get("from").empty() || e.get("to").empty()))
        return l.fail(e.get("from").empty() ? "invalid-from" : "improper-addressing");
    if (jid{e.get("from")}.domain != jid{l.name}.domain)
        return l.fail("invalid-from");
    if (e.get("to").empty())
        return;
    accept_stanza(std::move(e));
}

void server::client_opened(link& l)
{
    l.id = fresh_id();
    std::string features;
    if (l.authenticated)
        features =
            "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
            "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>";
    else
        features =
            "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>";
    l.send(
        stream_open("jabber:client", options_.domain, l.id, true) + "<stream:features>" + features +
        "</stream:features>"
    );
}

void server::authenticate(link& l, const element& e)
{
    const std::string all = from_base64(e.all_text());
    const std::size_t first = std::min(all.find('\0'), all.size());
    const std::size_t second = first == all.size() ? first : std::min(all.find('\0', first + 1), all.size());
    const std::string name = second > first ? all.substr(first + 1, second - first - 1) : std::string{};
    const std::string password = second < all.size() ? all.substr(second + 1) : std::string{};
    const auto at = users_.find(name);
    if (at == users_.end() || at->second.password != password) {
        l.send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>");
        return;
    }
    l.name = name + '@' + options_.domain;
    l.authenticated = true;
    l.send("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    l.restart_stream();
}

void server::bind(link& l, const element& iq)
{
    const element* wanted = iq.find("bind", "urn:ietf:params:xml:ns:xmpp-bind");
    l.resource = wanted ? wanted->child_text("resource", wanted->ns) : std::string{};
    if (l.resource.empty())
        l.resource = fresh_id(8);
    if (link* old = client(l.name, l.resource))
        old->fail("conflict");
    clients_[l.name][l.resource] = &l;
    l.ready = true;
    element reply{"iq"};
    reply.set("type", "result").set("id", iq.get("id"));
    element& bound = reply.add("bind", "urn:ietf:params:xml:ns:xmpp-bind");
    bound.add("jid", bound.ns).add_text(l.name + '/' + l.resource);
    l.send(to_xml(reply));
}

}  // namespace rialto::fakes::xmpp
