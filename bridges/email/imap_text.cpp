// bridges/email/imap_response.hpp: text as a client writes it.
#include "bridges/email/imap_response.hpp"

#include "core/text.hpp"

#include <utility>

namespace rialto::email {
namespace {

void append_base64(std::string& out, std::string_view utf16)
{
    static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
    std::uint32_t bits = 0;
    int have = 0;
    for (const char c : utf16) {
        bits = (bits << 8) | static_cast<unsigned char>(c);
        for (have += 8; have >= 6; have -= 6)
            out += letters[(bits >> (have - 6)) & 63];
    }
    if (have > 0)
        out += letters[(bits << (6 - have)) & 63];
}

void append_utf16(std::string& out, char32_t c)
{
    const auto unit = [&out](std::uint32_t u) {
        out += static_cast<char>(u >> 8);
        out += static_cast<char>(u & 255);
    };
    if (c < 0x10000)
        return unit(c);
    unit(0xD800 + ((c - 0x10000) >> 10));
    unit(0xDC00 + ((c - 0x10000) & 0x3FF));
}

}  // namespace

std::string imap_mailbox(std::string_view utf8)
{
    std::string out, utf16;
    const auto close = [&] {
        if (utf16.empty())
            return;
        out += '&';
        append_base64(out, std::exchange(utf16, {}));
        out += '-';
    };
    while (!utf8.empty()) {
        const auto c = text::decode(utf8);
        utf8.remove_prefix(c.length);
        if (c.value < ' ' || c.value == 127)
            continue;
        if (c.value > 127) {
            append_utf16(utf16, c.value);
            continue;
        }
        close();
        out += static_cast<char>(c.value);
        if (c.value == '&')
            out += '-';
    }
    close();
    return imap_quoted(out);
}

std::string imap_quoted(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c == '\r' || c == '\n' || c == '\0')
            continue;
        if (c == '"' || c == '\\')
            out += '\\';
        out += c;
    }
    return out + "\"";
}

}  // namespace rialto::email
