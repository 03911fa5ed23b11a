#include "bridges/email/imap_response.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace rialto::email {
namespace {

bool is_number(std::string_view s) { return !s.empty() && s.find_first_not_of("0123456789") == s.npos; }

std::string capitals(std::string_view s)
{
    std::string out{s};
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    });
    return out;
}

template <class N>
std::optional<N> number_in(std::string_view s)
{
    N n{};
    const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), n);
    if (s.empty() || error != std::errc{} || end != s.data() + s.size())
        return std::nullopt;
    return n;
}

std::string_view take_word(std::string_view& rest)
{
    const auto end = std::min(rest.find(' '), rest.size());
    const auto word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return word;
}

bool is_status(std::string_view name)
{
    return name == "OK" || name == "NO" || name == "BAD" || name == "BYE" || name == "PREAUTH";
}

// "+", "tag OK", "* OK": the rest is words for a human, in which "{5}" is nothing but that.
bool ends_in_text(std::string_view line)
{
    if (!line.starts_with("* "))
        return true;
    line.remove_prefix(2);
    return is_status(capitals(take_word(line)));
}

// "{120}" or "~{120}" (RFC 3516) at the end, outside of quotes: where it begins, and the number.
struct announced
{
    std::size_t at;
    std::uint64_t bytes;
};
std::optional<announced> literal_at_end(std::string_view line)
{
    if (!line.ends_with('}'))
        return std::nullopt;
    bool quoted = false;
    std::size_t brace = line.npos;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (quoted && line[i] == '\\')
            ++i;
        else if (line[i] == '"')
            quoted = !quoted;
        else if (line[i] == '{' && !quoted)
            brace = i;
    }
    if (quoted || brace == line.npos)
        return std::nullopt;
    auto digits = line.substr(brace + 1, line.size() - brace - 2);
    if (digits.ends_with('+'))
        digits.remove_suffix(1);
    const auto n = number_in<std::uint64_t>(digits);
    if (!n)
        return std::nullopt;
    if (brace > 0 && line[brace - 1] == '~')
        --brace;
    return announced{brace, *n};
}

class value_reader
{
    std::vector<std::string>&lines_, &literals_;
    const imap_limits& limits_;
    std::size_t line_ = 0, at_, count_ = 0;

    // Between two lines stands a literal.
    bool at_end() const { return at_ == lines_[line_].size(); }
    bool at_literal() const { return at_end() && line_ < literals_.size(); }
    char here() const { return lines_[line_][at_]; }
    void skip_blanks()
    {
        while (!at_end() && here() == ' ')
            ++at_;
    }

    bool quoted(imap_value& out)
    {
        out.what = imap_value::is::text;
        for (++at_; !at_end() && here() != '"'; ++at_) {
            if (here() == '\\')
                ++at_;
            if (at_end())
                return false;
            out.text += here();
        }
        if (at_end())
            return false;
        ++at_;
        return true;
    }

    // BODY[HEADER.FIELDS ("DATE" "FROM")]<0> is one.
    bool atom(imap_value& out)
    {
        bool bracket = false;
        for (; !at_end(); ++at_) {
            const char c = here();
            if (!bracket && (c == ' ' || c == '(' || c == ')' || c == '"'))
                break;
            bracket = c == '[' || (bracket && c != ']');
            out.text += c;
        }
        if (out.text.empty() || bracket)
            return false;
        out.what = capitals(out.text) == "NIL" ? imap_value::is::nil : imap_value::is::atom;
        return true;
    }

    bool value(imap_value& out, std::size_t depth)
    {
        if (++count_ > limits_.values || depth > limits_.depth)
            return false;
        if (at_literal()) {
            out = imap_value{imap_value::is::text, std::move(literals_[line_])};
            ++line_;
            at_ = 0;
            return true;
        }
        if (at_end())
            return false;
        if (here() == '"')
            return quoted(out);
        if (here() != '(')
            return atom(out);
        ++at_;
        out.what = imap_value::is::list;
        for (;;) {
            skip_blanks();
            if (!at_end() && here() == ')')
                break;
            if (!value(out.items.emplace_back(), depth + 1))
                return false;
        }
        ++at_;
        return true;
    }

public:
    value_reader(
        std::vector<std::string>& lines, std::vector<std::string>& literals, std::size_t from,
        const imap_limits& limits
    )
        : lines_{lines}, literals_{literals}, limits_{limits}, at_{from}
    {
    }

