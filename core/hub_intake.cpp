// core/hub.hpp, what Matrix pushes: sorted to the portals it concerns, journaled in one commit, then
// enqueued.
#include "core/hub_batch.hpp"
#include "core/journal.hpp"
#include "core/key.hpp"
#include "core/log.hpp"
#include "core/refs.hpp"

namespace rialto {

namespace {
constexpr std::size_t most_invites = 10'000;
}

awaitable<outcome> hub::take_in(std::vector<near_event> events, arrival from)
{
    const auto waiting = core_.waiting + trust_.size() + events.size();
    if (waiting > core_.options.journal_length || trust_.size() + events.size() > core_.options.most_held)
        co_return failure{verdict::try_later, cause::full, "the bridge's journal is full"};
    last_push_ = core_.time.now();
    batch all{from};
    for (auto& e : events)
        sort_in(std::move(e), all);
    if (trust_.size() > 0)
        on_wanted();
    auto done = co_await land(all);
    co_return done;
}

void hub::sort_in(near_event e, batch& all)
{
    // Whoever took it back, and whether or not anybody over there can be told: links to its files end now.
    if (const auto* taken = std::get_if<retraction>(&e.what); taken)
        all.changes.emplace_back(put_note{revoked_note(link_tag(taken->target.id.value)), "1"});
    const auto here = core_.rooms.in_room(e.room);
    if (e.sender == core_.options.bot && !std::holds_alternative<membership>(e.what)) {
        for (const auto& p : here)  // where we are the room, what it said comes back in Matrix's order
            if (p->state.able.hosts && !e.stamp.empty() && tag_of(e.stamp) == p->tag)
                to_portal(p, e, all);
        return;
    }
    if (e.hollow) {
        for (const auto& p : here)
            put_back(p, e, all);
        return;
    }
    if (e.encrypted) {
        const bool told = all.catches_up() && told_encrypted_.contains(e.room);
        if (!here.empty() && !told)
            all.then("refuse an encrypted event", refuse_encrypted(e.room, e.id));
        return;
    }
    if (std::holds_alternative<membership>(e.what) && sort_membership(e, all))
        return;
    if (const auto* bye = std::get_if<gone>(&e.what)) {  // m.room.tombstone
        if (!bye->moved_to.empty())
            upgrade(e.room, bye->moved_to.value, all);
        return;
    }
    core_.who.named(e.sender, e.sender_name);
    if (const auto* now = std::get_if<profile>(&e.what))
        core_.who.named(e.sender, now->shown_as);
    if (core_.who.is_ghost(e.sender) && e.stamp.empty() && !std::holds_alternative<message>(e.what))
        return;  // a ghost's own profile, join or leave: state of ours, not news
    for (const auto& p : here)
        to_portal(p, e, all);
}

// Memberships that are about the bridge itself. True: nothing is left to carry.
bool hub::sort_membership(const near_event& e, batch& all)
{
    const auto& m = std::get<membership>(e.what);
    const auto& whom = m.whom.value;
    const bool own_doing = e.sender == core_.options.bot || core_.who.is_ghost(e.sender);
    if (whom == core_.options.bot) {
        const auto here = core_.rooms.in_room(e.room);
        const bool since = std::ranges::any_of(here, [&](const portal_ptr& p) { return e.at >= p->born(); });
        if ((m.what == change::kick || m.what == change::ban) && since)
            all.then("unbridge", removed(e.room));
        if (m.what == change::join)
            joined_late(e.room, all);
        return true;
    }
    if (own_doing)
        return true;
    const auto far = core_.who.network_of(whom);
    if (far.empty() || m.what != change::invite)
        return false;
    for (const auto& p : core_.rooms.in_room(e.room))
        if (p->row.network == far)
            return false;  // into a bridged room: the network is asked to invite them
    if (invites_.size() > most_invites)
        invites_.clear();
    if (invites_.insert(e.id).second)  // /sync tells again of what was pushed
        all.then("start a chat", start_chat(e));
    return true;
}

namespace {
item item_of(const core_context& core, const portal& p, const near_event& e)
{
    event whole{p.id(), person{user_id{e.sender}, e.sender_name}, e.at, message_id{e.id}, e.what};
    item it;
    it.portal = p.row.key;
    it.bound = way::to_far;
    it.matrix_id = e.id;
    it.author = e.sender;
    it.payload = to_payload(whole);
    it.taken_ms = core.now_ms();
    return it;
}
}  // namespace

void hub::to_portal(const portal_ptr& p, const near_event& e, batch& all)
{
    if (p->closing)
        return;
    // What came from this far room was said there already, except where we are the room.
    if (!e.stamp.empty() && tag_of(e.stamp) == p->tag) {
        see_own(p, e, all);
        if (!p->state.able.hosts)
            return;
    }
    const bool too_early = !all.unread && unread_.contains(p->row.matrix_room);
    if (all.catches_up() && !too_early)
        return put_back(p, e, all);
    if (too_early || !trust_.passes(p->row.key, watcher_of(*p), all.from)) {
        auto it = item_of(core_, *p, e);
        it.now = stage::held;
        const bool fresh = trust_.hold(watcher_of(*p), all.from, it);
        all.put(p, std::move(it), fresh ? batch::kind::held : batch::kind::held_before);
        return;
    }
    if (std::holds_alternative<retraction>(e.what))
        take_back(p, e, all);
    put_first(p, item_of(core_, *p, e), all);
}

// Our own event comes by: its name is known although the answer to our request may be lost, so that what
// refers to it finds it (promise: waits, instead of being dropped).
void hub::see_own(const portal_ptr& p, const near_event& e, batch& all)
{
    auto* queue = p->queue(way::to_matrix);
    if (!queue || queue->empty() || !queue->head().it)
        return;
    auto& head = *queue->head().it;
    if (!head.matrix_id.empty() || content_key(p->tag, head.author, remote_name(head)) != e.stamp)
        return;
    head.matrix_id = e.id;
    all.changes.emplace_back(mark_seen{head.seq, e.id});
}

void hub::put_first(const portal_ptr& p, item it, batch& all)
{
    if (const auto* queue = p->queue(way::to_far); queue && queue->full()) {
        it.now = stage::dead;
        it.why = "too many messages wait in this room";
        it.kind = cause::full;
    }
    all.put(p, std::move(it), batch::kind::queued);
}

// What /sync told. A held row gets its place here, as it was pushed; what was redacted meanwhile has no other
// text.
void hub::put_back(const portal_ptr& p, const near_event& e, batch& all)
{
    if (const auto* held = trust_.find(p->row.key, e.id))
        all.release(p, held->it);
    else if (!e.hollow && (all.unread || e.at >= p->born()))
        put_first(p, item_of(core_, *p, e), all);
}

// A redaction of what still waits: neither is sent (promise.md §9 Q5).
void hub::take_back(const portal_ptr& p, const near_event& e, batch& all)
{
    const auto* queue = p->queue(way::to_far);
    if (!queue)
        return;
    const auto target = std::get<retraction>(e.what).target.id.value;
    const auto seq = queue->find_by_id(target);
    if (seq == 0)
        return;
    if (auto mark = lanes_.withdraw(p, way::to_far, seq))
        all.changes.push_back(std::move(*mark));
}

void hub::hint(near_event e)
{
    const bool seen = std::holds_alternative<receipt>(e.what);
    for (const auto& p : core_.rooms.in_room(e.room)) {
        auto* net = core_.network(p->row.network);
        const bool able = seen ? p->state.able.receipts : p->state.able.typing;
        if (!net || !net->up || !able || core_.who.network_of(e.sender) == p->row.network)
            continue;
        spawn(core_, "hint", carry_hint(p, e));
    }
}

awaitable<void> hub::carry_hint(portal_ptr p, near_event e)
{
    auto* net = core_.network(p->row.network);
    if (auto* seen = std::get_if<receipt>(&e.what)) {
        // Only they who wrote it want to know; of what Matrix people said they know nothing here.
        auto item = co_await lanes_.root_of(p, side::matrix, seen->up_to.id.value);
        if (!item || !*item || (*item)->bound != way::to_matrix)
            co_return;
        co_await lanes_.resolve(p, side::matrix, e.what);
    }
    auto who = co_await core_.who.far_of(*net, e.sender, e.sender_name);
    if (!who)
        co_return;
    const auto shown = co_await core_.who.shown_as(core_.matrix, e.sender);
    person by{std::move(*who), shown};
    event out{p->id(), std::move(by), core_.time.now(), message_id{}, std::move(e.what)};
    auto sent = co_await net->far->deliver(std::move(out));
    if (!sent)
        log::debug("hint not carried", "network", net->name, "error", sent.error().why);
}

awaitable<void> hub::refuse_encrypted(std::string room, std::string event)
{
    failure why{verdict::give_up, cause::forbidden, "the room is encrypted and the bridge cannot read it"};
    auto shown = co_await core_.matrix.status(room, std::move(event), fate::failed, why);
    if (!shown)
        log::debug("status not shown", "error", shown.error().why);
    if (std::exchange(told_encrypted_[room], true))
        co_return;
    std::string text =
        "This room is encrypted, and the bridge cannot read encrypted messages: nothing said here reaches "
        "the "
        "other side. Use a room without encryption to talk to it.";
    std::string key = content_key("encrypted", room, {});
    auto said = co_await core_.matrix.notice(room, std::move(text), std::move(key));
    if (!said)
        log::warn("notice not sent", "error", said.error().why);
}

awaitable<void> hub::removed(std::string room)
{
    auto done = co_await close_all(std::move(room), "", "", "the bridge was removed from the Matrix room");
    if (!done)
        log::warn("unbridging failed", "error", done.error().why);
}

}  // namespace rialto
