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

// What cannot be read must not hold up for ever what can.
awaitable<outcome> watcher::read_back(unread_room u)
{
    auto done = co_await read_from(u);
    const auto now = to_ms(time_.now());
    if (!done && done.error().next == verdict::try_later) {
        if (unread_failing_ms_ == 0)
            unread_failing_ms_ = now;
        if (now - unread_failing_ms_ < patience_ms)
            co_return done;
    }
    unread_failing_ms_ = 0;
    if (!done)
        log::error(
            "what was said before the bridge came is not known", "room", u.room, "why", done.error().why
        );
    reading end;
    end.unread = u.room;
    end.last = true;
    done = co_await core_.catch_up(std::move(end));
    co_return done;
}

}  // namespace rialto::matrix
