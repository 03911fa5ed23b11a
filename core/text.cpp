#include "core/text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace rialto::text {

namespace {

constexpr char32_t replacement = 0xFFFD;

constexpr bool within(char32_t c, char32_t first, char32_t last) { return first <= c && c <= last; }

bool is_xml_char(char32_t c) { return c == '\t' || c == '\n' || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF); }

// Format characters that act on what stands around them, or stand for nothing at all.
bool disturbs_a_name(char32_t c)
{
    return c < 0x20 || within(c, 0x7F, 0x9F) || is_bidi_control(c) || c == 0xFEFF ||
           within(c, 0xFFF9, 0xFFFB);
}

// Not seen by anyone: a name made of these alone is no name.
bool is_invisible(char32_t c)
{
    return is_space(c) || c == 0xAD || c == 0x34F || c == 0x115F || c == 0x1160 ||
           within(c, 0x17B4, 0x17B5) || within(c, 0x180B, 0x180F) || within(c, 0x200B, 0x200D) ||
           within(c, 0x2060, 0x2064) || c == 0x2800 || c == 0x3164 || within(c, 0xFE00, 0xFE0F) ||
           c == 0xFFA0 || within(c, 0xE0000, 0xE01EF);
}

template <class Keep>
std::string filtered(std::string_view s, Keep keep)
{
    std::string out;
    out.reserve(s.size());
    while (!s.empty()) {
        const auto c = decode(s);
        if (keep(c.value))
            append(out, c.value);
        s.remove_prefix(c.length);
    }
    return out;
}

constexpr bool opens_embedding(char32_t c) { return within(c, 0x202A, 0x202B) || within(c, 0x202D, 0x202E); }
constexpr bool opens_isolate(char32_t c) { return within(c, 0x2066, 0x2068); }
constexpr char32_t pop_embedding = 0x202C, pop_isolate = 0x2069;
constexpr std::size_t deepest_bidi = 125;  // UAX #9 BD2: nothing deeper has an effect

// The open embeddings and isolates of one line, as the characters that will close them.
class bidi_stack
{
    std::vector<char32_t> open_;

public:
    bool take(char32_t c, std::string& out)  // false: to be dropped
    {
        if (opens_embedding(c) || opens_isolate(c)) {
            if (open_.size() == deepest_bidi)
                return false;
            open_.push_back(opens_isolate(c) ? pop_isolate : pop_embedding);
        } else if (c == pop_embedding) {
            if (open_.empty() || open_.back() != pop_embedding)
                return false;
            open_.pop_back();
        } else if (c == pop_isolate) {
            if (std::find(open_.begin(), open_.end(), pop_isolate) == open_.end())
                return false;
            while (open_.back() != pop_isolate)  // X6a: it ends the embeddings inside it, too
                close_last(out);
            open_.pop_back();
        }
        return true;
    }
    void close_all(std::string& out)
    {
        while (!open_.empty())
            close_last(out);
    }

private:
    void close_last(std::string& out)
    {
        append(out, open_.back());
        open_.pop_back();
    }
};

std::size_t after_last_space(std::string_view s)
{
    const auto at = s.find_last_of(" \t");
    return at == s.npos ? 0 : at + 1;
}

}  // namespace

code_point decode(std::string_view s)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
    const unsigned first = byte(0);
    if (first < 0x80)
        return {first, 1, true};
    const std::size_t length = first < 0xC2   ? 0u
                               : first < 0xE0 ? 2u
                               : first < 0xF0 ? 3u
                               : first < 0xF5 ? 4u
                                              : 0u;
    if (length == 0)
        return {replacement, 1, false};
    char32_t value = first & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        // RFC 3629 §4: the second byte is narrower where overlong forms, surrogates or too high values would
        // begin.
        const unsigned low = i == 1 && first == 0xE0 ? 0xA0u : i == 1 && first == 0xF0 ? 0x90u : 0x80u;
        const unsigned high = i == 1 && first == 0xED ? 0x9Fu : i == 1 && first == 0xF4 ? 0x8Fu : 0xBFu;
        if (i >= s.size() || byte(i) < low || byte(i) > high)
            return {replacement, i, false};
        value = value << 6 | (byte(i) & 0x3Fu);
    }
    return {value, length, true};
}

void append(std::string& out, char32_t c)
{
    const auto put = [&](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xC0 | c >> 6);
        put(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        put(0xE0 | c >> 12);
        put(0x80 | (c >> 6 & 0x3F));
        put(0x80 | (c & 0x3F));
    } else {
        put(0xF0 | c >> 18);
        put(0x80 | (c >> 12 & 0x3F));
        put(0x80 | (c >> 6 & 0x3F));
        put(0x80 | (c & 0x3F));
    }
}

bool is_utf8(std::string_view s)
{
    while (!s.empty()) {
        const auto c = decode(s);
        if (!c.valid)
            return false;
        s.remove_prefix(c.length);
    }
    return true;
}

