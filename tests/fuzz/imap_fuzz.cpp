// What an IMAP server may say (the first byte chooses the pieces): no crash, nothing beyond the limits, the
// same responses however the bytes arrive, and all of them from the server's own lines.
#include "bridges/email/imap_response.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace rialto::email;

void require(bool holds)
{
    if (!holds)
        std::abort();
}

std::size_t bytes_in(const std::vector<imap_value>& all, std::size_t depth, std::size_t most)
{
    require(depth <= most);
    std::size_t n = 0;
    for (const auto& v : all) {
        require(v.items.empty() || v.what == imap_value::is::list);
        n += v.text.size() + bytes_in(v.items, depth + 1, most);
    }
    return n;
}

struct told
{
    std::vector<imap_response> all;
    std::string broken;
    bool operator==(const told&) const = default;
};

told read(std::string_view bytes, std::size_t piece)
{
    imap_limits limits;
    limits.literals = 400;
    limits.line = 300;
    limits.depth = 5;
    limits.values = 50;
    imap_reader one{limits};
    told out;
    while (!bytes.empty()) {
        one.feed(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
        while (auto r = one.next()) {
            require(bytes_in(r->values, 0, limits.depth) <= limits.literals + limits.line);
            require(r->is != imap_response::of::tagged || !r->tag.empty());
            out.all.push_back(std::move(*r));
        }
    }
    out.broken = one.broken();
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0 || size > 8192)
        return 0;
    const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
    require(read(bytes, bytes.size()) == read(bytes, 1 + (data[0] & 31)));
    // Whatever a mail holds, it is one value, and what follows is the server's.
    if (bytes.size() > 300)
        return 0;
    const auto mail = read(
        "* 1 FETCH (BODY[] {" + std::to_string(bytes.size()) + "}\r\n" + std::string{bytes} +
            " UID 7)\r\na1 OK\r\n",
        1 + (data[0] & 31)
    );
    require(mail.broken.empty() && mail.all.size() == 2);
    const auto& list = mail.all[0].values.at(0);
    require(list.items.at(1).text == bytes && list.behind("UID")->number() == 7u && mail.all[1].tag == "a1");
    return 0;
}
