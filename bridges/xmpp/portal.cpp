#include "bridges/xmpp/portal.hpp"

#include "bridges/xmpp/jid.hpp"
#include "bridges/xmpp/portal_joins.hpp"
#include "bridges/xmpp/portal_signal.hpp"
#include "core/backoff.hpp"
#include "core/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace rialto::xmpp {
namespace {

constexpr std::chrono::minutes self_ping_every{5}, deep_check_every{30};

}  // namespace

muc_portal::muc_portal(surroundings& around, portal_id id, room_info known)
    : around_{around},
      id_{std::move(id)},
      info_{std::move(known)},
      occupants_{id_.room.value},
      changed_{std::make_unique<changed_signal>(around.ex)},
      opened_{around.time.now()}
{
}

muc_portal::~muc_portal() = default;

bool muc_portal::living(unsigned life) const noexcept
{
    return life == life_ && phase_ != phase::closed && around_.wire.up();
}

bool muc_portal::listening() const
{
    const auto* p = puppets_.find(listener());
    return p != nullptr && p->is == standing::in;
}

failure muc_portal::away() const
{
    failure out{verdict::try_later, cause::away, room_jid() + " is not reached yet"};
    return refusal_ ? *refusal_ : out;
}

void muc_portal::link_up()
{
    if (phase_ == phase::closed)
        return;
    const auto life = ++life_;
    phase_ = phase::down;
    retry_at_ = timestamp{};
    refusal_.reset();
    auto run = [self = shared_from_this(), life]() -> awaitable<void> { co_await self->live(life); };
    boost::asio::co_spawn(around_.ex, run, [room = room_jid()](std::exception_ptr broken) {
        if (broken)
            log::error("a room's task broke", "room", room);
    });
}

void muc_portal::link_lost()
{
    ++life_;
    if (phase_ != phase::closed)
        phase_ = phase::down;
    puppets_.link_lost();
    renaming_.clear();
    echoes_.link_lost();
    intake_.hold();
    occupants_.clear();
    changed_->notify();
}

void muc_portal::wake_at(timestamp when) { wake_at_ = std::min(wake_at_, when); }

awaitable<void> muc_portal::changed_by(timestamp deadline)
{
    wake_at(deadline);
    co_await changed_->wait();
}

void muc_portal::tick(timestamp now)
{
    if (now < wake_at_)
        return;
    wake_at_ = timestamp::max();  // who still waits sets it again
    puppets_.expire(now);
    echoes_.expire(now);
    changed_->notify();
}

void muc_portal::fall(std::chrono::seconds pause)
{
    if (phase_ == phase::closed)
        return;
    phase_ = phase::down;
    retry_at_ = around_.time.now() + pause;
    intake_.hold();
    occupants_.clear();
    puppets_.left(listener());
    changed_->notify();
}

void muc_portal::end_with(gone why)
{
    event e{id_, person{}, around_.time.now(), message_id{}, std::move(why)};
    tell(std::move(e));
    fall(std::chrono::hours{24 * 365});  // the core unbridges and closes us
    refusal_ = failure{verdict::give_up, cause::banned, "the bridge was put out of " + room_jid()};
}

void muc_portal::abandon(std::string why)
{
    event e{id_, person{}, around_.time.now(), message_id{}, gone{std::move(why)}};
    tell(std::move(e));
}

awaitable<void> muc_portal::live(unsigned life)
{
    backoff pause{std::chrono::minutes{5}};
    while (living(life)) {
        if (around_.time.now() < retry_at_) {
            co_await flush();
            co_await changed_by(retry_at_);
            continue;
        }
        if (phase_ == phase::down) {
            auto up = co_await come_up(life);
            if (!living(life))
                break;
            if (up) {
                pause = backoff{std::chrono::minutes{5}};
                continue;
            }
            refusal_ = up.error();
            log::warn("a room cannot be entered", "room", room_jid(), "why", up.error().why);
            const auto wait = pause.after_failure(around_.time.luck()) + std::chrono::seconds{1};
            fall(std::chrono::duration_cast<std::chrono::seconds>(wait));
            continue;
        }
        co_await flush();
        if (!living(life) || phase_ != phase::ready)
            continue;
        const bool acted = co_await look_after();
        if (!acted && living(life) && phase_ == phase::ready)
            co_await changed_by(std::min(check_at_, deep_check_at_));
    }
}

