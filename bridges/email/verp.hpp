// bridges/email/verp.hpp: the envelope sender of each mail we send: `b+<id>.<mac>@domain` (VERP and BATV in
// one). Whatever comes back to it, however broken, belongs to that mail; what nobody but us can have signed
// is no backscatter. The id is that of the mail and its recipient's place in it. Pure; any thread.
#pragma once

#include "bridges/email/address.hpp"

namespace rialto::email {

// `id`: [a-z0-9-], at most 40 letters.
address return_path(std::string_view id, std::string_view domain, std::string_view secret);

// The id; nullopt: nothing that we signed.
std::optional<std::string> signed_id(const address& a, std::string_view secret);

bool looks_signed(const address& a);  // it claims to be one

}  // namespace rialto::email
