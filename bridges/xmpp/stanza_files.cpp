#include "bridges/xmpp/stanza_files.hpp"

#include "bridges/xmpp/stanza_names.hpp"
#include "bridges/xmpp/xml.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace rialto::xmpp {
namespace {

constexpr std::size_t most_files = 16, most_url = 4096;
constexpr std::string_view sims = "urn:xmpp:sims:1", references = "urn:xmpp:reference:0";

bool fetchable(std::string_view url)
{
    return url.size() <= most_url && (url.starts_with("https://") || url.starts_with("http://"));
}

int digit(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char low = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? digit(text[i + 1]) : -1;
        const int low = high >= 0 ? digit(text[i + 2]) : -1;
        if (low < 0) {
            out += text[i];
            continue;
        }
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// A name is shown, and becomes that of a file somewhere: no path, no line, nothing that hides what it is.
std::string plain_name(std::string_view name)
{
    if (const auto slash = name.find_last_of("/\\"); slash != std::string_view::npos)
        name.remove_prefix(slash + 1);
    return text::one_line(name);
}

bool is_mime(std::string_view mime)  // RFC 6838 §4.2; it becomes a header
{
    return mime.size() <= 127 && std::count(mime.begin(), mime.end(), '/') == 1 &&
           std::all_of(mime.begin(), mime.end(), [](char c) {
               return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                      std::string_view{"/.+-_"}.find(c) != std::string_view::npos;
           });
}

// XEP-0446: what the sender says the file is.
void describe(const node* told, file& f)
{
    if (told == nullptr)
        return;
    if (const auto* name = told->child("name"); name != nullptr && !plain_name(name->content()).empty())
        f.name = plain_name(name->content());
    if (const auto* mime = told->child("media-type"); mime != nullptr && is_mime(mime->content()))
        f.mime = mime->content();
    const auto number = [&](std::string_view what, auto& into) {
        if (const auto* n = told->child(what)) {
            const auto text = n->content();
            std::from_chars(text.data(), text.data() + text.size(), into);
        }
    };
    number("size", f.size);
    number("width", f.width);
    number("height", f.height);
    number("length", f.millis);
    f.shown = shown_as(f.mime);
}

const node* described(const node& message)
{
    const auto* sharing = message.child("file-sharing", ns::file_sharing);
    return sharing != nullptr ? sharing->child("file", ns::file_metadata) : nullptr;
}

// XEP-0447 §3.1, where no XEP-0066 stands beside it.
std::string_view shared_at(const node& message)
{
    const auto* sharing = message.child("file-sharing", ns::file_sharing);
    const auto* sources = sharing != nullptr ? sharing->child("sources") : nullptr;
    const auto* where = sources != nullptr ? sources->child("url-data", ns::url_data) : nullptr;
    return where != nullptr ? trimmed(where->attr("target")) : std::string_view{};
}

// XEP-0385 §3.1: a reference of type data, whose sources are references again.
std::string_view referred_at(const node& message)
{
    const auto* outer = message.child("reference", references);
    const auto* sharing = outer != nullptr ? outer->child("media-sharing", sims) : nullptr;
    const auto* sources = sharing != nullptr ? sharing->child("sources") : nullptr;
    const auto* inner = sources != nullptr ? sources->child("reference", references) : nullptr;
    return inner != nullptr ? trimmed(inner->attr("uri")) : std::string_view{};
}

void add_file(std::string_view where, std::string& body, std::vector<file>& to)
{
    if (!fetchable(where) || to.size() >= most_files)
        return;
    to.push_back(file_of_url(where));
    if (trimmed(body) == where)
        body.clear();
}

}  // namespace

std::string_view mime_of_name(std::string_view name) noexcept
{
    struct known
    {
        std::string_view ending, mime;
    };
    static constexpr std::array all{
        known{"jpg", "image/jpeg"},  known{"jpeg", "image/jpeg"},     known{"png", "image/png"},
        known{"gif", "image/gif"},   known{"webp", "image/webp"},     known{"avif", "image/avif"},
        known{"heic", "image/heic"}, known{"svg", "image/svg+xml"},   known{"mp4", "video/mp4"},
        known{"webm", "video/webm"}, known{"mov", "video/quicktime"}, known{"mkv", "video/x-matroska"},
        known{"mp3", "audio/mpeg"},  known{"m4a", "audio/mp4"},       known{"ogg", "audio/ogg"},
        known{"opus", "audio/ogg"},  known{"oga", "audio/ogg"},       known{"wav", "audio/wav"},
        known{"flac", "audio/flac"}, known{"aac", "audio/aac"},       known{"pdf", "application/pdf"},
        known{"txt", "text/plain"},  known{"zip", "application/zip"},
    };
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos || name.size() - dot > 6)
        return "application/octet-stream";
    std::string ending;
    for (const char c : name.substr(dot + 1))
        ending += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (const auto& k : all)
        if (k.ending == ending)
            return k.mime;
    return "application/octet-stream";
}

file::as shown_as(std::string_view mime) noexcept
{
    if (mime == "image/svg+xml")
        return file::as::file;  // a document with scripts, to most viewers
    if (mime.starts_with("image/"))
        return file::as::image;
    if (mime.starts_with("audio/"))
        return file::as::audio;
    if (mime.starts_with("video/"))
        return file::as::video;
    return file::as::file;
}

file file_of_url(std::string_view url)
{
    const auto path = url.substr(0, url.find_first_of("?#"));
    const auto host = path.find("://");
    const auto slash = path.rfind('/');
    std::string name;
    if (slash != std::string_view::npos && slash > host + 2)
        name = plain_name(percent_decoded(path.substr(slash + 1)));
    if (name.empty())
        name = "file";
    const auto mime = mime_of_name(name);
    file out{std::move(name), std::string{mime}, media_id{}};
    out.url = url;
    out.shown = shown_as(mime);
    return out;
}

std::vector<file> read_files(const node& message, std::string& body)
{
    std::vector<file> out;
    for (const auto* x = message.child("x", ns::oob); x != nullptr; x = x->sibling("x", ns::oob))
        if (const auto* url = x->child("url"))
            add_file(trimmed(url->content()), body, out);
    if (out.empty())
        add_file(shared_at(message), body, out);
    if (out.empty())
        add_file(referred_at(message), body, out);
    if (out.size() == 1)
        describe(described(message), out.front());
    return out;
}

}  // namespace rialto::xmpp
