#include "bridges/xmpp/iq_state.hpp"
#include "bridges/xmpp/jid.hpp"

namespace rialto::xmpp {

namespace {
constexpr std::string_view info_ns = "http://jabber.org/protocol/disco#info",
                           items_ns = "http://jabber.org/protocol/disco#items";
constexpr std::string_view ping_ns = "urn:xmpp:ping", version_ns = "jabber:iq:version",
                           card_ns = "vcard-temp";

void append_feature(element& query, std::string_view name) { element{query, "feature"}("var", name); }

std::string disco_info(
    const iq_query& q, const self_description& about, std::string_view domain
)  // XEP-0030 §3
{
    std::string out;
    element query{out, "query", info_ns};
    const bool component = q.to == domain;
    if (component) {
        for (const auto& i : about.identities)
            element{query, "identity"}("category", i.category)("type", i.type)("name", i.name);
        for (const auto& f : about.features)
            append_feature(query, f);
    } else {
        const bool resource = !resource_of(q.to).empty();
        element{
            query, "identity"
        }("category", resource ? "client" : "account")("type", resource ? "pc" : "registered");
        for (const auto& f : about.puppet_features)
            append_feature(query, f);
    }
    for (const auto f : {info_ns, items_ns, ping_ns, version_ns})
        append_feature(query, f);
    if (about.name_of && !component)
        append_feature(query, card_ns);
    query.close();
    return out;
}
}  // namespace

iq_answer standard_answer(const iq_query& q, const self_description& about, std::string_view domain)
{
    const auto& payload = q.payload.root();
    const bool known = payload.is("ping", ping_ns) || payload.is("query", info_ns) ||
                       payload.is("query", items_ns) || payload.is("query", version_ns);
    if (!known)
        return stanza_error{"cancel", "service-unavailable"};
    if (q.type == iq_type::set)
        return stanza_error{"cancel", "not-allowed"};
    if (payload.name == "ping")
        return std::string{};
    if (payload.has("node"))  // nodes are the business of handlers (XEP-0030 §7)
        return stanza_error{"cancel", "item-not-found"};
    if (payload.ns == info_ns)
        return disco_info(q, about, domain);
    std::string out;
    {
        element query{out, "query", payload.ns};
        if (payload.ns == version_ns) {  // XEP-0092; not the operating system, that is nobody's business
            element{query, "name"}.text(about.software);
            element{query, "version"}.text(about.version);
        }
    }
    return out;
}

iq_answer card_answer(const std::string& name)
{
    if (name.empty())
        return stanza_error{"cancel", "item-not-found"};
    std::string out;
    {
        element card{out, "vCard", card_ns};
        element{card, "FN"}.text(name);
    }
    return out;
}

}  // namespace rialto::xmpp
