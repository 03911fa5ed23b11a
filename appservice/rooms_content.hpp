// appservice/rooms_content.hpp: what a bridged room is made with, and what its state says (CS-API "Room
// events", MSC2346 for the bridge's own state). Pure; any thread.
#pragma once

#include "appservice/matrix_event.hpp"

namespace rialto::matrix {

struct room_version
{
    std::string name;              // "": the homeserver's default
    bool creator_in_users = true;  // version 12: the creator has all power and must not be listed

    room_version() = default;
    room_version(std::string n, bool c) : name{std::move(n)}, creator_in_users{c} {}
};

// 11 where it is to be had (in version 12 the power of who made a room cannot be taken away again), else the
// newest before it, else 12.
room_version choose_version(const json& capabilities);

// The body of createRoom. The bot has all power, ghosts none; who is invited to a direct room has the bot's.
std::string creation_content(const room_plan& plan, const std::string& bot, const room_version& version);

// m.bridge and uk.half-shot.bridge have the same content and state key.
std::string bridge_state_key(const room_plan& plan);
json bridge_content(const room_plan& plan, const std::string& bot);

profile read_profile(const json& answer);  // of GET /profile/{userId}
near_room read_room(const json& state);    // the array of all state events

// The power of whom, by an m.room.power_levels content (or none).
std::int64_t power_of(const json& levels, std::string_view mxid);
// The content with whom's power set; nullopt when nothing changes or the bot may not. Mirrored power ends
// at 50.
std::optional<std::string> with_rank(
    const json& levels, const std::string& whom, rank is, const std::string& bot
);

// An event with our key by this sender in a page of messages; "": none.
std::string find_key(const json& page, std::string_view key, std::string_view sender);

}  // namespace rialto::matrix
