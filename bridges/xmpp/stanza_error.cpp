#include "bridges/xmpp/stanza_error.hpp"

#include <array>
#include <utility>

namespace rialto::xmpp {

namespace {
constexpr std::string_view conditions_ns = "urn:ietf:params:xml:ns:xmpp-stanzas";

struct meaning
{
    std::string_view condition;
    verdict next;
    cause kind;
    std::string_view type;  // RFC 6120 §8.3.3, where one is given
};
// clang-format off
constexpr std::array<meaning, 22> meanings{{
    {"bad-request",             verdict::give_up,   cause::malformed,    "modify"},
    {"conflict",                verdict::give_up,   cause::conflict,     "cancel"},
    {"feature-not-implemented", verdict::give_up,   cause::other,        "cancel"},
    {"forbidden",               verdict::give_up,   cause::forbidden,    "auth"},
    {"gone",                    verdict::give_up,   cause::not_found,    "cancel"},
    {"internal-server-error",   verdict::try_later, cause::other,        "cancel"},
    {"item-not-found",          verdict::give_up,   cause::not_found,    "cancel"},
    {"jid-malformed",           verdict::give_up,   cause::malformed,    "modify"},
    {"not-acceptable",          verdict::give_up,   cause::other,        "modify"},
    {"not-allowed",             verdict::give_up,   cause::forbidden,    "cancel"},
    {"not-authorized",          verdict::give_up,   cause::forbidden,    "auth"},
    {"policy-violation",        verdict::give_up,   cause::too_large,    "modify"},
    {"recipient-unavailable",   verdict::try_later, cause::away,         "wait"},
    {"redirect",                verdict::give_up,   cause::not_found,    "modify"},
    {"registration-required",   verdict::give_up,   cause::members_only, "auth"},
    {"remote-server-not-found", verdict::try_later, cause::away,         "cancel"},
    {"remote-server-timeout",   verdict::try_later, cause::away,         "wait"},
    {"resource-constraint",     verdict::try_later, cause::full,         "wait"},
    {"service-unavailable",     verdict::give_up,   cause::away,         "cancel"},
    {"subscription-required",   verdict::give_up,   cause::forbidden,    "auth"},
    {"undefined-condition",     verdict::give_up,   cause::other,        "cancel"},
    {"unexpected-request",      verdict::try_later, cause::other,        "wait"},
}};
// clang-format on

const meaning& meaning_of(std::string_view condition)
{
    const meaning* other = nullptr;
    for (const auto& m : meanings) {
        if (m.condition == condition)
            return m;
        if (m.condition == "undefined-condition")
            other = &m;
    }
    return *other;
}

std::string_view condition_for(const failure& f)
{
    switch (f.kind) {
        case cause::other:
            if (f.next == verdict::unsupported)
                return "feature-not-implemented";
            return f.next == verdict::try_later ? "internal-server-error" : "not-acceptable";
        case cause::forbidden:
        case cause::banned: return "forbidden";
        case cause::members_only: return "registration-required";
        case cause::not_found: return "item-not-found";
        case cause::conflict: return "conflict";
        case cause::malformed: return "bad-request";
        case cause::too_large: return "policy-violation";
        case cause::too_many:
        case cause::full: return "resource-constraint";
        case cause::away:
            return f.next == verdict::try_later ? "remote-server-timeout" : "service-unavailable";
    }
    return "undefined-condition";
}
}  // namespace

std::optional<stanza_error> error_of(const node& stanza)
{
    if (stanza.attr("type") != "error")
        return std::nullopt;
    stanza_error out{"cancel", "undefined-condition"};
    const auto* error = stanza.child("error");
    if (!error)
        return out;
    if (error->has("type"))
        out.type = error->attr("type");
    out.by = error->attr("by");
    for (const auto* c = error->child({}, conditions_ns); c; c = c->sibling({}, conditions_ns)) {
        if (c->name == "text")
            out.text = c->content();
        else
            out.condition = c->name;
    }
    return out;
}

void append_error(element& stanza, const stanza_error& e)
{
    element error{stanza, "error"};
    error("type", e.type);
    if (!e.by.empty())
        error("by", e.by);
    element{error, e.condition, conditions_ns}.close();
    if (!e.text.empty())
        element{error, "text", conditions_ns}.text(e.text);
}

failure to_failure(const stanza_error& e, std::string_view what)
{
    const auto& known = meaning_of(e.condition);
    const bool later =
        e.type == "wait" || (known.next == verdict::try_later && e.type != "modify" && e.type != "auth");
    std::string why{what};
    why.append(": ").append(e.condition.substr(0, 64));
    if (!e.text.empty())
        why.append(" (\"").append(e.text.substr(0, 300)).append("\")");
    return {later ? verdict::try_later : verdict::give_up, known.kind, std::move(why)};
}

failure chat_failure(const stanza_error& e, std::string_view peer)
{
    const auto& c = e.condition;
    const std::string to{peer};
    auto out = to_failure(e, to + " did not get it");
    if (c == "service-unavailable" || c == "recipient-unavailable")
        out.why = "nobody is reached at " + to + ": check the address, or try again when its owner is online";
    else if (c == "item-not-found" || c == "gone")
        out.why = "there is nobody at " + to + ": check the address";
    else if (c == "remote-server-not-found")
        out.why = "the server of " + to + " cannot be found: check the name after the @";
    else if (c == "remote-server-timeout")
        out.why = "the server of " + to + " does not answer";
    else
        return out;
    if (!e.text.empty())
        out.why.append(" (\"").append(e.text.substr(0, 300)).append("\")");
    return out;
}

stanza_error to_error(const failure& f)
{
    const auto condition = condition_for(f);
    stanza_error out{std::string{meaning_of(condition).type}, std::string{condition}, f.why};
    if (f.next == verdict::try_later)
        out.type = "wait";  // cancel would make clients forget the room (Monal), never come back
    return out;
}

}  // namespace rialto::xmpp
