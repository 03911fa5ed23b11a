// core/rich/styling_spans.hpp: one line of XEP-0393 §6.2 (spans), read and written. Internal to core/rich.
#pragma once

#include "core/document.hpp"

#include <string_view>

namespace rialto::rich {

// U+2060, put before a character that must not be read as a directive; dropped again when read.
inline constexpr std::string_view word_joiner = "\xE2\x81\xA0";

std::vector<run> read_spans(std::string_view line);     // REQUIRES: no line feed
std::string write_spans(const std::vector<run>& line);  // REQUIRES: the same; no links (layout.hpp)

// A line that would begin a quote or a code block, made one that does not.
std::string literal_line(std::string line);

}  // namespace rialto::rich
