#include "core/rich/layout.hpp"
#include "core/rich/styling.hpp"
#include "core/rich/styling_spans.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>

namespace rialto::rich {

namespace {

constexpr std::string_view backticks = "```";
constexpr std::string_view directives = "*_~`";
constexpr std::array marks_written{mark::bold, mark::italic, mark::strike, mark::code};

char directive_of(std::uint8_t m)
{
    return m == mark::bold ? '*' : m == mark::italic ? '_' : m == mark::strike ? '~' : '`';
}

bool is_space_at(std::string_view s) { return text::is_space(text::decode(s).value); }

// A code point of a line with its marks: §6.2 is a matter of neighbours.
struct glyph
{
    std::string_view bytes;
    std::uint8_t marks;
    bool space;
};

// Writes one line, remembering what a reader ought to see in it.
class span_writer
{
    std::vector<glyph> line_;
    bool guarded_;          // every character that might open a span gets a word joiner
    bool can_open_ = true;  // what was written last allows an opening directive after it
    std::string out_;
    std::vector<run> seen_;

public:
    span_writer(const std::vector<run>& runs, bool marked, bool guarded) : guarded_{guarded}
    {
        for (const auto& r : runs)
            for (std::string_view rest = r.text; !rest.empty();) {
                const auto length = text::decode(rest).length;
                const auto one = rest.substr(0, length);
                line_.push_back({one, marked ? r.marks : std::uint8_t{0}, is_space_at(one)});
                rest.remove_prefix(length);
            }
        within(0, line_.size(), 0);
    }
    const std::string& text() const { return out_; }
    bool reads_back() const { return read_spans(out_) == seen_; }

private:
    // The end of the span that could begin at i: as far as the mark reaches, less white space at its end.
    std::size_t reach(std::size_t i, std::size_t to, std::uint8_t m) const
    {
        std::size_t end = i;
        while (end < to && (line_[end].marks & m) != 0)
            ++end;
        while (end > i && line_[end - 1].space)
            --end;
        const char directive = directive_of(m);
        for (auto at = i; at < end; ++at)
            if (line_[at].bytes.front() == directive)
                return i;  // it would end too early
        return end;
    }

    void within(std::size_t from, std::size_t to, std::uint8_t marks)
    {
        std::uint8_t refused = 0;  // tried at the beginning of their stretch
        for (std::size_t i = from; i < to;) {
            refused &= line_[i].marks;
            std::uint8_t best = 0;
            std::size_t end = i;
            if (can_open_ && !line_[i].space)
                for (const auto m : marks_written)
                    if ((line_[i].marks & m & ~(marks | refused)) != 0)
                        if (const auto e = reach(i, to, m); e > end) {
                            best = m;
                            end = e;
                        }
            if (best != 0) {
                span(i, end, marks, best);
                i = end;
            } else {
                if (!line_[i].space)
                    refused |= line_[i].marks;
                literal(line_[i++], marks);
            }
        }
    }

    void span(std::size_t from, std::size_t to, std::uint8_t marks, std::uint8_t m)
    {
        const auto inner = static_cast<std::uint8_t>(marks | m);
        out_ += directive_of(m);
        can_open_ = true;
        if (m == mark::code)
            for (auto i = from; i < to; ++i)
                verbatim(line_[i], inner);
        else
            within(from, to, inner);
        out_ += directive_of(m);
        can_open_ = false;
    }

    void literal(const glyph& g, std::uint8_t marks)
    {
        if (guarded_ && can_open_ && directives.find(g.bytes.front()) != directives.npos)
            out_ += word_joiner;
        verbatim(g, marks);
    }
    void verbatim(const glyph& g, std::uint8_t marks)
    {
        out_ += g.bytes;
        append(seen_, run{std::string{g.bytes}, marks});
        can_open_ = g.space;
    }
};

// Runs cut at line ends: no span crosses one.
std::vector<std::vector<run>> by_line(const std::vector<run>& runs)
{
    std::vector<std::vector<run>> out(1);
    for (const auto& r : runs) {
        const auto parts = text::lines(r.text);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (i > 0)
                out.emplace_back();
            append(out.back(), run{std::string{parts[i]}, r.marks});
        }
    }
    return out;
}

class styling_layout final : public layout
{
    std::string words(const block& b) const override
    {
        auto runs = spelled_out(b.runs);
        if (b.kind == block::is::heading)
            for (auto& r : runs)
                r.marks |= mark::bold;
        std::string out;
        for (const auto& line : by_line(runs))
            out.append(literal_line(write_spans(line))) += '\n';
        out.pop_back();
        return out;
    }

    std::string code(const block& b) const override  // §6.1.2
    {
        std::string out{backticks};
        if (is_language(b.language))
            out += b.language;
        for (const auto& r : b.runs)
            for (const auto line : text::lines(r.text))
                out.append("\n").append(line == backticks ? word_joiner : "").append(line);
        return out.append("\n").append(backticks);
    }

    bool at_margin() const override { return true; }
};

}  // namespace

std::string literal_line(std::string line)
{
    if (line.starts_with('>') || line.starts_with(backticks))
        line.insert(0, word_joiner);
    return line;
}

std::string write_spans(const std::vector<run>& line)
{
    if (span_writer plain{line, true, false}; plain.reads_back())
        return plain.text();
    if (span_writer guarded{line, true, true}; guarded.reads_back())
        return guarded.text();
    return span_writer{line, false, true}.text();
}

styled to_styling(const document& d)
{
    styled out;
    if (d.is_plain()) {
        out.text = d.plain();
        out.unstyled = !from_styling(out.text).is_plain();
    } else {
        out.text = styling_layout{}.set(d);
    }
    return out;
}

}  // namespace rialto::rich
