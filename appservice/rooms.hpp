// appservice/rooms.hpp: rooms as the bot keeps them: made once, found again, described, looked at, left. Each
// call may be repeated. One io_context thread.
#pragma once

#include "appservice/ghosts.hpp"
#include "appservice/rooms_content.hpp"

namespace rialto::matrix {

class rooms
{
    client& client_;
    ghosts& ghosts_;
    is_ours ours_;
    std::optional<room_version> version_;  // asked once

    awaitable<result<room_version>> version();
    awaitable<result<std::string>> create(room_plan plan);

public:
    rooms(client& c, ghosts& g, is_ours ours) : client_{c}, ghosts_{g}, ours_{std::move(ours)} {}

    awaitable<result<std::string>> make(room_plan plan);
    awaitable<result<std::string>> of_alias(std::string alias);  // full, or a localpart of ours
    awaitable<result<near_room>> look(std::string room);
    awaitable<outcome> bot_join(std::string room);
    awaitable<outcome> describe(std::string room, room_plan plan);
    awaitable<outcome> leave(std::string room, std::vector<std::string> who, std::string why);
    awaitable<result<page>> history(std::string room, std::string as, extent of);
    // By its content key: the event id, "" when it is not among the newest 500.
    awaitable<result<std::string>> find(std::string room, std::string as, std::string key);
    // Kick, ban, unban, invite: as the ghost, else by the bot, who names the ghost.
    awaitable<outcome> discipline(std::string room, acting ghost, std::string shown_as, membership m);
    awaitable<outcome> set_rank(std::string room, role r);

private:
    awaitable<bool> is_there_already(std::string room, membership m);
};

}  // namespace rialto::matrix
