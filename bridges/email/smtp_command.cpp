#include "bridges/email/smtp_command.hpp"

#include "core/text.hpp"

#include <algorithm>

namespace rialto::email {
namespace {

std::string upper(std::string_view s)
{
    std::string out{s};
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    });
    return out;
}

void skip_blanks(std::string_view& s)
{
    while (!s.empty() && s.front() == ' ')
        s.remove_prefix(1);
}

bool is_clean(std::string_view s)
{
    return std::ranges::none_of(s, [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; });
}

// Up to the '>' that no quoted string holds.
std::optional<std::string_view> take_angle(std::string_view& s)
{
    if (s.empty() || s.front() != '<')
        return std::nullopt;
    bool quoted = false;
    for (std::size_t i = 1; i < s.size(); ++i) {
        if (quoted && s[i] == '\\')
            ++i;
        else if (s[i] == '"')
            quoted = !quoted;
        else if (s[i] == '>' && !quoted) {
            const auto inside = s.substr(1, i - 1);
            s.remove_prefix(i + 1);
            return inside;
        }
    }
    return std::nullopt;
}

bool read_parameters(std::string_view s, std::vector<parameter>& out)
{
    if (!s.empty() && s.front() != ' ')
        return false;
    for (auto word = text::next_word(s); !word.empty(); word = text::next_word(s)) {
        const auto equals = word.find('=');
        auto name = upper(word.substr(0, equals));
        if (name.empty() || out.size() == 16)
            return false;
        out.emplace_back(std::move(name), std::string{equals == word.npos ? "" : word.substr(equals + 1)});
    }
    return true;
}

}  // namespace

std::string reply::line() const
{
    std::string out = std::to_string(code) + " ";
    if (!status.empty())
        out += status + " ";
    return out + text::one_line(text, 400) + "\r\n";
}

command command::read(std::string_view line)
{
    static constexpr std::pair<std::string_view, verb> known[] = {
        {"EHLO", verb::ehlo}, {"HELO", verb::helo},         {"LHLO", verb::lhlo}, {"MAIL", verb::mail},
        {"RCPT", verb::rcpt}, {"DATA", verb::data},         {"BDAT", verb::bdat}, {"RSET", verb::rset},
        {"NOOP", verb::noop}, {"QUIT", verb::quit},         {"VRFY", verb::vrfy}, {"EXPN", verb::expn},
        {"HELP", verb::help}, {"STARTTLS", verb::starttls},
    };
    command out;
    if (!is_clean(line))
        return out;
    const auto first = upper(line.substr(0, line.find(' ')));
    for (const auto& [name, what] : known)
        if (first == name) {
            out.what = what;
            out.rest = line.substr(first.size());
            skip_blanks(out.rest);
            while (out.rest.ends_with(' '))
                out.rest.remove_suffix(1);
        }
    return out;
}

std::optional<path> read_path(std::string_view rest, std::string_view word)
{
    if (rest.size() < word.size() || upper(rest.substr(0, word.size())) != word)
        return std::nullopt;
    rest.remove_prefix(word.size());
    skip_blanks(rest);
    auto inside = take_angle(rest);
    path out;
    if (!inside || !read_parameters(rest, out.parameters))
        return std::nullopt;
    if (inside->starts_with('@')) {
        const auto colon = inside->find(':');
        if (colon == inside->npos)
            return std::nullopt;
        inside->remove_prefix(colon + 1);
    }
    if (inside->empty())
        return out;
    if (upper(*inside) == "POSTMASTER") {
        out.bare_postmaster = true;
        return out;
    }
    out.who = parse_address(*inside);
    if (!out.who)
        return std::nullopt;
    return out;
}

std::optional<chunk> read_chunk(std::string_view rest)
{
    const auto size = text::read_number(text::next_word(rest));
    if (!size)
        return std::nullopt;
    const auto word = text::next_word(rest);
    if (!text::next_word(rest).empty() || (!word.empty() && upper(word) != "LAST"))
        return std::nullopt;
    chunk out;
    out.size = *size;
    out.last = !word.empty();
    return out;
}

}  // namespace rialto::email
