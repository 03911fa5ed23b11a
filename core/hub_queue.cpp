// core/queue.hpp, by the hub.
#include "core/hub.hpp"
#include "core/journal.hpp"
#include "core/log.hpp"
#include "core/refs.hpp"

#include <algorithm>

namespace rialto {

namespace {
place place_of(const portal_row& row)
{
    place out;
    out.portal = row.key;
    out.network = row.network;
    out.far_room = row.room.value;
    out.matrix_room = row.matrix_room;
    return out;
}

failure no_letter(position seq)
{
    return {
        verdict::give_up, cause::not_found,
        "there is no message " + std::to_string(seq) + " that waits or died"
    };
}

std::string body_of(const happening& what)
{
    if (const auto* m = std::get_if<message>(&what))
        return m->body.plain();
    if (const auto* e = std::get_if<edit>(&what))
        return e->now.body.plain();
    return {};
}
}  // namespace

letter letter_of(const item& it, place of, bool with_body)
{
    letter out;
    out.of = std::move(of);
    out.of.portal = it.portal;
    out.seq = it.seq;
    out.bound = it.bound;
    out.now = it.now;
    out.author = it.author;
    out.why = it.why;
    out.id = it.bound == way::to_far ? it.matrix_id : it.far_id;
    out.taken_ms = it.taken_ms;
    out.tries = it.tries;
    out.certain = it.certain;
    if (const auto read = from_payload(it.payload)) {
        out.kind = kind_name(read->what);
        if (with_body)
            out.body = body_of(read->what);
    }
    return out;
}

awaitable<result<queue_view>> hub::list(std::string matrix_room)
{
    queue_view out;
    core_.rooms.each([&](const portal_ptr& p) {
        if (!matrix_room.empty() && p->row.matrix_room != matrix_room)
            return;
        for (const auto& [at, queue] : p->lanes)
            if (!queue->empty())
                out.lanes.push_back(view_of(*p, at, *queue));
    });
    std::sort(out.lanes.begin(), out.lanes.end(), [](const auto& a, const auto& b) {
        return a.oldest_ms < b.oldest_ms;
    });
    if (out.lanes.size() > most_listed)
        out.lanes.resize(most_listed);
    std::vector<portal_key> of;
    if (matrix_room.empty())
        of.push_back(0);
    else
        for (const auto& p : core_.rooms.in_room(matrix_room))
            of.push_back(p->row.key);
    for (const auto key : of) {
        auto dead = co_await core_.disk.dead(key, most_listed + 1);
        if (!dead)
            co_return dead.error();
        out.more_dead = out.more_dead || dead->size() > most_listed;
        for (std::size_t i = 0; i < std::min(dead->size(), most_listed); ++i)
            out.dead.push_back(letter_of((*dead)[i], place_by_key((*dead)[i].portal), false));
    }
    co_return out;
}

queued_lane hub::view_of(const portal& p, const lane_id& at, const lane& queue) const
{
    queued_lane out;
    out.of = place_of(p.row);
    out.bound = at.bound;
    out.recipient = at.recipient;
    out.waiting = queue.size();
    const auto& head = queue.head();
    out.head = head.seq;
    out.oldest_ms = head.taken_ms;
    out.tries = head.tries;
    out.sending = queue.sending();
    out.again_ms = queue.not_before_ms() > core_.now_ms() ? queue.not_before_ms() : 0;
    out.certain = !head.again;
    out.why = p.last_error;
    const auto* net = core_.network(p.row.network);
    out.link_up = at.bound == way::to_matrix || (net && net->up);
    if (!out.link_up && net && out.why.empty())
        out.why = net->last_error;
    return out;
}

place hub::place_by_key(portal_key key) const
{
    const auto p = core_.rooms.by_key(key);
    if (p)
        return place_of(p->row);
    place gone;
    gone.portal = key;
    return gone;
}

awaitable<result<letter>> hub::show(position seq, bool with_body)
{
    auto found = co_await core_.disk.get(seq);
    if (!found)
        co_return found.error();
    if (!*found || (*found)->now == stage::sent || (*found)->now == stage::withdrawn)
        co_return no_letter(seq);
    co_return letter_of(**found, place_by_key((*found)->portal), with_body);
}

awaitable<result<std::size_t>> hub::retry(std::vector<position> some)
{
    std::sort(some.begin(), some.end());
    some.erase(std::unique(some.begin(), some.end()), some.end());
    std::size_t gone = 0;
    for (const auto seq : some) {
        auto found = co_await core_.disk.get(seq);
        if (!found)
            co_return found.error();
        if (!*found)
            continue;
        auto it = std::move(**found);
        auto p = core_.rooms.by_key(it.portal);
        if (!p || p->closing) {
            failure closed{
                verdict::give_up, cause::not_found,
                "message " + std::to_string(seq) + " belongs to a room that is no longer bridged"
            };
            co_return closed;
        }
        auto went = co_await retry_one(p, std::move(it));
        if (!went)
            co_return went.error();
        gone += *went ? 1 : 0;
    }
    if (gone == 0 && !some.empty())
        co_return no_letter(some.front());
    co_return gone;
}

awaitable<result<bool>> hub::retry_one(portal_ptr p, item it)
{
    if (it.now == stage::held || it.now == stage::queued || it.now == stage::sending) {
        lanes_.hurry(p, it.bound);
        co_return true;
    }
    if (it.now != stage::dead)
        co_return false;
    const auto old = it.seq;
    it.now = stage::queued;
    it.taken_ms = core_.now_ms();
    it.why.clear();
    if (it.certain)
        it.first_try_ms = 0;
    std::vector<store_change> all;
    all.emplace_back(requeue{old, it.taken_ms});
    auto wrote = co_await core_.disk.commit(std::move(all));
    if (!wrote)
        co_return wrote.error();
    if (wrote->front() == 0)
        co_return false;  // somebody else was quicker
    it.seq = wrote->front();
    log::info("a dead letter goes again", "portal", p->row.key, "was", old, "seq", it.seq);
    const bool again = !it.certain;
    lanes_.enqueue(p, std::move(it), again);  // at once: nothing taken later may come before it
    co_return true;
}

awaitable<outcome> hub::drop(position seq, std::string by)
{
    auto found = co_await core_.disk.get(seq);
    if (!found)
        co_return found.error();
    if (!*found || (*found)->now == stage::sent || (*found)->now == stage::withdrawn)
        co_return no_letter(seq);
    std::vector<store_change> all;
    const bool dead = (*found)->now == stage::dead;
    if (dead)
        all.emplace_back(mark_stage{seq, stage::withdrawn, "dropped by " + by});
    else if (auto p = core_.rooms.by_key((*found)->portal)) {
        failure why{verdict::give_up, cause::other, by + " took it out of the bridge's queue"};
        if (auto mark = lanes_.take_out(p, seq, std::move(why)))
            all.push_back(std::move(*mark));
    }
    if (all.empty())
        co_return failure{
            verdict::try_later, cause::conflict, "message " + std::to_string(seq) + " is being sent just now"
        };
    if (dead) {
        auto wrote = co_await core_.disk.commit(std::move(all));
        if (!wrote)
            co_return wrote.error();
    } else  // it has left its lane
        (void)co_await lanes_.write_down(seq, std::move(all));
    log::info("a letter was dropped", "seq", seq, "dead", dead);
    if (!dead)
        lanes_.owe();
    co_return ok();
}

}  // namespace rialto
