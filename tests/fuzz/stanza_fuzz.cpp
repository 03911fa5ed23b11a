// What a server may send (the first byte chooses how it is cut): no crash, no stanza beyond the limits, the
// same stanzas however the bytes arrive, and what we write of a stanza reads back as that stanza.
#include "bridges/xmpp/stanza_error.hpp"
#include "bridges/xmpp/xml_stream.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace {

using namespace rialto::xmpp;

void require(bool holds)
{
    if (!holds)
        std::abort();
}

constexpr std::string_view header =
    "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='1'>";

stream_limits small_limits()
{
    stream_limits limits;
    limits.depth = 8;
    limits.bytes = 2000;
    limits.nodes = 40;
    return limits;
}

std::vector<std::string> stanzas_of(std::string_view bytes, std::size_t piece, bool with_header)
{
    std::vector<std::string> seen;
    stream_handlers on;
    on.on_stanza = [&](const node& n) {
        const owned_tree copy{n};
        seen.push_back(to_string(copy.root(), stream_ns));
        require(seen.back() == to_string(n, stream_ns));
        if (const auto e = error_of(n)) {
            std::string out;
            element message{out, "message"};
            append_error(message, *e);
        }
    };
    on.wanted = [](const start_tag& tag) { return tag.attr("drop") != "1"; };
    xml_stream stream{std::move(on), small_limits()};
    if (with_header)
        require(stream.feed(header));
    while (!bytes.empty() && stream.feed(bytes.substr(0, piece)))
        bytes.remove_prefix(std::min(piece, bytes.size()));
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0 || size > 65536)
        return 0;
    const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
    const bool with_header = (data[0] & 1) == 0;
    const auto whole = stanzas_of(bytes, bytes.size(), with_header);
    require(stanzas_of(bytes, 1 + (data[0] >> 1), with_header) == whole);
    for (const auto& stanza : whole) {
        const auto again = stanzas_of(stanza, stanza.size(), true);
        require(
            again.size() <= 1 && (again.empty() || again.front() == stanza)
        );  // empty: longer now than the limit
    }
    std::string text;
    {
        element body{text, "body"};
        body("id", bytes.substr(0, 100)).text(bytes.substr(0, 100));
    }
    require(stanzas_of(text, text.size(), true).size() == 1);
    return 0;
}
