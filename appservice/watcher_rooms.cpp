// watcher.hpp, the history of one room: what a limited /sync left out, and what was said before the bridge
// was there.
#include "appservice/watcher.hpp"

#include "core/log.hpp"

namespace rialto::matrix {

// The oldest first, each page journaled before the next one is asked for: however much was missed, little of
// it is in memory, and a crash costs nothing. `part` is what every page is told as.
awaitable<outcome> watcher::fill(
    reading part, std::string who, std::string room, std::string from, std::string to
)
{
    for (;;) {
        auto got = co_await client_.must(
            calls::messages_between(acting{who}, room, from, to), "to show what was missed in " + room
        );
        if (!got)
            co_return got.error();
        auto page = read_messages(room, got->body, ours_);
        if (!page)
            co_return failure{verdict::try_later, cause::malformed, "The homeserver's /messages is none"};
        strain(page->events);
        if (!page->events.empty()) {
            auto some = part;
            some.events = std::move(page->events);
            auto done = co_await core_.catch_up(std::move(some));
            if (!done)
                co_return done;
        }
        if (page->end.empty() || page->end == from)
            co_return ok();
        from = page->end;
    }
}

awaitable<outcome> watcher::read_from(unread_room u)
{
    std::string from;
    if (!u.after.empty()) {
        auto at = co_await client_.must(
            calls::context(acting{u.watcher}, u.room, u.after), "to show an invitation to " + u.room
        );
        if (!at)
            co_return at.error();
        from = field(*at, "end");
    }
    reading part;
    part.unread = u.room;
    auto done = co_await fill(std::move(part), u.watcher, u.room, std::move(from), "");
    co_return done;
}

std::optional<unread_room> watcher::next_unread() const
{
    if (to_ms(time_.now()) < unread_from_ms_)
        return std::nullopt;
    return core_.unread(unreadable_);
}

// Asked again, however long the homeserver is away; what it refuses to tell cannot be known. Meanwhile others
// have their turn.
awaitable<void> watcher::read_back(unread_room u)
{
    auto done = co_await read_from(u);
    if (done || done.error().next != verdict::try_later) {
        if (!done)
            log::error(
                "what was said before the bridge came is not known", "room", u.room, "why", done.error().why
            );
        reading end;
        end.unread = u.room;
        end.last = true;
        done = co_await core_.catch_up(std::move(end));
    }
    if (done) {
        unread_pause_ = backoff{std::chrono::seconds{30}};
        co_return;
    }
    log::info("a room's history cannot be read now", "room", u.room, "why", done.error().why);
    unreadable_ = u.room;
    unread_from_ms_ = to_ms(time_.now() + unread_pause_.after_failure(time_.luck()));
}

}  // namespace rialto::matrix
