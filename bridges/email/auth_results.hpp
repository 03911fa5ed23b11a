// bridges/email/auth_results.hpp: is the author who From names really the author? Answered by the
// Authentication-Results (RFC 8601) of the server that is configured; those of all others are nobody's word.
// Pure; any thread. Bounded by the header limits of mime_guard.hpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rialto::email {

enum class verdict_on_author
{
    genuine,  // DMARC passed, or SPF or DKIM passed for the domain of From
    unknown,  // nobody we trust has looked
    forged,   // DMARC failed
};

// `headers`: the values of all Authentication-Results, topmost first. `from_domain`: of the one From address.
// `trusted`: the authserv-id; "" trusts none.
verdict_on_author judge_author(
    const std::vector<std::string>& headers, std::string_view trusted, std::string_view from_domain
);

// Is one of them the other or above it, not a whole top-level domain (RFC 7489 §3.1, relaxed, as far as can
// be told without the public suffix list: at least two labels in common).
bool aligned(std::string_view a, std::string_view b);

}  // namespace rialto::email
