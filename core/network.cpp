#include "core/network.hpp"

#include "core/directory.hpp"
#include "core/journal.hpp"
#include "core/log.hpp"
#include "core/refs.hpp"

#include <boost/asio/this_coro.hpp>

namespace rialto {

network::network(core_context& core, relay& lanes, std::string name) : core_{core}, lanes_{lanes}
{
    state_.name = std::move(name);
    core_.networks[state_.name] = &state_;
}

std::string network::note_key(std::string_view key) const { return state_.name + "/" + std::string{key}; }

// The portal an event belongs to. A `room` that somebody began opens it: row and first items go to disk in
// one commit. What a far room says of itself only sets right what is open.
result<portal_ptr> network::portal_for(
    const event& e, std::vector<store_change>& changes, std::vector<portal_ptr>& made
)
{
    if (auto known = core_.rooms.by_far(state_.name, e.portal)) {
        if (known->closing)
            return failure{verdict::give_up, cause::not_found, "the room is no longer bridged"};
        if (const auto* whole = std::get_if<room>(&e.what)) {
            known->state.able = whole->able;
            portal_row row = known->row;
            row.state = to_state(known->state);
            changes.emplace_back(put_portal{std::move(row)});
        }
        return known;
    }
    const auto* whole = std::get_if<room>(&e.what);
    if (!whole || e.sender.id.empty())
        return failure{verdict::give_up, cause::not_found, "the room is not bridged"};
    portal_row row;
    row.key = core_.next_portal_key();
    row.network = state_.name;
    row.room = e.portal.room;
    row.account = e.portal.account;
    row.is = whole->is;
    row.state = to_state(*whole);
    changes.emplace_back(put_portal{row});
    made.push_back(core_.rooms.add(std::move(row), *whole));  // taken back when the commit fails
    return made.back();
}

namespace {
bool passing(const happening& what)  // never journaled: latest wins, stale is dropped
{
    return std::holds_alternative<typing>(what) || std::holds_alternative<presence>(what) ||
           std::holds_alternative<receipt>(what);
}
item item_of(const core_context& core, const portal& p, const event& e)
{
    item it;
    it.portal = p.row.key;
    it.bound = way::to_matrix;
    it.far_id = e.id.value;
    for (const auto& other : e.also)
        it.also.push_back(other.value);
    it.author = e.sender.id.value;
    it.payload = to_payload(e);
    it.taken_ms = core.now_ms();
    if (p.waiting(way::to_matrix) == 0) {
        // It goes at once: the note of its first try needs no commit of its own.
        it.first_try_ms = it.taken_ms;
        if (const auto ghost = core.who.grammar().ghost(p.row.network, it.author))
            it.generation = core.matrix.generation(*ghost);
    }
    return it;
}
}  // namespace

struct network::being_written
{
    network& of;
    std::vector<std::string> keys;
    being_written(network& n, const std::vector<note>& notes) : of{n}
    {
        for (const auto& one : notes) {
            auto& [value, many] = of.writing_[one.key];
            value = one.value;
            ++many;
            keys.push_back(one.key);
        }
    }
    ~being_written()
    {
        for (const auto& key : keys)
            if (const auto at = of.writing_.find(key); --at->second.second == 0)
                of.writing_.erase(at);
    }
    being_written(const being_written&) = delete;
    being_written& operator=(const being_written&) = delete;
};

awaitable<outcome> network::accept(std::vector<event> batch, note cursor)
{
    std::vector<note> notes;
    if (!cursor.key.empty())
        notes.push_back(std::move(cursor));
    return accept_all(std::move(batch), std::move(notes));
}

awaitable<outcome> network::accept_all(std::vector<event> batch, std::vector<note> notes)
{
    if (core_.waiting + batch.size() > core_.options.journal_length)
        co_return failure{verdict::try_later, cause::full, "the bridge's journal is full"};
    std::vector<store_change> changes;
    std::vector<portal_ptr> made, portals;
    std::vector<item> items;
    std::optional<failure> refused;
    for (auto& e : batch) {
        if (passing(e.what)) {
            hint(std::move(e));
            continue;
        }
        auto p = portal_for(e, changes, made);
        if (!p) {
            refused = p.error();
            break;
        }
        auto it = item_of(core_, **p, e);
        if (const auto* queue = (*p)->queue(way::to_matrix); queue && queue->full()) {
            it.now = stage::dead;
            it.why = "too many messages wait in this room";
            it.kind = cause::full;
        }
        changes.emplace_back(put_item{it});
        items.push_back(std::move(it));
        portals.push_back(std::move(*p));
    }
    const being_written known{*this, notes};
    for (auto& n : notes)
        changes.emplace_back(put_note{note_key(n.key), std::move(n.value)});
    std::optional<std::vector<std::int64_t>> numbers;
    if (!refused && !changes.empty()) {
        auto wrote = co_await core_.disk.commit(changes);
        if (wrote)
            numbers = std::move(*wrote);
        else
            refused = wrote.error();
    }
    if (refused) {
        for (const auto& p : made)
            core_.rooms.close(p);
        co_return *refused;
    }
    std::size_t at = 0, next = 0;
    for (const auto& c : changes) {
        if (std::holds_alternative<put_portal>(c))
            ++at;
        if (!std::holds_alternative<put_item>(c))
            continue;
        items[next].seq = (*numbers)[at++];
        if (items[next].seq != 0)
            lanes_.enqueue(portals[next], std::move(items[next]));
        ++next;
    }
    co_return ok();
}

void network::link_up(account_id)
{
    state_.up = true;
    state_.last_error.clear();
    log::info("link up", "network", state_.name);
    lanes_.wake(state_);
}

awaitable<void> network::supervise()
{
    backoff pause;
    for (;;) {
        const auto began = core_.time.now();
        auto ended = co_await state_.far->run(account_id{});
        state_.up = false;
        const auto lasted = core_.time.now() - began;
        state_.last_error = ended ? "the link ended" : ended.error().why;
        pause.after_success(std::chrono::duration_cast<std::chrono::milliseconds>(lasted));
        auto wait = pause.after_failure(core_.time.luck());
        if (!ended && ended.error().after.count() > 0)
            wait = ended.error().after;
        log::warn("link down", "network", state_.name, "why", state_.last_error, "again_in_ms", wait.count());
        co_await core_.time.sleep(wait);
    }
}

awaitable<outcome> network::remember(note n)
{
    const being_written known{*this, std::vector<note>(1, n)};
    std::vector<store_change> all;
    all.emplace_back(put_note{note_key(n.key), std::move(n.value)});
    auto wrote = co_await core_.disk.commit(std::move(all));
    if (!wrote)
        co_return wrote.error();
    co_return ok();
}

awaitable<result<std::string>> network::recall(std::string key)
{
    auto read = co_await core_.disk.note(note_key(key));
    if (const auto at = writing_.find(key); at != writing_.end())
        co_return at->second.first;
    co_return read;
}

}  // namespace rialto
