// Which addresses a document may carry, and which of them mean a person.
#include "core/rich/html.hpp"

#include <algorithm>
#include <array>

namespace rialto::rich {

namespace {

constexpr std::size_t longest_link = 2048, longest_mxid = 255;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool starts_with(std::string_view s, std::string_view lower_case)
{
    if (s.size() < lower_case.size())
        return false;
    for (std::size_t i = 0; i < lower_case.size(); ++i)
        if (lower(s[i]) != lower_case[i])
            return false;
    return true;
}

int digit(char c)
{
    c = lower(c);
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view s)
{
    std::string out;
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (s[i] == '%' && i + 2 < s.size() && digit(s[i + 1]) >= 0 && digit(s[i + 2]) >= 0) {
            out += static_cast<char>(digit(s[i + 1]) * 16 + digit(s[i + 2]));
            i += 2;
        } else {
            out += s[i];
        }
    }
    return out;
}

// CS-API appendices, user identifiers: a historical localpart may hold any printable ASCII.
bool is_mxid(std::string_view s)
{
    const auto colon = s.find(':');
    if (s.size() > longest_mxid || !s.starts_with('@') || colon == s.npos)
        return false;
    const auto server = s.substr(colon + 1);
    return !server.empty() && server.find_first_of("/?#") == server.npos &&
           std::all_of(s.begin(), s.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

bool is_link(std::string_view uri)
{
    static constexpr std::array<std::string_view, 5> schemes{
        "https:", "http:", "mailto:", "xmpp:", "matrix:"
    };
    if (uri.size() > longest_link)
        return false;
    for (const char c : uri)
        if (static_cast<unsigned char>(c) <= 0x20 || c == '\x7f' || c == '"' || c == '<' || c == '>')
            return false;
    for (const auto s : schemes)
        if (starts_with(uri, s))
            return uri.size() > s.size() &&
                   (!s.starts_with("http") || uri.substr(s.size()).starts_with("//"));
    return false;
}

std::string user_in_link(std::string_view uri)
{
    if (uri.size() > longest_link)
        return {};
    std::string out;
    if (starts_with(uri, "https://matrix.to/#/") || starts_with(uri, "http://matrix.to/#/")) {
        uri.remove_prefix(uri.find('#') + 2);
        out = percent_decoded(uri.substr(0, uri.find('?')));
    } else if (starts_with(uri, "matrix:u/") ||
               starts_with(uri, "matrix:user/")) {  // CS-API appendices, MSC2312
        uri.remove_prefix(uri.find('/') + 1);
        out = "@" + percent_decoded(uri.substr(0, uri.find('?')));
    }
    return is_mxid(out) ? out : std::string{};
}

}  // namespace rialto::rich
