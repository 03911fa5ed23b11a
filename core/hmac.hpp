// core/hmac.hpp: what only we can have signed: HMAC-SHA-256 (RFC 2104, RFC 6234), the random secret for it,
// and base64url (RFC 4648 §5, without padding) to write it into a URL. Pure but for random_secret; any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rialto {

std::string hmac_sha256(std::string_view secret, std::string_view text);  // 32 bytes
bool same_mac(std::string_view a, std::string_view b);                    // in constant time
std::string random_secret();  // 32 bytes of the system's; throws std::runtime_error when it has none

std::string base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text
);  // nullopt: not the one spelling of any bytes

}  // namespace rialto
