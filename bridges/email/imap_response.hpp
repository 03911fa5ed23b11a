// bridges/email/imap_response.hpp: what an IMAP server says (RFC 3501 §7, §9), one response at a time,
// however its bytes arrive. What stands in a literal is a value and nothing else: no mail can speak for the
// server. No I/O; pure. Bounded by imap_limits: what is larger, or no IMAP, is broken(), and nothing more is
// read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rialto::email {

struct imap_limits
{
    std::uint64_t literals = 64 * 1024 * 1024;  // bytes of all in one response
    std::size_t line = 64 * 1024;               // bytes of a response without them
    std::size_t depth = 20, values = 10'000;
};

struct imap_value
{
    enum class is
    {
        nil,
        atom,  // also numbers, flags and BODY[…]
        text,  // quoted, or a literal
        list
    };
    is what = is::nil;
    std::string text;
    std::vector<imap_value> items;
    imap_value() = default;
    imap_value(is w, std::string t) : what{w}, text{std::move(t)} {}
    bool operator==(const imap_value&) const = default;

    std::optional<std::uint64_t> number() const;  // of an atom
    // Of a list of names and values, what stands behind the first name that begins so (capital letters).
    const imap_value* behind(std::string_view name) const;
};

struct imap_response
{
    enum class of
    {
        tagged,
        untagged,
        go_on  // "+"
    };
    of is = of::untagged;
    std::string tag;
    std::optional<std::uint32_t> number;  // * 3 EXISTS
    std::string name;                     // capital letters: OK, BYE, EXISTS, FETCH …
    std::string code, code_value;         // [UIDNEXT 7], the name in capital letters
    std::string text;                     // for a human
    std::vector<imap_value> values;       // of all but OK, NO, BAD, BYE, PREAUTH and "+"
    imap_response() = default;
    bool operator==(const imap_response&) const = default;
};

class imap_reader
{
public:
    explicit imap_reader(imap_limits limits = {}) : limits_{limits} {}

    void feed(std::string_view bytes);
    std::optional<imap_response> next();                            // nullopt: it takes more bytes
    const std::string& broken() const noexcept { return broken_; }  // "": it is not

private:
    bool take_literal();
    std::optional<imap_response> finish();
    void fail(std::string why);

    imap_limits limits_;
    std::string in_, broken_;
    // The response in hand: its lines, without the announcements of the literals between them.
    std::vector<std::string> lines_, literals_;
    std::uint64_t left_ = 0, literal_bytes_ = 0;
    std::size_t line_bytes_ = 0, looked_ = 0;
};

// A mailbox name as IMAP4rev1 writes it (§5.1.3, modified UTF-7), and any text as a quoted string (§4.3; CR,
// LF and NUL left out).
std::string imap_mailbox(std::string_view utf8);
std::string imap_quoted(std::string_view text);

}  // namespace rialto::email
