// bridges/xmpp/portal.hpp, members and names: Matrix leaves, kicks, bans, invitations and new display names.
#include "bridges/xmpp/jid.hpp"
#include "bridges/xmpp/portal.hpp"
#include "bridges/xmpp/portal_signal.hpp"

namespace rialto::xmpp {

awaitable<result<sent>> muc_portal::deliver(event e)
{
    if (std::holds_alternative<typing>(e.what)) {
        type(e);
        co_return sent{};
    }
    if (std::holds_alternative<receipt>(e.what) || std::holds_alternative<presence>(e.what))
        co_return sent{};
    if (const auto* news = std::get_if<report>(&e.what))
        co_return tell_failed(*news);
    if (auto* m = std::get_if<membership>(&e.what)) {
        membership what = std::move(*m);
        co_return co_await move(std::move(e), std::move(what));
    }
    if (std::holds_alternative<profile>(e.what))
        co_return co_await rename(std::move(e));
    co_return co_await speak(std::move(e));
}

// What an occupant said and Matrix did not take: said to them alone (XEP-0045 §7.5). Who left meanwhile is
// not reached; the message itself is in the dead letters.
result<sent> muc_portal::tell_failed(const report& news)
{
    if (news.is != fate::failed)
        return sent{};
    if (phase_ != phase::ready)
        return failure{verdict::try_later, cause::away, room_jid() + " is not joined just now"};
    const auto* who = occupants_.by_person(news.recipient);
    if (who == nullptr)
        return sent{};
    const bool sure = !news.why || news.why->certain;
    std::string text = sure ? "Your message was not delivered to Matrix"
                            : "It is not certain whether your message was delivered to Matrix";
    if (news.why && !news.why->why.empty())
        text += ": " + news.why->why;
    around_.wire.send(write_words(listener() + "/rialto", room_jid() + "/" + who->nick, text, true));
    return sent{};
}

void muc_portal::type(const event& e)
{
    const auto* p = puppets_.find(e.sender.id.value);
    if (phase_ != phase::ready || p == nullptr || p->is != standing::in)
        return;  // typing is no reason to come in
    if (occupants_.size() > around_.config.typing_limit)
        return;
    const route way{p->full(), room_jid(), true, ""};
    around_.wire.send(write_typing(way, std::get<typing>(e.what).active));
}

awaitable<result<sent>> muc_portal::administer(std::string payload)
{
    auto answer =
        co_await around_.wire.ask(listener() + "/rialto", room_jid(), iq_type::set, std::move(payload));
    if (!answer)
        co_return answer.error();
    if (answer->error)
        co_return admin_failure(*answer->error, listener());
    co_return sent{};
}

awaitable<result<sent>> muc_portal::moderate(retraction r)
{
    failure cannot{
        verdict::give_up, cause::forbidden,
        room_jid() + " cannot be moderated from here: it offers no message moderation (XEP-0425)"
    };
    if (traits_.moderation < 0 || r.target.id.empty())
        co_return cannot;
    co_return co_await administer(write_moderation(traits_.moderation, r.target.id.value, r.reason));
}

awaitable<result<sent>> muc_portal::move(event e, membership m)
{
    const auto whom = m.whom.empty() ? e.sender.id : m.whom;
    const bool ours = domain_of(whom.value) == around_.config.domain;
    if (ours) {
        if (m.what == change::join || m.what == change::unban)
            puppets_.unbar(whom.value);
        else if (m.what == change::leave || m.what == change::kick || m.what == change::ban)
            send_leave(whom.value, m.reason);
        changed_->notify();
        co_return sent{};
    }
    if (m.what == change::join || m.what == change::leave || m.what == change::knock)
        co_return sent{};
    auto ready = co_await until_ready(std::chrono::seconds{30});
    if (!ready)
        co_return ready.error();
    const auto* here = occupants_.by_person(whom);
    const auto who = person_of(whom);
    const auto jid = here != nullptr && !here->real_jid.empty() ? here->real_jid
                     : who.what == person_name::is::real        ? who.rest
                                                                : std::string{};
    if (m.what == change::invite)
        co_return co_await invite(std::move(e), jid, std::move(m.reason));
    if (m.what == change::kick) {
        if (here == nullptr)
            co_return sent{};  // gone already
        co_return co_await administer(write_kick(here->nick, m.reason));
    }
    failure nameless{
        verdict::give_up, cause::forbidden,
        room_jid() + " hides who its people are: the bridge can kick there, not ban"
    };
    if (jid.empty())
        co_return nameless;
    co_return co_await administer(write_affiliation(jid, m.what == change::ban ? "outcast" : "none", m.reason)
    );
}

// XEP-0249. Into a room for members only nobody comes by being asked: they are made a member first.
awaitable<result<sent>> muc_portal::invite(event e, std::string whom, std::string why)
{
    failure nameless{
        verdict::give_up, cause::forbidden,
        room_jid() + " hides who its people are: they can be invited by their own address only"
    };
    if (whom.empty())
        co_return nameless;
    if (traits_.members_only && occupants_.by_person(user_id{whom}) == nullptr) {
        auto added = co_await administer(write_affiliation(whom, "member", why));
        if (!added)
            co_return added;
    }
    const auto from = puppets_.at(e.sender.id.value).full();
    failure down{verdict::try_later, cause::away, "the XMPP server is not reached"};
    if (!around_.wire.send(write_invite(from, whom, room_jid(), why, secret_)))
        co_return down;
    co_return sent{};
}

awaitable<result<sent>> muc_portal::rename(event e)
{
    const auto name = std::get<profile>(e.what).shown_as;
    const auto* p = puppets_.find(e.sender.id.value);
    if (phase_ != phase::ready || p == nullptr || p->is != standing::in)
        co_return sent{};  // they come in under the new name
    begin_rename(e.sender.id.value, name);
    co_return sent{};
}

}  // namespace rialto::xmpp
