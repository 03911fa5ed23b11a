// bridges/xmpp/xmpp_config.hpp: what an operator says about one XMPP network. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rialto::xmpp {

struct xmpp_config
{
    std::string host = "localhost";  // of the server's component port
    std::uint16_t port = 5347;
    std::string domain;  // the component's own
    std::string secret;
    std::string muc;              // where a room without '@' is looked for; "": must be named in full
    std::string upload;           // the server's upload service (XEP-0363); "": asked of the server
    std::string nick = "rialto";  // of the listener in rooms
    std::chrono::minutes idle_leave{24 * 60};  // a puppet that long silent leaves the room; 0: never
    std::size_t max_puppets = 100;             // in one room; the longest silent makes place
    std::size_t joins = 10;                    // joins in flight at once, over all rooms
    std::size_t invites_per_hour = 20;         // chats opened and invitations sent by one XMPP account
    std::vector<std::string> invites_from;     // servers whose people and rooms may invite; "*": any
    std::size_t typing_limit = 20;             // occupants; a larger room is told of no typing

    bool may_invite(std::string_view server) const;  // also what stands under a named server
    std::string listener_jid() const { return "rialto@" + domain; }
};

extern const std::string_view xmpp_example_config;

xmpp_config read_xmpp_config(const nlohmann::json& config);  // throws config_error

}  // namespace rialto::xmpp
