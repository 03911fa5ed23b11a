#include "tests/fakes/xmpp/jid.hpp"

#include <algorithm>
#include <cstdint>

namespace rialto::fakes::xmpp {

namespace {
std::string lower(std::string_view s)
{
    std::string out{s};
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

bool refused(std::uint32_t c)
{
    return c < 0x20 || c == 0x7f || c == 0x1e9e || c == 0x20bf || c == 0x2028 || c == 0x2029 ||
           (c >= 0xe000 && c <= 0xf8ff) || (c >= 0x1f000 && c <= 0x1ffff) || c >= 0xe0000;
}
}  // namespace

jid::jid(std::string_view s)
{
    const std::size_t slash = std::min(s.find('/'), s.size());
    if (slash < s.size())
        resource = s.substr(slash + 1);
    s = s.substr(0, slash);
    const std::size_t at = s.find('@');
    if (at != s.npos)
        local = lower(s.substr(0, at));
    domain = lower(at == s.npos ? s : s.substr(at + 1));
}

bool well_prepared(std::string_view s)
{
    if (s.empty() || s.size() > 1023 || s.find_first_not_of(' ') == s.npos)
        return false;
    for (std::size_t i = 0; i < s.size();) {
        const auto first = static_cast<unsigned char>(s[i]);
        const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        std::uint32_t c = length == 1 ? first : first & (0xffU >> (length + 1));
        for (std::size_t k = 1; k < length && i + k < s.size(); ++k)
            c = (c << 6U) | (static_cast<unsigned char>(s[i + k]) & 0x3fU);
        if (refused(c))
            return false;
        i += length;
    }
    return true;
}

}  // namespace rialto::fakes::xmpp
