// core/journal.hpp: events and rooms as JSON text, for the journal on disk (`item::payload`,
// `portal_row::state`). What is written today must be readable after an upgrade: enums are words, what has
// its default value is left out, and a key that is not known is an error, because it could be something that
// must not be lost. Pure functions of any thread. Nothing throws: what cannot be read is a failure (give_up,
// malformed).
#pragma once

#include "core/event.hpp"

#include <string>
#include <string_view>

namespace rialto {

// Blocks inside blocks, deeper than any reader of ours makes them. What lies deeper is written as runs of the
// block at this depth; on reading it is refused.
inline constexpr int deepest_block = 100;

std::string to_payload(const event& e);
result<event> from_payload(std::string_view text);

std::string to_state(const room& r);
result<room> from_state(std::string_view text);

}  // namespace rialto
