#include "core/rich/plain.hpp"

#include "core/rich/layout.hpp"
#include "core/text.hpp"

namespace rialto::rich {

namespace {

class plain_layout final : public layout
{
    std::string words(const block& b) const override { return text_of(spelled_out(b.runs)); }
    std::string code(const block& b) const override { return text_of(b.runs); }
    bool at_margin() const override { return false; }
};

}  // namespace

std::string to_plain(const document& d) { return plain_layout{}.set(d); }

document from_plain(std::string_view text) { return document{text::isolate(text::xml_safe(text))}; }

}  // namespace rialto::rich
