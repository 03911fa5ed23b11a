#include "core/media_sniff.hpp"

#include <array>

namespace rialto {

namespace {
using as = file::as;

std::uint32_t big_endian(std::string_view s, std::size_t at, std::size_t bytes)
{
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < bytes; ++i)
        out = (out << 8U) | static_cast<unsigned char>(s[at + i]);
    return out;
}

std::uint32_t little_endian(std::string_view s, std::size_t at, std::size_t bytes)
{
    std::uint32_t out = 0;
    for (std::size_t i = bytes; i > 0; --i)
        out = (out << 8U) | static_cast<unsigned char>(s[at + i - 1]);
    return out;
}

bool has(std::string_view s, std::size_t at, std::string_view what)
{
    return s.size() >= at + what.size() && s.substr(at, what.size()) == what;
}

sniffed_kind sized(sniffed_kind k, std::uint32_t width, std::uint32_t height)
{
    constexpr std::uint32_t most = 1'000'000;  // more is a lie or a bomb: clients lay out by it
    if (width > 0 && height > 0 && width <= most && height <= most) {
        k.width = width;
        k.height = height;
    }
    return k;
}

// ITU T.81 §B.2.2: the frame header stands somewhere behind tables and comments of any length.
sniffed_kind jpeg(std::string_view s)
{
    sniffed_kind k{"image/jpeg", as::image};
    std::size_t at = 2;
    while (at + 9 < s.size() && s[at] == '\xFF') {
        const auto marker = static_cast<unsigned char>(s[at + 1]);
        const bool frame =
            marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
        if (frame)
            return sized(k, big_endian(s, at + 7, 2), big_endian(s, at + 5, 2));
        const auto length = big_endian(s, at + 2, 2);
        if (length < 2)
            break;
        at += 2 + length;
    }
    return k;
}

sniffed_kind webp(std::string_view s)
{
    const sniffed_kind k{"image/webp", as::image};
    if (has(s, 12, "VP8X") && s.size() >= 30)
        return sized(k, little_endian(s, 24, 3) + 1, little_endian(s, 27, 3) + 1);
    if (has(s, 12, "VP8 ") && s.size() >= 30)
        return sized(k, little_endian(s, 26, 2) & 0x3FFFU, little_endian(s, 28, 2) & 0x3FFFU);
    if (has(s, 12, "VP8L") && s.size() >= 25) {
        const auto bits = little_endian(s, 21, 4);
        return sized(k, (bits & 0x3FFFU) + 1, ((bits >> 14U) & 0x3FFFU) + 1);
    }
    return k;
}

// ISO/IEC 14496-12 §4.3: the brand says which of its many children a file is.
sniffed_kind iso_media(std::string_view s)
{
    const auto brand = s.substr(8, 4);
    if (brand == "avif" || brand == "avis")
        return {"image/avif", as::image};
    if (brand == "heic" || brand == "heix" || brand == "mif1" || brand == "heif")
        return {"image/heic", as::image};
    if (brand == "M4A " || brand == "M4B ")
        return {"audio/mp4", as::audio};
    if (brand == "qt  ")
        return {"video/quicktime", as::video};
    return {"video/mp4", as::video};
}

sniffed_kind ogg(std::string_view s)
{
    // Video, if there is any, has to come first (RFC 5334 §4); what is not known to be sound is a file.
    if (s.find("\x80theora") != s.npos)
        return {"video/ogg", as::video};
    if (s.find("OpusHead") != s.npos || s.find("\x01vorbis") != s.npos || s.find("Speex   ") != s.npos ||
        s.find("FLAC") != s.npos)
        return {"audio/ogg", as::audio};
    return {"application/ogg", as::file};
}

sniffed_kind matroska(std::string_view s)
{
    if (s.substr(0, 4096).find("webm") != s.npos)
        return {"video/webm", as::video};
    return {"video/x-matroska", as::video};
}

bool is_mpeg_audio(std::string_view s)  // a frame header (ISO/IEC 11172-3 §2.4.1.3) whose fields are legal
{
    if (s.size() < 4 || s[0] != '\xFF')
        return false;
    const auto second = static_cast<unsigned char>(s[1]), third = static_cast<unsigned char>(s[2]);
    const unsigned version = (second >> 3U) & 3U, layer = (second >> 1U) & 3U;
    const unsigned rate = third >> 4U, frequency = (third >> 2U) & 3U;
    return (second & 0xE0U) == 0xE0U && version != 1 && layer == 1 && rate != 0 && rate != 15 &&
           frequency != 3;
}

// Anything that a browser might take for a page: it is named so, and never shown in place.
bool is_markup(std::string_view s)
{
    const auto first = s.find_first_not_of(" \t\r\n\f\xEF\xBB\xBF");
    return first != s.npos && s[first] == '<';
}

bool is_text(std::string_view s)
{
    for (const char c : s) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x09 || (byte > 0x0D && byte < 0x20 && byte != 0x1B) || byte == 0x7F)
            return false;
    }
    return !s.empty();
}

