#include "appservice/media_answer.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace rialto::matrix {

namespace {
std::optional<std::uint64_t> whole_number(std::string_view text)
{
    std::uint64_t n = 0;
    const auto got = std::from_chars(text.data(), text.data() + text.size(), n);
    if (text.empty() || got.ec != std::errc{} || got.ptr != text.data() + text.size())
        return std::nullopt;
    return n;
}

// RFC 6266 with RFC 8187: the name in UTF-8, and in ASCII for those who know no better.
std::string disposition(std::string_view how, std::string_view name)
{
    std::string ascii;
    for (const char c : name)
        ascii += c >= 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '%' ? c : '_';
    return std::string{how} + "; filename=\"" + ascii + "\"; filename*=UTF-8''" + net::percent_encoded(name);
}

void guard(http::response& said)
{
    said.headers.emplace_back("X-Content-Type-Options", "nosniff");
    said.headers.emplace_back("Content-Security-Policy", "sandbox; default-src 'none'");
    said.headers.emplace_back("Referrer-Policy", "no-referrer");
    said.headers.emplace_back("X-Robots-Tag", "noindex");
    said.headers.emplace_back(
        "Access-Control-Allow-Origin", "*"
    );  // clients that are web pages; no cookies here
}
}  // namespace

byte_range range_of(std::string_view header, std::uint64_t size)
{
    byte_range out;
    out.length = size;
    constexpr std::string_view unit = "bytes=";
    if (!header.starts_with(unit))
        return out;
    header.remove_prefix(unit.size());
    const auto dash = header.find('-');
    if (dash == header.npos)
        return out;
    const auto from = whole_number(header.substr(0, dash)), to = whole_number(header.substr(dash + 1));
    const bool no_end = dash + 1 == header.size();
    if (dash == 0 && to) {  // the last so many
        out.what = *to == 0 || size == 0 ? byte_range::is::beyond : byte_range::is::part;
        out.length = std::min(*to, size);
        out.first = size - out.length;
    } else if (from && (to || no_end) && (no_end || *to >= *from)) {
        out.what = *from >= size ? byte_range::is::beyond : byte_range::is::part;
        out.first = std::min(*from, size);
        out.length = (no_end ? size : std::min(size, *to + (*to < size ? 1 : 0))) - out.first;
    }
    return out;
}

http::response media_answer(
    std::shared_ptr<const net::body_source> bytes, const sniffed_kind& kind, std::string_view name,
    std::string_view range
)
{
    http::response out;
    guard(out);
    const auto size = bytes->size();
    const auto part = range_of(range, size);
    if (part.what == byte_range::is::beyond) {
        out.status = 416;
        out.body.clear();
        out.headers.emplace_back("Content-Range", "bytes */" + std::to_string(size));
        return out;
    }
    const bool shown = kind.shown != file::as::file;
    // A page stays text even for who ignores the disposition.
    out.content_type = kind.mime == "text/html" ? "text/plain; charset=utf-8" : std::string{kind.mime};
    out.headers.emplace_back("Content-Disposition", disposition(shown ? "inline" : "attachment", name));
    out.headers.emplace_back("Accept-Ranges", "bytes");
    out.headers.emplace_back("Cache-Control", "private, max-age=300");  // a link that was revoked ends soon
    if (part.what == byte_range::is::part) {
        out.status = 206;
        out.headers.emplace_back(
            "Content-Range", "bytes " + std::to_string(part.first) + "-" +
                                 std::to_string(part.first + part.length - 1) + "/" + std::to_string(size)
        );
    }
    out.file = std::move(bytes);
    out.first = part.first;
    out.length = part.length;
    return out;
}

http::response media_refusal(const failure& why)
{
    http::response out;
    guard(out);
    out.content_type = "text/plain; charset=utf-8";
    out.headers.emplace_back("Cache-Control", "no-store");
    out.status = 404;
    out.body = "There is no such file here.\n";
    if (why.kind == cause::away && why.next == verdict::give_up) {
        out.status = 410;
        out.body = "This link has ended. Ask who sent the file to send it again.\n";
    } else if (why.kind == cause::too_many && why.next == verdict::try_later) {
        out.status = 429;
        out.body = "Too many requests: try again in a moment.\n";
        out.headers.emplace_back("Retry-After", "5");
    } else if (why.next == verdict::try_later) {
        out.status = 503;
        out.body = "The file cannot be reached now: try again later.\n";
        out.headers.emplace_back("Retry-After", "30");
    } else if (why.kind == cause::too_large) {
        out.status = 404;
        out.body = "The file is larger than this bridge passes on.\n";
    }
    return out;
}

}  // namespace rialto::matrix
