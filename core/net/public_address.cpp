#include "core/net/public_address.hpp"

#include <algorithm>
#include <array>

namespace rialto::net {

namespace {

using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

struct block_v4
{
    std::uint32_t base;
    int bits;
};

constexpr std::array closed{
    block_v4{0x00000000, 8},   // this network, RFC 791
    block_v4{0x0A000000, 8},   // private, RFC 1918
    block_v4{0x64400000, 10},  // carrier's NAT, RFC 6598
    block_v4{0x7F000000, 8},   // loopback
    block_v4{0xA9FE0000, 16},  // link-local, and the clouds' metadata
    block_v4{0xAC100000, 12},  // private
    block_v4{0xC0000000, 24},  // protocol assignments, RFC 6890
    block_v4{0xC0000200, 24},  // documentation
    block_v4{0xC0586300, 24},  // 6to4 relays, RFC 7526
    block_v4{0xC0A80000, 16},  // private
    block_v4{0xC6120000, 15},  // benchmarks, RFC 2544
    block_v4{0xC6336400, 24},  // documentation
    block_v4{0xCB007100, 24},  // documentation
    block_v4{0xE0000000, 4},   // multicast
    block_v4{0xF0000000, 4},   // reserved, and broadcast
};

bool is_public_v4(address_v4 a)
{
    const auto n = a.to_uint();
    return std::none_of(closed.begin(), closed.end(), [n](const block_v4& b) {
        return (n ^ b.base) >> (32 - b.bits) == 0;
    });
}

bool starts(const address_v6::bytes_type& a, std::initializer_list<unsigned> prefix)
{
    return std::equal(prefix.begin(), prefix.end(), a.begin());
}

// Only 2000::/3 is given out; within it, what stands for another address or for nobody. IPv4 inside IPv6
// (mapped, NAT64 of RFC 6052 and 8215) lies outside of it, 6to4 and Teredo inside: none is ever needed.
bool is_public_v6(const address_v6& a)
{
    const auto b = a.to_bytes();
    return (b[0] & 0xE0U) == 0x20U && !starts(b, {0x20, 0x02})  // 6to4
           && !(starts(b, {0x20, 0x01}) && b[2] < 2)            // Teredo, ORCHID and others: 2001::/23
           && !starts(b, {0x20, 0x01, 0x0D, 0xB8})              // documentation
           && !(b[0] == 0x3F && b[1] == 0xFF && b[2] < 0x10);   // documentation, RFC 9637
}

}  // namespace

bool is_public(const boost::asio::ip::address& a)
{
    return a.is_v4() ? is_public_v4(a.to_v4()) : is_public_v6(a.to_v6());
}

}  // namespace rialto::net
