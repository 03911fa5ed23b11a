// bridges/xmpp/session_failures.hpp: what went wrong with a component's link, as sentences that tell an
// operator where to look. Pure. give_up: waiting will not help, somebody must change a configuration.
#pragma once

#include "bridges/xmpp/connection.hpp"
#include "bridges/xmpp/xml.hpp"
#include "core/result.hpp"

namespace rialto::xmpp {

struct link_names  // as the operator wrote them
{
    std::string domain, host;
    std::uint16_t port;
    link_names(std::string d, std::string h, std::uint16_t p)
        : domain{std::move(d)}, host{std::move(h)}, port{p}
    {
    }
    std::string peer() const { return host + ":" + std::to_string(port); }
};

failure connection_failed(const link_names& link, connection_stage at, boost::system::error_code why);
failure stream_error(const link_names& link, const node& error, bool was_up);  // RFC 6120 §4.9
failure wrong_port(const link_names& link, std::string_view saw);
failure unfinished(const link_names& link, connection_stage at);  // the deadline passed

}  // namespace rialto::xmpp
