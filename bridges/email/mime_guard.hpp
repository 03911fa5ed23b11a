// bridges/email/mime_guard.hpp: what a MIME parser must not be given, and text in whatever charset as UTF-8.
// Pure; any thread; linear.
#pragma once

#include "core/result.hpp"

#include <string>
#include <string_view>

namespace rialto::email {

struct guard_limits
{
    std::size_t header = 256 * 1024, field = 64 * 1024;  // bytes; of all of the first header, of one field
    std::size_t colons = 200;  // of one address field: GMime takes each for a group in the group before
    std::size_t separators = 200'000;  // lines that may begin a part
};

// The mail, with endless fields cut short, also those of mails in it. Refused (give_up): a header or a number
// of parts that no honest mail has.
result<std::string> guarded(std::string raw, const guard_limits& limits = {});

// COMPAT: clients that name no charset, or a wrong one. What is valid UTF-8 is that; else what is declared if
// it is known; else Windows-1252, as browsers do.
std::string to_utf8(std::string_view bytes, std::string_view charset);

// RFC 3676: soft line breaks taken out, space-stuffing undone.
std::string unflowed(std::string_view text, bool delsp);

}  // namespace rialto::email
