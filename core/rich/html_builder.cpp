#include "core/rich/html_builder.hpp"

#include "core/rich/html_words.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace rialto::rich {

namespace {

constexpr std::string_view blanks = " \t\n\r\f";

std::string_view value_of(html_attributes all, std::string_view name)
{
    for (const auto& a : all)
        if (a.name == name)
            return a.value;
    return {};
}

bool has(html_attributes all, std::string_view name)
{
    return std::any_of(all.begin(), all.end(), [&](const auto& a) { return a.name == name; });
}

}  // namespace

void html_builder::open(std::string_view tag, html_attributes attributes)
{
    if (frames_.size() >= limits_.depth || ++tags_ > limits_.tags)
        too_much_ = true;
    if (too_much_)
        return;
    after_pre_ = false;
    frames_.emplace_back(tag, look_, hidden_, leaf_, level_);
    hidden_ = hidden_ || is_hidden_tag(tag);
    if (hidden_)
        return;
    if (!open_block(tag, attributes))
        open_inline(tag, attributes);
    if (dialect_ != dialect::matrix)
        apply_style(value_of(attributes, "style"));
}

bool html_builder::open_block(std::string_view tag, html_attributes attributes)
{
    if (tag == "blockquote") {
        container(block::is::quote);
    } else if (tag == "ul" || tag == "menu" || tag == "dir") {
        container(block::is::bullets);
    } else if (tag == "ol") {
        container(block::is::numbers, number_in(value_of(attributes, "start"), 1));
    } else if (tag == "li") {
        flush();
        if (blocks_.back().kind == block::is::bullets || blocks_.back().kind == block::is::numbers)
            container(block::is::item);
    } else if (tag == "p") {
        flush();
    } else if (is_heading_tag(tag)) {
        flush();
        leaf_ = block::is::heading;
        level_ = static_cast<std::uint32_t>(tag[1] - '0');
    } else if (tag == "pre") {
        flush();
        leaf_ = block::is::code;
        after_pre_ = true;
    } else if (tag == "hr") {
        flush();
        add(block{block::is::rule});
    } else if (is_line_tag(tag)) {
        soft_break();
    } else {
        return false;
    }
    return true;
}

void html_builder::open_inline(std::string_view tag, html_attributes attributes)
{
    look_.marks |= mark_of_tag(tag);
    if (tag == "br") {
        verbatim("\n");
    } else if (tag == "a") {
        link_to(value_of(attributes, "href"));
    } else if (tag == "span" && dialect_ == dialect::matrix && has(attributes, "data-mx-spoiler")) {
        spoil(value_of(attributes, "data-mx-spoiler"));
    } else if (tag == "code" && leaf_ == block::is::code) {
        if (const auto said = language_in(value_of(attributes, "class")); !said.empty())
            language_ = said;
    } else if (tag == "img") {
        const auto alt = value_of(attributes, "alt");
        const auto words = alt.empty() ? value_of(attributes, "title") : alt;
        // One that came along is shown below: here is its place.
        const bool came_along = dialect_ == dialect::mail && value_of(attributes, "src").starts_with("cid:");
        if (came_along)
            say(words.empty() ? "[picture]" : "[" + text::one_line(words, 100) + "]");
        else
            say(words);
    } else if ((tag == "td" || tag == "th") && !runs_.empty() && !break_) {
        blank_.text.clear();
        verbatim(" | ");
    }
}

void html_builder::link_to(std::string_view uri)
{
    const auto trimmed = text::one_line(uri, uri.size());
    look_.mention = user_in_link(trimmed);
    look_.link = look_.mention.empty() && is_link(trimmed) ? trimmed : "";
}

void html_builder::spoil(std::string_view reason)
{
    if (!reason.empty())
        say("(" + text::one_line(reason) + ") ");
    look_.marks |= mark::spoiler;
}

void html_builder::apply_style(std::string_view style)
{
    const auto looks = looks_in(style);
    look_.marks = static_cast<std::uint8_t>((look_.marks | looks.add) & ~looks.remove);
    hidden_ = hidden_ || looks.hidden;
}

void html_builder::container(block::is kind, std::uint32_t level)
{
    flush();
    blocks_.emplace_back(kind);
    blocks_.back().level = level;
    frames_.back().container = true;
    leaf_ = block::is::paragraph;
}

