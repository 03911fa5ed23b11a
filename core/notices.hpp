// core/notices.hpp: the sentences that tell people what did not arrive: the reason first, then what it was
// and where it should have gone, then what can be done about it. Pure.
#pragma once

#include "core/portals.hpp"

namespace rialto {

// The far person of a chat, else the far room.
std::string far_end(const portal& p);
std::string far_person(const portal& p);  // of a chat; "" when it is none, or is not known

// "banned - this message was not delivered to xmpp (orchard@muc). `!rialto queue retry 17` tries it again."
// `count`: how many in a row shared that fate; `letter`: the first of them, 0: there is nothing to try again.
std::string undelivered(
    const portal& p, std::string_view kind, const failure& why, std::size_t count = 1, position letter = 0
);

// Of a dead letter, as it was written down.
failure reason_of(const item& dead);

}  // namespace rialto
