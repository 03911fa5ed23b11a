#include "core/document.hpp"

namespace rialto {

document::document(std::string_view plain)
{
    if (plain.empty())
        return;
    blocks.emplace_back();
    blocks.back().runs.emplace_back(std::string{plain});
}

bool document::is_plain() const noexcept
{
    for (const auto& b : blocks) {
        if (b.kind != block::is::paragraph)
            return false;
        for (const auto& r : b.runs)
            if (r.marks != 0 || !r.link.empty() || !r.mention.empty())
                return false;
    }
    return true;
}

std::string document::plain() const  // replaced by core/rich
{
    std::string out;
    for (const auto& b : blocks)
        for (const auto& r : b.runs)
            out += r.text;
    return out;
}

}  // namespace rialto
