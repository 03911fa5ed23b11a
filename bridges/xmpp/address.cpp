#include "bridges/xmpp/address.hpp"

#include "bridges/xmpp/jid.hpp"

#include <gloox/sha.h>

#include <algorithm>

namespace rialto::xmpp {

namespace {
constexpr std::size_t hash_length = 40;

// What nodeprep leaves alone and the grammar has no use for.
bool is_plain(char c, bool keep_non_ascii) noexcept
{
    const auto u = static_cast<unsigned char>(c);
    if (u >= 0x80)
        return keep_non_ascii;
    if (u <= 0x20 || u == 0x7F || (c >= 'A' && c <= 'Z'))
        return false;
    return std::string_view{"\"&'/:<>@\\#!~"}.find(c) == std::string_view::npos;
}

void append_escaped(std::string& out, std::string_view text, bool keep_non_ascii, bool server)
{
    static constexpr std::string_view digits = "0123456789abcdef";
    for (const char c : text) {
        if (is_plain(c, keep_non_ascii) && !(server && c == '_')) {
            out += c;
            continue;
        }
        const auto u = static_cast<unsigned char>(c);
        out.append({'\\', digits[u >> 4], digits[u & 15]});
    }
}

std::optional<std::string> name_unescaped(std::string_view text)
{
    const auto digit = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size() || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0)
            return std::nullopt;
        out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
        i += 2;
    }
    return out;
}

std::string spelled(const matrix_name& who, bool keep_non_ascii)
{
    const bool person = who.sigil == '@';
    std::string out;
    if (!person)
        out += who.sigil;
    append_escaped(out, who.local, keep_non_ascii, false);
    if (person || !who.server.empty()) {
        out += person ? '_' : '#';
        append_escaped(out, who.server, keep_non_ascii, true);
    }
    return out;
}
}  // namespace

std::string matrix_name::id() const
{
    std::string out{sigil};
    out += local;
    if (!server.empty())
        out.append(":").append(server);
    return out;
}

std::optional<matrix_name> matrix_name::parse(std::string_view id)
{
    if (id.empty() || (id[0] != '@' && id[0] != '#' && id[0] != '!'))
        return std::nullopt;
    const auto colon = id.find(':');
    if (colon == id.npos) {
        if (id[0] != '!' || id.size() == 1)
            return std::nullopt;
        return matrix_name{id[0], std::string{id.substr(1)}, {}};
    }
    if (colon + 1 == id.size() || (id[0] == '!' && colon == 1))
        return std::nullopt;
    return matrix_name{id[0], std::string{id.substr(1, colon - 1)}, std::string{id.substr(colon + 1)}};
}

std::string local_for(const matrix_name& who)
{
    auto out = spelled(who, true);
    if (prepared_local(out) != out)
        out = spelled(who, false);
    if (out.size() <= jid_part_limit)
        return out;
    gloox::SHA hash;
    hash.feed(who.id());
    std::string short_form = who.sigil == '@' ? "~" : std::string{who.sigil} + "~";
    return short_form + hash.hex();
}

bool is_hashed(std::string_view local)
{
    if (!local.empty() && (local[0] == '#' || local[0] == '!'))
        local.remove_prefix(1);
    return local.size() == 1 + hash_length && local[0] == '~' &&
           local.find_first_not_of("0123456789abcdef", 1) == local.npos;
}

std::optional<matrix_name> matrix_id_of(std::string_view local)
{
    if (local.empty() || local.size() > jid_part_limit)
        return std::nullopt;
    const bool person = local[0] != '#' && local[0] != '!';
    const char sigil = person ? '@' : local[0];
    const auto names = person ? local : local.substr(1);
    const auto divide = names.rfind(person ? '_' : '#');
    if (divide == names.npos && sigil != '!')
        return std::nullopt;
    auto name = name_unescaped(names.substr(0, divide));
    auto server = name_unescaped(divide == names.npos ? std::string_view{} : names.substr(divide + 1));
    if (!name || !server || (divide != names.npos && server->empty()) || (sigil == '!' && name->empty()))
        return std::nullopt;
    if (name->find(':') != name->npos)  // no Matrix id has it there; id() could not be taken apart again
        return std::nullopt;
    matrix_name out{sigil, *std::move(name), *std::move(server)};
    if (local_for(out) != local)
        return std::nullopt;
    return out;
}

}  // namespace rialto::xmpp
