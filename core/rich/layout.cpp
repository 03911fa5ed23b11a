#include "core/rich/layout.hpp"

#include "core/text.hpp"

namespace rialto::rich {

namespace {

constexpr std::size_t widest_indent =
    64;  // what is nested deeper is not indented further: bytes a line are bounded

// "https://example.org/" need not follow "example.org".
bool says_already(std::string_view text, std::string_view link)
{
    if (text == link)
        return true;
    if (const auto colon = link.find(':'); colon != link.npos)
        link.remove_prefix(colon + 1);
    if (link.starts_with("//"))
        link.remove_prefix(2);
    if (link.ends_with('/'))
        link.remove_suffix(1);
    if (text.ends_with('/'))
        text.remove_suffix(1);
    return text == link;
}

bool needs_gap(block::is before, block::is after)
{
    using is = block::is;
    const bool alike = before == after && (before == is::paragraph || before == is::quote ||
                                           before == is::bullets || before == is::numbers);
    return alike || after == is::heading;
}

std::string without_trailing_blanks(std::string s)
{
    s.erase(s.find_last_not_of(' ') + 1);
    return s;
}

}  // namespace

std::string text_of(const std::vector<run>& runs)
{
    std::string out;
    for (const auto& r : runs)
        out += r.text;
    return out;
}

std::vector<run> spelled_out(const std::vector<run>& runs)
{
    std::vector<run> out;
    std::string label;  // what the current link's runs have said so far
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const auto& r = runs[i];
        const bool hidden = (r.marks & mark::spoiler) != 0;
        const bool hidden_before = i > 0 && (runs[i - 1].marks & mark::spoiler) != 0;
        const bool hidden_after = i + 1 < runs.size() && (runs[i + 1].marks & mark::spoiler) != 0;
        if (hidden && !hidden_before)
            append(out, run{"[spoiler: "});
        append(out, run{r.text, static_cast<std::uint8_t>(r.marks & ~mark::spoiler)});
        label += r.text;
        if (i + 1 == runs.size() || runs[i + 1].link != r.link) {
            if (!r.link.empty() && !says_already(label, r.link))
                append(out, run{" (" + r.link + ")"});
            label.clear();
        }
        if (hidden && !hidden_after)
            append(out, run{"]"});
    }
    return out;
}

std::string layout::set(const document& d)
{
    all(d.blocks);
    if (out_.ends_with('\n'))
        out_.pop_back();
    return std::move(out_);
}

void layout::all(const std::vector<block>& blocks)
{
    if (depth_ >= deepest_reading)
        return;
    ++depth_;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        if (i > 0 && needs_gap(blocks[i - 1].kind, blocks[i].kind))
            line("");
        one(blocks[i]);
    }
    --depth_;
}

void layout::one(const block& b)
{
    switch (b.kind) {
        case block::is::paragraph:
        case block::is::heading: return emit(words(b));
        case block::is::quote: return quote(b);
        case block::is::bullets:
        case block::is::numbers: return list(b);
        case block::is::item: return all(b.inside);
        case block::is::rule: return line("---");
        case block::is::code: break;
    }
    const auto rest = rest_;
    to_margin();
    emit(code(b));
    rest_ = rest;
}

void layout::list(const block& b)
{
    std::uint64_t number = b.level;
    for (const auto& item : b.inside) {
        const auto rest = rest_;
        const auto marker =
            b.kind == block::is::bullets ? std::string{"- "} : std::to_string(number++) + ". ";
        first_ = (first_.empty() ? rest_ : first_) + marker;
        if (rest_.size() < widest_indent)
            rest_.append(marker.size(), ' ');
        one(item);
        if (!first_.empty())
            line("");  // an empty item
        rest_ = rest;
    }
}

void layout::to_margin()
{
    if (!at_margin())
        return;
    if (!first_.empty())
        line("");  // the item's marker gets a line of its own
    rest_ = margin_;
}

void layout::quote(const block& b)
{
    if (quotes_ == deepest_quote)
        return all(b.inside);
    const auto rest = rest_, margin = margin_;
    to_margin();
    if (!first_.empty())
        first_ += "> ";
    rest_ += "> ";
    margin_ += "> ";
    ++quotes_;
    all(b.inside);
    --quotes_;
    rest_ = rest;
    margin_ = margin;
}

void layout::emit(std::string_view lines)
{
    for (const auto each : text::lines(lines))
        line(each);
}

void layout::line(std::string_view text)
{
    std::string start = first_.empty() ? rest_ : std::exchange(first_, {});
    out_ += text.empty() ? without_trailing_blanks(std::move(start)) : start;
    out_.append(text) += '\n';
}

}  // namespace rialto::rich
