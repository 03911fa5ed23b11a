#include "bridges/xmpp/jid.hpp"

#include <stringprep.h>

#include <algorithm>
#include <array>

namespace rialto::xmpp {

namespace {
bool is_ascii(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }
char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lowered(std::string_view text)
{
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

bool fits(std::string_view part) noexcept { return !part.empty() && part.size() <= jid_part_limit; }

// libidn works in place on a C string; unassigned code points are refused, as servers do with what they
// store.
std::optional<std::string> prepared(std::string_view text, const Stringprep_profile* profile)
{
    if (!fits(text) || text.find('\0') != text.npos)
        return std::nullopt;
    std::array<char, jid_part_limit + 1> room{};
    std::copy(text.begin(), text.end(), room.begin());
    if (stringprep(room.data(), room.size(), STRINGPREP_NO_UNASSIGNED, profile) != STRINGPREP_OK)
        return std::nullopt;
    std::string out{room.data()};
    if (out.empty())
        return std::nullopt;
    return out;
}

bool is_host(std::string_view domain) noexcept  // already lower case
{
    if (domain.size() > 2 && domain.front() == '[' && domain.back() == ']')
        return domain.find_first_not_of("0123456789abcdef:.", 1) == domain.size() - 1;
    return std::all_of(domain.begin(), domain.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '.' || c == '_';
    });
}

struct escape
{
    char what;
    std::string_view code;
};
constexpr std::array<escape, 10> escapes{
    {{' ', "20"},
     {'"', "22"},
     {'&', "26"},
     {'\'', "27"},
     {'/', "2f"},
     {':', "3a"},
     {'<', "3c"},
     {'>', "3e"},
     {'@', "40"},
     {'\\', "5c"}}
};

const escape* escape_by_code(std::string_view text) noexcept
{
    const auto code = text.substr(0, 2);
    const auto* found =
        std::find_if(escapes.begin(), escapes.end(), [&](const escape& e) { return e.code == code; });
    return found == escapes.end() ? nullptr : found;
}
}  // namespace

std::string_view bare_of(std::string_view address) noexcept { return address.substr(0, address.find('/')); }

std::string_view resource_of(std::string_view address) noexcept
{
    const auto slash = address.find('/');
    return slash == address.npos ? std::string_view{} : address.substr(slash + 1);
}

std::string_view local_of(std::string_view address) noexcept
{
    const auto bare = bare_of(address);
    const auto at = bare.find('@');
    return at == bare.npos ? std::string_view{} : bare.substr(0, at);
}

std::string_view domain_of(std::string_view address) noexcept
{
    const auto bare = bare_of(address);
    const auto at = bare.find('@');
    return at == bare.npos ? bare : bare.substr(at + 1);
}

std::optional<std::string> prepared_local(std::string_view text)
{
    if (!fits(text) || std::any_of(text.begin(), text.end(), is_control) ||
        text.find_first_of(" \"&'/:<>@") != text.npos)
        return std::nullopt;
    if (is_ascii(text))
        return lowered(text);
    return prepared(text, stringprep_xmpp_nodeprep);
}

std::optional<std::string> prepared_domain(std::string_view text)
{
    if (!text.empty() && text.back() == '.')  // RFC 7622 §3.2: the root label's dot goes
        text.remove_suffix(1);
    if (!fits(text))
        return std::nullopt;
    auto out = is_ascii(text) ? std::optional{lowered(text)} : prepared(text, stringprep_nameprep);
    if (!out || !is_host(*out))
        return std::nullopt;
    return out;
}

std::optional<std::string> prepared_resource(std::string_view text)
{
    if (!fits(text) || std::any_of(text.begin(), text.end(), is_control))
        return std::nullopt;
    if (is_ascii(text))
        return std::string{text};
    return prepared(text, stringprep_xmpp_resourceprep);
}

std::string jid::bare() const { return local.empty() ? domain : local + "@" + domain; }
std::string jid::full() const { return resource.empty() ? bare() : bare() + "/" + resource; }

std::optional<jid> jid::parse(std::string_view text)
{
    jid out;
    const auto bare = bare_of(text);
    auto domain = prepared_domain(domain_of(text));
    if (!domain)
        return std::nullopt;
    out.domain = *std::move(domain);
    if (bare.find('@') != bare.npos) {
        auto local = prepared_local(local_of(text));
        if (!local)
            return std::nullopt;
        out.local = *std::move(local);
    }
    if (bare.size() < text.size()) {
        auto resource = prepared_resource(resource_of(text));
        if (!resource)
            return std::nullopt;
        out.resource = *std::move(resource);
    }
    return out;
}

std::string normal_address(std::string_view address)
{
    if (const auto parsed = jid::parse(address))
        return parsed->full();
    return std::string{address};
}

std::string escape_local(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const auto* found =
            std::find_if(escapes.begin(), escapes.end(), [&](const escape& e) { return e.what == c; });
        // A backslash needs it only where it could be read as an escape (XEP-0106 §4.2).
        if (found == escapes.end() || (c == '\\' && !escape_by_code(text.substr(i + 1))))
            out += c;
        else
            out.append("\\").append(found->code);
    }
    return out;
}

std::string unescape_local(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto* found = text[i] == '\\' ? escape_by_code(text.substr(i + 1)) : nullptr;
        if (!found) {
            out += text[i];
            continue;
        }
        out += found->what;
        i += 2;
    }
    return out;
}

}  // namespace rialto::xmpp
