// bridges/xmpp/portal.hpp, what was heard goes to disk: events with the cursor behind them, in order.
#include "bridges/xmpp/portal.hpp"
#include "bridges/xmpp/portal_signal.hpp"
#include "core/log.hpp"

namespace rialto::xmpp {
namespace {

constexpr std::chrono::seconds commit_pause{2};
constexpr std::chrono::minutes opening{2};  // within which the core may not know yet what open() returned

// Others wait meanwhile; also when it is cut short.
struct underway
{
    bool& is;
    changed_signal& told;
    underway(bool& flag, changed_signal& signal) : is{flag}, told{signal} { is = true; }
    ~underway()
    {
        is = false;
        told.notify();
    }
    underway(const underway&) = delete;
    underway& operator=(const underway&) = delete;
};

}  // namespace

// Not until it is decided: try_later is repeated as long as the link lasts; the reader is held up by the
// bound of the intake alone, other rooms are not.
awaitable<outcome> muc_portal::hand_over(std::vector<event> events, note where)
{
    const auto life = life_;
    std::chrono::milliseconds soon{25};  // the core is just about to know what open() returned
    for (;;) {
        auto batch = events;
        auto cursor = where;
        auto taken = ok();
        if (!batch.empty())
            taken = co_await around_.core.accept(std::move(batch), std::move(cursor));
        else if (!cursor.key.empty())
            taken = co_await around_.core.remember(std::move(cursor));
        if (taken)
            co_return ok();
        const auto now = around_.time.now();
        const bool unknown = taken.error().kind == cause::not_found && now < opened_ + opening;
        if (taken.error().next != verdict::try_later && !unknown)
            co_return taken.error();
        if (unknown && soon < commit_pause) {
            co_await around_.time.sleep(soon);
            soon *= 2;
        } else {
            const auto until = now + commit_pause;
            while (around_.time.now() < until && living(life))
                co_await changed_by(until);
        }
        if (!living(life)) {
            failure interrupted{verdict::try_later, cause::away, "the link was lost"};
            co_return interrupted;
        }
    }
}

// True: all of it is on disk or refused for good.
awaitable<bool> muc_portal::commit(const intake_batch& batch)
{
    note where;
    if (!batch.upto.empty())
        where = note{cursor_key(), to_text(batch.upto)};
    auto all = co_await hand_over(batch.events, std::move(where));
    if (all)
        co_return true;
    if (all.error().next == verdict::try_later)
        co_return false;
    co_return co_await commit_one_by_one(batch);
}

// One that cannot be taken must not drop the others, nor hold up the cursor.
awaitable<bool> muc_portal::commit_one_by_one(const intake_batch& batch)
{
    for (const auto& e : batch.events) {
        std::vector<event> one(1, e);
        auto taken = co_await hand_over(std::move(one), note{});
        if (taken)
            continue;
        if (taken.error().next == verdict::try_later)
            co_return false;
        log::warn(
            "a message of a room was refused", "room", room_jid(), "id", e.id.value, "why", taken.error().why
        );
    }
    if (batch.upto.empty())
        co_return true;
    note where{cursor_key(), to_text(batch.upto)};
    std::vector<event> none;
    auto kept = co_await hand_over(std::move(none), std::move(where));
    if (!kept && kept.error().next != verdict::try_later)
        log::warn("a room's position could not be noted", "room", room_jid(), "why", kept.error().why);
    co_return kept || kept.error().next != verdict::try_later;
}

awaitable<void> muc_portal::flush()
{
    (void)co_await save_puppets();
    while (auto batch = intake_.take()) {
        const bool kept = co_await commit(*batch);
        if (kept)
            continue;
        intake_.put_back(std::move(*batch));
        co_return;
    }
}

// The room took it: it is asked for again at the next start.
awaitable<outcome> muc_portal::save_secret()
{
    if (secret_ == saved_secret_)
        co_return ok();
    note n{secret_key(), secret_};
    auto kept = co_await around_.core.remember(std::move(n));
    if (kept)
        saved_secret_ = secret_;
    co_return kept;
}

// Ok: what is known of ours is on disk, also what somebody else is just writing.
awaitable<outcome> muc_portal::save_puppets()
{
    while (saving_puppets_)
        co_await changed_by(timestamp::max());
    if (!puppets_.take_changed())
        co_return ok();
    const underway mark{saving_puppets_, *changed_};
    note n{puppets_key(), puppets_.to_text()};
    auto kept = co_await around_.core.remember(std::move(n));
    if (kept)
        co_return ok();
    puppets_.not_kept();
    log::warn("a room's puppets could not be noted", "room", room_jid(), "why", kept.error().why);
    co_return kept.error();
}

}  // namespace rialto::xmpp
