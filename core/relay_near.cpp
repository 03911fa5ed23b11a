// core/relay.hpp, the head of a lane towards Matrix: which ghost speaks, in which room, under which content
// key; then the homeserver.
#include "core/degrade.hpp"
#include "core/directory.hpp"
#include "core/journal.hpp"
#include "core/key.hpp"
#include "core/log.hpp"
#include "core/refs.hpp"
#include "core/relay.hpp"

namespace rialto {

namespace {
constexpr std::int64_t remembered_ms =
    23ll * 60 * 60 * 1000;                   // Synapse keeps transaction ids of a device 24 h
constexpr std::size_t matrix_text = 30'000;  // twice in an event (body, formatted_body) of 64 KiB

abilities matrix_abilities()
{
    abilities all;
    all.html = all.files = all.one_file = all.edits = all.old_edits = all.retractions = all.reactions =
        all.replies = true;
    all.threads = all.typing = all.receipts = true;
    all.max_text = matrix_text;
    return all;
}
}  // namespace

awaitable<settlement> relay::to_matrix(portal_ptr p, item it, event e)
{
    if (auto* bye = std::get_if<gone>(&e.what))
        co_return co_await far_is_gone(p, std::move(*bye));
    if (auto* news = std::get_if<report>(&e.what))
        co_return co_await far_reports(p, std::move(*news));
    auto there = co_await ensure_room(p);
    if (!there)
        co_return from(there.error());
    if (const auto* whole = std::get_if<room>(&e.what)) {
        room_info info = whole->info;  // its portal is open now; what it says of the room goes on
        e.what = std::move(info);
    }
    std::optional<item> target;
    if (const auto* named = target_of(e.what)) {
        auto known = co_await root_of(p, side::far, named->id.value);
        if (!known)
            co_return from(known.error());
        const bool early = !*known && may_come_yet(p, it);
        switch (early ? fitness::wait : judge(e.what, it, *known)) {
            case fitness::moot: co_return nothing_to_do(p, it, e.what, *known);
            case fitness::wait:
                co_return from({verdict::try_later, cause::away, "what it refers to is still on its way"});
            case fitness::refill: co_return refill(**known, std::move(e));
            case fitness::as_new: {
                message now = std::move(std::get<edit>(e.what).now);
                e.what = std::move(now);
                break;
            }
            case fitness::go: target = std::move(**known); break;
        }
    }
    const bool edits = std::holds_alternative<edit>(e.what);
    const auto root = target ? target->seq : 0;
    auto made = co_await speak_matrix(p, it, std::move(e));
    if (!made)
        co_return from(made.error());
    const auto now = core_.now_ms();
    if (it.first_try_ms == 0) {
        auto noted = co_await note_first_try(p, it.seq, made->as);
        if (!noted)
            co_return from(noted.error());
        it.generation = *noted;
    } else
        made->again = now - it.first_try_ms > remembered_ms;
    made->generation = it.generation;
    made->past = made->past || is_late(made->at, now);
    if (std::holds_alternative<reactions>(made->what))
        co_return co_await to_matrix_reactions(p, it, std::move(*made), std::move(*target));
    item whole = target.value_or(item{});
    auto parts = co_await parts_of(p, made->what, std::move(whole));
    order first = *made;
    auto done = co_await send_matrix(p, it, std::move(*made));
    const bool went = done.what == settlement::is::sent;
    if (edits && went)
        done.changes.emplace_back(mark_root{it.seq, root});
    if (went && !parts.empty() && (!edits || done.edited))
        co_return co_await take_matrix_parts(p, std::move(first), std::move(parts), std::move(done));
    co_return done;
}

// Who answers may be faster than the proof that a message of ours was sent (a chat's pong), which brings its
// far id. The head that is undecided since before the answer may be that message; not for long, or each lane
// could wait for the other.
bool relay::may_come_yet(const portal_ptr& p, const item& answer) const
{
    constexpr std::int64_t patience_ms = 10'000;
    auto* queue = p->queue(way::to_far);
    return queue && !queue->empty() && queue->head().taken_ms <= answer.taken_ms &&
           core_.now_ms() - answer.taken_ms < patience_ms;
}

// Before the first byte: a repeat must know how long ago, and with which device, it may have got through.
awaitable<result<std::uint32_t>> relay::note_first_try(portal_ptr p, position seq, std::string ghost)
{
    const auto now = core_.now_ms();
    const auto device = core_.matrix.generation(ghost);
    std::vector<store_change> all;
    all.emplace_back(mark_trying{seq, now, device});
    auto wrote = co_await core_.disk.commit(std::move(all));
    if (!wrote)
        co_return wrote.error();
    auto* queue = p->queue(way::to_matrix);
    if (queue && !queue->empty() && queue->head().seq == seq && queue->head().it) {
        queue->head().it->first_try_ms = now;
        queue->head().it->generation = device;
    }
    co_return device;
}

// The one behind the head goes at once when the head is settled: its first try is noted in the same commit.
awaitable<void> relay::note_next_try(portal_ptr p, lane_id at, std::vector<store_change>& into)
{
    auto* next = p->queue(at)->second();
    auto* net = core_.network(p->row.network);
    if (!next || !next->it || next->it->first_try_ms != 0 || !net)
        co_return;
    std::string ghost;
    const auto seq = next->seq;
    if (!next->it->author.empty()) {
        auto mxid = co_await core_.who.mxid_of(*net, user_id{next->it->author});
        if (!mxid)
            co_return;
        ghost = std::move(*mxid);
    }
    next = p->queue(at)->second();
    if (!next || next->seq != seq || !next->it)
        co_return;
    next->it->first_try_ms = core_.now_ms();
    next->it->generation = core_.matrix.generation(ghost);
    into.emplace_back(mark_trying{seq, next->it->first_try_ms, next->it->generation});
}

// The far side says which reactions a person has on a message now; Matrix wants each change on its own.
awaitable<settlement> relay::to_matrix_reactions(portal_ptr p, item it, order o, item target)
{
    const auto wanted = std::get<reactions>(o.what).set;
    auto rows = co_await core_.disk.reactions(p->row.key, target.matrix_id, o.as);
    if (!rows)
        co_return from(rows.error());
    const auto remote = remote_name(it);
    settlement done{settlement::is::sent};
    for (const auto& emoji : wanted) {
        const bool has =
            std::any_of(rows->begin(), rows->end(), [&](const auto& r) { return r.emoji == emoji; });
        if (has)
            continue;
        order one = o;
        one.what = reactions{reference{message_id{target.matrix_id}}, std::vector<std::string>(1, emoji)};
        one.key = content_key(p->tag, it.author, remote, "+" + emoji);
        auto added = co_await core_.matrix.deliver(std::move(one));
        if (!added)
            co_return from(added.error());
        reaction_row row{p->row.key, target.matrix_id, o.as, emoji, added->id.value};
        done.changes.emplace_back(put_reaction{std::move(row)});
        done.id = added->id.value;
    }
    for (const auto& row : *rows) {
        if (std::find(wanted.begin(), wanted.end(), row.emoji) != wanted.end())
            continue;
        order one = o;
        one.what = retraction{reference{message_id{row.id}}};
        one.key = content_key(p->tag, it.author, remote, "-" + row.emoji);
        auto removed = co_await core_.matrix.deliver(std::move(one));
        if (!removed && removed.error().next == verdict::try_later)
            co_return from(removed.error());
        done.changes.emplace_back(drop_reaction{p->row.key, row.id});
    }
    co_return done;
}

awaitable<result<order>> relay::speak_matrix(portal_ptr p, const item& it, event e)
{
    auto* net = core_.network(p->row.network);
    order o;
    o.room = p->row.matrix_room;
    o.at = e.at;
    o.past = e.past;
    const auto remote = remote_name(it);
    o.key = content_key(p->tag, it.author, remote);
    if (!e.sender.id.empty()) {
        auto who = co_await core_.who.mxid_of(*net, e.sender.id);
        if (!who)
            co_return who.error();
        o.as = std::move(*who);
        o.shown = profile{e.sender.shown_as};
        core_.who.named(o.as, e.sender.shown_as);
    }
    std::vector<user_id> people;
    each_person(e.what, [&](user_id& who) { people.push_back(who); });
    for (auto& who : people) {
        auto mxid = co_await core_.who.mxid_of(*net, who);
        if (mxid)
            who = user_id{std::move(*mxid)};
    }
    std::size_t next = 0;
    each_person(e.what, [&](user_id& who) { who = people[next++]; });
    co_await resolve(p, side::far, e.what);
    o.what = std::move(e.what);
    if (std::holds_alternative<room_info>(o.what))
        o.as.clear();  // a ghost has no power to name a room; the bot may have
    co_return o;
}

awaitable<settlement> relay::send_matrix(portal_ptr p, const item& it, order o)
{
    const bool sets = std::holds_alternative<room_info>(o.what);
    event whole{p->id(), person{user_id{o.as}}, o.at, message_id{it.far_id}, std::move(o.what)};
    auto parts = degrade(std::move(whole), matrix_abilities());
    if (!parts)
        co_return from(parts.error());
    settlement done{settlement::is::sent};
    done.edited = parts->size() == 1 && std::holds_alternative<edit>(parts->front().what);
    const bool said = !parts->empty() && std::holds_alternative<message>(parts->front().what);
    std::size_t number = 0;
    for (auto& part : *parts) {
        order one = o;
        one.what = std::move(part.what);
        if (++number > 1)
            one.key = o.key + "." + std::to_string(number);
        auto sent = co_await core_.matrix.deliver(std::move(one));
        if (!sent && sets && sent.error().next != verdict::try_later)
            co_return co_await setting_refused(p, std::move(sent.error()));
        if (!sent)
            co_return from(sent.error());
        if (number == 1)
            done.id = sent->id.value;
        else if (said && !it.far_id.empty())
            note_part(done, it, number, std::move(*sent));
    }
    co_return done;
}

awaitable<outcome> relay::may_be_invited(std::string mxid)
{
    if (!core_.who.is_ghost(mxid) && !core_.options.may_use(mxid))
        co_return failure{
            verdict::give_up, cause::forbidden, mxid + " may not be reached through this bridge"
        };
    auto known = co_await core_.matrix.describe(mxid);
    if (!known && known.error().next != verdict::try_later)
        co_return failure{
            verdict::give_up, cause::not_found, "there is nobody called " + mxid + " on Matrix"
        };
    if (!known)
        co_return known.error();
    co_return ok();
}

// A portal that a far person opened (a chat, a mail) has no Matrix room until its first item goes out. The
// alias is deterministic, so a crash between making the room and writing it down finds the same room again.
awaitable<outcome> relay::ensure_room(portal_ptr p)
{
    if (!p->row.matrix_room.empty())
        co_return ok();
    auto* net = core_.network(p->row.network);
    room_plan plan{p->row.is};
    // A room's is the one by which people ask for it; a chat may be opened anew.
    const bool group = p->row.is == kind::group;
    const auto what = group ? p->row.room.value : "/portal/" + std::to_string(p->row.key);
    plan.alias = core_.who.portal_alias(p->row.network, what);
    plan.info = p->state.info;
    // Somebody was asked into it: what does not show itself over there is for those who are asked here, too.
    if (p->row.is == kind::group && !plan.info.listed.value_or(true))
        plan.info.members_only = true;
    plan.network = p->row.network;
    plan.far_room = p->row.room.value;
    for (const auto& m : p->state.members) {
        auto mxid = co_await core_.who.mxid_of(*net, m.who.id);
        if (!mxid)
            co_return mxid.error();
        if (m.puppet) {
            auto may = co_await may_be_invited(*mxid);
            if (!may)
                co_return may;
            plan.invite.push_back(std::move(*mxid));
        } else
            plan.members.push_back(std::move(*mxid));
        if (!m.puppet && p->row.is == kind::direct)
            plan.far_name = m.who.shown_as;
    }
    auto made = co_await core_.matrix.make_room(std::move(plan));
    if (!made)
        co_return made.error();
    portal_row row = p->row;
    row.matrix_room = *made;
    std::vector<store_change> all;
    all.emplace_back(put_portal{std::move(row)});
    auto wrote = co_await core_.disk.commit(std::move(all));
    if (!wrote)
        co_return wrote.error();
    core_.rooms.move(p, std::move(*made));
    log::info("room made", "portal", p->row.key, "network", p->row.network, "room", p->row.matrix_room);
    co_return ok();
}

}  // namespace rialto
