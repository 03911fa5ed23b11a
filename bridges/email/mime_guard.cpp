#include "bridges/email/mime_guard.hpp"

#include "core/text.hpp"

#include <iconv.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

namespace rialto::email {
namespace {

bool same_letters(std::string_view a, std::string_view b)
{
    return std::ranges::equal(a, b, [](char x, char y) {
        return (x >= 'A' && x <= 'Z' ? static_cast<char>(x + 32) : x) == y;
    });
}

bool names_people(std::string_view field)
{
    static constexpr std::string_view all[] = {
        "from",
        "to",
        "cc",
        "bcc",
        "sender",
        "reply-to",
        "resent-from",
        "resent-to",
        "resent-cc",
        "resent-bcc",
        "resent-sender",
        "resent-reply-to",
        "disposition-notification-to",
        "return-path",
    };
    return std::ranges::any_of(all, [field](std::string_view name) { return same_letters(field, name); });
}

std::string_view next_line(std::string_view s, std::size_t at)
{
    const auto end = s.find('\n', at);
    return s.substr(at, end == s.npos ? s.npos : end + 1 - at);
}

// Where the field that begins at `at` ends: lines that begin with a blank go on with it.
std::size_t end_of_field(std::string_view raw, std::size_t at)
{
    auto end = at + next_line(raw, at).size();
    while (end < raw.size() && (raw[end] == ' ' || raw[end] == '\t'))
        end += next_line(raw, end).size();
    return end;
}

std::size_t end_of_header(std::string_view raw)
{
    std::size_t at = 0;
    while (at < raw.size()) {
        const auto line = next_line(raw, at);
        if (line == "\n" || line == "\r\n")
            break;
        at += line.size();
    }
    return at;
}

// The fields of the header and everything that looks like a header below: parts and mails within.
class field_cutter
{
    std::string_view raw_;
    const guard_limits& limits_;
    std::string out_;
    std::size_t copied_ = 0;

    void cut(std::size_t from, std::size_t to)
    {
        out_ += raw_.substr(copied_, from - copied_);
        out_ += "\r\n";
        copied_ = to;
    }

public:
    field_cutter(std::string_view raw, const guard_limits& limits) : raw_{raw}, limits_{limits} {}

    void look_at(std::size_t at, std::size_t end, std::string_view name)
    {
        const auto field = raw_.substr(at, end - at);
        if (names_people(name)) {
            std::size_t colons = 0;
            for (std::size_t i = name.size() + 1; i < field.size(); ++i)
                if (field[i] == ':' && ++colons > limits_.colons)
                    return cut(at + i, end);
        }
        if (field.size() > limits_.field)
            cut(at + limits_.field, end);
    }
    std::string finish() &&
    {
        out_ += raw_.substr(copied_);
        return std::move(out_);
    }
    bool changed() const { return copied_ > 0; }
};

bool is_field_name(std::string_view s)
{
    return !s.empty() && s.size() <= 80 && std::ranges::all_of(s, [](char c) { return c > 32 && c < 127; });
}

std::string_view charset_name(std::string_view declared)
{
    static constexpr std::pair<std::string_view, std::string_view> meant[] = {
        {"iso-8859-1", "windows-1252"}, {"us-ascii", "windows-1252"},
        {"ascii", "windows-1252"},      {"latin1", "windows-1252"},
        {"iso-8859-9", "windows-1254"}, {"gb2312", "gb18030"},
        {"ks_c_5601-1987", "cp949"},    {"x-sjis", "cp932"},
    };
    for (const auto& [name, is] : meant)
        if (same_letters(declared, name))
            return is;
    return declared;
}

class converter
{
    iconv_t cd_;

public:
    explicit converter(const std::string& from) : cd_{iconv_open("UTF-8", from.c_str())} {}
    ~converter()
    {
        if (good())
            iconv_close(cd_);
    }
    converter(const converter&) = delete;
    converter& operator=(const converter&) = delete;
    // iconv's way to say no: a pointer of all ones.
    bool good() const { return reinterpret_cast<std::intptr_t>(cd_) != -1; }

    std::string all(std::string_view bytes)
    {
        std::string in{bytes}, out;
        char* from = in.data();
        std::size_t left = in.size();
        char piece[4096];
        while (left > 0) {
            char* to = piece;
            std::size_t room = sizeof piece;
            const auto rc = iconv(cd_, &from, &left, &to, &room);
            const auto error = errno;
            out.append(piece, sizeof piece - room);
            if (rc != static_cast<std::size_t>(-1) || (error == E2BIG && room < sizeof piece))
                continue;
            out += "\xEF\xBF\xBD";
            ++from;
            --left;
        }
        return out;
    }
};

}  // namespace

result<std::string> guarded(std::string raw, const guard_limits& limits)
{
    if (end_of_header(raw) > limits.header)
        return failure{verdict::give_up, cause::too_large, "the mail's header is too large"};
    field_cutter cutter{raw, limits};
    std::size_t separators = 0;
    const std::string_view all{raw};
    for (std::size_t at = 0; at < all.size();) {
        const auto line = next_line(all, at);
        auto end = at + line.size();
        const auto name = line.substr(0, line.find_first_of(": \t\r\n"));
        if (line.starts_with("--") && ++separators > limits.separators)
            return failure{verdict::give_up, cause::too_large, "the mail has too many parts"};
        if (name.size() < line.size() && is_field_name(name)) {
            const auto colon = line.find_first_not_of(" \t", name.size());
            if (colon != line.npos && line[colon] == ':') {
                end = end_of_field(all, at);
                cutter.look_at(at, end, name);
            }
        }
        at = end;
    }
    if (!cutter.changed())
        return raw;
    return std::move(cutter).finish();
}

std::string to_utf8(std::string_view bytes, std::string_view charset)
{
    const bool wide = charset.size() >= 5 && (same_letters(charset.substr(0, 5), "utf-1") ||
                                              same_letters(charset.substr(0, 5), "utf-3"));
    const bool shifts = charset.size() >= 8 && same_letters(charset.substr(0, 8), "iso-2022");
    const bool seven = same_letters(charset, "utf-7") || same_letters(charset, "hz-gb-2312");
    if (!wide && !shifts && !seven && text::is_utf8(bytes))
        return std::string{bytes};
    std::string name{charset_name(charset)};
    const bool sane = !name.empty() && name.size() <= 40 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.' || c == ':';
    });
    if (sane && !same_letters(name, "utf-8")) {
        converter declared{name};
        if (declared.good())
            return text::to_utf8(declared.all(bytes));
    }
    converter western{"windows-1252"};
    return western.good() ? text::to_utf8(western.all(bytes)) : text::to_utf8(bytes);
}

std::string unflowed(std::string_view input, bool delsp)
{
    std::string out;
    std::size_t depth_before = 0;
    bool open = false;  // the line before goes on in this one
    for (auto line : text::lines(input)) {
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        const auto depth = std::min(line.find_first_not_of('>'), line.size());
        auto words = line.substr(depth);
        if (words.starts_with(' '))
            words.remove_prefix(1);
        const bool signature = words == "-- ";
        if (open && (depth != depth_before || signature)) {
            out += '\n';
            open = false;
        }
        if (!open && depth > 0)
            out += std::string(depth, '>') + " ";
        const bool flows = words.ends_with(' ') && !signature;
        if (flows && delsp)
            words.remove_suffix(1);
        out += words;
        if (!flows)
            out += '\n';
        open = flows;
        depth_before = depth;
    }
    if (!open && !out.empty())
        out.pop_back();  // lines() counts what follows the last line break
    return out;
}

}  // namespace rialto::email
