// The nick a Matrix person has in rooms: what every server takes, and what to try when it is taken.
#include "bridges/xmpp/address.hpp"
#include "bridges/xmpp/jid.hpp"
#include "bridges/xmpp/utf8.hpp"

#include <gloox/sha.h>
#include <stringprep.h>

#include <algorithm>

namespace rialto::xmpp {

namespace {
constexpr std::size_t longest_nick = 256, longest_name = 4096, longest_tag = 100;  // bytes

bool in_table(char32_t c, const Stringprep_table_element* table) noexcept
{
    for (const auto* e = table; e->start != 0 || e->end != 0; ++e)
        if (c >= e->start && c <= std::max(e->start, e->end))
            return true;
    return false;
}
bool is_rtl(char32_t c) noexcept { return c >= 0x80 && in_table(c, stringprep_rfc3454_D_1); }
bool is_ltr(char32_t c) noexcept
{
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return in_table(c, stringprep_rfc3454_D_2);
}

std::string_view cut(std::string_view text, std::size_t most) noexcept  // between two characters
{
    if (text.size() <= most)
        return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80)
        --most;
    return text.substr(0, most);
}

// Calls f(code point, its bytes) for each; what is not UTF-8 is left out.
template <class F>
void for_each_character(std::string_view text, F f)
{
    for (std::size_t at = 0; at < text.size();) {
        const auto c = decode_utf8(text, at);
        f(c.valid ? c.value : U'\0', text.substr(at, c.length));
        at += c.length;
    }
}

// Only characters that resourceprep takes. Inside a word a gap is shown, around words it is not: "Al🚀ce 🚀"
// -> "Al_ce".
std::string fit_characters(std::string_view text)
{
    std::string out;
    bool gap = false;
    for_each_character(cut(text, longest_name), [&](char32_t c, std::string_view bytes) {
        const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (space) {
            out += ' ';
            gap = false;
            return;
        }
        // A combining mark or a sign mapped to nothing (ZWJ) is fine, though it leaves nothing when alone.
        const bool fit =
            c != 0 && (c < 0x80 ? c >= 0x20 && c != 0x7F
                                : prepared_resource("x" + std::string{bytes}) || prepared_resource(bytes));
        if (!fit) {
            gap = !out.empty() && out.back() != ' ';
            return;
        }
        if (gap)
            out += '_';
        gap = false;
        out += bytes;
    });
    return out;
}

std::string squeezed(std::string_view text)  // no space at the ends, one between words
{
    std::string out;
    for (const char c : text)
        if (c != ' ' || (!out.empty() && out.back() != ' '))
            out += c;
    if (!out.empty() && out.back() == ' ')
        out.pop_back();
    return out;
}

// As a server will show it: prepared until that changes nothing more.
std::optional<std::string> settled(std::string text)
{
    for (int i = 0; i < 4; ++i) {
        text = squeezed(cut(squeezed(text), longest_nick));
        auto next = prepared_resource(text);
        if (!next)
            return std::nullopt;
        if (*next == text)
            return text;
        text = *std::move(next);
    }
    return std::nullopt;
}

// RFC 3454 §6 refuses both writing directions in one string, and right-to-left text that ends in anything
// else.
std::string one_direction(std::string_view text, bool rtl)
{
    std::string out;
    std::size_t end = 0;
    for_each_character(text, [&](char32_t c, std::string_view bytes) {
        if (rtl ? is_ltr(c) : is_rtl(c))
            return;
        if (rtl && out.empty() && !is_rtl(c))
            return;
        out += bytes;
        if (is_rtl(c))
            end = out.size();
    });
    if (rtl)
        out.resize(end);
    return out;
}

bool begins_rtl(std::string_view text)
{
    int first = 0;
    for_each_character(text, [&](char32_t c, std::string_view) {
        if (first == 0)
            first = is_rtl(c) ? 1 : is_ltr(c) ? -1 : 0;
    });
    return first > 0;
}

std::optional<std::string> fit_nick(std::string_view name)
{
    const auto text = fit_characters(name);
    if (auto nick = settled(text))
        return nick;
    const bool rtl = begins_rtl(text);
    if (auto nick = settled(one_direction(text, rtl)))
        return nick;
    return settled(one_direction(text, !rtl));
}
}  // namespace

std::string safe_nick(std::string_view shown_as, std::string_view otherwise)
{
    if (auto nick = fit_nick(shown_as))
        return *nick;
    return fit_nick(otherwise).value_or("guest");
}

std::string nick_for(std::string_view shown_as, const matrix_name& who, unsigned attempt)
{
    auto base = safe_nick(shown_as, who.local);
    if (attempt == 0)
        return base;
    if (begins_rtl(base))  // no Latin suffix may follow
        base = safe_nick(one_direction(who.local, false), {});
    std::string tag{cut(who.local, longest_tag)};
    if (attempt == 2)
        tag.append(" ").append(cut(who.server, longest_tag));
    if (attempt > 2) {
        gloox::SHA hash;
        hash.feed(who.id() + "/" + std::to_string(attempt));
        tag = hash.hex().substr(0, attempt < 6 ? 4 : 12);
    }
    const std::string suffix = " (" + tag + ")";
    return safe_nick(std::string{cut(base, longest_nick - suffix.size())} + suffix, who.local);
}

}  // namespace rialto::xmpp
