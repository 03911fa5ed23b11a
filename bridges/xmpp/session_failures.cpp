#include "bridges/xmpp/session_failures.hpp"

#include <boost/asio/error.hpp>

namespace rialto::xmpp {

namespace {
constexpr std::string_view stream_errors_ns = "urn:ietf:params:xml:ns:xmpp-streams";

std::string in_brackets(std::string_view text)
{
    return text.empty() ? "" : " (\"" + std::string{text.substr(0, 300)} + "\")";
}
}  // namespace

failure connection_failed(const link_names& link, connection_stage at, boost::system::error_code why)
{
    namespace error = boost::asio::error;
    const auto said = why.message();
    switch (at) {
        case connection_stage::resolving:
            return {
                verdict::try_later, cause::away,
                "no address found for the XMPP server " + link.host + " (" + said + "): check host"
            };
        case connection_stage::connecting:
            if (why == error::connection_refused)
                return {
                    verdict::try_later, cause::away,
                    "nothing listens on " + link.peer() +
                        ": is the XMPP server running, and is that its component port?"
                };
            return {
                verdict::try_later, cause::away,
                "cannot reach the XMPP server at " + link.peer() + " (" + said + ")"
            };
        case connection_stage::open: break;
    }
    if (why == error::eof)
        return {
            verdict::try_later, cause::away, "the XMPP server at " + link.peer() + " closed the connection"
        };
    return {
        verdict::try_later, cause::away,
        "the connection to the XMPP server at " + link.peer() + " broke (" + said + ")"
    };
}

failure stream_error(const link_names& link, const node& error, bool was_up)
{
    std::string condition = "undefined-condition";
    std::string_view text;
    for (const auto* c = error.child({}, stream_errors_ns); c; c = c->sibling({}, stream_errors_ns)) {
        if (c->name == "text")
            text = c->content();
        else
            condition = c->name;
    }
    const auto said = condition + in_brackets(text);
    if (condition == "not-authorized")
        return {
            verdict::give_up, cause::forbidden,
            "the XMPP server at " + link.peer() + " refused the secret of component " + link.domain + ": " +
                said + "; give both sides the same secret, and see that it has a component of this name"
        };
    if (condition == "conflict" && was_up)
        return {
            verdict::try_later, cause::conflict,
            "another program has connected to " + link.peer() + " as component " + link.domain + ": " + said +
                "; stop one of the two, a second rialto perhaps, or give it a component of its own"
        };
    if (condition == "conflict")
        return {
            verdict::try_later, cause::conflict,
            "component " + link.domain + " is already connected to " + link.peer() + ": " + said +
                "; if that is an old, dead link, Prosody drops it with component_conflict_resolve = "
                "\"kick_old\""
        };
    if (condition == "host-unknown")
        return {
            verdict::give_up, cause::not_found,
            "the XMPP server at " + link.peer() + " has no component " + link.domain + ": " + said +
                "; add it to its configuration"
        };
    if (!was_up && (condition == "invalid-namespace" || condition == "bad-namespace-prefix" ||
                    condition == "unsupported-version"))
        return wrong_port(link, said);
    return {
        verdict::try_later, cause::other, "the XMPP server at " + link.peer() + " ended the stream: " + said
    };
}

failure wrong_port(const link_names& link, std::string_view saw)
{
    return {
        verdict::give_up, cause::other,
        link.peer() + " is not a component port: " + std::string{saw} +
            "; set the port that the server opens for components (often 5347), not the one for clients "
            "(5222) or servers (5269)"
    };
}

failure unfinished(const link_names& link, connection_stage at)
{
    const char* const doing = at == connection_stage::resolving    ? "finding the address of "
                              : at == connection_stage::connecting ? "connecting to "
                                                                   : "waiting for an answer of ";
    return {
        verdict::try_later, cause::away,
        std::string{"gave up "} + doing + "the XMPP server at " + link.peer() + " in time"
    };
}

}  // namespace rialto::xmpp
