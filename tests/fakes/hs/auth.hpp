// tests/fakes/hs/auth.hpp: may this event be sent? The authorisation rules of room versions 11 and 12 as far
// as a bridge can meet them. Plain functions over a room as it stands.
#pragma once

#include "tests/fakes/hs/world.hpp"

namespace rialto::fakes::hs {

// "": yes; else Synapse's reason, for a 403 M_FORBIDDEN.
std::string why_not(const room& r, const event& e);
std::int64_t power_of(const room& r, const std::string& user);
std::int64_t power_needed(const room& r, const std::string& type, bool state);
bool may_redact(const room& r, const std::string& user, const event& target);

}  // namespace rialto::fakes::hs
