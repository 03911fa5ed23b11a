// appservice/sync_answer.hpp: the /sync and /messages requests of a watcher and what is read from their
// answers (CS-API "Syncing", "Getting events for a room"). Pure; any thread; nothing throws.
#pragma once

#include "appservice/client_requests.hpp"
#include "appservice/matrix_event.hpp"

namespace rialto::matrix {

struct room_news
{
    std::string id;
    bool limited = false;  // older ones of since then are left out
    std::vector<near_event> events;

    room_news() = default;
};

struct sync_news
{
    std::string next;  // the token of the next one
    std::vector<room_news> rooms;
    std::vector<near_event> invites;

    sync_news() = default;
};

struct message_page
{
    std::vector<near_event> events;
    std::string end;  // "" it was the last

    message_page() = default;
};

// Of events that are no concern of a bridge the place alone is kept (near_event::hollow).
std::optional<sync_news> read_sync(std::string_view body, const is_ours& ours);
std::optional<message_page> read_messages(std::string_view room, std::string_view body, const is_ours& ours);
std::vector<std::string> read_joined_rooms(std::string_view body);

namespace calls {
// since "": from now on, with the newest events. COMPAT Synapse keeps an answer for two minutes and gives it
// to who asks the same again, and then it says nothing of connections opened meanwhile: `nonce` makes each
// another one.
call sync(const acting& who, std::string_view since, std::uint32_t nonce);
// Forwards, the oldest first, and nothing is backfilled on the way. from "": the room's beginning; to "":
// now.
call messages_between(const acting& who, std::string_view room, std::string_view from, std::string_view to);
call joined_rooms(const acting& who);
}  // namespace calls

}  // namespace rialto::matrix
