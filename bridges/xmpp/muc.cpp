#include "bridges/xmpp/muc.hpp"

#include "bridges/xmpp/stanza_names.hpp"
#include "bridges/xmpp/stanza_time.hpp"
#include "bridges/xmpp/xml.hpp"

namespace rialto::xmpp {
namespace {

std::string room_name_field(const node& query)
{
    const auto* form = query.child("x", ns::data);
    if (form == nullptr)
        return {};
    for (const auto* f = form->child("field"); f != nullptr; f = f->sibling("field"))
        if (f->attr("var") == "muc#roomconfig_roomname")
            if (const auto* value = f->child("value"))
                return std::string{value->content()};
    return {};
}

std::string occupant_jid(std::string_view room, std::string_view nick)
{
    return std::string{room} + "/" + std::string{nick};
}

void reason(element& item, std::string_view why)
{
    if (why.empty())
        return;
    element r{item, "reason"};
    r.text(why);
}

failure refusal(verdict next, cause kind, std::string_view room, std::string_view sentence)
{
    return {next, kind, std::string{room} + " " + std::string{sentence}};
}

}  // namespace

room_info muc_traits::info() const
{
    room_info out;
    if (!title.empty())
        out.title = title;
    out.members_only = members_only || password;
    out.listed = !hidden;
    out.moderated = moderated;
    return out;
}

muc_traits read_traits(const node* query)
{
    muc_traits out;
    if (query == nullptr)
        return out;
    for (const auto* f = query->child("feature"); f != nullptr; f = f->sibling("feature")) {
        const auto var = f->attr("var");
        out.is_muc = out.is_muc || var == ns::muc;
        out.archive = out.archive || var == ns::mam;
        out.stanza_ids = out.stanza_ids || var == ns::sid;
        out.occupant_ids = out.occupant_ids || var == ns::occupant;
        out.members_only = out.members_only || var == "muc_membersonly";
        out.shows_people = out.shows_people || var == "muc_nonanonymous";
        out.hidden = out.hidden || var == "muc_hidden";
        out.password = out.password || var == "muc_passwordprotected";
        out.moderated = out.moderated || var == "muc_moderated";
        if (var == ns::moderate1)
            out.moderation = 1;
        else if (var == ns::moderate0 && out.moderation < 0)
            out.moderation = 0;
    }
    for (const auto* i = query->child("identity"); i != nullptr; i = i->sibling("identity"))
        if (i->attr("category") == "conference") {
            out.is_muc = true;
            out.title = i->attr("name");
        }
    if (auto named = room_name_field(*query); !named.empty())
        out.title = std::move(named);
    return out;
}

std::string disco_query() { return "<query xmlns='" + std::string{ns::disco_info} + "'/>"; }
std::string ping_payload() { return "<ping xmlns='" + std::string{ns::ping} + "'/>"; }

std::string write_join(
    std::string_view from, std::string_view room, std::string_view nick, std::string_view shown_as,
    std::optional<timestamp> history_since, std::string_view secret
)
{
    std::string out;
    {
        element p{out, "presence"};
        p("from", from)("to", occupant_jid(room, nick));
        {
            element x{p, "x", ns::muc};
            if (!secret.empty())
                element{x, "password"}.text(secret);
            element history{x, "history"};
            if (history_since)
                history("since", write_time(*history_since));
            else
                history("maxchars", "0")("maxstanzas", "0");
        }
        if (!shown_as.empty() && shown_as != nick) {  // XEP-0172 §4.3: the name that no nick can be
            element n{p, "nick", ns::nick};
            n.text(shown_as);
        }
    }
    return out;
}

std::string write_nick_change(std::string_view from, std::string_view room, std::string_view nick)
{
    std::string out;
    {
        element p{out, "presence"};
        p("from", from)("to", occupant_jid(room, nick));
    }
    return out;
}

std::string write_leave(
    std::string_view from, std::string_view room, std::string_view nick, std::string_view why
)
{
    std::string out;
    {
        element p{out, "presence"};
        p("from", from)("to", occupant_jid(room, nick))("type", "unavailable");
        if (!why.empty()) {
            element status{p, "status"};
            status.text(why);
        }
    }
    return out;
}

std::string write_invite(
    std::string_view from, std::string_view to, std::string_view room, std::string_view why,
    std::string_view secret
)
{
    std::string out;
    {
        element m{out, "message"};
        m("from", from)("to", to);
        element x{m, "x", ns::conference};
        x("jid", room);
        if (!why.empty())
            x("reason", why);
        if (!secret.empty())
            x("password", secret);
    }
    return out;
}

std::string write_decline(
    std::string_view from, std::string_view room, std::string_view to, std::string_view why
)
{
    std::string out;
    {
        element m{out, "message"};
        m("from", from)("to", room);
        element x{m, "x", ns::muc_user};
        element decline{x, "decline"};
        decline("to", to);
        reason(decline, why);
    }
    return out;
}

std::string write_kick(std::string_view nick, std::string_view why)
{
    std::string out;
    {
        element query{out, "query", ns::muc_admin};
        element item{query, "item"};
        item("nick", nick)("role", "none");
        reason(item, why);
    }
    return out;
}

std::string write_affiliation(std::string_view jid, std::string_view affiliation, std::string_view why)
{
    std::string out;
    {
        element query{out, "query", ns::muc_admin};
        element item{query, "item"};
        item("jid", jid)("affiliation", affiliation);
        reason(item, why);
    }
    return out;
}

std::string write_moderation(int version, std::string_view stanza_id, std::string_view why)
{
    std::string out;
    if (version >= 1) {
        element moderate{out, "moderate", ns::moderate1};
        moderate("id", stanza_id);
        {
            element retract{moderate, "retract", ns::retract1};
        }
        reason(moderate, why);
        moderate.close();
        return out;
    }
    element apply{out, "apply-to", ns::fasten};
    apply("id", stanza_id);
    {
        element moderate{apply, "moderate", ns::moderate0};
        {
            element retract{moderate, "retract", ns::retract0};
        }
        reason(moderate, why);
    }
    apply.close();
    return out;
}

// XEP-0045 §7.2: each refusal in words of what somebody can do about it.
failure join_failure(const stanza_error& e, std::string_view room, std::string_view who)
{
    const auto& c = e.condition;
    const std::string name{who};
    if (c == "registration-required")
        return refusal(
            verdict::give_up, cause::members_only, room,
            "is for members only: an owner must add " + name + " as a member"
        );
    if (c == "not-authorized")
        return refusal(
            verdict::give_up, cause::forbidden, room,
            "wants a password: somebody inside must invite " + name + ", which names the password"
        );
    if (c == "forbidden")
        return refusal(
            verdict::give_up, cause::banned, room,
            "has banned " + name + ": an admin of the room must lift the ban"
        );
    if (c == "item-not-found" || c == "gone")
        return refusal(
            verdict::give_up, cause::not_found, room,
            "does not exist, or is locked until its owner has configured it: check the address"
        );
    if (c == "not-allowed")
        return refusal(
            verdict::give_up, cause::not_found, room,
            "does not exist and may not be made from here: check the address"
        );
    if (c == "conflict")
        return refusal(
            verdict::give_up, cause::conflict, room, "has somebody of every nick that was tried for " + name
        );
    if (c == "service-unavailable" || c == "resource-constraint")
        return refusal(
            verdict::try_later, cause::full, room, "is full: its owner may raise the limit of occupants"
        );
    if (c == "remote-server-not-found")
        return refusal(
            verdict::give_up, cause::not_found, room,
            "is on a server that cannot be found: check the name after the @"
        );
    if (c == "remote-server-timeout" || c == "internal-server-error")
        return refusal(verdict::try_later, cause::away, room, "does not answer: its server is away");
    return to_failure(e, std::string{room} + " did not let " + name + " in");
}

failure send_failure(const stanza_error& e, std::string_view who)
{
    const std::string name{who};
    if (e.condition == "forbidden")
        return {
            verdict::give_up, cause::forbidden,
            "the room is moderated and " + name + " has no voice in it: a moderator can grant it"
        };
    if (e.condition == "policy-violation" && e.type != "wait")
        return {
            verdict::give_up, cause::too_large,
            "the room refused the message: too long, or against its policy"
        };
    if (e.condition == "not-allowed")
        return {verdict::give_up, cause::forbidden, "the room does not permit " + name + " to do this"};
    return to_failure(e, "the room refused it");
}

failure admin_failure(const stanza_error& e, std::string_view listener)
{
    if (e.condition == "forbidden" || e.condition == "not-allowed" || e.condition == "not-authorized")
        return {
            verdict::give_up, cause::forbidden,
            "the bridge may not do this in the room: an owner must make " + std::string{listener} +
                " an admin there"
        };
    return to_failure(e, "the room did not do it");
}

bool wants_rejoin(const stanza_error& e) noexcept
{
    return e.condition == "not-acceptable" || e.condition == "item-not-found" ||
           e.condition == "recipient-unavailable";
}

presence_truth after_self_ping(const std::optional<stanza_error>& answer) noexcept
{
    if (!answer)
        return presence_truth::in;
    const auto& c = answer->condition;
    if (c == "service-unavailable" || c == "feature-not-implemented" || c == "item-not-found")
        return c == "item-not-found" ? presence_truth::out : presence_truth::in;
    if (c == "not-acceptable" || c == "not-allowed" || c == "bad-request")
        return presence_truth::out;
    return presence_truth::unknown;
}

}  // namespace rialto::xmpp
