#include "appservice/cli_network.hpp"

#include "core/backend.hpp"
#include "core/names.hpp"

#include <algorithm>

namespace rialto::cli {

namespace {
[[noreturn]] void wrong(std::string_view text, const std::string& why)
{
    // Only the name is repeated: the rest may hold a secret.
    throw config_error(
        "--network " + std::string{text.substr(0, text.find_first_of("=,"))} + "…: " + why +
        "; write it as NAME=TYPE,key=value,…, e.g. "
        "prosody=xmpp,host=127.0.0.1,port=5347,domain=matrix.example.org,"
        "secret=…"
    );
}

// Up to the next comma that no backslash makes plain.
std::string next_piece(std::string_view& rest)
{
    std::string out;
    std::size_t i = 0;
    for (; i < rest.size() && rest[i] != ','; ++i) {
        if (rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == ',' || rest[i + 1] == '\\'))
            ++i;
        out += rest[i];
    }
    rest.remove_prefix(std::min(rest.size(), i + 1));
    return out;
}

bool is_key(std::string_view text)
{
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}
}  // namespace

const std::string* network_flag::find(std::string_view key) const
{
    for (const auto& [name_of_it, value] : options)
        if (name_of_it == key)
            return &value;
    return nullptr;
}

network_flag parse_network(std::string_view text)
{
    network_flag out;
    auto rest = text;
    const auto first = next_piece(rest);
    const auto equals = first.find('=');
    if (equals == first.npos)
        wrong(text, "it has no type");
    out.name = first.substr(0, equals);
    out.type = first.substr(equals + 1);
    if (!is_network_name(out.name))
        wrong(text, "a network's name is 1 to 16 of a-z and 0-9: it becomes part of Matrix ids");
    if (!is_key(out.type))
        wrong(text, "its type is missing");
    while (!rest.empty()) {
        const auto piece = next_piece(rest);
        const auto at = piece.find('=');
        const auto key = piece.substr(0, at);
        if (at == piece.npos || !is_key(key))
            wrong(text, "every part after the type is key=value");
        if (out.find(key))
            wrong(text, "'" + key + "' is given twice");
        out.options.emplace_back(key, piece.substr(at + 1));
    }
    return out;
}

bool is_secret(std::string_view key)
{
    return key.ends_with("secret") || key.ends_with("password") || key.ends_with("token");
}

}  // namespace rialto::cli
