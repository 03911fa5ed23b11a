// XEP-0393 of strangers; and text that was never meant as styling, written among things that are.
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

std::uint8_t marks_in(const std::vector<block>& blocks)
{
    std::uint8_t all = 0;
    for (const auto& b : blocks) {
        for (const auto& r : b.runs)
            all |= r.marks;
        all |= marks_in(b.inside);
    }
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    const auto d = rich::from_styling(input);
    const auto safe = text::isolate(text::xml_safe(input));
    if (d.is_plain() && safe.find("\xE2\x81\xA0") == safe.npos)
        require(d.plain() == safe);  // without styling not a letter changes
    (void)rich::to_html(d);
    require(!rich::from_styling(rich::to_styling(d).text).empty() || d.empty());

    // Plain words beside something underlined (which styling cannot say): none of them may become styled.
    std::vector<run> runs;
    append(runs, run{safe});
    append(runs, run{"u", mark::underline});
    const document literal{std::vector<block>{block{block::is::paragraph, runs}}};
    const auto read = rich::from_styling(rich::to_styling(literal).text);
    require(marks_in(read.blocks) == 0);
    for (const auto& b : read.blocks)
        require(b.kind == block::is::paragraph);
    return 0;
}
