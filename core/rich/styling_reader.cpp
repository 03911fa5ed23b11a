#include "core/rich/layout.hpp"
#include "core/rich/styling.hpp"
#include "core/rich/styling_spans.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace rialto::rich {

namespace {

using lines = std::span<const std::string_view>;
constexpr std::string_view fence = "```";

std::uint8_t mark_of(char directive)
{
    switch (directive) {
        case '*': return mark::bold;
        case '_': return mark::italic;
        case '~': return mark::strike;
        case '`': return mark::code;
        default: return 0;
    }
}

bool space_at(std::string_view s, std::size_t i)
{
    return i < s.size() && text::is_space(text::decode(s.substr(i)).value);
}

bool space_before(std::string_view s, std::size_t i)
{
    std::size_t start = i - 1;
    while (start > 0 && i - start < 4 && (static_cast<unsigned char>(s[start]) & 0xC0u) == 0x80u)
        --start;
    return text::is_space(text::decode(s.substr(start, i - start)).value);
}

// Spans of one line. Each directive is tried once per nesting level: what found no partner up to the end of
// its parent is remembered, so that a line of openers costs no more than a line of words.
class span_reader
{
    std::string_view line_;
    std::vector<run> out_;

public:
    explicit span_reader(std::string_view line) : line_{line} {}
    std::vector<run> read()
    {
        within(0, line_.size(), 0, false);
        return std::move(out_);
    }

private:
    // `opened`: a directive stands right before `from`. §6.2: an opening directive is at the beginning of the
    // parent block, after white space or after a different opening directive.
    void within(std::size_t from, std::size_t to, std::uint8_t marks, bool opened)
    {
        std::uint8_t hopeless = 0;
        std::size_t plain = from;
        for (std::size_t i = from; i < to; ++i) {
            const auto m = mark_of(line_[i]);
            if (m == 0 || (hopeless & m) != 0 || !may_open(i, opened && i == from))
                continue;
            const auto close = partner(i, to);
            if (close == line_.npos) {
                hopeless |= m;
                continue;
            }
            literal(plain, i, marks);
            const auto inner = static_cast<std::uint8_t>(marks | m);
            if (m == mark::code)
                append(out_, run{std::string{line_.substr(i + 1, close - i - 1)}, inner});
            else
                within(i + 1, close, inner, true);
            i = close;
            plain = close + 1;
        }
        literal(plain, to, marks);
    }

    bool may_open(std::size_t i, bool after_opener) const
    {
        return (i == 0 || after_opener || space_before(line_, i)) && !space_at(line_, i + 1);
    }

    // Lazily the first that may close: the same directive, with something between, not after white space.
    std::size_t partner(std::size_t open, std::size_t to) const
    {
        const char directive = line_[open];
        if (open + 1 >= to || line_[open + 1] == directive)
            return line_.npos;
        for (auto at = line_.find(directive, open + 1); at < to; at = line_.find(directive, at + 1))
            if (!space_before(line_, at))
                return at;
        return line_.npos;
    }

    void literal(std::size_t from, std::size_t to, std::uint8_t marks)
    {
        std::string text;
        while (from < to) {
            const auto rest = line_.substr(from, to - from);
            const bool ours = rest.starts_with(word_joiner) && rest.size() > 3 && mark_of(rest[3]) != 0;
            const auto next =
                ours ? 3 : std::min(rest.size(), std::max<std::size_t>(rest.find(word_joiner, 1), 1));
            if (!ours)
                text += rest.substr(0, next);
            from += next;
        }
        append(out_, run{std::move(text), marks});
    }
};

std::string_view without_joiner(std::string_view line, std::string_view before)
{
    if (line.starts_with(word_joiner) && line.substr(word_joiner.size()).starts_with(before))
        line.remove_prefix(word_joiner.size());
    return line;
}

class block_reader
{
    std::vector<block> out_;
    std::vector<std::string_view> plain_;  // lines of the paragraph in the making
    int depth_;

public:
    explicit block_reader(int depth) : depth_{depth} {}
    std::vector<block> read(lines all)
    {
        std::size_t i = 0;
        while (i < all.size()) {
            auto taken = all[i].starts_with(fence) ? code(all.subspan(i)) : 0;
            if (taken == 0 && all[i].starts_with('>') && depth_ < deepest_quote)
                taken = quote(all.subspan(i));
            if (taken == 0) {
                plain_.push_back(all[i]);
                taken = 1;
            }
            i += taken;
        }
        paragraph(true);
        return std::move(out_);
    }

private:
    // Each returns the number of lines it took; 0: this is no such block after all, the text must not get
    // lost.
    std::size_t code(lines rest)
    {
        const auto end = std::find(rest.begin() + 1, rest.end(), fence);
        const auto after = rest.front().substr(fence.size());
        block b{block::is::code};
        std::string text;
        if (is_language(after))
            b.language = after;
        else
            text.append(after) += '\n';
        for (auto line = rest.begin() + 1; line != end; ++line)
            text.append(without_joiner(*line, fence)) += '\n';
        if (end == rest.begin() + 1)
            return 0;
        text.pop_back();
        if (text.empty())
            return 0;
        b.runs.emplace_back(std::move(text));
        finish(std::move(b));
        return static_cast<std::size_t>(end - rest.begin()) + (end == rest.end() ? 0 : 1);
    }

    std::size_t quote(lines rest)
    {
        std::vector<std::string_view> inner;
        for (const auto line : rest) {
            if (!line.starts_with('>'))
                break;
            auto text = line.substr(1);
            if (space_at(text, 0))
                text.remove_prefix(text::decode(text).length);
            inner.push_back(text);
        }
        block b{block::is::quote, block_reader{depth_ + 1}.read(inner)};
        if (b.inside.empty())
            return 0;
        finish(std::move(b));
        return inner.size();
    }

    void finish(block b)
    {
        paragraph(false);
        out_.push_back(std::move(b));
    }

    // Blank lines only set a block apart; without any block the text stays as it is.
    void paragraph(bool last)
    {
        lines all{plain_};
        const bool alone = depth_ == 0 && last && out_.empty();
        while (!alone && !all.empty() && all.front().empty())
            all = all.subspan(1);
        while (!alone && !all.empty() && all.back().empty())
            all = all.first(all.size() - 1);
        std::vector<run> runs;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (i > 0)
                append(runs, run{"\n"});
            for (auto& r : read_spans(without_joiner(without_joiner(all[i], ">"), fence)))
                append(runs, std::move(r));
        }
        if (!runs.empty())
            out_.emplace_back(block::is::paragraph, std::move(runs));
        plain_.clear();
    }
};

}  // namespace

std::vector<run> read_spans(std::string_view line) { return span_reader{line}.read(); }

document from_styling(std::string_view text)
{
    const auto safe = text::isolate(text::xml_safe(text));
    return document{block_reader{0}.read(text::lines(safe))};
}

}  // namespace rialto::rich
