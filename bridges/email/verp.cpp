#include "bridges/email/verp.hpp"

#include "core/hmac.hpp"

#include <algorithm>
#include <cassert>

namespace rialto::email {
namespace {

constexpr std::string_view signed_mark = "b+";
constexpr std::size_t mac_letters = 16, longest_id = 40;

// Mail servers may change the case of a local part, so hexadecimal: 64 bits.
std::string mac_of(std::string_view id, std::string_view domain, std::string_view secret)
{
    static constexpr char hex[] = "0123456789abcdef";
    const auto bytes = hmac_sha256(secret, "return-path\n" + std::string{domain} + "\n" + std::string{id});
    std::string out;
    for (std::size_t i = 0; i < mac_letters / 2; ++i) {
        const auto c = static_cast<unsigned char>(bytes[i]);
        out += hex[c >> 4];
        out += hex[c & 15];
    }
    return out;
}

bool is_id(std::string_view id)
{
    return !id.empty() && id.size() <= longest_id && std::ranges::all_of(id, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

}  // namespace

address return_path(std::string_view id, std::string_view domain, std::string_view secret)
{
    assert(is_id(id));
    return address{
        std::string{signed_mark} + std::string{id} + "." + mac_of(id, domain, secret), std::string{domain}
    };
}

bool looks_signed(const address& a) { return a.local.starts_with(signed_mark); }

std::optional<std::string> signed_id(const address& a, std::string_view secret)
{
    const auto dot = a.local.rfind('.');
    if (!looks_signed(a) || dot == a.local.npos || dot < signed_mark.size())
        return std::nullopt;
    const auto id = a.local.substr(signed_mark.size(), dot - signed_mark.size());
    if (!is_id(id) || !same_mac(a.local.substr(dot + 1), mac_of(id, a.domain, secret)))
        return std::nullopt;
    return id;
}

}  // namespace rialto::email
