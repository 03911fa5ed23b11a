#include "bridges/email/group.hpp"

#include "core/key.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace rialto::email {
namespace {

constexpr std::string_view mark = "group/";

bool has(const std::vector<mail_person>& all, const address& who)
{
    return std::ranges::find(all, who, &mail_person::who) != all.end();
}

bool named(const parsed_mail& m, const address& who) { return has(m.to, who) || has(m.cc, who); }

person ghost_of(const mail_person& who)
{
    const auto at = who.who.text();
    return person{user_id{at}, (who.shown_as.empty() ? at : who.shown_as) + " (mail)"};
}

room group_room(const parsed_mail& m, const std::vector<address>& puppets, std::uint64_t most)
{
    room out{kind::mailbox};
    out.able.html = out.able.replies = out.able.files = true;
    out.able.max_file = most / 10 * 7;
    out.info.title = m.subject.empty() ? std::string{"Mail"} : text::one_line(base_subject(m.subject), 200);
    out.info.members_only = true;
    for (const auto& who : puppets)
        out.members.emplace_back(person{user_id{who.text()}}, rank::member, true);
    for (const auto& who : audience_of(m))
        if (who.who.domain != puppets.front().domain)
            out.members.emplace_back(ghost_of(who), rank::member, false);
    out.complete = true;
    return out;
}

}  // namespace

portal_id group_name::portal_of(std::string_view message_id)
{
    return portal_id{room_id{std::string{mark} + digest({"group", std::string{message_id}})}};
}

bool group_name::is(const portal_id& id) { return id.room.value.starts_with(mark); }

std::string grouped_key(std::string_view message_id)
{
    return "in-group/" + digest({std::string{message_id}});
}

std::vector<mail_person> audience_of(const parsed_mail& m)
{
    std::vector<mail_person> out;
    for (const auto* some : {&m.from, &m.to, &m.cc})
        for (const auto& who : *some)
            if (!has(out, who.who) && out.size() < talk_state::most_people)
                out.push_back(who);
    return out;
}

bool is_group_mail(const parsed_mail& m, const address& puppet)
{
    const bool by_program = (!m.auto_submitted.empty() && m.auto_submitted != "no") || !m.list_id.empty() ||
                            !m.precedence.empty();
    if (by_program || m.from.size() != 1 || m.message_id.empty() || !named(m, puppet))
        return false;
    return audience_of(m).size() > 2;
}

bool fits_group(const parsed_mail& m, const address& puppet, const talk_state& group)
{
    if (m.from.size() != 1 || !named(m, puppet) || !has(group.people, m.from.front().who))
        return false;
    const auto all = audience_of(m);
    return std::ranges::all_of(group.people, [&](const mail_person& who) { return has(all, who.who); });
}

std::vector<address> puppets_of(const arrival& in, const address& puppet)
{
    std::vector<address> out(1, puppet);
    for (const auto& who : in.ours)
        if (named(in.mail, who) && std::ranges::find(out, who) == out.end())
            out.push_back(who);
    return out;
}

bool is_in(const talk_state& group, const address& who) { return has(group.people, who); }

std::vector<event> group_events(
    const arrival& in, const portal_id& portal, const std::vector<address>& puppets, const talk_state& before,
    bool opens, timestamp now, std::uint64_t most
)
{
    const auto author = ghost_of(in.mail.from.front());
    std::vector<event> out;
    if (opens)
        out.emplace_back(portal, author, now, message_id{}, group_room(in.mail, puppets, most));
    for (const auto& who : puppets)
        if (!opens && !has(before.people, who))
            out.emplace_back(
                portal, author, now, message_id{}, membership{change::invite, user_id{who.text()}}
            );
    for (const auto& who : audience_of(in.mail))
        if (!opens && who.who.domain != puppets.front().domain && !has(before.people, who.who)) {
            const auto ghost = ghost_of(who);
            out.emplace_back(portal, ghost, now, message_id{}, membership{change::join, ghost.id});
        }
    const talk_name talk{puppets.front(), in.mail.from.front().who};
    for (auto& e : events_of(in, talk, before, false, now, most)) {
        e.portal = portal;
        out.push_back(std::move(e));
    }
    return out;
}

void join_group(talk_state& state, const parsed_mail& m, const std::vector<address>& puppets)
{
    for (auto& who : audience_of(m)) {
        const bool got_it = std::ranges::find(puppets, who.who) != puppets.end();
        if (who.who.domain != puppets.front().domain || got_it)
            state.meets(std::move(who));
    }
    const auto author = std::ranges::find(state.people, m.from.front().who, &mail_person::who);
    if (author != state.people.end())
        std::rotate(state.people.begin(), author, author + 1);
}

outgoing_mail group_letter(const event& e, const message& said, const address& from, const talk_state& state)
{
    auto others = state;
    others.people.clear();
    // Whom it is mailed to stands in To; Matrix people have read it in the room.
    for (const bool ours : {false, true})
        std::ranges::copy_if(state.people, std::back_inserter(others.people), [&](const mail_person& p) {
            return p.who != from && (p.who.domain == from.domain) == ours;
        });
    return thread_letter(e, said, from, others);
}

bool change_group(talk_state& state, const membership& m, std::optional<address>& enters)
{
    const auto who = parse_address(m.whom.value);
    if (!who)
        return false;
    const bool there = has(state.people, *who);
    if (m.what == change::leave || m.what == change::kick || m.what == change::ban) {
        std::erase_if(state.people, [&](const mail_person& p) { return p.who == *who; });
        return there;
    }
    if (m.what == change::invite)
        enters = *who;
    if (there || (m.what != change::invite && m.what != change::join))
        return false;
    state.meets(mail_person{"", *who});
    return true;
}

}  // namespace rialto::email
