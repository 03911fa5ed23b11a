// core/rich/plain.hpp: a document as text for readers without formatting, and back. Pure, any thread, no
// errors. Quotes get "> ", lists "- " or "1. ", a link its address in parentheses unless the text says it
// already; a spoiler is framed as one; bold, italic, strike-through and code leave no trace. It is also the
// `body` that goes with a `formatted_body` (CS-API m.text).
#pragma once

#include "core/document.hpp"

namespace rialto::rich {

std::string to_plain(const document& d);

// Text as a stranger sent it: made valid (core/text.hpp), line breaks kept, nothing interpreted.
document from_plain(std::string_view text);

}  // namespace rialto::rich
