#include "core/rich/html_words.hpp"

#include "core/document.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace rialto::rich {

namespace {

constexpr std::size_t longest_style = 4096;

template <std::size_t N>
bool among(const std::array<std::string_view, N>& all, std::string_view one)
{
    return std::find(all.begin(), all.end(), one) != all.end();
}

std::string_view trimmed(std::string_view s)
{
    constexpr std::string_view outside = " \t\r\n\f";
    const auto first = s.find_first_not_of(outside);
    return first == s.npos ? std::string_view{} : s.substr(first, s.find_last_not_of(outside) - first + 1);
}

std::string lower(std::string_view s)
{
    std::string out{s};
    for (auto& c : out)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return out;
}

void declare(looks& out, std::string_view property, std::string_view value)
{
    const auto either = [&](std::uint8_t m, bool on, bool off) {
        if (on || off)
            (on ? out.add : out.remove) |= m;
    };
    const auto says = [&](std::string_view word) { return value.find(word) != value.npos; };
    if (property == "font-weight") {
        const auto weight = number_in(value, 0);
        either(
            mark::bold, value == "bold" || value == "bolder" || weight >= 600,
            value == "normal" || value == "lighter" || (weight > 0 && weight < 600)
        );
    } else if (property == "font-style") {
        either(mark::italic, value == "italic" || value == "oblique", value == "normal");
    } else if (property == "text-decoration" || property == "text-decoration-line") {
        either(mark::strike, says("line-through"), value == "none");
        either(mark::underline, says("underline"), value == "none");
    } else if (property == "display") {
        out.hidden = value == "none";
    }
}

}  // namespace

bool is_hidden_tag(std::string_view tag)
{
    static constexpr std::array<std::string_view, 18> all{
        "mx-reply", "script", "style", "head",  "title",  "template", "iframe",   "object",   "embed",
        "svg",      "math",   "audio", "video", "applet", "select",   "textarea", "noscript", "noframes",
    };
    return among(all, tag);
}

bool is_line_tag(std::string_view tag)
{
    static constexpr std::array<std::string_view, 24> all{
        "div",     "tr",      "dl",   "dt",         "dd",     "details", "summary",  "section",
        "article", "address", "main", "figure",     "header", "footer",  "aside",    "nav",
        "center",  "table",   "form", "figcaption", "legend", "caption", "fieldset", "hgroup",
    };
    return among(all, tag);
}

bool is_heading_tag(std::string_view tag)
{
    return tag.size() == 2 && tag[0] == 'h' && tag[1] >= '1' && tag[1] <= '6';
}

std::uint8_t mark_of_tag(std::string_view tag)
{
    if (tag == "b" || tag == "strong" || tag == "th")
        return mark::bold;
    if (tag == "i" || tag == "em" || tag == "cite" || tag == "dfn" || tag == "var")
        return mark::italic;
    if (tag == "del" || tag == "s" || tag == "strike")
        return mark::strike;
    if (tag == "u" || tag == "ins")
        return mark::underline;
    if (tag == "code" || tag == "tt" || tag == "kbd" || tag == "samp")
        return mark::code;
    return 0;
}

std::uint32_t number_in(std::string_view value, std::uint32_t otherwise)
{
    value = trimmed(value);
    std::uint32_t out = 0;
    const auto [end, bad] = std::from_chars(value.data(), value.data() + value.size(), out);
    return bad == std::errc{} && end == value.data() + value.size() && out < 1'000'000'000 ? out : otherwise;
}

std::string_view language_in(std::string_view classes)
{
    constexpr std::string_view before = "language-";
    const auto at = classes.find(before);
    if (at == classes.npos)
        return {};
    classes.remove_prefix(at + before.size());
    classes = classes.substr(0, classes.find_first_of(" \t\r\n\f"));
    return is_language(classes) ? classes : std::string_view{};
}

looks looks_in(std::string_view style)
{
    looks out;
    const auto all = lower(style.substr(0, longest_style));
    for (std::string_view rest = all; !rest.empty();) {
        const auto end = std::min(rest.find(';'), rest.size());
        const auto one = rest.substr(0, end);
        if (const auto colon = one.find(':'); colon != one.npos)
            declare(out, trimmed(one.substr(0, colon)), trimmed(one.substr(colon + 1)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return out;
}

}  // namespace rialto::rich
