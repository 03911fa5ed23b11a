#include "bridges/xmpp/stanza_text.hpp"

#include "bridges/xmpp/stanza_names.hpp"
#include "bridges/xmpp/xml.hpp"
#include "core/rich/html.hpp"
#include "core/rich/plain.hpp"
#include "core/rich/styling.hpp"

#include <charconv>
#include <limits>

namespace rialto::xmpp {
namespace {

std::size_t number_or(std::string_view text, std::size_t otherwise) noexcept
{
    std::size_t out = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), out);
    return end.ec == std::errc{} && end.ptr == text.data() + text.size() ? out : otherwise;
}

// The one without a language is the author's own (RFC 6121 §5.2.3); else the first.
const node* body_of(const node& message)
{
    const node* first = nullptr;
    for (const auto* c = message.first; c != nullptr; c = c->next) {
        if (c->name != "body" || c->ns != message.ns)
            continue;
        if (c->lang().empty())
            return c;
        if (first == nullptr)
            first = c;
    }
    return first;
}

void cut_fallbacks(const node& message, std::string& text)
{
    constexpr auto all = std::numeric_limits<std::size_t>::max();
    for (const auto* f = message.first; f != nullptr; f = f->next) {
        if (!f->is("fallback", ns::fallback) || f->attr("for") != ns::reply)
            continue;
        const auto* range = f->child("body");
        std::size_t from = 0, to = all;
        if (range != nullptr && range->has("start"))
            from = number_or(range->attr("start"), all);
        if (range != nullptr && range->has("end"))
            to = number_or(range->attr("end"), 0);
        if (from < to) {
            const auto [begin, end] = byte_range(text, from, to);
            text.erase(begin, end - begin);
        }
    }
}

}  // namespace

std::pair<std::size_t, std::size_t> byte_range(
    std::string_view utf8, std::size_t begin, std::size_t end
) noexcept
{
    std::size_t count = 0, first = utf8.size(), last = utf8.size();
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        if ((static_cast<unsigned char>(utf8[i]) & 0xC0U) == 0x80U)
            continue;  // inside a character
        if (count == begin)
            first = i;
        if (count == end) {
            last = i;
            break;
        }
        ++count;
    }
    return {first, last < first ? first : last};
}

std::size_t characters(std::string_view utf8) noexcept
{
    std::size_t count = 0;
    for (const char c : utf8)
        count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    return count;
}

said read_body(const node& message)
{
    said out;
    const auto* body = body_of(message);
    if (body == nullptr)
        return out;
    out.text = body->content();
    cut_fallbacks(message, out.text);
    out.whole = out.text.size() == body->content().size();
    constexpr std::string_view me = "/me ";
    if (out.text.starts_with(me)) {
        out.how = manner::emote;
        out.whole = false;
        out.text.erase(0, me.size());
    }
    out.present = !out.text.empty();
    return out;
}

document read_document(const node& message, const said& body)
{
    // What was cut or understood in the plain body (a quote, "/me") still stands in its XHTML twin.
    const auto* html = message.child("html", ns::xhtml_im);
    const auto* rich_body = html != nullptr && body.whole ? html->child("body", ns::xhtml) : nullptr;
    if (rich_body != nullptr)
        if (auto read = rich::from_html(to_string(*rich_body), rich::dialect::xhtml_im);
            read && !read->empty())
            return std::move(*read);
    if (message.child("unstyled", ns::styling) != nullptr)
        return rich::from_plain(body.text);
    return rich::from_styling(body.text);
}

std::string quoted(std::string_view text)
{
    std::string out;
    while (!text.empty()) {
        const auto end = text.find('\n');
        out += "> ";
        out += text.substr(0, end);
        out += '\n';
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return out;
}

}  // namespace rialto::xmpp
