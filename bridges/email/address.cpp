#include "bridges/email/address.hpp"

#include "bridges/email/letters.hpp"
#include "core/names.hpp"
#include "core/text.hpp"

#include <idn2.h>

#include <algorithm>
#include <memory>

namespace rialto::email {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }

bool is_atext(char c)  // RFC 5322 §3.2.3, RFC 6532 §3.2
{
    static constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 128 || others.find(c) != others.npos;
}

bool is_dot_atom(std::string_view s)
{
    if (s.empty() || s.front() == '.' || s.back() == '.' || s.find("..") != s.npos)
        return false;
    return std::ranges::all_of(s, [](char c) { return c == '.' || is_atext(c); });
}

// Takes the local part off the front, unquoted; what is left begins with '@'.
std::optional<std::string> take_local(std::string_view& rest)
{
    std::string out;
    if (rest.empty() || rest.front() != '"') {
        const auto at = rest.rfind('@');
        if (at == rest.npos || !is_dot_atom(rest.substr(0, at)))
            return std::nullopt;
        out = rest.substr(0, at);
        rest.remove_prefix(at);
        return out;
    }
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '"') {
            rest.remove_prefix(i + 1);
            return out;
        }
        if (rest[i] == '\\' && ++i == rest.size())
            return std::nullopt;
        if (is_control(rest[i]))
            return std::nullopt;
        out += rest[i];
    }
    return std::nullopt;
}

bool is_literal(std::string_view d)
{
    if (d.size() < 4 || d.front() != '[' || d.back() != ']')
        return false;
    return std::ranges::all_of(d.substr(1, d.size() - 2), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == ':';
    });
}

bool is_dns_label(std::string_view label)
{
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-')
        return false;
    return std::ranges::all_of(label, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

bool is_dns_name(std::string_view name)
{
    if (name.empty() || name.size() > longest_domain)
        return false;
    for (;;) {
        const auto dot = name.find('.');
        if (!is_dns_label(name.substr(0, dot)))
            return false;
        if (dot == name.npos)
            return true;
        name.remove_prefix(dot + 1);
    }
}

}  // namespace

std::string dns_name(std::string_view name)
{
    if (name.empty() || name.size() > longest_domain || name.find('\0') != name.npos || !text::is_utf8(name))
        return {};
    std::string out;
    if (std::ranges::all_of(name, [](char c) { return static_cast<unsigned char>(c) < 128; })) {
        out = name;
    } else {
        char* made = nullptr;
        const auto rc =
            idn2_to_ascii_8z(std::string{name}.c_str(), &made, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
        const std::unique_ptr<char, void (*)(void*)> owner{made, &idn2_free};
        if (rc != IDN2_OK)
            return {};
        out = made;
    }
    std::ranges::transform(out, out.begin(), small_letter);
    return is_dns_name(out) ? out : std::string{};
}

std::string address::text() const
{
    if (is_dot_atom(local))
        return local + "@" + domain;
    std::string out{'"'};
    for (const char c : local) {
        if (c == '"' || c == '\\')
            out += '\\';
        out += c;
    }
    return out + "\"@" + domain;
}

bool address::is_ascii() const
{
    return std::ranges::all_of(local, [](char c) { return static_cast<unsigned char>(c) < 128; });
}

std::optional<address> parse_address(std::string_view text)
{
    if (text.size() > 2 * longest_local + longest_domain + 3 || !text::is_utf8(text))
        return std::nullopt;
    auto rest = text;
    auto local = take_local(rest);
    if (!local || local->empty() || local->size() > longest_local || rest.empty() || rest.front() != '@')
        return std::nullopt;
    rest.remove_prefix(1);
    std::string domain{rest};
    std::ranges::transform(domain, domain.begin(), small_letter);
    if (domain.size() > longest_domain)
        return std::nullopt;
    if (!is_literal(domain))
        domain = dns_name(domain);
    if (domain.empty())
        return std::nullopt;
    std::ranges::transform(*local, local->begin(), small_letter);
    return address{std::move(*local), std::move(domain)};
}

address people::at_home(const address& a) const
{
    const bool also = std::ranges::find(also_, a.domain) != also_.end();
    return also ? address{a.local, domain_} : a;
}

std::optional<address> people::of(const native& who) const
{
    std::string name = who.local;
    if (who.server != home_)
        name += ":" + who.server;
    auto local = escaped(name);
    // A dot at an end or beside another would make it a quoted string, which many servers refuse.
    std::string out;
    for (std::size_t i = 0; i < local.size(); ++i) {
        const bool edge = i == 0 || i + 1 == local.size() || local[i - 1] == '.';
        out += local[i] == '.' && edge ? "=2e" : std::string(1, local[i]);
    }
    if (who.is != native::what::person || who.local.empty() || out.size() > longest_local)
        return std::nullopt;
    return address{std::move(out), domain_};
}

std::optional<native> people::behind(const address& a) const
{
    if (!here(a))
        return std::nullopt;
    std::string plain;
    for (std::size_t i = 0; i < a.local.size(); ++i) {
        if (a.local.compare(i, 3, "=2e") == 0) {
            plain += '.';
            i += 2;
        } else {
            plain += a.local[i];
        }
    }
    const auto name = unescaped(plain);
    if (!name || name->empty())
        return std::nullopt;
    const auto colon = name->find(':');
    native who{
        native::what::person, name->substr(0, colon), colon == name->npos ? home_ : name->substr(colon + 1)
    };
    const auto back = of(who);
    if (!back || *back != a)
        return std::nullopt;
    return who;
}

tagged split_tag(const address& a)
{
    const auto plus = a.local.find('+');
    if (plus == a.local.npos || plus == 0)
        return tagged{a, {}};
    return tagged{address{a.local.substr(0, plus), a.domain}, a.local.substr(plus + 1)};
}

}  // namespace rialto::email
