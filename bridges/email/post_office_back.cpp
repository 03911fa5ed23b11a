// bridges/email/post_office.hpp, mail that is not simply somebody's: held back, or come back.
#include "bridges/email/dsn.hpp"
#include "bridges/email/group.hpp"
#include "bridges/email/post_office.hpp"

#include "core/log.hpp"

namespace rialto::email {

// A person is told in a chat with the quarantine, a room in the room.
awaitable<reply> post_office::take_held(address recipient, std::shared_ptr<arrival> in, std::string why)
{
    const auto base = split_tag(recipient).base;
    const auto puppet = is_role(recipient) ? config_->postmaster : base;
    const bool room = is_mailbox(base);
    const auto portal =
        room ? mailbox_name{base}.portal() : talk_name{puppet, quarantine_of(config_->domain)}.portal();
    if (!held_.take(puppet.text(), time_->now()))
        co_return reply{550, "5.7.1", why};
    auto brought = co_await bring_files(in);
    if (!brought) {
        held_.give_back(puppet.text());
        co_return reply_to(brought.error());
    }
    auto batch = held_back(*in, puppet, why, !room && !known_.contains(portal.room.value), time_->now());
    for (auto& e : batch)
        e.portal = portal;
    auto said = co_await accept(std::move(batch), note{}, in);
    if (said.good())
        known_.insert(portal.room.value);
    else
        held_.give_back(puppet.text());
    co_return said;
}

awaitable<reply> post_office::take_back(std::string mail_key, std::shared_ptr<arrival> in)
{
    auto noted = co_await host_.recall(sent_mail::key(mail_key));
    if (!noted)
        co_return reply_to(noted.error());
    auto about = sent_mail::from_note(*noted);
    if (!about) {
        log::warn("a mail came back that is not known", "mail", mail_key);
        co_return reply{250, "2.0.0", "it is not known"};
    }
    if (kind_of_return(in->mail) == returned::answer)
        co_return co_await take_robot(std::move(*about), in);
    co_return co_await take_report(std::move(*about), in);
}

awaitable<reply> post_office::take_report(sent_mail about, std::shared_ptr<arrival> in)
{
    const auto talk = talk_name::of(about.portal, config_->domain);
    const auto peer = talk ? std::optional<address>{talk->peer} : std::nullopt;
    if (in->mail.delivery_status) {
        const auto news = read_delivery_status(*in->mail.delivery_status);
        for (const auto& one : news.about) {
            const auto who = peer ? peer : parse_address(one.recipient);
            if (who && one.is == fate::failed && says_nobody(one.status))
                co_await note_nobody(*who, one.status);
        }
    }
    const auto key = talk ? talk_state::key(about.portal) : thread_key(about.portal, about.root);
    auto noted = co_await host_.recall(key);
    if (!noted)
        co_return reply_to(noted.error());
    auto state = talk_state::from_note(*noted);
    std::vector<event> batch;
    for (auto& one : reports_of(in->mail, about, peer)) {
        const auto who = one.recipient.value.empty() ? "everybody" : one.recipient.value;
        state.fared(mail_fate{about.id, time_->now(), one.is, who, one.why ? one.why->why : ""});
        batch.emplace_back(about.portal, person{}, time_->now(), message_id{}, std::move(one));
    }
    co_return co_await accept(std::move(batch), note{key, state.note()}, in);
}

// Somebody's program answers: shown where the mail was written, as a notice; who wrote is anybody's guess.
awaitable<reply> post_office::take_robot(sent_mail about, std::shared_ptr<arrival> in)
{
    const auto talk = talk_name::of(about.portal, config_->domain);
    const auto box = mailbox_name::of(about.portal, config_->domain);
    const auto pace = about.portal.room.value;
    const bool group = group_name::is(about.portal);
    if ((!talk && !box && !group) || !robots_.take(pace, time_->now()))
        co_return reply{250, "2.0.0", "it is not shown"};  // it may have a sender who would answer a refusal
    auto brought = co_await bring_files(in);
    if (!brought) {
        robots_.give_back(pace);
        co_return reply_to(brought.error());
    }
    in->author = verdict_on_author::unknown;
    const talk_state before;
    std::vector<event> batch;
    if (talk)
        batch = events_of(*in, *talk, before, !known_.contains(pace), time_->now(), most());
    else if (box)
        batch = thread_events(*in, box->at, about.root, false, before, time_->now());
    else
        batch = events_of(
            *in, talk_name{quarantine_of(config_->domain), in->mail.from.front().who}, before, false,
            time_->now(), most()
        );
    for (auto& e : batch)
        e.portal = about.portal;
    auto said = co_await accept(std::move(batch), note{}, in);
    if (!said.good())
        robots_.give_back(pace);
    co_return said;
}

}  // namespace rialto::email
