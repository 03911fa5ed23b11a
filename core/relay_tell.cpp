// core/relay.hpp, what people are told: plain text, the reason first; nothing on success.
#include "core/directory.hpp"
#include "core/journal.hpp"
#include "core/key.hpp"
#include "core/log.hpp"
#include "core/notices.hpp"
#include "core/refs.hpp"
#include "core/relay.hpp"

namespace rialto {

namespace {
constexpr std::int64_t hour_ms = 60 * 60 * 1000;
constexpr std::size_t most_statuses = 1000;
constexpr std::chrono::seconds show_again{5};
constexpr int most_tries = 20;  // of one status
}  // namespace

// The bot is no member of a chat that a Matrix person began: there the one they talk with says it.
awaitable<outcome> relay::say(portal_ptr p, std::string text, std::string key)
{
    auto said = co_await core_.matrix.notice(p->row.matrix_room, text, key);
    if (said || p->row.is != kind::direct || said.error().next == verdict::try_later)
        co_return said;
    const auto other = far_person(*p);
    auto* net = core_.network(p->row.network);
    if (other.empty() || net == nullptr)
        co_return said;
    auto who = co_await core_.who.mxid_of(*net, user_id{other});
    if (!who)
        co_return who.error();
    message words{document{text}};
    words.how = manner::notice;
    order o{p->row.matrix_room, std::move(*who), std::move(words), std::move(key)};
    auto done = co_await core_.matrix.deliver(std::move(o));
    if (!done)
        co_return done.error();
    co_return ok();
}

bool relay::may_tell_again(const portal_ptr& p, std::string_view kind)
{
    if (told_.size() > 10'000)
        told_.clear();
    auto& last = told_[std::to_string(p->row.key) + '/' + std::string{kind}];
    const auto now = core_.now_ms();
    if (last != 0 && now - last < hour_ms)
        return false;
    last = now;
    return true;
}

// Words in an empty room are read only by who comes in later, when they are no longer true.
awaitable<bool> relay::has_people(std::string room)
{
    auto now = co_await core_.matrix.look(std::move(room));
    if (!now)
        co_return true;
    for (const auto& m : now->members)
        if (m.mxid != core_.options.bot && !core_.who.is_ghost(m.mxid))
            co_return true;
    co_return false;
}

// A room's name or topic that the bot may not set here is nobody's message: no dead letter. Those in the room
// are told once; the far side repeats its settings at each start.
awaitable<settlement> relay::setting_refused(portal_ptr p, failure why)
{
    settlement done{settlement::is::withdrawn, std::move(why)};
    if (done.why.kind != cause::forbidden)
        co_return done;  // a room that tells nothing of itself, or nothing that Matrix has
    auto key = "settings:" + std::to_string(p->row.key);
    auto told = co_await core_.disk.note(key);
    if (!told || !told->empty())
        co_return done;
    const auto text = "I may not change this room's settings - the name and topic of " + far_end(*p) +
                      " on " + p->row.network + " are not shown here. Give " + core_.options.bot +
                      " the power to change them (that of a moderator, as a rule) to have them.";
    auto said = co_await say(p, text, content_key(p->tag, "settings", {}));
    if (said)
        done.changes.emplace_back(put_note{std::move(key), "1"});
    else
        log::warn("notice not sent", "portal", p->row.key, "error", said.error().why);
    co_return done;
}

// The far room ended, or put the bridge out for good: people are told, then the portal closes behind what
// still waits.
awaitable<settlement> relay::far_is_gone(portal_ptr p, gone bye)
{
    auto text = (bye.why.empty() ? std::string{"the room is gone"} : bye.why) + " - this room is no longer " +
                "connected to " + far_end(*p) + " on " + p->row.network + ".";
    if (!bye.moved_to.empty())
        text += " It goes on at " + bye.moved_to.value + ": `!rialto bridge " + p->row.network + " " +
                bye.moved_to.value + "`.";
    const bool heard = co_await has_people(p->row.matrix_room);
    if (heard) {
        auto said = co_await say(p, std::move(text), content_key(p->tag, "gone", bye.why));
        if (!said && said.error().next == verdict::try_later)
            co_return settlement{settlement::is::later, said.error()};
    }
    settlement done{settlement::is::sent};
    if (p->closing)
        co_return done;
    p->closing = true;
    event last{p->id(), person{}, core_.time.now(), message_id{}, std::move(bye)};
    item it;
    it.portal = p->row.key;
    it.bound = way::to_far;
    it.payload = to_payload(last);
    it.taken_ms = core_.now_ms();
    std::vector<store_change> all;
    all.emplace_back(put_item{it});
    auto wrote = co_await core_.disk.commit(std::move(all));
    if (!wrote) {
        p->closing = false;
        co_return settlement{settlement::is::later, wrote.error()};
    }
    it.seq = wrote->front();
    enqueue(p, std::move(it));
    co_return done;
}

// What was taken for delivered came back late.
awaitable<settlement> relay::far_reports(portal_ptr p, report news)
{
    settlement done{settlement::is::sent};
    auto about = co_await core_.disk.find(p->row.key, side::far, news.about.id.value);
    if (!about)
        co_return settlement{settlement::is::later, about.error()};
    if (!*about || (*about)->bound != way::to_far || news.is != fate::failed)
        co_return done;
    failure why{verdict::give_up, cause::other, "it came back"};
    if (news.why)
        why = *news.why;
    const auto id = (*about)->matrix_id;
    show(p, id, fate::failed, why);
    // Of several recipients each may fail, one after the other.
    const auto whom = p->row.is == kind::direct ? std::string{} : " " + news.recipient.value;
    auto said = co_await say(p, undelivered(*p, "message", why), content_key(p->tag, "notice", id + whom));
    if (!said)
        log::warn("notice not sent", "portal", p->row.key, "error", said.error().why);
    co_return done;
}

// What shows at the message itself. Cosmetic, and not kept over a crash: the notice is what must arrive.
void relay::show(const portal_ptr& p, std::string event, fate is, std::optional<failure> why)
{
    if (event.empty() || statuses_.size() >= most_statuses)
        return;
    statuses_.emplace_back(p->row.matrix_room, event.substr(0, event.find(' ')), is, std::move(why));
    if (!std::exchange(showing_, true))
        spawn(core_, "show statuses", show_all());
}

awaitable<void> relay::show_all()
{
    for (int tries = 0; !statuses_.empty();) {
        const auto& next = statuses_.front();
        auto shown = co_await core_.matrix.status(next.room, next.event, next.is, next.why);
        if (!shown && shown.error().next == verdict::try_later && ++tries < most_tries) {
            co_await core_.time.sleep(std::max(shown.error().after, show_again));
            continue;
        }
        if (!shown)
            log::debug("status not shown", "event", statuses_.front().event, "error", shown.error().why);
        statuses_.pop_front();
        tries = 0;
    }
    showing_ = false;
}

}  // namespace rialto
