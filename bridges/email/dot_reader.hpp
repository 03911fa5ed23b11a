// bridges/email/dot_reader.hpp: the text after DATA (RFC 5321 §4.1.1.4, §4.5.2): ends at exactly
// CRLF "." CRLF; the dot that the sender put before a line's own dot is taken away. A bare CR or LF ends no
// line, so that nobody can smuggle a second mail past us. Pure.
#pragma once

#include <string>
#include <string_view>

namespace rialto::email {

class dot_reader
{
    // What was seen last, not yet given out where it may belong to the end.
    enum class at
    {
        text,
        cr,
        line,
        dot,
        dot_cr,
        end
    };
    at at_ = at::line;  // an empty mail is "." CRLF at once

public:
    // Takes bytes from the front of `in` and appends content to `out`, until the end or until `in` is empty.
    void feed(std::string_view& in, std::string& out);
    bool ended() const noexcept { return at_ == at::end; }
};

}  // namespace rialto::email
