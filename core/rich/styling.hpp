// core/rich/styling.hpp: documents in XEP-0393 Message Styling (version 1.1.1), both ways. Pure, any thread,
// no errors.
#pragma once

#include "core/document.hpp"

namespace rialto::rich {

// Quotes (at most 16 deep, then they are text), ``` blocks, and *bold* _italic_ ~strike~ `code` within a
// line. Without any of these the document is the text, exactly, as one paragraph.
document from_styling(std::string_view text);

struct styled
{
    std::string text;
    bool unstyled =
        false;  // send <unstyled xmlns='urn:xmpp:styling:0'/> (§7): the text would be misread without
};

// Never styles what was not styled. A plain document stays as it is to the letter, with `unstyled` where its
// text happens to look like styling. In any other, such text gets an invisible word joiner (U+2060), which
// from_styling takes out again. What styling cannot say (a mark within a word, underline, lists, headings) is
// written as plain text would have it.
styled to_styling(const document& d);

}  // namespace rialto::rich