void html_builder::close(std::string_view tag)
{
    if (too_much_ ||
        std::none_of(frames_.begin(), frames_.end(), [&](const auto& f) { return f.tag == tag; }))
        return;
    while (frames_.back().tag != tag)
        leave();
    leave();
}

void html_builder::leave()
{
    auto& f = frames_.back();
    after_pre_ = false;
    if (!hidden_ && is_line_tag(f.tag))
        soft_break();
    if (f.container || (!hidden_ && (f.tag == "p" || f.tag == "li")) || leaf_ != f.leaf)
        flush();
    if (f.container) {
        auto done = std::move(blocks_.back());
        blocks_.pop_back();
        if (!done.inside.empty())
            add(std::move(done));
    }
    look_ = f.look;
    hidden_ = f.hidden;
    leaf_ = f.leaf;
    level_ = f.level;
    frames_.pop_back();
}

void html_builder::soft_break()
{
    if (leaf_ == block::is::code && !runs_.empty() && !runs_.back().text.ends_with('\n'))
        verbatim("\n");
    else if (leaf_ != block::is::code)
        break_ = !runs_.empty();
}

void html_builder::text(std::string_view utf8)
{
    if (too_much_ || hidden_)
        return;
    if (leaf_ != block::is::code)
        return say(utf8);
    if (after_pre_ && utf8.starts_with('\n'))  // HTML §13.2.6.4.7: belongs to the tag
        utf8.remove_prefix(1);
    after_pre_ = false;
    verbatim(utf8);
}

// White space collapses into one blank between words; the no-break space is what writers use to avoid just
// that.
void html_builder::say(std::string_view words)
{
    constexpr std::string_view no_break = "\xC2\xA0";
    while (!words.empty()) {
        if (blanks.find(words.front()) != blanks.npos) {
            const bool at_start = runs_.empty() || runs_.back().text.ends_with('\n');
            if (!at_start && blank_.text.empty()) {
                blank_ = look_;
                blank_.text = " ";
            }
            words.remove_prefix(std::min(words.find_first_not_of(blanks), words.size()));
            continue;
        }
        if (words.starts_with(no_break)) {
            verbatim(" ");
            words.remove_prefix(no_break.size());
            continue;
        }
        const auto end = std::min({words.find_first_of(blanks), words.find(no_break), words.size()});
        verbatim(words.substr(0, end));
        words.remove_prefix(end);
    }
}

void html_builder::verbatim(std::string_view words)
{
    if (words.empty())
        return;
    const bool ends_line = words.front() == '\n' && leaf_ != block::is::code;
    if (ends_line && runs_.empty())
        return;
    if (break_)
        append(runs_, run{"\n"});
    else if (!ends_line)
        append(runs_, std::move(blank_));
    break_ = false;
    blank_ = run{};
    run next = leaf_ == block::is::code ? run{} : look_;
    next.text = words;
    append(runs_, std::move(next));
}

void html_builder::flush()
{
    auto runs = std::exchange(runs_, {});
    auto language = std::exchange(language_, {});
    blank_ = run{};
    break_ = false;
    const bool code = leaf_ == block::is::code;
    if (code && !runs.empty() && runs.back().text.ends_with('\n'))
        runs.back().text.pop_back();
    while (!code && !runs.empty() && runs.back().text.ends_with('\n'))
        if (runs.back().text.pop_back(); runs.back().text.empty())
            runs.pop_back();
    if (runs.empty() || runs.front().text.empty())
        return;
    for (auto& r : runs)
        r.text = text::isolate(text::xml_safe(r.text));
    block b{leaf_, std::move(runs)};
    b.level = leaf_ == block::is::heading ? level_ : 0;
    b.language = std::move(language);
    add(std::move(b));
}

void html_builder::add(block b)
{
    auto& parent = blocks_.back();
    const bool list = parent.kind == block::is::bullets || parent.kind == block::is::numbers;
    if (list && parent.inside.empty() && b.kind != block::is::item)
        parent.inside.emplace_back(block::is::item);
    if (list && b.kind != block::is::item)
        parent.inside.back().inside.push_back(std::move(b)
        );  // a list directly in a list belongs to the item before
    else
        parent.inside.push_back(std::move(b));
}

document html_builder::finish()
{
    while (!frames_.empty())
        leave();
    flush();
    return document{std::move(blocks_.front().inside)};
}

}  // namespace rialto::rich
