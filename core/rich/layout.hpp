// core/rich/layout.hpp: what plain text and XEP-0393 have in common: blocks set as lines, with "> " before
// what is quoted and "- " or "1. " before list items. How the words of a line look is the heir's. Internal to
// core/rich.
#pragma once

#include "core/document.hpp"

namespace rialto::rich {

inline constexpr int deepest_quote =
    16;  // a deeper one is shown as if at this depth: each level costs 2 bytes a line

// Their words alone.
std::string text_of(const std::vector<run>& runs);

// Runs as they stand in a text without links, mentions and spoilers: these become words of their own.
std::vector<run> spelled_out(const std::vector<run>& runs);

class layout
{
    std::string out_;
    std::string first_, rest_,
        margin_;  // before the next line; before those after it; without the lists' share
    int depth_ = 0, quotes_ = 0;

public:
    virtual ~layout() = default;
    std::string set(const document& d);

protected:
    virtual std::string words(const block& b) const = 0;  // of a paragraph or heading
    virtual std::string code(const block& b) const = 0;
    // Quotes and code have to begin at the margin, even within a list.
    virtual bool at_margin() const = 0;

private:
    void all(const std::vector<block>& blocks);
    void one(const block& b);
    void list(const block& b);
    void to_margin();
    void quote(const block& b);
    void emit(std::string_view lines);
    void line(std::string_view text);
};

}  // namespace rialto::rich
