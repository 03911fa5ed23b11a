#include "core/names.hpp"

#include <algorithm>

namespace rialto {

namespace {
constexpr std::string_view hex = "0123456789abcdef";

bool stays(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}
}  // namespace

std::string escaped(std::string_view address)
{
    std::string out;
    out.reserve(address.size() + 8);
    for (const char c : address) {
        if (stays(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '=';
        out += hex[byte >> 4];
        out += hex[byte & 15];
    }
    return out;
}

std::optional<std::string> unescaped(std::string_view localpart)
{
    std::string out;
    out.reserve(localpart.size());
    for (std::size_t i = 0; i < localpart.size(); ++i) {
        const char c = localpart[i];
        if (stays(c)) {
            out += c;
            continue;
        }
        if (c != '=' || localpart.size() - i < 3)
            return std::nullopt;
        const auto high = hex.find(localpart[i + 1]), low = hex.find(localpart[i + 2]);
        if (high == hex.npos || low == hex.npos)
            return std::nullopt;
        const auto byte = static_cast<char>(high * 16 + low);
        if (stays(byte))
            return std::nullopt;  // a second name for the same address
        out += byte;
        i += 2;
    }
    return out;
}

bool is_network_name(std::string_view name)
{
    return !name.empty() && name.size() <= 16 &&
           std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

names::names(std::string server, std::string bot, std::string prefix, std::vector<named_network> networks)
    : server_{std::move(server)},
      bot_{"@" + std::move(bot) + ":" + server_},
      prefix_{std::move(prefix)},
      networks_{std::move(networks)}
{
}

std::optional<std::string> names::made(char sigil, std::string_view network, std::string_view address) const
{
    const auto found = std::ranges::find(networks_, network, &named_network::name);
    if (found == networks_.end() || address.empty())
        return std::nullopt;
    std::string out{sigil};
    out += found->prefix.empty() ? prefix_ + found->name + "_" : found->prefix;
    out += escaped(address);
    out += ":" + server_;
    if (out.size() > longest)
        return std::nullopt;
    return out;
}

std::optional<std::string> names::ghost(std::string_view network, std::string_view address) const
{
    return made('@', network, address);
}

std::optional<std::string> names::alias(std::string_view network, std::string_view address) const
{
    return made('#', network, address);
}

std::optional<names::split> names::taken_apart(char sigil, std::string_view id) const
{
    const auto colon = id.find(':');  // no escaped address has one
    if (id.size() > longest || !id.starts_with(sigil) || colon == id.npos || id.substr(colon + 1) != server_)
        return std::nullopt;
    const auto local = id.substr(1, colon - 1);
    for (const auto& each : networks_) {
        const auto start = each.prefix.empty() ? prefix_ + each.name + "_" : each.prefix;
        if (local.starts_with(start) && local.size() > start.size())
            return split{&each, local.substr(start.size())};
    }
    return std::nullopt;
}

std::optional<far_name> names::behind_ghost(std::string_view mxid) const
{
    const auto parts = taken_apart('@', mxid);
    if (!parts)
        return std::nullopt;
    auto address = unescaped(parts->rest);
    if (!address)
        return std::nullopt;
    return far_name{parts->of->name, std::move(*address)};
}

std::optional<far_name> names::behind_alias(std::string_view room_alias) const
{
    const auto parts = taken_apart('#', room_alias);
    if (!parts)
        return std::nullopt;
    auto address = unescaped(parts->rest);
    if (!address)
        return std::nullopt;
    return far_name{parts->of->name, std::move(*address)};
}

bool names::is_ghost(std::string_view mxid) const { return taken_apart('@', mxid) && mxid != bot_; }

}  // namespace rialto