awaitable<outcome> muc_portal::load()
{
    if (loaded_)
        co_return ok();
    auto position = co_await around_.core.recall(cursor_key());
    if (!position)
        co_return position.error();
    auto ours = co_await around_.core.recall(puppets_key());
    if (!ours)
        co_return ours.error();
    auto secret = co_await around_.core.recall(secret_key());
    if (!secret)
        co_return secret.error();
    saved_secret_ = *secret;
    if (secret_.empty())
        secret_ = std::move(*secret);
    intake_.start_at(read_cursor(*position));
    puppets_.read(*ours);
    loaded_ = true;
    co_return ok();
}

// A person's address never answers a join: that it is none of a room is known from its server alone.
awaitable<outcome> muc_portal::learn_service()
{
    const std::string service{domain_of(room_jid())};
    auto answer = co_await around_.wire.ask(listener() + "/rialto", service, iq_type::get, disco_query());
    if (!answer)
        co_return answer.error();
    failure none{verdict::give_up, cause::not_found, service + " is not a room service: check the address"};
    if (!answer->error && !read_traits(answer->payload()).is_muc)
        co_return none;
    co_return ok();  // the join will say
}

awaitable<outcome> muc_portal::learn_traits()
{
    auto answer = co_await around_.wire.ask(listener() + "/rialto", room_jid(), iq_type::get, disco_query());
    if (!answer)
        co_return answer.error();
    if (answer->error) {
        const auto& c = answer->error->condition;
        if (c == "item-not-found" || c == "remote-server-not-found" || c == "gone" ||
            c == "remote-server-timeout")
            co_return join_failure(*answer->error, room_jid(), listener());
        traits_known_ = true;  // a hidden room may tell nothing to those outside
        co_return co_await learn_service();
    }
    traits_ = read_traits(answer->payload());
    traits_known_ = true;
    if (!traits_.is_muc) {
        failure none{verdict::give_up, cause::not_found, room_jid() + " is not a room"};
        co_return none;
    }
    auto now = traits_.info();
    const bool known = info_.title.has_value();
    if (now.title && now.title != info_.title) {
        info_.title = now.title;
        if (known && phase_ == phase::ready) {
            room_info changed;
            changed.title = now.title;
            event e{id_, person{}, around_.time.now(), message_id{}, std::move(changed)};
            tell(std::move(e));
        }
    }
    co_return ok();
}

// Not all rooms at once: together they would ask more than anybody answers. Far more than may join at once,
// because those on a server that is gone wait long for an answer.
awaitable<outcome> muc_portal::come_in(unsigned life)
{
    auto turn = co_await around_.arrivals.enter();
    if (!living(life))
        co_return away();
    auto loaded = co_await load();
    if (!loaded)
        co_return loaded.error();
    phase_ = phase::joining;
    auto known = co_await learn_traits();
    if (!known)
        co_return known.error();
    occupants_.clear();
    intake_.hold();
    puppets_.left(listener());
    history_reaches_back_ = false;
    auto in = co_await enter(listener(), around_.config.nick);
    co_return in;
}

