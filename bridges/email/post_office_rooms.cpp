// bridges/email/post_office.hpp, rooms with an address: what comes to it becomes a thread of the room, what
// is said in that thread goes to everybody in it.
#include "bridges/email/group.hpp"
#include "bridges/email/mail_order.hpp"
#include "bridges/email/post_office.hpp"
#include "bridges/email/thread.hpp"
#include "bridges/email/verp.hpp"

#include "core/text.hpp"

#include <algorithm>

namespace rialto::email {
namespace {
failure refuse(cause kind, std::string why) { return {verdict::give_up, kind, std::move(why)}; }
}  // namespace

// Which thread of that room's it belongs to; "": it begins one.
awaitable<result<std::string>> post_office::thread_of(address box, std::shared_ptr<arrival> in)
{
    const auto portal = mailbox_name{box}.portal();
    for (auto& id : ancestors_of(in->mail)) {
        auto root = co_await host_.recall(belongs_key(portal, id));
        if (!root || !root->empty())
            co_return root;
    }
    co_return std::string{};
}

awaitable<reply> post_office::take_into_room(address box, std::shared_ptr<arrival> in)
{
    const auto portal = mailbox_name{box}.portal();
    auto brought = co_await bring_files(in);
    if (!brought)
        co_return reply_to(brought.error());
    auto known = co_await thread_of(box, in);
    if (!known)
        co_return reply_to(known.error());
    const bool first = known->empty();
    const auto root = first ? root_of(*in, config_->domain) : *known;
    const auto key = thread_key(portal, root);
    auto noted = co_await host_.recall(key);
    if (!noted)
        co_return reply_to(noted.error());
    auto state = talk_state::from_note(*noted);
    auto batch = thread_events(*in, box, root, first, state, time_->now());
    state.went_on(first ? root : in->mail.message_id, in->mail.subject);
    meet_everybody(state, in->mail, config_->domain);
    std::vector<note> notes;
    notes.emplace_back(key, state.note());
    notes.emplace_back(belongs_key(portal, root), root);
    if (!in->mail.message_id.empty())
        notes.emplace_back(belongs_key(portal, in->mail.message_id), root);
    auto said = co_await accept_all(std::move(batch), std::move(notes), in);
    if (said.good())
        co_await note_somebody(in->mail.from.front().who);
    co_return said;
}

// What is said outside of a mail's thread stays in the room.
awaitable<result<post_office::letter>> post_office::write_to_thread(event e, address box)
{
    letter out;
    const auto* said = std::get_if<message>(&e.what);
    if (!said) {
        out.stays = true;  // who comes and goes in the room
        co_return out;
    }
    auto root = root_in(*said);
    if (root.empty() && said->reply_to && !mail_in(said->reply_to->id).empty())
        co_return failure{
            verdict::unsupported, cause::other,
            "a reply beside a mail's thread stays in this room: to answer the mail, write in its thread"
        };
    if (root.empty() || said->how == manner::notice) {
        out.stays = true;
        co_return out;
    }
    // The address may have come from another room, where the conversation began.
    auto begun = co_await host_.recall(belongs_key(e.portal, root));
    if (!begun)
        co_return begun.error();
    if (!begun->empty())
        root = std::move(*begun);
    out.talk_key = thread_key(e.portal, root);
    auto noted = co_await host_.recall(out.talk_key);
    if (!noted)
        co_return noted.error();
    const auto state = talk_state::from_note(*noted);
    if (state.people.empty()) {
        out.stays = true;  // a thread that no mail began
        co_return out;
    }
    const auto author = parse_address(e.sender.id.value);
    if (!author)
        co_return refuse(cause::forbidden, "its author has no mail address here");
    out.from = *author;
    auto mail = thread_letter(e, *said, box, state);
    co_return co_await finish_letter(std::move(out), std::move(e), std::move(mail), root);
}

// What a mail to several people needs beside its words.
awaitable<result<post_office::letter>> post_office::finish_letter(
    letter out, event e, outgoing_mail mail, std::string root
)
{
    out.id = mail.message_id;
    out.key = mail_key(e.portal, e.id);
    out.note_key = sent_mail::key(out.key);
    auto sorted = co_await sort_recipients(out, e, mail);
    if (!sorted)
        co_return sorted.error();
    auto attached = co_await attach(mail, std::get<message>(e.what).files);
    if (!attached)
        co_return attached.error();
    out.about = sent_mail{e.portal, mail.message_id, root};
    if (group_name::is(e.portal))
        out.belongs = note{grouped_key(mail.message_id), e.portal.room.value};
    else
        out.belongs = note{belongs_key(e.portal, mail.message_id), root};
    out.subject = mail.subject;
    out.advances = e.only.empty();
    out.mail.our_name = config_->domain;
    out.mail.sender = return_path(out.key, config_->domain, config_->secret);
    out.mail.envelope_id = out.key;
    out.mail.mail = write_mail(mail);
    co_return out;
}

// Who of the letter's people it still goes to: not who has it, nor whom its server does not know.
awaitable<outcome> post_office::sort_recipients(letter& out, const event& e, const outgoing_mail& mail)
{
    std::vector<std::string> has;
    if (e.again) {
        auto noted = co_await host_.recall(out.note_key);
        if (!noted)
            co_return noted.error();
        if (auto before = sent_mail::from_note(*noted))
            has = std::move(before->taken);
    }
    std::vector<address> all;
    for (const auto* some : {&mail.to, &mail.cc})
        for (const auto& who : *some) {
            const auto name = who.who.text();
            const bool meant = e.only.empty() || std::ranges::find(e.only, user_id{name}) != e.only.end();
            if (meant && !people_.here(who.who) && std::ranges::find(has, name) == has.end())
                all.push_back(who.who);
        }
    auto may = co_await may_send_to(out.from, all.size());
    if (!may)
        co_return may;
    for (auto& who : all) {
        auto fine = co_await is_somebody(who);
        if (!fine && fine.error().next == verdict::try_later)
            co_return fine;
        if (fine)
            out.mail.recipients.push_back(std::move(who));
        else
            out.refused.emplace_back(user_id{who.text()}, fine.error());
    }
    out.taken = std::move(has);
    co_return ok();
}

awaitable<result<answer>> post_office::give_mailbox(request r, std::string local)
{
    if (!r.objection.empty())
        co_return refuse(cause::forbidden, r.objection);
    const auto asker = parse_address(r.asker.id.value);
    const auto who = asker ? people_.behind(*asker) : std::nullopt;
    const bool named = who && !config_->mailboxes.empty() && may_send(config_->mailboxes, *who);
    if (!r.admin && !named)
        co_return refuse(
            cause::forbidden,
            "only the bridge's administrators, and who is named in `mailboxes`, give rooms an address"
        );
    if (const auto at = local.find('@'); at != local.npos && local.substr(at + 1) == config_->domain)
        local.resize(at);
    if (!config_->listens)
        co_return refuse(cause::not_found, "no mail server hands in mail for addresses here");
    if (auto why = objection_to_mailbox(local); !why.empty())
        co_return refuse(cause::malformed, why);
    for (const auto& one : r.here)
        if (talk_name::of(one, config_->domain) || group_name::is(one))
            co_return refuse(cause::conflict, "this is a chat by mail");
    const address box{local, config_->domain};
    for (const auto& one : r.here)
        if (const auto other = mailbox_name::of(one, config_->domain); other && other->at == box)
            co_return answer{"This room has the address " + box.text() + "."};  // asked again after a crash
        else if (other)
            co_return refuse(cause::conflict, "this room has the address " + other->at.text() + " already");
    if (is_mailbox(box))
        co_return refuse(cause::conflict, box.text() + " is another room's address");
    auto person = co_await host_.reachable(user_id{box.text()});
    if (person)
        co_return refuse(cause::conflict, box.text() + " is somebody's own address");
    if (person.error().next == verdict::try_later)
        co_return person.error();
    known_.insert(box.text());
    answer out{
        "This room has the address " + box.text() +
        " now. Each conversation by mail is a thread here; what is said in it goes to everybody in that "
        "conversation, everything else stays in the room."
    };
    out.opens.emplace(mailbox_name{box}.portal(), mailbox_room(box, most()));
    co_return out;
}

awaitable<result<answer>> post_office::mailbox_order(request r, std::string local, bool remove)
{
    std::optional<address> box;
    for (const auto& one : r.here)
        if (const auto here = mailbox_name::of(one, config_->domain))
            box = here->at;
    if (!local.empty())
        co_return co_await give_mailbox(std::move(r), std::move(local));
    if (!box)
        co_return answer{"This room has no mail address."};
    if (!remove)
        co_return answer{"This room has the address " + box->text() + "."};
    if (!r.objection.empty())
        co_return refuse(cause::forbidden, r.objection);
    answer out{"This room has the address " + box->text() + " no longer. Mail to it is refused."};
    out.closes = mailbox_name{*box}.portal();
    co_return out;
}

awaitable<result<std::string>> post_office::tell_group_status(portal_id group)
{
    auto noted = co_await host_.recall(thread_key(group, group_root));
    if (!noted)
        co_return noted.error();
    const auto state = talk_state::from_note(*noted);
    std::string out = "What is said here is mailed to";
    std::size_t many = 0;
    for (const auto& who : state.people)
        if (!people_.here(who.who))
            out += (many++ == 0 ? " " : ", ") + who.who.text();
    co_return (many == 0 ? std::string{"Nobody is here who would get mail"} : out) + "." + fates_text(state);
}

awaitable<result<std::string>> post_office::tell_room_status(address box, reference about)
{
    const auto portal = mailbox_name{box}.portal();
    std::string out = "Mail to " + box.text() + " comes to this room, each conversation a thread of it.";
    message named;
    named.thread = std::move(about);
    const auto mail = root_in(named);
    if (mail.empty())
        co_return out + " In a thread, `!mail status` says who gets what is said there.";
    auto root = co_await host_.recall(belongs_key(portal, mail));
    if (!root)
        co_return root.error();
    if (root->empty())
        *root = mail;
    auto noted = co_await host_.recall(thread_key(portal, *root));
    if (!noted)
        co_return noted.error();
    const auto state = talk_state::from_note(*noted);
    if (state.people.empty())
        co_return out;
    out += "\nWhat is said in the thread \"" + state.subject + "\" goes to";
    for (const auto& who : state.people)
        out += (&who == &state.people.front() ? " " : ", ") + who.who.text();
    co_return out + "." + fates_text(state);
}

}  // namespace rialto::email
