// bridges/xmpp/portal.hpp, who is in: joins with their nicks, self-pings, leaves.
#include "bridges/xmpp/address.hpp"
#include "bridges/xmpp/jid.hpp"
#include "bridges/xmpp/portal.hpp"
#include "bridges/xmpp/portal_joins.hpp"
#include "bridges/xmpp/portal_signal.hpp"
#include "core/log.hpp"

namespace rialto::xmpp {
namespace {

constexpr std::chrono::seconds join_patience{30};
constexpr unsigned most_nicks_tried = 8;

bool is_about_the_nick(const stanza_error& e)
{
    const auto& c = e.condition;
    return c == "conflict" || c == "jid-malformed" || c == "bad-request" || c == "not-acceptable";
}
bool is_full(const stanza_error& e)
{
    return e.condition == "service-unavailable" || e.condition == "resource-constraint";
}

}  // namespace

failure muc_portal::barred(const puppet& p) const
{
    const bool ban = p.why == departure::banned;
    std::string why = ban                              ? "banned from "
                      : p.why == departure::not_member ? "no longer a member of "
                                                       : "kicked from ";
    why += room_jid();
    if (!p.by.empty())
        why += " by " + p.by;
    if (!p.reason.empty())
        why += " (" + p.reason + ")";
    why += ban ? ": an admin there must lift the ban; then leave the room and join it again"
               : ": leave the room and join it again to come back";
    return {verdict::give_up, ban ? cause::banned : cause::forbidden, std::move(why)};
}

std::string muc_portal::nick_of(const std::string& jid, const std::string& shown_as, unsigned attempt) const
{
    if (jid == listener())
        return attempt == 0 ? around_.config.nick : around_.config.nick + "_" + std::to_string(attempt);
    const auto who = matrix_id_of(local_of(jid));
    const matrix_name fallback{'@', std::string{local_of(jid)}, std::string{domain_of(jid)}};
    return nick_for(shown_as, who ? *who : fallback, attempt);
}

awaitable<presence_truth> muc_portal::self_ping(std::string jid)
{
    const auto* p = puppets_.find(jid);
    if (p == nullptr || p->nick.empty())
        co_return presence_truth::out;
    auto answer =
        co_await around_.wire.ask(p->full(), room_jid() + "/" + p->nick, iq_type::get, ping_payload());
    if (!answer)
        co_return presence_truth::unknown;
    co_return after_self_ping(answer->error);
}

void muc_portal::send_leave(const std::string& jid, std::string_view why)
{
    const auto* p = puppets_.find(jid);
    if (p == nullptr || p->nick.empty() || p->is == standing::out || p->is == standing::barred)
        return;
    around_.wire.send(write_leave(p->full(), room_jid(), p->nick, why));
    puppets_.left(jid);
}

void muc_portal::begin_rename(const std::string& jid, const std::string& shown_as)
{
    const auto* p = puppets_.find(jid);
    const auto nick = nick_of(jid, shown_as, 0);
    renaming_.erase(jid);
    if (p == nullptr || nick == p->nick)
        return;
    renaming_.emplace(jid, renaming{shown_as});
    around_.wire.send(write_nick_change(p->full(), room_jid(), nick));
}

// XEP-0045 §7.6: the nick is somebody's, or none that this server lets pass. The next candidate, as at a
// join.
void muc_portal::rename_refused(const std::string& jid, const stanza_error& why)
{
    const auto at = renaming_.find(jid);
    if (at == renaming_.end())
        return;
    const auto* p = puppets_.find(jid);
    if (p != nullptr && p->is == standing::in && is_about_the_nick(why) &&
        ++at->second.attempt < most_nicks_tried) {
        const auto nick = nick_of(jid, at->second.shown_as, at->second.attempt);
        if (nick != p->nick) {
            around_.wire.send(write_nick_change(p->full(), room_jid(), nick));
            return;
        }
    }
    renaming_.erase(at);
}

// Sends one join and waits for the room's word. Ok: it was answered, or time is over; the standing says
// which.
awaitable<outcome> muc_portal::join_once(std::string jid, std::string nick, std::string shown_as)
{
    auto slot = co_await around_.joins.enter();
    const auto now = around_.time.now();
    std::optional<timestamp> since;
    if (jid == listener() && !intake_.position().empty())
        since = intake_.position().at;
    puppets_.begin_join(jid, nick, now + join_patience);
    // What is ours must be known as ours after a crash: the note comes before the join.
    auto noted = co_await save_puppets();
    if (!noted)
        co_return noted.error();
    const auto full = puppets_.at(jid).full();
    if (!around_.wire.send(write_join(full, room_jid(), nick, shown_as, since, secret_)))
        co_return away();
    while (puppets_.at(jid).is == standing::joining) {
        if (!around_.wire.up() || phase_ == phase::closed)
            co_return away();
        co_await changed_by(puppets_.at(jid).deadline);
    }
    // Before its first word, or a crash would make its words a stranger's.
    co_return co_await save_puppets();
}

// Places are few: who has been silent longest gives theirs.
awaitable<outcome> muc_portal::make_room_for(std::string jid)
{
    while (jid != listener() && puppets_.inside() > around_.config.max_puppets) {
        const auto silent = puppets_.longest_silent(listener());
        if (silent.empty() || silent == jid)
            break;
        send_leave(silent, "making place");
    }
    co_return ok();
}

void muc_portal::invited(std::string secret)
{
    if (phase_ == phase::ready || phase_ == phase::closed)
        return;
    if (!secret.empty())
        secret_ = std::move(secret);
    refusal_.reset();
    retry_at_ = timestamp{};
    changed_->notify();
}

awaitable<void> muc_portal::bring_in(std::string jid, std::string shown_as)
{
    puppets_.unbar(jid);
    auto ready = co_await until_ready(join_patience);
    if (ready)
        ready = co_await enter(jid, std::move(shown_as));
    if (!ready)
        log::debug("who took an invitation is not in yet", "room", room_jid(), "why", ready.error().why);
}

awaitable<outcome> muc_portal::enter(std::string jid, std::string shown_as)
{
    bool made_place = false;
    for (unsigned attempt = 0; attempt < most_nicks_tried;) {
        auto& p = puppets_.at(jid);
        if (p.is == standing::in)
            co_return ok();
        if (p.is == standing::barred)
            co_return barred(p);
        // A room tells an occupant-id only at the join: without it our own words would come back as a
        // stranger's.
        const bool nameless = traits_.occupant_ids && p.occupant_id.empty();
        if (p.is == standing::unsure && jid != listener() && !nameless) {
            const auto truth = co_await self_ping(jid);
            if (truth == presence_truth::unknown)
                co_return away();
            auto& now = puppets_.at(jid);
            if (now.is == standing::unsure)
                now.is = truth == presence_truth::in ? standing::in : standing::out;
            continue;
        }
        auto room_made = co_await make_room_for(jid);
        if (!room_made)
            co_return room_made.error();
        auto asked = co_await join_once(jid, nick_of(jid, shown_as, attempt), shown_as);
        if (!asked)
            co_return asked.error();
        const auto& after = puppets_.at(jid);
        if (after.is == standing::in)
            co_return ok();
        if (after.is == standing::barred)
            co_return barred(after);
        const auto why = after.refused ? *after.refused : stanza_error{"wait", "remote-server-timeout"};
        if (is_about_the_nick(why) && ++attempt < most_nicks_tried)
            continue;
        const auto silent = puppets_.longest_silent(listener());
        if (is_full(why) && !made_place && jid != listener() && !silent.empty() && silent != jid) {
            made_place = true;
            send_leave(silent, "making place");
            continue;
        }
        co_return join_failure(why, room_jid(), jid);
    }
    co_return away();
}

}  // namespace rialto::xmpp