std::string to_utf8(std::string_view s)
{
    return filtered(s, [](char32_t) { return true; });
}

std::string xml_safe(std::string_view s)
{
    std::string out;
    out.reserve(s.size());
    while (!s.empty()) {
        const auto c = decode(s);
        s.remove_prefix(c.length);
        if (c.value == '\r') {
            if (!s.starts_with('\n'))
                out += '\n';
        } else {
            append(out, is_xml_char(c.value) ? c.value : replacement);
        }
    }
    return out;
}

bool is_space(char32_t c)
{
    return within(c, 0x09, 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           within(c, 0x2000, 0x200A) || within(c, 0x2028, 0x2029) || c == 0x202F || c == 0x205F ||
           c == 0x3000;
}

bool is_bidi_control(char32_t c)
{
    return c == 0x61C || within(c, 0x200E, 0x200F) || within(c, 0x202A, 0x202E) || within(c, 0x2066, 0x2069);
}

std::string without_bidi(std::string_view s)
{
    return filtered(s, [](char32_t c) { return !is_bidi_control(c); });
}

std::string isolate(std::string_view s)
{
    std::string out;
    out.reserve(s.size());
    bidi_stack open;
    while (!s.empty()) {
        const auto c = decode(s);
        s.remove_prefix(c.length);
        if (c.value == '\n' || c.value == 0x2029)
            open.close_all(out);
        if (open.take(c.value, out))
            append(out, c.value);
    }
    open.close_all(out);
    return out;
}

std::string one_line(std::string_view name, std::size_t most)
{
    std::string out;
    bool visible = false, space = false;
    while (!name.empty()) {
        const auto c = decode(name);
        name.remove_prefix(c.length);
        if (is_space(c.value)) {
            space = !out.empty();
            continue;
        }
        if (disturbs_a_name(c.value))
            continue;
        std::string next = space ? " " : "";
        append(next, is_xml_char(c.value) ? c.value : replacement);
        if (out.size() + next.size() > most)
            break;
        out += next;
        space = false;
        visible = visible || !is_invisible(c.value);
    }
    return visible ? out : std::string{};
}

std::string_view prefix(std::string_view s, std::size_t most)
{
    if (s.size() <= most)
        return s;
    std::size_t end = most;
    // A code point has at most three continuation bytes; more of them is no UTF-8 and is cut anywhere.
    for (int i = 0; i < 3 && end > 0 && (static_cast<unsigned char>(s[end]) & 0xC0u) == 0x80u; ++i)
        --end;
    return s.substr(0, end);
}

std::string shortened(std::string_view s, std::size_t most)
{
    constexpr std::string_view sign = "…";
    if (s.size() <= most)
        return std::string{s};
    return std::string{prefix(s, most < sign.size() ? 0 : most - sign.size())}.append(sign);
}

std::size_t break_before(std::string_view s, std::size_t most)
{
    if (s.size() <= most)
        return s.size();
    const auto head = prefix(s, most);
    if (const auto line = head.rfind('\n'); line != head.npos && line >= most / 2)
        return line + 1;
    if (s[head.size()] == ' ' || s[head.size()] == '\n')  // the word ends exactly here
        return std::max<std::size_t>(head.size(), 1);
    if (const auto word = after_last_space(head); word > most / 4)
        return word;
    return head.empty() ? decode(s).length : head.size();
}

std::vector<std::string> split(std::string_view s, std::size_t most)
{
    std::vector<std::string> out;
    while (!s.empty()) {
        const auto end = break_before(s, most);
        auto part = s.substr(0, end);
        s.remove_prefix(end);
        if (part.ends_with('\n') && !s.empty()) {
            part.remove_suffix(1);
        } else if (!s.empty()) {
            part = part.substr(0, part.find_last_not_of(" \t") + 1);
            if (s.starts_with('\n') || s.starts_with(' '))
                s.remove_prefix(1);
        }
        if (!part.empty())
            out.emplace_back(part);
    }
    return out;
}

std::vector<std::string_view> lines(std::string_view s)
{
    std::vector<std::string_view> out;
    for (;;) {
        const auto end = s.find('\n');
        out.push_back(s.substr(0, end));
        if (end == s.npos)
            return out;
        s.remove_prefix(end + 1);
    }
}

std::string_view next_word(std::string_view& rest)
{
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    const auto word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    return word;
}

std::optional<std::uint64_t> read_number(std::string_view digits)
{
    std::uint64_t n = 0;
    if (digits.empty() || digits.size() > 18)
        return std::nullopt;
    const auto* end = digits.data() + digits.size();
    const auto [at, error] = std::from_chars(digits.data(), end, n);
    if (error != std::errc{} || at != end)
        return std::nullopt;
    return n;
}

}  // namespace rialto::text
