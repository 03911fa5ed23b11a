// bridges/email/source.hpp: what is kept of a mail for whoever wants to see where it came from: its header,
// not its text. In a fixed number of places, so that it never grows: a newer mail takes an older one's.
// Pure; any thread.
#pragma once

#include "core/event.hpp"

#include <string>
#include <string_view>

namespace rialto::email {

inline constexpr std::size_t most_header = 16 * 1024, kept_headers = 5000;

// Without who got it by Bcc.
std::string header_of(std::string_view raw);

// A note of the core. `far`: of any message that the mail became.
struct source_note
{
    std::string key, name;
    source_note(const portal_id& portal, const message_id& far);
    std::string value(std::string_view header) const { return name + "\n" + std::string{header}; }
    std::string read(std::string_view value) const;  // "": another mail's
};

}  // namespace rialto::email
