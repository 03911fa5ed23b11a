// bridges/xmpp/stanza_text.hpp: the text of a message: which part of a body is only there for old clients
// (XEP-0428), what is an emote (XEP-0245), and how text becomes a document (XEP-0393, XEP-0071). Pure.
#pragma once

#include "core/event.hpp"

#include <string>
#include <string_view>

namespace rialto::xmpp {

struct node;

struct said  // the author's own words
{
    std::string text;
    manner how = manner::say;
    bool present = false;  // there was a <body/>, and more than a fallback in it
    bool whole = true;     // nothing was taken out of it

    said() = default;
};

// The body without what <fallback for='...'/> marks as a stand-in for something we understand (replies).
said read_body(const node& message);
document read_document(const node& message, const said& body);

// "> " before each line, and how many characters (code points) that is: the range of XEP-0428.
std::string quoted(std::string_view text);
std::size_t characters(std::string_view utf8) noexcept;
// The bytes from code point `begin` to `end`; clamped.
std::pair<std::size_t, std::size_t> byte_range(
    std::string_view utf8, std::size_t begin, std::size_t end
) noexcept;

}  // namespace rialto::xmpp
