#include "appservice/http_target.hpp"

namespace rialto::http {

namespace {
int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

// Servers must take the absolute form too (RFC 9112 §3.2.2); whose host it names does not matter to us.
std::string_view without_authority(std::string_view raw)
{
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!raw.starts_with(scheme))
            continue;
        const auto slash = raw.find('/', scheme.size());
        return slash == raw.npos ? std::string_view{"/"} : raw.substr(slash);
    }
    return raw;
}

bool parse_query(std::string_view raw, std::multimap<std::string, std::string>& into)
{
    while (!raw.empty()) {
        const auto pair = raw.substr(0, raw.find('&'));
        raw.remove_prefix(std::min(raw.size(), pair.size() + 1));
        if (pair.empty())
            continue;
        const auto equals = pair.find('=');
        auto key = percent_decoded(pair.substr(0, equals), true);
        auto value = percent_decoded(equals == pair.npos ? "" : pair.substr(equals + 1), true);
        if (!key || !value)
            return false;
        into.emplace(std::move(*key), std::move(*value));
    }
    return true;
}
}  // namespace

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            if (text.size() - i < 3)
                return std::nullopt;
            const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
            if (high < 0 || low < 0)
                return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return out;
}

std::optional<target> parse_target(std::string_view raw)
{
    raw = without_authority(raw);
    if (!raw.starts_with('/'))
        return std::nullopt;
    const auto mark = raw.find('?');
    auto path = percent_decoded(raw.substr(0, mark), false);
    if (!path)
        return std::nullopt;
    target out;
    out.path = std::move(*path);
    if (mark != raw.npos && !parse_query(raw.substr(mark + 1), out.query))
        return std::nullopt;
    return out;
}

}  // namespace rialto::http
