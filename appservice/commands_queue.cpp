// commands.hpp, the queue: what a room's people may see and do. The list of a room is for whoever may command
// the bot there; what changes it is for the author of the message, for who has power in the room, and for the
// bridge's administrators, who may also ask in a room that is not bridged, about all. Bodies are never shown.
#include "appservice/commands.hpp"
#include "appservice/queue_text.hpp"
#include "core/log.hpp"

#include <boost/asio/co_spawn.hpp>

namespace rialto::matrix {

namespace {
constexpr std::size_t most_text = 8'000;

std::string cut_short(std::string text)
{
    if (text.size() <= most_text)
        return text;
    const auto end = text.rfind('\n', most_text);
    text.resize(end == text.npos ? most_text : end);
    return text + "\n…";
}
constexpr int most_at_work = 16, most_refused = 64;
}  // namespace

bool command_desk::is_admin(std::string_view who) const { return is_permitted(rules_.admins, who); }

// Silence would look like a lost message.
bool command_desk::busy(const near_event& e)
{
    if (*busy_ < most_at_work)
        return false;
    if (*refusing_ >= most_refused) {
        log::warn("commands come faster than they can be refused", "room", e.room);
        return true;
    }
    ++*refusing_;
    auto saying = say_busy(e.room, e.id);
    boost::asio::co_spawn(on_, std::move(saying), [count = refusing_](std::exception_ptr) { --*count; });
    return true;
}

awaitable<void> command_desk::say_busy(std::string room, std::string event)
{
    auto told = co_await near_.notice(
        std::move(room), "I am busy with other commands: please say it again in a minute.", "busy-" + event
    );
    if (!told)
        log::warn("a command could not be answered", "why", told.error().why);
}

awaitable<std::string> command_desk::queue(std::string room, std::string asker, command c)
{
    const auto here = co_await core_.places(room);
    if (here.empty() && !is_admin(asker))
        co_return "This room is not bridged.";
    std::string scope = here.empty() ? std::string{} : room;
    if (c.verb == "retry" && c.number == 0) {
        letter any;
        any.of.matrix_room = scope;
        if (auto why = co_await objection_to(room, asker, any); !why.empty())
            co_return why;
        auto said = co_await queue_retry_all(std::move(scope));
        co_return said;
    }
    if (!c.verb.empty()) {
        auto said = co_await queue_change(std::move(scope), std::move(asker), std::move(c));
        co_return said;
    }
    auto all = co_await queue_.list(std::move(scope));
    if (!all)
        co_return all.error().why;
    const auto now = to_ms(time_.now());
    co_return cut_short(queue_text(queue_json(*all, now)));
}

awaitable<std::string> command_desk::queue_retry_all(std::string scope)
{
    auto all = co_await queue_.list(std::move(scope));
    if (!all)
        co_return all.error().why;
    std::vector<position> some;
    for (const auto& d : all->dead)
        if (!d.of.network.empty())
            some.push_back(d.seq);
    if (some.empty())
        co_return "There are no dead letters.";
    auto went = co_await queue_.retry(std::move(some));
    if (!went)
        co_return went.error().why;
    co_return "Tried again: " + std::to_string(*went) + ".";
}

// For `status`: nothing, when nothing is amiss.
awaitable<std::string> command_desk::queue_status(std::string room)
{
    const auto all = co_await queue_.list(std::move(room));
    std::string out;
    if (!all)
        co_return out;
    if (!all->lanes.empty())
        out += "\nThe oldest message waits for " +
               span_text(to_ms(time_.now()) - all->lanes.front().oldest_ms) + ".";
    if (!all->dead.empty())
        out += "\nNot delivered: " + std::to_string(all->dead.size()) + (all->more_dead ? " and more" : "") +
               ". `!rialto queue` says why.";
    co_return out;
}

// Why this person may not touch this letter; "": they may.
awaitable<std::string> command_desk::objection_to(std::string room, std::string asker, letter about)
{
    if (is_admin(asker) || about.author == asker)
        co_return std::string{};
    const auto seen = co_await near_.look(room);
    if (!seen)
        co_return seen.error().why;
    auto as_if = *seen;
    as_if.encrypted = false;
    co_return objection(as_if, asker);
}

// scope "": an administrator's, all rooms.
awaitable<std::string> command_desk::queue_change(std::string scope, std::string asker, command c)
{
    const auto one = co_await queue_.show(c.number, false);
    if (!one)
        co_return one.error().why;
    if (!scope.empty() && one->of.matrix_room != scope)
        co_return "There is no message " + std::to_string(c.number) + " of this room that waits or died.";
    if (c.verb == "show") {
        const auto now = to_ms(time_.now());
        co_return letter_text(letter_json(*one, now));
    }
    if (auto why = co_await objection_to(scope, asker, *one); !why.empty())
        co_return why;
    if (c.verb == "drop") {
        const auto dropped = co_await queue_.drop(c.number, std::move(asker));
        co_return dropped ? "Dropped." : dropped.error().why;
    }
    std::vector<position> some(1, c.number);
    const auto went = co_await queue_.retry(std::move(some));
    co_return went ? "It is tried again." : went.error().why;
}

}  // namespace rialto::matrix
