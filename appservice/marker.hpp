// appservice/marker.hpp: where the homeserver is several processes (Synapse with workers), the one that
// answers /sync may be behind the one that pushes, and what it does not tell yet is not missing
// (docs/FLOW.md). So an event of our own is sent just before /sync is asked, into a room that the watcher is
// in: an answer that tells it tells all that came before. One io_context thread; what it refers to outlives
// it.
#pragma once

#include "appservice/homeserver.hpp"
#include "core/clock.hpp"

#include <set>

namespace rialto::matrix {

inline constexpr std::string_view marker_type = "chat.rialto.marker";

struct mark  // where it lies
{
    std::string room, event;

    mark() = default;
    mark(std::string r, std::string e) : room{std::move(r)}, event{std::move(e)} {}
};

class marker
{
    matrix_homeserver& near_;
    clock& time_;
    std::string alias_;  // localpart
    std::string room_;
    std::set<std::string> in_;  // watchers
    std::uint64_t number_ = 0;

    awaitable<outcome> enter(std::string watcher);

public:
    marker(matrix_homeserver& near, clock& time, std::string alias)
        : near_{near}, time_{time}, alias_{std::move(alias)}
    {
    }

    // watcher: the bot or a ghost, registered.
    awaitable<result<mark>> put(std::string watcher);
};

}  // namespace rialto::matrix
