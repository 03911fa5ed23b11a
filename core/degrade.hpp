// core/degrade.hpp: turns what a far side cannot carry into what it can, so that no backend has fallbacks of
// its own: an edit becomes a corrected message, a reply a quotation, a reaction a line, a file a link, a long
// text several. Pure, any thread. Errors: unsupported (nothing that the far side has would say it) or
// give_up/too_large; both with a sentence for the author. Sizes in bytes.
#pragma once

#include "core/event.hpp"

namespace rialto {

struct standing  // how things stand over there: what abilities alone do not tell
{
    bool latest = true;  // an edit's target is the last message of its author (abilities::old_edits)
    std::vector<std::string>
        had;  // the reactions of this person on that message, as the far side has them by now
    standing() = default;
};

// The events to deliver instead, in order; none when there is nothing to say (a hint the far side has no word
// for). The first keeps the id, the others are called <id>/2, <id>/3 … A reference without an id is one the
// far side does not know: it is treated as if there were no such ability.
result<std::vector<event>> degrade(event e, const abilities& able, const standing& now = standing{});

// The files that will go as links: the caller fills their `url` before degrade() (media_store::link).
std::vector<file*> files_to_link(event& e, const abilities& able);

inline constexpr std::size_t most_parts = 32;  // a text that needs more is refused

}  // namespace rialto
