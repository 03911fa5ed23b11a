// bridges/xmpp/utf8.hpp: one code point of UTF-8 at a time, for text that anybody may have written. Pure.
#pragma once

#include <string>
#include <string_view>

namespace rialto::xmpp {

struct code_point
{
    char32_t value = 0;
    std::size_t length = 1;  // bytes to go on; never 0
    bool valid = false;      // shortest form, no surrogate, at most U+10FFFF
};

// REQUIRES: at < text.size().
inline code_point decode_utf8(std::string_view text, std::size_t at) noexcept
{
    const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[at + k]); };
    const auto lead = byte(0);
    if (lead < 0x80)
        return {lead, 1, true};
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || at + length > text.size())
        return {};
    static constexpr unsigned lead_mask[] = {0, 0, 0x1F, 0x0F, 0x07};
    static constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    char32_t value = lead & lead_mask[length];
    for (std::size_t k = 1; k < length; ++k) {
        if ((byte(k) & 0xC0) != 0x80)
            return {};
        value = value << 6 | (byte(k) & 0x3F);
    }
    if (value < least[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return {};
    return {value, length, true};
}

}  // namespace rialto::xmpp
