#include "core/rich/html.hpp"
#include "core/rich/plain.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>

namespace rialto::rich {

namespace {

void escape(std::string& out, std::string_view s)
{
    for (const char c : s) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
}

// CS-API appendices, matrix.to: what is not unreserved is percent-encoded, but for the sigil and the colon.
std::string matrix_to(std::string_view mxid)
{
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out{"https://matrix.to/#/"};
    for (const char c : mxid) {
        const auto u = static_cast<unsigned char>(c);
        const bool kept = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          std::string_view{"-._~@:="}.find(c) != std::string_view::npos;
        if (kept)
            out += c;
        else
            out.append({'%', hex[u >> 4], hex[u & 15]});
    }
    return out;
}

struct tag
{
    std::string name, attributes;
    bool operator==(const tag&) const = default;
};

// From the outside in.
std::vector<tag> tags_of(const run& r)
{
    static constexpr std::array<std::pair<std::uint8_t, const char*>, 5> names{
        {{mark::bold, "strong"},
         {mark::italic, "em"},
         {mark::strike, "del"},
         {mark::underline, "u"},
         {mark::code, "code"}}
    };
    std::vector<tag> out;
    const auto href = r.mention.starts_with('@') ? matrix_to(r.mention)
                      : is_link(r.link)          ? r.link
                                                 : std::string{};
    if (!href.empty()) {
        std::string attribute{" href=\""};
        escape(attribute, href);
        out.push_back({"a", attribute + "\""});
    }
    if (r.marks & mark::spoiler)
        out.push_back({"span", " data-mx-spoiler"});
    for (const auto& [m, name] : names)
        if (r.marks & m)
            out.push_back({name, ""});
    return out;
}

class html_writer
{
    std::string out_;
    std::vector<tag> open_;    // inline
    bool after_blank_ = true;  // a plain space here would be swallowed by the reader
    int depth_ = 0;

public:
    std::string write(const document& d)
    {
        if (d.blocks.size() == 1 && d.blocks.front().kind == block::is::paragraph)
            words(d.blocks.front().runs);
        else
            blocks(d.blocks, false);
        return std::move(out_);
    }

private:
    // In a list item a paragraph that does not touch another one goes without <p>.
    void blocks(const std::vector<block>& all, bool bare)
    {
        if (depth_ >= deepest_reading)
            return;
        ++depth_;
        const auto is_paragraph = [&](std::size_t i) {
            return i < all.size() && all[i].kind == block::is::paragraph;
        };
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (bare && is_paragraph(i) && !is_paragraph(i + 1) && !is_paragraph(i - 1))
                words(all[i].runs);
            else
                one(all[i]);
        }
        --depth_;
    }

    void one(const block& b)
    {
        switch (b.kind) {
            case block::is::paragraph: return leaf("p", b);
            case block::is::heading: return leaf("h" + std::to_string(std::clamp(b.level, 1u, 6u)), b);
            case block::is::code: return code(b);
            case block::is::quote: return around("blockquote", "", b, false);
            case block::is::bullets: return around("ul", "", b, false);
            case block::is::numbers:
                return around(
                    "ol", b.level == 1 ? "" : " start=\"" + std::to_string(b.level) + "\"", b, false
                );
            case block::is::item: return around("li", "", b, true);
            case block::is::rule: out_ += "<hr>"; return;
        }
    }

    void leaf(const std::string& name, const block& b)
    {
        out_ += "<" + name + ">";
        words(b.runs);
        out_ += "</" + name + ">";
    }

    void around(const std::string& name, const std::string& attributes, const block& b, bool bare)
    {
        out_ += "<" + name + attributes + ">";
        blocks(b.inside, bare);
        out_ += "</" + name + ">";
    }

    void code(const block& b)
    {
        out_ += "<pre><code";
        if (!b.language.empty() && is_language(b.language))
            out_ += " class=\"language-" + b.language + "\"";
        out_ += ">";
        for (const auto& r : b.runs)
            escape(out_, text::xml_safe(r.text));
        out_ += "\n</code></pre>";
    }

    void words(const std::vector<run>& runs)
    {
        after_blank_ = true;
        for (std::size_t i = 0; i < runs.size(); ++i) {
            switch_to(tags_of(runs[i]));
            const bool last = i + 1 == runs.size() || runs[i + 1].text.starts_with('\n');
            text_of(text::xml_safe(runs[i].text), last);
        }
        switch_to({});
    }

    void switch_to(const std::vector<tag>& wanted)
    {
        std::size_t common = 0;
        while (common < open_.size() && common < wanted.size() && open_[common] == wanted[common])
            ++common;
        for (; open_.size() > common; open_.pop_back())
            out_ += "</" + open_.back().name + ">";
        for (auto i = common; i < wanted.size(); ++i) {
            out_ += "<" + wanted[i].name + wanted[i].attributes + ">";
            open_.push_back(wanted[i]);
        }
    }

    void text_of(std::string_view s, bool ends_line)
    {
        for (std::size_t i = 0; i < s.size(); ++i) {
            const bool line_end = i + 1 < s.size() ? s[i + 1] == '\n' : ends_line;
            if (s[i] == '\n')
                out_ += "<br>";
            else if (s[i] == '\t')
                out_ += "&nbsp;&nbsp;&nbsp;&nbsp;";
            else if (s[i] == ' ' && (after_blank_ || line_end))
                out_ += "&nbsp;";
            else
                escape(out_, s.substr(i, 1));
            // After a no-break space a plain one counts again.
            after_blank_ = s[i] == '\n' || (s[i] == ' ' && !after_blank_ && !line_end);
        }
    }
};

}  // namespace

std::string to_html(const document& d) { return html_writer{}.write(d); }

document from_matrix(std::string_view formatted_body, std::string_view body)
{
    if (!formatted_body.empty())
        if (auto d = from_html(formatted_body, dialect::matrix); d && !d->empty())
            return std::move(*d);
    return from_plain(body);
}

}  // namespace rialto::rich
