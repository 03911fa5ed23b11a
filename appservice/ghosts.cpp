#include "appservice/ghosts.hpp"

#include "core/log.hpp"

namespace rialto::matrix {

namespace {

std::string note_key(const std::string& mxid) { return "ghost:" + mxid; }

std::string localpart(const std::string& mxid) { return mxid.substr(1, mxid.find(':') - 1); }

}  // namespace

acting ghosts::as(const std::string& mxid) const { return acting{mxid, device_name(book_.generation(mxid))}; }

void ghosts::seen(const std::string& mxid, const std::string& room)
{
    book_.did(ghost_book::step::join, mxid, "", room);
}

awaitable<outcome> ghosts::recall(std::string mxid)
{
    if (book_.knows(mxid))
        co_return ok();
    auto value = co_await store_.note(note_key(mxid));
    if (!value)
        co_return value.error();
    if (const auto k = from_note(*value); k && !book_.knows(mxid))
        book_.recall(mxid, *k);
    co_return ok();
}

awaitable<outcome> ghosts::remember(std::string mxid)
{
    std::vector<store_change> all;
    all.emplace_back(put_note{note_key(mxid), to_note(book_.keep(mxid))});
    auto done = co_await store_.commit(std::move(all));
    if (!done)
        co_return done.error();
    co_return ok();
}

// The bot's invitation comes second: in an open room it is not needed.
awaitable<outcome> ghosts::enter(std::string mxid, std::string room)
{
    const acting ghost{mxid};
    auto first = co_await client_.ask(calls::join(ghost, room));
    if (!first)
        co_return first.error();
    if (first->done())
        co_return ok();
    if (!first->forbidden())
        co_return refusal(*first, mxid + "'s joining " + room);
    auto invited = co_await client_.ask(calls::member(acting{}, room, "invite", mxid, ""));
    if (!invited)
        co_return invited.error();
    auto second = co_await client_.ask(calls::join(ghost, room));
    if (!second)
        co_return second.error();
    if (second->done())
        co_return ok();
    if (!invited->done())
        co_return refusal(*invited, "to let the bot invite " + mxid);
    co_return refusal(*second, mxid + "'s joining " + room);
}

awaitable<outcome> ghosts::take(ghost_book::step s, std::string mxid, std::string name, std::string room)
{
    using step = ghost_book::step;
    call c;
    std::string what;
    switch (s) {
        case step::act: co_return ok();
        case step::join: {
            auto in = co_await enter(mxid, room);
            co_return in;
        }
        case step::enroll:
            c = calls::enroll(localpart(mxid));
            what = "to register " + mxid;
            break;
        case step::make_device:
            c = calls::make_device(acting{mxid}, device_name(book_.generation(mxid)));
            what = "a device for " + mxid;
            break;
        case step::set_name:
            c = calls::set_name(acting{mxid}, name);
            what = "the name of " + mxid;
            break;
    }
    auto got = co_await client_.ask(std::move(c));
    if (!got)
        co_return got.error();
    if (got->done() || (s == step::enroll && got->is("M_USER_IN_USE")))
        co_return ok();
    // A name that is refused keeps nobody from speaking. COMPAT Dendrite knows no PUT of a new device.
    if (s != step::enroll) {
        log::warn("a ghost could not be completed", "ghost", mxid, "why", refusal(*got, what).why);
        co_return ok();
    }
    co_return refusal(*got, what);
}

awaitable<outcome> ghosts::ready(std::string mxid, profile shown, std::string room, unsigned generation)
{
    auto recalled = co_await recall(mxid);
    if (!recalled)
        co_return recalled.error();
    book_.want_generation(mxid, generation);
    auto before = book_.keep(mxid);
    bool fresh = book_.next(mxid, "", "") != ghost_book::step::act;
    for (;;) {
        const auto s = book_.next(mxid, shown.shown_as, room);
        const bool complete = s == ghost_book::step::join || s == ghost_book::step::act;
        if (complete && (fresh || before != book_.keep(mxid))) {
            auto kept = co_await remember(mxid);  // before it is seen: what was made is not made again
            if (!kept)
                co_return kept.error();
            fresh = false;
            before = book_.keep(mxid);
        }
        if (s == ghost_book::step::act)
            co_return ok();
        auto done = co_await take(s, mxid, shown.shown_as, room);
        if (!done)
            co_return done.error();
        book_.did(s, mxid, shown.shown_as, room);
    }
}

awaitable<outcome> ghosts::rejoin(std::string mxid, profile shown, std::string room)
{
    auto recalled = co_await recall(mxid);
    if (!recalled)
        co_return recalled.error();
    book_.left(mxid, room);
    auto done = co_await ready(std::move(mxid), std::move(shown), std::move(room));
    co_return done;
}

awaitable<outcome> ghosts::renew_device(std::string mxid)
{
    book_.want_generation(mxid, book_.generation(mxid) + 1);
    auto done = co_await ready(std::move(mxid), profile{}, "");
    co_return done;
}

}  // namespace rialto::matrix
