// core/document.hpp: rich text as a document of blocks and runs, so that each format (Matrix HTML, plain
// text, XEP-0393, XHTML-IM, mail HTML) needs one reader and one writer and the sanitising is done once.
// Values only; pure functions. Parsers and renderers: core/rich/.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rialto {

namespace mark {
inline constexpr std::uint8_t bold = 1, italic = 2, strike = 4, underline = 8, code = 16, spoiler = 32;
}

// Text of one look. May hold '\n' (a line break inside its block).
struct run
{
    std::string text;
    std::uint8_t marks = 0;
    std::string link;     // "" or an http, https, mailto, xmpp or matrix URI
    std::string mention;  // "" or the id of who is meant, as user_id or mxid (the core translates)

    run() = default;
    explicit run(std::string t, std::uint8_t m = 0) : text{std::move(t)}, marks{m} {}
    bool looks_like(const run& other) const noexcept
    {
        return marks == other.marks && link == other.link && mention == other.mention;
    }
    bool operator==(const run&) const = default;
};

// Adds at the end, joined with the last run when it looks the same: equal sights are then equal values.
void append(std::vector<run>& runs, run next);

struct block
{
    enum class is : std::uint8_t
    {
        paragraph,  // runs
        heading,    // runs, level 1..6
        code,       // runs without marks, language
        quote,      // inside
        bullets,    // inside: items
        numbers,    // inside: items; level is the first number
        item,       // inside
        rule,       // nothing
    };
    is kind = is::paragraph;
    std::uint32_t level = 0;
    std::string language;
    std::vector<run> runs;
    std::vector<block> inside;

    block() = default;
    explicit block(is k) : kind{k} {}
    block(is k, std::vector<run> r) : kind{k}, runs{std::move(r)} {}
    block(is k, std::vector<block> b) : kind{k}, inside{std::move(b)} {}
    bool operator==(const block&) const = default;
};

// What may stand in block::language, also "".
bool is_language(std::string_view s);

inline constexpr int deepest_reading = 100;  // readers make nothing deeper, writers look no deeper

struct document
{
    std::vector<block> blocks;

    document() = default;
    explicit document(std::vector<block> b) : blocks{std::move(b)} {}
    explicit document(std::string_view plain);  // one paragraph, line breaks kept
    bool empty() const noexcept { return blocks.empty(); }
    bool is_plain() const noexcept;  // nothing that plain text cannot say
    std::string plain() const;       // what a reader without formatting sees (core/rich/plain.hpp)
    bool operator==(const document&) const = default;
};

}  // namespace rialto
