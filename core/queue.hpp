// core/queue.hpp: what waits and what died, for whoever runs the bridge (`rialto queue`) and for the people
// of a room (`!rialto queue`). States and promises: docs/QUEUE.md. No bodies unless they are asked for. One
// io_context thread; values only.
#pragma once

#include "core/store.hpp"

#include <string>
#include <vector>

namespace rialto {

struct place  // a portal, as people call it
{
    portal_key portal = 0;
    std::string network, far_room, matrix_room;  // all "" when it is unbridged

    place() = default;
};

struct queued_lane  // one that has something waiting
{
    place of;
    way bound = way::to_far;
    std::string recipient;  // of a side lane
    std::size_t waiting = 0;
    position head = 0;
    std::int64_t oldest_ms = 0, again_ms = 0;  // taken at; tried again at, 0: as soon as it can be
    std::uint32_t tries = 0;                   // of the head
    bool sending = false, link_up = true;
    bool certain = true;  // false: the head may have arrived already
    std::string why;      // what the last try met

    queued_lane() = default;
};

struct letter
{
    place of;
    position seq = 0;
    way bound = way::to_far;
    stage now = stage::dead;
    std::string author, kind, why;
    std::string id;  // at its origin
    std::int64_t taken_ms = 0;
    std::uint32_t tries = 0;
    bool certain = true;
    std::string body;  // "" unless it was asked for

    letter() = default;
};

struct queue_view
{
    std::vector<queued_lane> lanes;  // the oldest first
    std::vector<letter> dead;        // the oldest first
    bool more_dead = false;          // than are listed

    queue_view() = default;
};

class queue_keeper
{
public:
    static constexpr std::size_t most_listed = 500;

    virtual ~queue_keeper() = default;
    virtual awaitable<result<queue_view>> list(std::string matrix_room) = 0;  // "": of all
    virtual awaitable<result<letter>> show(position seq, bool with_body) = 0;
    // Dead letters go to the ends of their lanes, in their order; what waits for its next try is tried now.
    // How many went.
    virtual awaitable<result<std::size_t>> retry(std::vector<position> some) = 0;
    // A letter that waits dies and its author is told; a dead one, whose author was told, is forgotten.
    virtual awaitable<outcome> drop(position seq, std::string by) = 0;
};

letter letter_of(const item& it, place of, bool with_body);

}  // namespace rialto
