// The only file that knows libxml2: its HTML parser, driven as SAX. No tree is built, no file or network
// opened, and no entity beyond HTML's own table exists in HTML mode, so there is nothing to expand.
#include "core/rich/html.hpp"
#include "core/rich/html_builder.hpp"
#include "core/text.hpp"

#include <libxml/HTMLparser.h>

#include <memory>

namespace rialto::rich {

namespace {

// Stands around the input: libxml2 puts a paragraph of its own round text that has no parent.
constexpr std::string_view root = "rialto-root";

struct source  // what a handler is given
{
    html_builder& builder;
    htmlParserCtxtPtr parser;
};

std::string_view view(const xmlChar* s)
{
    return s ? std::string_view{reinterpret_cast<const char*>(s)} : std::string_view{};
}

void stop_if_too_much(const source& s)
{
    if (s.builder.too_much())
        xmlStopParser(s.parser);
}

void on_open(void* user, const xmlChar* tag, const xmlChar** attributes)
{
    constexpr std::size_t most_attributes = 64;
    auto& s = *static_cast<source*>(user);
    if (view(tag) == root)
        return;
    std::vector<html_attribute> all;
    for (auto a = attributes; a && a[0] && all.size() < most_attributes; a += 2)
        all.push_back({view(a[0]), view(a[1])});
    s.builder.open(view(tag), all);
    stop_if_too_much(s);
}

void on_close(void* user, const xmlChar* tag) { static_cast<source*>(user)->builder.close(view(tag)); }

void on_text(void* user, const xmlChar* text, int length)
{
    static_cast<source*>(user)->builder.text(
        {reinterpret_cast<const char*>(text), static_cast<std::size_t>(length)}
    );
}

// libxml2 would otherwise print what it thinks of the input on standard error.
void ignore(void*, const char*, ...) {}

void set_handlers(htmlSAXHandler& sax)
{
    sax = htmlSAXHandler{};
    sax.startElement = on_open;
    sax.endElement = on_close;
    sax.characters = on_text;
    sax.ignorableWhitespace = on_text;
    sax.warning = ignore;
    sax.error = ignore;
    sax.fatalError = ignore;
}

}  // namespace

std::optional<document> from_html(std::string_view html, dialect from, html_limits limits)
{
    if (html.size() > limits.bytes)
        return std::nullopt;
    std::string safe;
    safe.append("<").append(root).append(">").append(text::xml_safe(html));  // the parser would end at a NUL
    const std::unique_ptr<htmlParserCtxt, void (*)(htmlParserCtxtPtr)> parser{
        htmlNewParserCtxt(), htmlFreeParserCtxt
    };
    if (!parser || !parser->sax)
        return std::nullopt;
    html_builder builder{from, limits};
    source s{builder, parser.get()};
    set_handlers(*parser->sax);
    parser->userData = &s;
    constexpr int options = HTML_PARSE_RECOVER | HTML_PARSE_NONET | HTML_PARSE_NOIMPLIED |
                            HTML_PARSE_NODEFDTD |
                            HTML_PARSE_IGNORE_ENC;  // a <meta charset> is not believed: it is UTF-8 by now
    if (auto tree = htmlCtxtReadMemory(
            parser.get(), safe.data(), static_cast<int>(safe.size()), nullptr, "UTF-8", options
        ))
        xmlFreeDoc(tree);
    if (builder.too_much())
        return std::nullopt;
    return builder.finish();
}

}  // namespace rialto::rich
