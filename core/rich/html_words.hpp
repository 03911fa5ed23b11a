// core/rich/html_words.hpp: what the tags and attribute values of HTML mean. Internal to core/rich.
#pragma once

#include <cstdint>
#include <string_view>

namespace rialto::rich {

bool is_hidden_tag(std::string_view tag);  // its content is not for readers
bool is_line_tag(std::string_view tag);    // begins and ends a line, makes no block of a document
bool is_heading_tag(std::string_view tag);
std::uint8_t mark_of_tag(std::string_view tag);

std::uint32_t number_in(std::string_view value, std::uint32_t otherwise);
std::string_view language_in(std::string_view classes
);  // "language-x" of a code element (CS-API); "" if none

struct looks
{
    std::uint8_t add = 0, remove = 0;
    bool hidden = false;
};
looks looks_in(std::string_view style);  // of a style attribute: what a document can show (XEP-0071 §7)

}  // namespace rialto::rich
