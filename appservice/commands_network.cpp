// commands.hpp, what is told to a network: `!mail …`. What waits and what died is the core's, whatever the
// network: `retry` is done here.
#include "appservice/commands.hpp"

#include <algorithm>

namespace rialto::matrix {

awaitable<std::string> command_desk::tell_network(spoken_word w, command c)
{
    if (c.line.empty() || c.line == "help")
        co_return core_.commands_of(c.network);
    if (c.line == "retry") {
        auto said = co_await retry_own(std::move(w.room), std::move(w.sender), std::move(c.network));
        co_return said;
    }
    near_request r;
    r.network = std::move(c.network);
    r.room = w.room;
    r.asker = w.sender;
    r.line = std::move(c.line);
    r.about = std::move(w.about);
    r.admin = is_admin(w.sender);
    const auto seen = co_await near_.look(w.room);
    r.objection = seen ? objection(*seen, w.sender) : seen.error().why;
    auto said = co_await core_.command(std::move(r));
    co_return said ? std::move(*said) : said.error().why;
}

// One's own letters, and with power in the room all of them.
awaitable<std::string> command_desk::retry_own(std::string room, std::string asker, std::string network)
{
    const auto all = co_await queue_.list(room);
    if (!all)
        co_return all.error().why;
    letter any;
    any.of.matrix_room = room;
    const auto why = co_await objection_to(std::move(room), asker, std::move(any));
    std::vector<position> some;
    std::size_t others = 0;
    for (const auto& d : all->dead) {
        if (d.of.network != network)
            continue;
        if (d.author == asker || why.empty())
            some.push_back(d.seq);
        else
            ++others;
    }
    if (some.empty())
        co_return others > 0 ? why : "Nothing of this room failed, as far as is known.";
    const auto went = co_await queue_.retry(std::move(some));
    co_return went ? "Tried again: " + std::to_string(*went) + "." : went.error().why;
}

}  // namespace rialto::matrix
