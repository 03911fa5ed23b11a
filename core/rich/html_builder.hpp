// core/rich/html_builder.hpp: builds a document from tags and text in the order of the source. It knows what
// each tag means and keeps no more than a document can hold; it takes unbalanced and misplaced tags. Internal
// to core/rich.
#pragma once

#include "core/rich/html.hpp"

#include <span>

namespace rialto::rich {

struct html_attribute
{
    std::string_view name, value;
};
using html_attributes = std::span<const html_attribute>;

class html_builder
{
public:
    html_builder(dialect from, html_limits limits) : dialect_{from}, limits_{limits}
    {
        blocks_.emplace_back();
    }

    void open(std::string_view tag, html_attributes attributes);  // lower case
    void close(std::string_view tag);
    void text(std::string_view utf8);
    bool too_much() const noexcept
    {
        return too_much_;
    }  // nothing more is taken, what was built is of no use
    document finish();

private:
    struct frame  // an open element, and what to return to at its end
    {
        std::string tag;
        run look;
        bool hidden, container;
        block::is leaf;
        std::uint32_t level;
        frame(std::string_view t, const run& l, bool h, block::is k, std::uint32_t v)
            : tag{t}, look{l}, hidden{h}, container{false}, leaf{k}, level{v}
        {
        }
    };

    bool open_block(std::string_view tag, html_attributes attributes);
    void open_inline(std::string_view tag, html_attributes attributes);
    void link_to(std::string_view uri);
    void spoil(std::string_view reason);
    void apply_style(std::string_view style);
    void container(block::is kind, std::uint32_t level = 0);
    void leave();       // the innermost element
    void soft_break();  // a new line, unless at the beginning of one
    void say(std::string_view words);
    void verbatim(std::string_view words);
    void flush();  // what was said becomes a block
    void add(block b);

    dialect dialect_;
    html_limits limits_;
    std::size_t tags_ = 0;
    bool too_much_ = false;
    std::vector<frame> frames_;
    std::vector<block> blocks_;  // the open containers; at the bottom one that stands for the document
    // The block in the making:
    block::is leaf_ = block::is::paragraph;
    std::uint32_t level_ = 0;
    std::string language_;
    std::vector<run> runs_;
    run look_;            // of what is said next; its text is empty
    run blank_;           // collapsed white space that is said before the next word, in its own look
    bool break_ = false;  // a soft break that happens before the next word
    bool hidden_ = false, after_pre_ = false;
};

}  // namespace rialto::rich
