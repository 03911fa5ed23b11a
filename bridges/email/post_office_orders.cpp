// bridges/email/post_office.hpp, what people tell it: `!mail …`.
#include "bridges/email/group.hpp"
#include "bridges/email/mail_order.hpp"
#include "bridges/email/post_office.hpp"
#include "bridges/email/source.hpp"
#include "bridges/email/thread.hpp"

#include "core/net/guarded_fetch.hpp"
#include "core/text.hpp"

#include <boost/asio/this_coro.hpp>

namespace rialto::email {
namespace {

std::string_view word_of(fate f)
{
    static constexpr std::string_view all[] = {
        "waits", "taken by the mail server", "delivered", "delayed", "failed"
    };
    return all[static_cast<std::size_t>(f)];
}

}  // namespace

std::string fates_text(const talk_state& state)
{
    std::string out;
    for (const auto& f : state.fates)
        out += "\n" + mail_date(f.at) + ", to " + f.recipient + ": " + std::string{word_of(f.is)} +
               (f.why.empty() ? "" : ", " + f.why);
    return out;
}

namespace {

std::string list_text(const block_list& blocked)
{
    std::string out;
    for (const auto& one : blocked.all())
        out += (out.empty() ? "" : ", ") + one;
    return out.empty() ? "No mail is blocked." : "Blocked: " + out + ".";
}

answer telling(std::string text) { return answer{std::move(text)}; }

}  // namespace

awaitable<result<answer>> post_office::command(request r)
{
    using what = mail_order::what;
    auto order = read_mail_order(r.line);
    const auto puppet = parse_address(r.asker.id.value);
    if (!puppet || !people_.here(*puppet))
        co_return failure{verdict::give_up, cause::forbidden, "you have no mail address here"};
    std::optional<talk_name> talk;
    std::optional<mailbox_name> box;
    std::optional<portal_id> group;
    for (const auto& one : r.here) {
        if (!talk)
            talk = talk_name::of(one, config_->domain);
        if (!box)
            box = mailbox_name::of(one, config_->domain);
        if (group_name::is(one))
            group = one;
    }
    address box_or_own = *puppet;
    if (box)
        box_or_own = box->at;
    result<std::string> said{std::string{}};
    switch (order.is) {
        case what::wrong: co_return telling(order.rest);
        case what::to: said = co_await begin_talk(*puppet, order.word, order.rest); break;
        case what::status:
            if (group)
                said = co_await tell_group_status(*group);
            else if (box)
                said = co_await tell_room_status(box->at, std::move(r.about));
            else
                said = co_await tell_status(*puppet, talk);
            break;
        case what::source: said = co_await tell_source(std::move(r)); break;
        case what::unsubscribe: said = co_await unsubscribe(talk); break;
        case what::block:
        case what::unblock:
            if (order.word.empty() && talk && order.is == what::block)
                order.word = talk->peer.text();
            if (box && !order.word.empty() && !r.objection.empty())
                co_return failure{verdict::give_up, cause::forbidden, r.objection};
            said = co_await change_blocks(box_or_own, order.word, order.is == what::block);
            break;
        case what::mailbox:
        case what::remove_mailbox:
            co_return co_await mailbox_order(
                std::move(r), std::move(order.word), order.is == what::remove_mailbox
            );
    }
    if (!said)
        co_return said.error();
    co_return telling(std::move(*said));
}

awaitable<result<std::string>> post_office::begin_talk(address puppet, std::string to, std::string subject)
{
    const auto peer = parse_address(to);
    if (!peer)
        co_return failure{
            verdict::give_up, cause::malformed,
            text::one_line(to, 100) + " is no mail address such as carol@example.org"
        };
    if (people_.here(*peer))
        co_return failure{
            verdict::give_up, cause::forbidden, peer->text() + " is somebody on Matrix: write there"
        };
    auto may = co_await may_go(puppet, *peer);
    if (!may)
        co_return may.error();
    const talk_name who{puppet, *peer};
    const auto portal = who.portal();
    const auto key = talk_state::key(portal);
    auto noted = co_await host_.recall(key);
    if (!noted)
        co_return noted.error();
    auto state = talk_state::from_note(*noted);
    if (!subject.empty()) {
        state.references.clear();  // a conversation of its own over there
        state.went_on("", subject);
    }
    const bool opens = !known_.contains(portal.room.value);
    if (opens && !begun_.take(puppet.text(), time_->now()))
        co_return failure{verdict::give_up, cause::too_many, "too many chats were begun within an hour"};
    std::vector<event> batch;
    if (opens)
        batch.emplace_back(
            portal, person{user_id{peer->text()}, peer->text() + " (mail)"}, time_->now(), message_id{},
            talk_room(who, "", most())
        );
    auto done = co_await host_.accept(std::move(batch), note{key, state.note()});
    if (!done)
        co_return done.error();
    known_.insert(portal.room.value);
    const auto about =
        subject.empty() ? std::string{} : " The next mail there has the subject \"" + state.subject + "\".";
    co_return (
        opens ? "You are invited to a chat with " + peer->text() + ": what you say there is mailed."
              : "There is a chat with " + peer->text() + " already: write there."
    ) + about;
}

awaitable<result<std::string>> post_office::tell_status(address puppet, std::optional<talk_name> talk)
{
    auto sent = co_await host_.recall(day_count::key(puppet));
    if (!sent)
        co_return sent.error();
    const auto today = day_count::from_note(*sent, time_->now()).mails;
    std::string out = "Your mail address is " + puppet.text() + "; " + std::to_string(today) + " of " +
                      std::to_string(config_->mails_per_day) + " mails sent today.";
    if (!talk)
        co_return out;
    auto noted = co_await host_.recall(talk_state::key(talk->portal()));
    if (!noted)
        co_return noted.error();
    const auto state = talk_state::from_note(*noted);
    out += "\nThis room writes to " + talk->peer.text() +
           (state.subject.empty() ? std::string{} : ", about \"" + state.subject + "\"") + ".";
    auto nobody = co_await host_.recall(suppression::key(talk->peer));
    if (!nobody)
        co_return nobody.error();
    if (const auto since = suppression::from_note(*nobody, time_->now()))
        out += "\nIts server says that nobody has this address (" + since->status + ").";
    co_return out + fates_text(state);
}

awaitable<result<std::string>> post_office::change_blocks(address whose, std::string word, bool add)
{
    const auto key = block_list::key(whose);
    auto noted = co_await host_.recall(key);
    if (!noted)
        co_return noted.error();
    auto all = block_list::from_note(*noted);
    if (word.empty())
        co_return list_text(all);
    const auto pattern = block_list::pattern_in(word);
    if (pattern.empty())
        co_return failure{
            verdict::give_up, cause::malformed,
            text::one_line(word, 100) + " is neither an address nor a domain"
        };
    if (!add && !all.remove(pattern))
        co_return pattern + " was not blocked. " + list_text(all);
    if (add && !all.add(pattern))
        co_return failure{verdict::give_up, cause::full, "too many are blocked already"};
    auto kept = co_await host_.remember(note{key, all.note()});
    if (!kept)
        co_return kept.error();
    co_return add ? "Mail from " + pattern + " to " + whose.text() + " is refused from now on."
                  : "Mail from " + pattern + " is taken again.";
}

awaitable<result<std::string>> post_office::tell_source(request r)
{
    if (r.about.id.empty())
        co_return "Say it as a reply to a message that came by mail.";
    for (const auto& portal : r.here) {
        const source_note kept{portal, r.about.id};
        auto noted = co_await host_.recall(kept.key);
        if (!noted)
            co_return noted.error();
        if (auto header = kept.read(*noted); !header.empty())
            co_return header;
    }
    co_return "The header of this is not kept: only those of mails that came in are, of about the last " +
        std::to_string(kept_headers) + ". The text of a mail is what is shown of it.";
}

awaitable<result<std::string>> post_office::unsubscribe(std::optional<talk_name> talk)
{
    if (!talk)
        co_return "Say it in the chat into which the list's mails come.";
    const auto key = talk_state::key(talk->portal());
    auto noted = co_await host_.recall(key);
    if (!noted)
        co_return noted.error();
    auto state = talk_state::from_note(*noted);
    if (state.leave.url.empty())
        co_return "The last mail here names no way to unsubscribe. `!mail block` refuses what comes from there.";
    if (!state.leave.one_click)
        co_return "The list offers no way that can be gone for you, but this one: " + state.leave.url;
    const auto web = net::guarded_client(co_await boost::asio::this_coro::executor);
    auto left = co_await leave_list(*web, state.leave.url);
    if (!left)
        co_return failure{
            left.error().next, left.error().kind,
            "You are still subscribed, as far as is known: " + left.error().why
        };
    co_return "You are unsubscribed, " + talk->peer.domain + " says.";
}

// What somebody asked not to get: by the author whom the mail names, or by who sent it.
awaitable<result<bool>> post_office::is_blocked(address recipient, std::shared_ptr<arrival> in)
{
    const auto whose = is_role(recipient) ? config_->postmaster : split_tag(recipient).base;
    auto noted = co_await host_.recall(block_list::key(whose));
    if (!noted)
        co_return noted.error();
    if (noted->empty())
        co_return false;
    const auto all = block_list::from_note(*noted);
    bool blocked = in->sender && all.blocks(*in->sender);
    for (const auto& one : in->mail.from)
        blocked = blocked || all.blocks(one.who);
    co_return blocked;
}

}  // namespace rialto::email
