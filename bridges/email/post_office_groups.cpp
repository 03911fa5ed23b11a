// bridges/email/post_office.hpp, mail to several people.
#include "bridges/email/group.hpp"
#include "bridges/email/post_office.hpp"
#include "bridges/email/verp.hpp"

#include "core/log.hpp"

#include <algorithm>

namespace rialto::email {

// The conversation in which everybody got this mail; else a new one when it is to several; else none: it is
// this person's alone, as what came by Bcc is.
awaitable<result<std::optional<portal_id>>> post_office::group_of(address puppet, std::shared_ptr<arrival> in)
{
    std::optional<portal_id> none;
    const auto& m = in->mail;
    auto ids = ancestors_of(m);
    if (!m.message_id.empty())
        ids.insert(ids.begin(), m.message_id);  // one mail to several of us may come in several pieces
    for (const auto& id : ids) {
        auto named = co_await host_.recall(grouped_key(id));
        if (!named)
            co_return named.error();
        if (named->empty())
            continue;
        portal_id portal{room_id{*named}};
        auto noted = co_await host_.recall(thread_key(portal, group_root));
        if (!noted)
            co_return noted.error();
        const auto state = talk_state::from_note(*noted);
        if (id == m.message_id && known_.contains(portal.room.value) && !is_in(state, puppet))
            co_return none;  // it was shown before they were asked in
        if (known_.contains(portal.room.value) && fits_group(m, puppet, state))
            co_return std::optional<portal_id>{std::move(portal)};
    }
    if (!is_group_mail(m, puppet))
        co_return none;
    co_return std::optional<portal_id>{group_name::portal_of(m.message_id)};
}

awaitable<reply> post_office::take_into_group(portal_id portal, address puppet, std::shared_ptr<arrival> in)
{
    const bool opens = !known_.contains(portal.room.value);
    if (opens && !may_open(puppet, *in))
        co_return reply{451, "4.7.1", "too many people write to this address for the first time"};
    auto brought = co_await bring_files(in);
    if (!brought)
        co_return reply_to(brought.error());
    const auto key = thread_key(portal, group_root);
    auto noted = co_await host_.recall(key);
    if (!noted)
        co_return reply_to(noted.error());
    auto state = opens ? talk_state{} : talk_state::from_note(*noted);
    const auto puppets = puppets_of(*in, puppet);
    auto batch = group_events(*in, portal, puppets, state, opens, time_->now(), most());
    state.went_on(in->mail.message_id, in->mail.subject);
    join_group(state, in->mail, puppets);
    std::vector<note> notes;
    notes.emplace_back(key, state.note());
    if (!in->mail.message_id.empty())
        notes.emplace_back(grouped_key(in->mail.message_id), portal.room.value);
    auto said = co_await accept_all(std::move(batch), std::move(notes), in);
    if (!said.good())
        co_return said;
    known_.insert(portal.room.value);
    co_await note_somebody(in->mail.from.front().who);
    co_return said;
}

awaitable<result<post_office::letter>> post_office::write_to_group(event e)
{
    letter out;
    out.talk_key = thread_key(e.portal, group_root);
    auto noted = co_await host_.recall(out.talk_key);
    if (!noted)
        co_return noted.error();
    auto state = talk_state::from_note(*noted);
    const auto author = parse_address(e.sender.id.value);
    if (const auto* m = std::get_if<membership>(&e.what)) {
        auto changed = co_await note_members(e, *m, std::move(state));
        if (!changed)
            co_return changed.error();
        out.stays = true;
        co_return out;
    }
    const auto* said = std::get_if<message>(&e.what);
    const bool somebody = author && std::ranges::any_of(state.people, [&](const mail_person& p) {
                              return p.who.domain != config_->domain;
                          });
    if (!said || said->how == manner::notice) {
        out.stays = true;
        co_return out;
    }
    if (!somebody)
        co_return failure{verdict::give_up, cause::not_found, "nobody is here who would get it by mail"};
    out.from = *author;
    auto mail = group_letter(e, *said, *author, state);
    co_return co_await finish_letter(std::move(out), std::move(e), std::move(mail), std::string{group_root});
}

// Whom Matrix people ask in gets the next mails, whom they put out gets no more.
awaitable<outcome> post_office::note_members(event e, membership m, talk_state state)
{
    std::optional<address> enters;
    const bool changed = change_group(state, m, enters);
    std::vector<event> batch;
    if (enters && enters->domain != config_->domain) {
        person ghost{user_id{enters->text()}, enters->text() + " (mail)"};
        membership join{change::join, ghost.id};
        batch.emplace_back(e.portal, std::move(ghost), time_->now(), message_id{}, std::move(join));
    }
    if (!changed && batch.empty())
        co_return ok();
    std::vector<note> notes;
    notes.emplace_back(thread_key(e.portal, group_root), state.note());
    co_return co_await host_.accept_all(std::move(batch), std::move(notes));
}

}  // namespace rialto::email
