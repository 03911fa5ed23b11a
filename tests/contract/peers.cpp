// Everything that is under contract: one line each.
#include "tests/contract/peers.hpp"

namespace rialto::contract {

const std::vector<peer_type>& peer_types()
{
    static const std::vector<peer_type> all{
        {"Echo", &make_echo_peer},
        {"XmppRoomOnProsody", xmpp_peers(xmpp_place::room, xmpp_server::prosody)},
        {"XmppRoomOnEjabberd", xmpp_peers(xmpp_place::room, xmpp_server::ejabberd)},
        {"XmppChatOnProsody", xmpp_peers(xmpp_place::chat, xmpp_server::prosody)},
        {"XmppChatOnEjabberd", xmpp_peers(xmpp_place::chat, xmpp_server::ejabberd)},
    };
    return all;
}

}  // namespace rialto::contract