awaitable<outcome> muc_portal::come_up(unsigned life)
{
    auto in = co_await come_in(life);
    if (!in)
        co_return in.error();
    auto kept = co_await save_secret();
    if (!kept)
        co_return kept.error();
    auto caught = co_await catch_up();
    if (!caught)
        co_return caught.error();
    intake_.release();
    co_await flush();
    failure interrupted{verdict::try_later, cause::away, "the link to " + room_jid() + " was lost"};
    if (!living(life) || !listening())
        co_return interrupted;
    phase_ = phase::ready;
    refusal_.reset();
    const auto now = around_.time.now();
    check_at_ = now + self_ping_every;
    deep_check_at_ = now + deep_check_every;
    event whole{id_, person{}, now, message_id{}, state()};
    tell(std::move(whole));
    log::info("room entered", "room", room_jid(), "occupants", occupants_.size(), "archive", traits_.archive);
    changed_->notify();
    co_return ok();
}

// What needs doing from time to time. True: something was done, look again.
awaitable<bool> muc_portal::look_after()
{
    const auto now = around_.time.now();
    if (intake_.overflowed()) {
        log::warn("a room was faster than the journal and is read again", "room", room_jid());
        fall(std::chrono::seconds{0});
        co_return true;
    }
    if (std::exchange(refresh_, false)) {
        auto learnt = co_await learn_traits();
        if (!learnt)
            log::debug("a room's settings could not be read", "room", room_jid(), "why", learnt.error().why);
        co_return true;
    }
    if (now >= deep_check_at_) {
        deep_check_at_ = now + deep_check_every;
        if (traits_.archive && !confirmed_.empty()) {
            auto read = co_await read_archive_from(confirmed_, false);
            if (!read)
                log::debug("an archive could not be checked", "room", room_jid(), "why", read.error().why);
        }
        co_return true;
    }
    if (now < check_at_)
        co_return false;
    check_at_ = now + self_ping_every;
    if (around_.config.idle_leave.count() > 0)
        for (const auto& jid : puppets_.silent_since(now - around_.config.idle_leave, listener()))
            send_leave(jid, "idle");
    const auto truth = co_await self_ping(listener());
    if (truth == presence_truth::out)
        fall(std::chrono::seconds{0});
    co_return true;
}

room muc_portal::state() const
{
    room out{kind::group};
    out.info = traits_.info();
    out.info.topic = info_.topic;
    if (!out.info.title)
        out.info.title = info_.title;
    out.able.html = out.able.files = out.able.edits = out.able.retractions = out.able.typing = true;
    out.able.reactions = out.able.replies = traits_.stanza_ids;
    for (const auto& [nick, o] : occupants_.all())
        out.members.emplace_back(person{occupants_.identify(o), nick}, o.is(), false);
    out.complete = true;
    return out;
}

awaitable<outcome> muc_portal::until_ready(std::chrono::seconds patience)
{
    const auto deadline = around_.time.now() + patience;
    while (phase_ != phase::ready) {
        if (phase_ == phase::closed || refusal_ || !around_.wire.up())
            co_return away();
        failure silent{
            verdict::try_later, cause::away,
            room_jid() + " does not answer: check the address, or try again later"
        };
        if (around_.time.now() >= deadline)
            co_return silent;
        co_await changed_by(deadline);
    }
    co_return ok();
}

awaitable<outcome> muc_portal::close()
{
    for (const auto& [jid, p] : puppets_.all())
        if (jid != listener() && (p.is == standing::in || p.is == standing::unsure))
            around_.wire.send(write_leave(p.full(), room_jid(), p.nick, "the room is no longer bridged"));
    if (const auto* p = puppets_.find(listener()))
        around_.wire.send(write_leave(p->full(), room_jid(), p->nick, "the room is no longer bridged"));
    phase_ = phase::closed;
    ++life_;
    changed_->notify();
    note forget{puppets_key(), ""};
    auto first = co_await around_.core.remember(std::move(forget));
    if (!first)
        co_return first.error();
    note secret{secret_key(), ""};
    first = co_await around_.core.remember(std::move(secret));
    if (!first)
        co_return first.error();
    note position{cursor_key(), ""};
    co_return co_await around_.core.remember(std::move(position));
}

}  // namespace rialto::xmpp
