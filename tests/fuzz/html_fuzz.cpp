// HTML of strangers, in each dialect (the first byte chooses). Whatever it is: no crash, and what comes out
// is harmless, stable, and readable by our own readers.
#include "core/rich/html.hpp"
#include "core/rich/plain.hpp"
#include "core/rich/styling.hpp"
#include "core/text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace rialto;

void require(bool holds)
{
    if (!holds)
        std::abort();
}

void check(const std::vector<block>& blocks, int depth)
{
    require(depth <= deepest_reading);
    for (const auto& b : blocks) {
        require(is_language(b.language));
        for (const auto& r : b.runs) {
            require(!r.text.empty() && text::xml_safe(r.text) == r.text);
            require(r.link.empty() || rich::is_link(r.link));
            require(r.mention.empty() || r.mention.starts_with('@'));
            require(b.kind != block::is::code || (r.marks == 0 && r.link.empty() && r.mention.empty()));
        }
        check(b.inside, depth + 1);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const std::string_view html{reinterpret_cast<const char*>(data + 1), size - 1};
    const auto from = static_cast<rich::dialect>(data[0] % 3);
    const auto d = rich::from_html(html, from);
    if (!d)
        return 0;
    check(d->blocks, 0);
    const auto plain = rich::to_plain(*d);
    require(text::xml_safe(plain) == plain);
    const auto styled = rich::to_styling(*d).text;
    require(text::xml_safe(styled) == styled);
    check(rich::from_styling(styled).blocks, 0);
    // Our own HTML says all that the document says: written and read once more it stays as it is.
    const auto again = rich::from_html(rich::to_html(*d), rich::dialect::matrix, {1u << 26, 1u << 22, 200});
    require(again.has_value());
    const auto third =
        rich::from_html(rich::to_html(*again), rich::dialect::matrix, {1u << 26, 1u << 22, 200});
    require(third == again);
    return 0;
}
