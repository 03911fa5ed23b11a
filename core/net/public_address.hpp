// core/net/public_address.hpp: may a URL that a stranger sent make us connect there? Only to addresses of the
// open Internet (IANA special-purpose registries, RFC 6890): everything that could be our own house is
// refused, also when it is dressed up as another kind of address. Pure; any thread.
#pragma once

#include <boost/asio/ip/address.hpp>

namespace rialto::net {

bool is_public(const boost::asio::ip::address& a);

}  // namespace rialto::net
