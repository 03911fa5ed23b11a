// core/relay.hpp, what people are told: plain text, the reason first; nothing on success.
#include "core/directory.hpp"
#include "core/journal.hpp"
#include "core/key.hpp"
#include "core/log.hpp"
#include "core/refs.hpp"
#include "core/relay.hpp"

namespace rialto {

namespace {
constexpr std::int64_t hour_ms = 60 * 60 * 1000;

std::string other_one(const portal& p)  // of a chat: the far person
{
    for (const auto& m : p.state.members)
        if (!m.puppet)
            return m.who.id.value;
    return {};
}

std::string far_end(const portal& p)
{
    auto other = p.row.is == kind::direct ? other_one(p) : std::string{};
    return other.empty() ? p.row.room.value : other;
}

std::string sentence(const portal& p, std::string_view kind, const failure& why)
{
    std::string out = why.why.empty() ? std::string{"for an unknown reason"} : why.why;
    out += why.certain ? " - this " : " - it is not certain whether this ";
    out.append(kind).append(why.certain ? " was not delivered to " : " was delivered to ");
    return out + p.row.network + " (" + far_end(p) + ").";
}
}  // namespace

// The bot is no member of a chat that a Matrix person began: there the one they talk with says it.
awaitable<outcome> relay::say(portal_ptr p, std::string text, std::string key)
{
    auto said = co_await core_.matrix.notice(p->row.matrix_room, text, key);
    if (said || p->row.is != kind::direct || said.error().next == verdict::try_later)
        co_return said;
    const auto other = other_one(*p);
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

// A kick over there that cannot be done here must not pass unseen: the room is told who did what to whom.
awaitable<void> relay::tell_unkicked(portal_ptr p, event e, std::string key, failure why)
{
    const auto* m = std::get_if<membership>(&e.what);
    if (!m || (m->what != change::kick && m->what != change::ban) || p->row.matrix_room.empty())
        co_return;
    auto* net = core_.network(p->row.network);
    auto whom = co_await core_.who.mxid_of(*net, m->whom);
    const auto actor = e.sender.shown_as.empty() ? std::string{"somebody"} : e.sender.shown_as;
    std::string text = why.why + " - on " + p->row.network + ", " + actor +
                       (m->what == change::ban ? " banned " : " kicked ") + (whom ? *whom : m->whom.value);
    if (!m->reason.empty())
        text += " (" + m->reason + ")";
    text += "; give the bridge's bot the power to do the same here, or do it yourself.";
    auto said = co_await core_.matrix.notice(p->row.matrix_room, std::move(text), std::move(key));
    if (!said)
        log::warn("notice not sent", "portal", p->row.key, "error", said.error().why);
}

awaitable<void> relay::tell_author(portal_ptr p, item it, failure why)
{
    auto read = from_payload(it.payload);
    if (!read)
        co_return;
    const auto* put_out = std::get_if<membership>(&read->what);
    const bool invites = put_out && put_out->what == change::invite;
    const bool moderates = put_out && (put_out->what == change::kick || put_out->what == change::ban);
    if (!is_said(read->what) && !invites && !(moderates && it.bound == way::to_far)) {
        if (it.bound == way::to_matrix) {
            auto key = content_key(p->tag, "unkicked", std::to_string(it.seq));
            co_await tell_unkicked(p, std::move(*read), std::move(key), std::move(why));
        }
        co_return;
    }
    std::string_view kind = kind_name(read->what);
    if (moderates)
        kind = put_out->what == change::ban ? "ban" : "kick";
    if (invites)
        kind = "invitation";
    log::info("dead letter", "portal", p->row.key, "seq", it.seq, "kind", kind, "certain", why.certain);
    if (it.bound == way::to_far) {
        // What a network can never carry is said once an hour; what failed is said each time.
        if (why.next == verdict::unsupported && !may_tell_again(p, kind))
            co_return;
        auto shown = co_await core_.matrix.status(p->row.matrix_room, it.matrix_id, fate::failed, why);
        if (!shown)
            log::debug("status not shown", "seq", it.seq, "error", shown.error().why);
        const auto key = content_key(p->tag, "notice", it.matrix_id);
        auto said = co_await say(p, sentence(*p, kind, why), key);
        if (!said)
            log::warn("notice not sent", "seq", it.seq, "error", said.error().why);
        co_return;
    }
    auto* net = core_.network(p->row.network);
    if (!net || !net->up || it.far_id.empty())
        co_return;
    reference about{message_id{it.far_id}};
    for (const auto& id : it.also)
        about.also.emplace_back(id);
    report news{std::move(about), read->sender.id, fate::failed};
    news.why = std::move(why);
    event e{p->id(), read->sender, core_.time.now(), message_id{}, std::move(news)};
    auto told = co_await net->far->deliver(std::move(e));
    if (!told)
        log::debug("report not delivered", "seq", it.seq, "error", told.error().why);
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
    auto shown = co_await core_.matrix.status(p->row.matrix_room, id, fate::failed, why);
    if (!shown)
        log::debug("status not shown", "portal", p->row.key, "error", shown.error().why);
    auto said = co_await say(p, sentence(*p, "message", why), content_key(p->tag, "notice", id));
    if (!said)
        log::warn("notice not sent", "portal", p->row.key, "error", said.error().why);
    co_return done;
}

awaitable<void> relay::tell_pending(portal_ptr p, std::string event)
{
    auto shown =
        co_await core_.matrix.status(p->row.matrix_room, std::move(event), fate::queued, std::nullopt);
    if (!shown)
        log::debug("status not shown", "portal", p->row.key, "error", shown.error().why);
}

}  // namespace rialto
