// appservice/http_target.hpp: takes a request target apart (RFC 9112 §3.2). Pure; nothing is normalised:
// "..", "//" and an encoded '/' mean nothing here, because what follows a route's prefix is one Matrix id and
// not a folder.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace rialto::http {

struct target
{
    std::string path;                               // decoded as a whole
    std::multimap<std::string, std::string> query;  // decoded, '+' is a space

    target() = default;
};

// nothing: neither origin-form nor absolute-form, or a '%' without two hexadecimal digits.
std::optional<target> parse_target(std::string_view raw);

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

}  // namespace rialto::http