    bool all(std::vector<imap_value>& out)
    {
        for (;;) {
            skip_blanks();
            if (at_end() && !at_literal())
                return true;
            if (!value(out.emplace_back(), 1))
                return false;
        }
    }
};

void read_text(std::string_view rest, imap_response& out)
{
    const auto end = rest.starts_with('[') ? rest.find(']') : rest.npos;
    if (end != rest.npos) {
        auto code = rest.substr(1, end - 1);
        out.code = capitals(take_word(code));
        out.code_value = code;
        rest.remove_prefix(end + 1);
    }
    out.text = text::one_line(rest, 400);
}

}  // namespace

std::optional<std::uint64_t> imap_value::number() const
{
    return what == is::atom ? number_in<std::uint64_t>(text) : std::nullopt;
}

const imap_value* imap_value::behind(std::string_view name) const
{
    for (std::size_t i = 0; i + 1 < items.size(); i += 2)
        if (items[i].what == is::atom && capitals(items[i].text).starts_with(name))
            return &items[i + 1];
    return nullptr;
}

void imap_reader::fail(std::string why)
{
    broken_ = std::move(why);
    in_.clear();
    lines_.clear();
    literals_.clear();
}

void imap_reader::feed(std::string_view bytes)
{
    if (broken_.empty())
        in_ += bytes;
}

bool imap_reader::take_literal()
{
    const auto some = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in_.size()));
    if (some > 0) {
        literals_.back().append(in_, 0, some);
        in_.erase(0, some);
        left_ -= some;
    }
    return left_ == 0;
}

std::optional<imap_response> imap_reader::next()
{
    while (broken_.empty() && take_literal()) {
        const auto end = in_.find("\r\n", looked_);
        const auto begun = in_.size() - (in_.ends_with('\r') ? 1 : 0);  // its line break may be half there
        line_bytes_ += end == in_.npos ? 0 : end;
        if (line_bytes_ + (end == in_.npos ? begun : 0) > limits_.line) {
            fail("the mail server's answer has no end");
            break;
        }
        if (end == in_.npos) {
            looked_ = in_.empty() ? 0 : in_.size() - 1;
            break;
        }
        looked_ = 0;
        auto line = in_.substr(0, end);
        in_.erase(0, end + 2);
        const bool words = lines_.empty() && ends_in_text(line);
        const auto literal = words ? std::nullopt : literal_at_end(line);
        if (!literal) {
            lines_.push_back(std::move(line));
            return finish();
        }
        if (literal->bytes > limits_.literals - literal_bytes_) {
            fail("the mail server's answer is too large");
            break;
        }
        line.resize(literal->at);
        lines_.push_back(std::move(line));
        literals_.emplace_back();
        left_ = literal->bytes;
        literal_bytes_ += left_;
    }
    return std::nullopt;
}

std::optional<imap_response> imap_reader::finish()
{
    auto lines = std::exchange(lines_, {});
    auto literals = std::exchange(literals_, {});
    line_bytes_ = 0;
    literal_bytes_ = 0;
    imap_response out;
    std::string_view rest{lines.front()};
    const auto first = take_word(rest);
    if (first == "+") {
        out.is = imap_response::of::go_on;
        read_text(rest, out);
        return out;
    }
    out.name = capitals(take_word(rest));
    const bool odd = std::ranges::any_of(first, [](char c) { return c < '!' || c > '~'; });
    if (first != "*") {
        out.is = imap_response::of::tagged;
        out.tag = first;
        if (first.empty() || odd || (out.name != "OK" && out.name != "NO" && out.name != "BAD")) {
            fail("the mail server said what is no IMAP");
            return std::nullopt;
        }
    }
    if (is_status(out.name)) {
        read_text(rest, out);
        return out;
    }
    if (is_number(out.name)) {
        out.number = number_in<std::uint32_t>(out.name);
        out.name = capitals(take_word(rest));
    }
    const auto from = lines.front().size() - rest.size();
    value_reader values{lines, literals, from, limits_};
    if (out.name.empty() || !values.all(out.values)) {
        fail("the mail server said what is no IMAP");
        return std::nullopt;
    }
    return out;
}

}  // namespace rialto::email
