// core/text.hpp: UTF-8 from strangers made harmless, and cut where a reader would cut it. Everything that
// comes in from a network passes here before it is kept, shown or sent. Pure functions, any thread, no
// errors: what is bad is replaced, never refused. Sizes are bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rialto::text {

// One code point, decoded strictly (no overlong forms, no surrogates, nothing above U+10FFFF).
struct code_point
{
    char32_t value;      // U+FFFD for a malformed sequence
    std::size_t length;  // bytes it took; of a malformed one, its longest prefix that could have become valid
    bool valid;
};
code_point decode(std::string_view s);  // REQUIRES: s is not empty
void append(std::string& out, char32_t c);

bool is_utf8(std::string_view s);
std::string to_utf8(std::string_view s);  // malformed sequences become U+FFFD

// What any XML 1.0 parser takes (§2.2): bad UTF-8, NUL, C0 but tab and line feed, U+FFFE and U+FFFF become
// U+FFFD; CR LF and CR become LF, as a parser would make them.
std::string xml_safe(std::string_view s);

bool is_space(char32_t c);         // Unicode White_Space
bool is_bidi_control(char32_t c);  // marks, embeddings, overrides and isolates (UAX #9)

// For names: a name may not turn round the text after it.
std::string without_bidi(std::string_view s);
// For bodies: right-to-left writing stays as it is, but on each line what was opened is closed again and what
// closes nothing is dropped, so that it cannot reach beyond its own line.
std::string isolate(std::string_view s);

// A name fit to stand within a sentence or a list: xml_safe, no control or format character that acts on its
// surroundings, one line, single spaces, at most `most` bytes. "" when nothing visible is left.
std::string one_line(std::string_view name, std::size_t most = 255);

// The longest prefix of at most `most` bytes that ends at a code point border.
std::string_view prefix(std::string_view s, std::size_t most);
// The same with "…" at the end when something was cut off; the whole is at most `most` bytes (and at least
// the "…").
std::string shortened(std::string_view s, std::size_t most);

// Where to break `s` so that the first part has at most `most` bytes: after a line end if there is one in its
// second half, else after a space, else at a code point border. s.size() when it fits; never 0 unless s is
// empty.
std::size_t break_before(std::string_view s, std::size_t most);
// The parts, without the line end or the spaces they were broken at.
std::vector<std::string> split(std::string_view s, std::size_t most);

std::vector<std::string_view> lines(std::string_view s);  // at LF; "a\n" is "a" and ""

// The word before the next blank; `rest` is what is behind that blank. Blanks before the word are passed
// over.
std::string_view next_word(std::string_view& rest);

std::optional<std::uint64_t> read_number(std::string_view digits);  // nothing else; at most 18

}  // namespace rialto::text
