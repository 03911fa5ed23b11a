// bridges/email/letters.hpp: ASCII letters made small, as mail compares names. Pure.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace rialto::email {

inline char small_letter(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

inline std::string small(std::string_view s)
{
    std::string out{s};
    std::ranges::transform(out, out.begin(), small_letter);
    return out;
}

}  // namespace rialto::email
