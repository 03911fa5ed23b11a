// tests/fakes/hs/ephemeral.hpp: typing and receipts as they stand, for /sync.
#pragma once

#include "tests/fakes/hs/world.hpp"

namespace rialto::fakes::hs {

bool has_ephemeral(const room& r, std::int64_t since);
std::string ephemeral_of(const room& r, std::int64_t since);  // events, with commas between; without room ids

}  // namespace rialto::fakes::hs
