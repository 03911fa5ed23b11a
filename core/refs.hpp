// core/refs.hpp: the places in a happening where it speaks of messages and of people, so that one walk can
// translate them between the Matrix side and a network. Also: what to do with an event at the head of its
// lane whose target is in such or such a state. Pure.
#pragma once

#include "core/store.hpp"

#include <functional>

namespace rialto {

void each_reference(happening& what, const std::function<void(reference&)>& see);
void each_person(happening& what, const std::function<void(user_id&)>& see);  // mentions and membership.whom

const reference* target_of(const happening& what);  // of an edit, retraction, reaction or receipt; else null

enum class fitness
{
    go,      // the target is known over there
    wait,    // the target is still on its way: it decides first
    moot,    // nothing to do: the target never arrived, is unknown, or is not to go any more
    as_new,  // an edit whose target is unknown over there: say it as a message of its own
    refill,  // an edit of a dead letter: replaces the text an admin may replay
};
// promise.md §9 Q5. `asks`: the item of `what`; `known`: that of its target, if any.
fitness judge(const happening& what, const item& asks, const std::optional<item>& known);

// Both wait in one lane and the target is behind: the homeserver told of them in this order, or an admin sent
// the target once more. To wait for it would be for ever.
bool overtook(const item& asks, const item& target);

// Said so long ago that it is delivered with its own time: more than five minutes.
bool is_late(timestamp said, std::int64_t now_ms);

// Only these get their author a notice when they cannot be carried; the rest is state.
bool is_said(const happening& what);
std::string_view kind_name(const happening& what);  // "message", "edit" ...: for notices and logs

}  // namespace rialto
