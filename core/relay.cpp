#include "core/relay.hpp"

#include "core/journal.hpp"
#include "core/log.hpp"
#include "core/refs.hpp"

namespace rialto {

namespace {
// A copy for one recipient is named by its message and the recipient; no event id has a space.
constexpr std::string_view for_one = " to ";
constexpr std::size_t most_shown_waiting = 20;  // of one lane: a homeserver need not hear of ten thousand

std::int64_t to_count(std::chrono::milliseconds span) { return span.count(); }

bool is_text(const item& it)
{
    const auto read = from_payload(it.payload);
    return read && (std::holds_alternative<message>(read->what) || std::holds_alternative<edit>(read->what));
}

std::string recipient_of(const item& it)
{
    const auto at = it.matrix_id.find(for_one);
    return at == it.matrix_id.npos ? std::string{} : it.matrix_id.substr(at + for_one.size());
}
}  // namespace

settlement from(failure f)
{
    const auto what = f.next == verdict::try_later ? settlement::is::later : settlement::is::dead;
    return settlement{what, std::move(f)};
}

void relay::enqueue(const portal_ptr& p, item it, bool again)
{
    if (it.now == stage::dead) {  // its lane was full when it was taken
        owe();
        return;
    }
    lane_id at{it.bound, recipient_of(it)};
    auto& queue = p->lanes[at];
    if (!queue)
        queue = std::make_unique<lane>(core_.options.lanes);
    if (at.bound == way::to_far)
        p->last_seen = it.seq;
    queue->add(std::move(it), again);
    ++core_.waiting;
    start(p, at);
}

bool relay::open(const portal_ptr& p, way w) const
{
    if (w == way::to_matrix)
        return true;
    const auto* net = core_.network(p->row.network);
    return net && net->up;
}

void relay::start(const portal_ptr& p, lane_id at)
{
    auto* queue = p->queue(at);
    if (stopping_ || !queue || queue->running() || queue->empty() || !open(p, at.bound))
        return;
    queue->running(true);
    spawn(core_, "lane", run(p, at));
}

void relay::wake(const network_state& net)
{
    if (owes_)
        owe();
    core_.rooms.each([&](const portal_ptr& p) {
        if (p->row.network == net.name)
            hurry(p, way::to_far);
    });
}

awaitable<void> relay::run(portal_ptr p, lane_id at)
{
    for (;;) {
        auto& queue = *p->queue(at);
        const auto now = core_.now_ms();
        const auto todo = queue.next(now, open(p, at.bound));
        if (todo.what == lane::step::to::idle) {
            p->lanes.erase(at);
            co_return;
        }
        if (todo.what == lane::step::to::parked || stopping_) {
            queue.running(false);
            co_return;
        }
        if (todo.what == lane::step::to::wait) {
            // In slices, so that a lane that was woken (the link came back) need not sleep to the end.
            const std::chrono::milliseconds rest{std::min<std::int64_t>(todo.until_ms - now, 1000)};
            co_await core_.time.sleep(rest);
            continue;
        }
        co_await send_head(p, at);
    }
}

awaitable<void> relay::send_head(portal_ptr p, lane_id at)
{
    auto& queue = *p->queue(at);
    const bool expired = queue.next(core_.now_ms(), true).what == lane::step::to::expire;
    queue.begin();  // from here on nobody folds into it or takes it back
    const bool again = queue.head().again;
    if (!queue.head().it) {
        auto read = co_await core_.disk.get(queue.head().seq);
        if (!read || !*read) {
            queue.later(core_.now_ms(), std::chrono::seconds{1}, core_.time.luck(), false);
            co_return;
        }
        queue.head().it = std::move(**read);  // asked for anew: others may have left the lane meanwhile
    }
    item it = *queue.head().it;
    if (expired) {
        failure old{verdict::give_up, cause::away, "it could not be delivered for too long"};
        old.certain = !again;
        settlement dead{settlement::is::dead, std::move(old)};
        co_await settle(p, at, std::move(it), std::move(dead));
        co_return;
    }
    ++sending_;
    auto done = co_await deliver(p, at, it, again);
    co_await settle(p, at, std::move(it), std::move(done));
    --sending_;
}

awaitable<settlement> relay::deliver(portal_ptr p, lane_id at, item it, bool again)
{
    auto read = from_payload(it.payload);
    if (!read)
        co_return settlement{settlement::is::dead, read.error()};
    event e = std::move(*read);
    e.lane = it.seq;
    try {
        if (at.bound == way::to_far)
            co_return co_await to_far(p, std::move(it), std::move(e), again);
        co_return co_await to_matrix(p, std::move(it), std::move(e));
    } catch (const std::exception& x) {
        log::error("delivery ended by an exception", "portal", p->row.key, "seq", e.lane, "error", x.what());
    }
    failure broken{verdict::give_up, cause::other, "the bridge met an internal error"};
    broken.certain = false;
    co_return settlement{settlement::is::dead, std::move(broken)};
}

// Writes down what became of the head, which leaves the lane unless it is to be tried again.
awaitable<void> relay::settle(portal_ptr p, lane_id at, item it, settlement s)
{
    auto& queue = *p->queue(at);
    if (s.what == settlement::is::later) {
        p->last_error = s.why.why;
        queue.later(core_.now_ms(), s.why.after, core_.time.luck(), !s.why.certain);
        co_return;
    }
    if (s.what == settlement::is::sent)
        s.changes.emplace_back(mark_sent{it.seq, s.id, s.also});
    else if (s.what == settlement::is::withdrawn)
        s.changes.emplace_back(mark_stage{it.seq, stage::withdrawn, s.why.why});
    else
        s.changes.emplace_back(mark_dead{it.seq, s.why, queue.head().tries});
    if (at.bound == way::to_matrix)
        co_await note_next_try(p, at, s.changes);
    auto split = split_off(p, it, s);
    const auto numbers = co_await write_down(it.seq, s.changes);
    queue.settled();
    half_sent_.erase(it.seq);
    --core_.waiting;
    const bool shown_waiting = core_.now_ms() - it.taken_ms > to_count(core_.options.lanes.pending);
    if (s.what == settlement::is::sent && it.bound == way::to_far && (shown_waiting || it.tries > 0))
        show(p, it.matrix_id, fate::delivered);
    if (s.what == settlement::is::sent)
        p->last_error.clear();
    log::debug(
        "settled", "portal", p->row.key, "seq", it.seq, "how", static_cast<int>(s.what), "why", s.why.why
    );
    for (std::size_t i = 0; i < split.size(); ++i) {
        split[i].seq = numbers[numbers.size() - split.size() + i];
        if (split[i].seq != 0)
            enqueue(p, std::move(split[i]));
    }
    if (s.what == settlement::is::dead)
        owe();
}

// What has been decided, or has left its lane: nothing goes on before it is on disk.
awaitable<std::vector<std::int64_t>> relay::write_down(position seq, std::vector<store_change> all)
{
    for (;;) {
        auto wrote = co_await core_.disk.commit(all);
        if (wrote)
            co_return std::move(*wrote);
        log::warn("what was decided cannot be written down yet", "seq", seq, "error", wrote.error().why);
        co_await core_.time.sleep(std::chrono::seconds{1});
    }
}

awaitable<void> relay::write_off(mark_stage mark)
{
    std::vector<store_change> one;
    const auto seq = mark.seq;
    one.emplace_back(std::move(mark));
    (void)co_await write_down(seq, std::move(one));
}

// Recipients who have it not get a copy of their own, written in the commit that marks the others done: it is
// tried later, or dead, so that its author is told whatever happens, and may try again for them alone.
std::vector<item> relay::split_off(const portal_ptr&, const item& it, settlement& s)
{
    std::vector<item> out;
    if (s.what != settlement::is::sent || s.refused.empty())
        return out;
    auto whole = from_payload(it.payload);
    if (!whole)
        return out;
    const auto original = it.matrix_id.substr(0, it.matrix_id.find(for_one));
    for (const auto& r : s.refused) {
        whole->only.assign(1, r.recipient);
        item copy = it;
        copy.seq = 0;
        if (r.why.next != verdict::try_later) {
            copy.now = stage::dead;
            copy.why = r.why.why;
            copy.kind = r.why.kind;
            copy.next = r.why.next;
            copy.certain = r.why.certain;
        }
        copy.matrix_id = original + std::string{for_one} + r.recipient.value;
        copy.far_id.clear();
        copy.also.clear();
        copy.payload = to_payload(*whole);
        s.changes.emplace_back(put_item{copy});
        out.push_back(std::move(copy));
    }
    return out;
}

void relay::tend()
{
    if (owes_ && core_.now_ms() >= pay_again_ms_)
        owe();
    core_.rooms.each([&](const portal_ptr& p) {
        for (const auto& [at, queue] : p->lanes) {
            const auto now = core_.now_ms();
            if (at.bound == way::to_far)
                for (auto* late : queue->overdue(now, most_shown_waiting)) {
                    late->told = true;
                    if (late->it && is_text(*late->it))
                        show(p, late->it->matrix_id, fate::queued);
                }
            if (!queue->running() && queue->next(now, false).what == lane::step::to::expire) {
                queue->running(true);
                spawn(core_, "lane", run(p, at));
            }
        }
    });
}

std::optional<store_change> relay::withdraw(const portal_ptr& p, lane_id at, position seq)
{
    auto* queue = p->queue(at);
    if (!queue || !queue->withdraw(seq))
        return std::nullopt;
    --core_.waiting;
    return mark_stage{seq, stage::withdrawn, "its author took it back before it was sent"};
}

std::optional<store_change> relay::take_out(const portal_ptr& p, position seq, failure why)
{
    for (const auto& [at, queue] : p->lanes) {
        auto out = queue->take_out(seq);
        if (!out)
            continue;
        --core_.waiting;
        why.certain = !out->again;
        return mark_dead{seq, std::move(why), out->tries};
    }
    return std::nullopt;
}

void relay::hurry(const portal_ptr& p, way w)
{
    for (const auto& [at, queue] : p->lanes)
        if (at.bound == w) {
            queue->wake();
            start(p, at);
        }
}

}  // namespace rialto