struct signature
{
    std::size_t at;
    std::string_view bytes;
    sniffed_kind is;
};
const std::array signatures{
    signature{0, "BM", {"image/bmp", as::image}},
    signature{0, "ID3", {"audio/mpeg", as::audio}},
    signature{0, "fLaC", {"audio/flac", as::audio}},
    signature{0, "#!AMR", {"audio/amr", as::audio}},
    signature{0, "%PDF-", {"application/pdf", as::file}},
    signature{0, std::string_view{"PK\x03\x04", 4}, {"application/zip", as::file}},
    signature{0, "\x1F\x8B", {"application/gzip", as::file}},
};

sniffed_kind riff(std::string_view s)
{
    if (has(s, 8, "WEBP"))
        return webp(s);
    if (has(s, 8, "WAVE"))
        return {"audio/wav", as::audio};
    if (has(s, 8, "AVI "))
        return {"video/x-msvideo", as::video};
    return {};
}
}  // namespace

sniffed_kind sniff(std::string_view s)
{
    s = s.substr(0, sniffed_bytes);
    if (has(s, 0, "\x89PNG\r\n\x1A\n")) {
        const sniffed_kind k{"image/png", as::image};
        return has(s, 12, "IHDR") && s.size() >= 24 ? sized(k, big_endian(s, 16, 4), big_endian(s, 20, 4))
                                                    : k;
    }
    if (has(s, 0, "\xFF\xD8\xFF"))
        return jpeg(s);
    if (has(s, 0, "GIF87a") || has(s, 0, "GIF89a")) {
        const sniffed_kind k{"image/gif", as::image};
        return s.size() >= 10 ? sized(k, little_endian(s, 6, 2), little_endian(s, 8, 2)) : k;
    }
    if (has(s, 0, "RIFF"))
        return riff(s);
    if (has(s, 4, "ftyp") && s.size() >= 12)
        return iso_media(s);
    if (has(s, 0, "OggS"))
        return ogg(s);
    if (has(s, 0, "\x1A\x45\xDF\xA3"))
        return matroska(s);
    for (const auto& known : signatures)
        if (has(s, known.at, known.bytes))
            return known.is;
    if (is_mpeg_audio(s))
        return {"audio/mpeg", as::audio};
    if (is_markup(s))
        return {"text/html", as::file};
    if (is_text(s))
        return {"text/plain", as::file};
    return {};
}

void settle_kind(file& f, const sniffed_kind& found, std::uint64_t size)
{
    const bool claims_media =
        f.mime.starts_with("image/") || f.mime.starts_with("audio/") || f.mime.starts_with("video/");
    if (found.shown != as::file || f.mime.empty() || claims_media || found.mime == "text/html")
        f.mime = found.mime;
    const bool same_kind = (f.shown == as::sticker && found.shown == as::image) ||
                           (f.shown == as::voice && found.shown == as::audio);
    if (!same_kind)
        f.shown = found.shown;
    if (found.width > 0) {
        f.width = found.width;
        f.height = found.height;
    }
    if (f.shown == as::file)
        f.width = f.height = f.millis = 0;
    f.size = size;
}

}  // namespace rialto
