// core/network.hpp, what a backend asks or wants done at once.
#include "core/directory.hpp"
#include "core/log.hpp"
#include "core/media_link.hpp"
#include "core/network.hpp"

namespace rialto {

void network::hint(event e)
{
    auto p = core_.rooms.by_far(state_.name, e.portal);
    if (p && !p->row.matrix_room.empty())
        spawn(core_, "hint", send_hint(std::move(e), p));
}

// The event that somebody over there has read, once; "": unknown, or they had read further.
awaitable<std::string> network::read_event(const portal_ptr& p, std::string sender, std::string far_id)
{
    constexpr std::size_t most_readers = 20'000;
    auto item = co_await lanes_.root_of(p, side::far, far_id);
    // Who reads may be faster than what proves the sending: the far id is not written down yet.
    for (int again = 0; again < 8 && item && (!*item || (*item)->matrix_id.empty()); ++again) {
        co_await core_.time.sleep(std::chrono::milliseconds{250});
        item = co_await lanes_.root_of(p, side::far, far_id);
    }
    if (!item || !*item || (*item)->matrix_id.empty())
        co_return std::string{};
    if (read_.size() >= most_readers)
        read_.clear();
    auto& newest = read_[std::to_string(p->row.key) + " " + sender];
    if ((*item)->seq <= newest)
        co_return std::string{};
    newest = (*item)->seq;
    co_return (*item)->matrix_id;
}

awaitable<void> network::send_hint(event e, portal_ptr p)
{
    if (auto* seen = std::get_if<receipt>(&e.what)) {
        auto event_id = co_await read_event(p, e.sender.id.value, seen->up_to.id.value);
        if (event_id.empty())
            co_return;
        seen->up_to = reference{message_id{std::move(event_id)}};
    }
    auto who = co_await core_.who.mxid_of(state_, e.sender.id);
    if (!who)
        co_return;
    order o{p->row.matrix_room, std::move(*who), std::move(e.what), ""};
    core_.matrix.hint(std::move(o));
}

// A join into a room that no portal knows: the backend hosts it, the Matrix side has it.
awaitable<outcome> network::open_hosted(portal_id id)
{
    auto meant = co_await state_.far->native_of(id.room.value);
    if (!meant)
        co_return meant.error();
    auto found = co_await core_.matrix.room_of_alias("#" + meant->local + ":" + meant->server);
    if (!found)
        co_return found.error();
    room state{kind::group};
    state.able.hosts = true;
    portal_row row;
    row.key = core_.next_portal_key();
    row.network = state_.name;
    row.room = id.room;
    row.account = id.account;
    row.matrix_room = *found;
    std::vector<store_change> all;
    all.emplace_back(put_portal{row});
    auto wrote = co_await core_.disk.commit(std::move(all));
    if (!wrote)
        co_return wrote.error();
    if (!core_.rooms.by_far(state_.name, id))
        core_.rooms.add(std::move(row), std::move(state));
    co_return ok();
}

awaitable<result<message_id>> network::attempt(event e)
{
    auto p = core_.rooms.by_far(state_.name, e.portal);
    if (!p) {
        const auto* m = std::get_if<membership>(&e.what);
        if (!m || m->what != change::join)
            co_return failure{verdict::give_up, cause::not_found, "there is no such room"};
        auto opened = co_await open_hosted(e.portal);
        if (!opened)
            co_return opened.error();
        p = core_.rooms.by_far(state_.name, e.portal);
    }
    auto who = co_await core_.who.mxid_of(state_, e.sender.id);
    if (!who)
        co_return who.error();
    if (auto* m = std::get_if<membership>(&e.what)) {
        auto whom = co_await core_.who.mxid_of(state_, m->whom);
        if (!whom)
            co_return whom.error();
        m->whom = user_id{std::move(*whom)};
    }
    order o{p->row.matrix_room, std::move(*who), std::move(e.what), ""};
    o.shown = profile{e.sender.shown_as};
    auto done = co_await core_.matrix.deliver(std::move(o));
    if (!done)
        co_return done.error();
    co_return done->id;
}

awaitable<result<room>> network::look(portal_id id)
{
    auto p = core_.rooms.by_far(state_.name, id);
    if (!p)
        co_return failure{verdict::give_up, cause::not_found, "there is no such room"};
    room out = p->state;
    // The place in the lane first, the members then: what happens in between is delivered after it, not lost.
    out.as_of = p->last_seen;
    auto now = co_await core_.matrix.look(p->row.matrix_room);
    if (!now)
        co_return now.error();
    out.info = now->info;
    out.members.clear();
    for (const auto& m : now->members) {
        if (m.mxid == core_.options.bot)
            continue;
        auto far = co_await core_.who.far_of(state_, m.mxid, m.shown_as);
        if (!far)
            continue;
        const auto rank_of = m.power >= 100 ? rank::admin : m.power >= 50 ? rank::moderator : rank::member;
        const bool puppet = core_.who.network_of(m.mxid) != state_.name;
        out.members.emplace_back(person{std::move(*far), m.shown_as}, rank_of, puppet);
    }
    out.complete = true;
    co_return out;
}

awaitable<result<page>> network::history(portal_id id, extent of)
{
    auto p = core_.rooms.by_far(state_.name, id);
    if (!p)
        co_return failure{verdict::give_up, cause::not_found, "there is no such room"};
    auto as = co_await core_.who.mxid_of(state_, of.asker);
    if (!as)
        co_return as.error();
    auto past = co_await core_.matrix.history(p->row.matrix_room, std::move(*as), of);
    if (!past)
        co_return past.error();
    for (auto& e : past->events) {
        e.portal = id;
        claim_files(e.what, p->row.key, e.id.value);
        auto far = co_await core_.who.far_of(state_, e.sender.id.value, e.sender.shown_as);
        if (far)
            e.sender.id = std::move(*far);
    }
    co_return past;
}

awaitable<result<listing>> network::find(query q)
{
    if (q.what != query::of::mine)
        co_return failure{verdict::unsupported, cause::other, "searching rooms and people is not offered"};
    listing out;
    core_.rooms.each([&](const portal_ptr& p) {
        if (p->row.network == state_.name)
            out.rooms.emplace_back(p->id(), p->state);
    });
    co_return out;
}

awaitable<result<profile>> network::describe(user_id puppet)
{
    auto row = co_await core_.disk.person_by_far(state_.name, puppet);
    if (!row)
        co_return row.error();
    if (!*row || !(*row)->puppet)
        co_return failure{verdict::give_up, cause::not_found, "nobody has this address"};
    profile out{(*row)->shown_as};
    co_return out;
}

awaitable<outcome> network::reachable(user_id puppet)
{
    auto who = co_await core_.who.mxid_of(state_, std::move(puppet));
    if (!who)
        co_return who.error();
    if (core_.who.is_ghost(*who))
        co_return failure{verdict::give_up, cause::not_found, "nobody on Matrix has this address"};
    constexpr std::size_t most_known = 20'000;
    if (exist_.contains(*who) && core_.options.may_use(*who))
        co_return ok();
    auto may = co_await lanes_.may_be_invited(*who);
    if (may) {
        if (exist_.size() >= most_known)
            exist_.clear();
        exist_.insert(std::move(*who));
    }
    co_return may;
}

awaitable<result<std::string>> network::command(person, std::string)
{
    co_return failure{verdict::unsupported, cause::other, "commands are read on Matrix only"};
}

}  // namespace rialto
