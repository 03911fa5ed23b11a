#include "core/document.hpp"

#include "core/rich/plain.hpp"

#include <algorithm>

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

std::string document::plain() const { return rich::to_plain(*this); }

void append(std::vector<run>& runs, run next)
{
    if (next.text.empty())
        return;
    if (!runs.empty() && runs.back().looks_like(next))
        runs.back().text += next.text;
    else
        runs.push_back(std::move(next));
}

bool is_language(std::string_view s)
{
    return s.size() <= 32 && std::all_of(s.begin(), s.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '+' || c == '-' || c == '#' || c == '.' || c == '_';
           });
}

}  // namespace rialto
