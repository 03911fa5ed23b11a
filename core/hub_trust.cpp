// core/hub.hpp, which pushed events get their place in the lanes at once and which wait for the homeserver's
// /sync.
#include "core/hub_batch.hpp"
#include "core/log.hpp"
#include "core/metrics.hpp"

namespace rialto {

namespace {
std::string token_key(std::string_view watcher) { return "sync:" + std::string{watcher}; }

// Found below what was released already: delivered late, and counted (promise: never dropped).
metrics::counter found_late()
{
    return metrics::count(
        "rialto_out_of_order_total", "Matrix events found behind newer ones that were released already."
    );
}
metrics::counter recovered()
{
    return metrics::count(
        "rialto_recovered_total", "Matrix events that the homeserver did not push and /sync told."
    );
}
}  // namespace

const std::string& hub::watcher_of(const portal& p) const
{
    static const std::string nobody{not_known_yet};
    if (unread_.contains(p.row.matrix_room))
        return nobody;
    return p.watcher.empty() ? core_.options.bot : p.watcher;
}

std::string hub::watcher_key(portal_key p) { return "watcher:" + std::to_string(p); }

void hub::watched_by(const portal_ptr& p, std::string mxid)
{
    p->watcher = std::move(mxid);
    trust_.hand_over(p->row.key, watcher_of(*p));
}

void hub::connected(std::uint64_t connection) { trust_.opened(connection); }

void hub::disconnected(std::uint64_t)
{
    constexpr std::chrono::seconds idle{100};  // Synapse drops a connection after 120 s without use
    on_disconnected(core_.time.now() - last_push_ < idle);
}

std::string hub::wanted() const
{
    if (const auto* who = trust_.wanted())
        return *who;
    const auto at = std::ranges::find_if(claims_, [this](const auto& c) {
        return !trust_.read_since(c.first, c.second);
    });
    return at == claims_.end() ? std::string{} : at->first;
}

std::vector<std::pair<std::string, std::string>> hub::watched()
{
    std::vector<std::pair<std::string, std::string>> out;
    core_.rooms.each([&](const portal_ptr& p) {
        if (!p->row.matrix_room.empty())
            out.emplace_back(watcher_of(*p), p->row.matrix_room);
    });
    return out;
}

trust::round hub::begin_round(std::string watcher) { return trust_.begin(std::move(watcher)); }

awaitable<result<std::string>> hub::token_of(std::string watcher)
{
    return core_.disk.note(token_key(watcher));
}

// The bot is no member of a chat that a Matrix person began: there the ghost reads.
awaitable<void> hub::find_watchers()
{
    std::vector<portal_ptr> chats;
    core_.rooms.each([&](const portal_ptr& p) {
        if (p->watcher == not_known_yet)
            chats.push_back(p);
    });
    for (const auto& p : chats) {
        auto ghost = co_await core_.disk.note(watcher_key(p->row.key));
        if (p->watcher == not_known_yet)
            watched_by(p, ghost ? std::move(*ghost) : std::string{});
        if (trust_.holds(p->row.key))
            on_wanted();
    }
}

void hub::release_held(const portal_ptr& p, batch& all)
{
    for (const auto* row : trust_.of(p->row.key))
        all.release(p, row->it);
}

// Writes the batch down; then its rows take their places. What is held was entered before, so that nothing
// that is taken in meanwhile passes it.
awaitable<outcome> hub::land(batch& all)
{
    if (!all.changes.empty()) {
        auto wrote = co_await core_.disk.commit(all.changes);
        if (!wrote) {
            for (const auto& r : all.rows)
                if (r.is == batch::kind::held)
                    trust_.drop(r.it.portal, r.it.matrix_id);
            for (const auto& change : all.changes)  // has left its lane already
                if (const auto* mark = std::get_if<mark_stage>(&change))
                    spawn(core_, "write down what was taken back", lanes_.write_off(*mark));
            co_return wrote.error();
        }
        std::size_t at = 0;
        for (auto& r : all.rows) {
            const auto seq = (*wrote)[at++];
            if (r.is == batch::kind::released || (r.is == batch::kind::held && seq == 0))
                trust_.drop(r.it.portal, r.it.matrix_id);
            const bool waits = r.is == batch::kind::held || r.is == batch::kind::held_before;
            r.it.seq = seq;
            if (waits || seq == 0)
                continue;
            if (r.is == batch::kind::released)
                r.it.now = stage::queued;
            lanes_.enqueue(r.at, r.it);
        }
    }
    for (std::size_t i = 0; i < all.after.size(); ++i)
        spawn(core_, all.names[i], std::move(all.after[i]));
    if (!trust_.ready().empty())
        spawn(core_, "release what is in order", release_ready());
    co_return ok();
}

void hub::release(const std::vector<const trust::held*>& rows, batch& all)
{
    std::vector<std::pair<portal_key, std::string>> homeless;
    for (const auto* row : rows)
        if (auto p = core_.rooms.by_key(row->it.portal))
            all.release(p, row->it);
        else
            homeless.emplace_back(row->it.portal, row->it.matrix_id);
    for (const auto& [lane, event] : homeless)
        trust_.drop(lane, event);
}

// What came on a connection that has become trusted meanwhile.
awaitable<void> hub::release_ready()
{
    if (releasing_)
        co_return;
    releasing_ = true;
    while (!trust_.ready().empty()) {
        batch all{arrival{}};
        release(trust_.ready(), all);
        auto done = co_await land(all);
        if (!done) {
            log::warn("held messages cannot be released yet", "error", done.error().why);
            co_await core_.time.sleep(std::chrono::seconds{1});
        }
    }
    releasing_ = false;
}

awaitable<outcome> hub::catch_up(reading r)
{
    if (core_.waiting + trust_.size() + r.events.size() > core_.options.journal_length)
        co_return failure{verdict::try_later, cause::full, "the bridge's journal is full"};
    batch all{r.of};
    all.unread = !r.unread.empty();
    const bool told = !r.events.empty();
    for (auto& e : r.events)
        sort_in(std::move(e), all);
    const auto in_stream = all.rows.size();
    if (r.last && all.unread)
        all.changes.push_back(no_longer_unread(r.unread));
    else if (r.last)
        release(trust_.vouched(r.of), all);  // once more for what was placed already: no harm
    if (r.last && !all.unread && (told || r.first || !all.rows.empty()))
        all.changes.emplace_back(put_note{token_key(r.of.watcher), r.token});
    auto done = co_await land(all);
    if (!done)
        co_return done;
    count_late(all, in_stream);
    if (r.last && all.unread)
        read_through(r.unread);
    else if (r.last)
        trust_.finish(r.of);
    if (!trust_.ready().empty())
        co_await release_ready();
    co_return ok();
}

void hub::count_late(const batch& b, std::size_t in_stream) const
{
    std::map<portal_key, std::size_t> fresh;
    std::size_t late = 0, all = 0;
    for (std::size_t i = 0; i < in_stream; ++i) {
        const auto& r = b.rows[i];
        if (r.is == batch::kind::queued && r.it.seq != 0) {
            ++fresh[r.it.portal];
            ++all;
        } else if (r.is == batch::kind::queued)
            late += std::exchange(fresh[r.it.portal], 0);
    }
    if (all > 0)
        log::info("the homeserver had not pushed all", "events", all, "late", late);
    recovered().add(static_cast<double>(all));
    found_late().add(static_cast<double>(late));
}

}  // namespace rialto
