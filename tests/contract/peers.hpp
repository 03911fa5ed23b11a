// tests/contract/peers.hpp: the adapters there are.
#pragma once

#include "tests/contract/peer.hpp"

namespace rialto::contract {

std::unique_ptr<contract_peer> make_echo_peer(boost::asio::io_context& io, test::ledger& disk);

enum class xmpp_place
{
    room,
    chat
};
enum class xmpp_server
{
    prosody,
    ejabberd
};
peer_type::maker xmpp_peers(xmpp_place where, xmpp_server at);

}  // namespace rialto::contract
