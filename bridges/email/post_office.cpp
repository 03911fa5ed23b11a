#include "bridges/email/post_office.hpp"

#include "bridges/email/verp.hpp"
#include "core/log.hpp"

namespace rialto::email {
namespace {

reply reply_to(const failure& why)
{
    if (why.next == verdict::try_later)
        return reply{why.kind == cause::full ? 452 : 451, "4.3.1", "try again later: " + why.why};
    return reply{550, "5.7.1", why.why};
}

reply taken() { return reply{250, "2.0.0", "it is on disk"}; }

}  // namespace

post_office::post_office(host& h, std::shared_ptr<clock> time, std::shared_ptr<const email_config> config)
    : host_{h},
      time_{std::move(time)},
      config_{std::move(config)},
      people_{config_->domain, config_->home},
      openings_{config_->new_per_hour}
{
}

awaitable<outcome> post_office::learn()
{
    auto all = co_await host_.find(query{query::of::mine});
    if (!all)
        co_return all.error();
    known_.clear();
    for (const auto& [id, state] : all->rooms)
        known_.insert(id.room.value);
    co_return ok();
}

bool post_office::is_role(const address& a) const  // RFC 5321 §4.5.1, RFC 2142 §2
{
    return a.domain == config_->domain && (a.local == "postmaster" || a.local == "abuse");
}

awaitable<reply> post_office::check(address recipient, bool null_sender)
{
    const reply nobody{550, "5.1.1", "nobody has this address"};
    if (is_role(recipient))
        co_return reply{250, "2.1.5", "OK"};
    if (!people_.here(recipient))
        co_return reply{550, "5.7.1", "this is no relay"};
    if (looks_signed(recipient)) {
        if (signed_id(recipient, config_->secret))
            co_return reply{250, "2.1.5", "OK"};
        co_return nobody;
    }
    if (null_sender)
        co_return reply{550, "5.7.1", "no mail was sent from this address"};
    const auto base = split_tag(recipient).base;
    if (!people_.behind(base))
        co_return nobody;
    auto there = co_await host_.reachable(user_id{base.text()});
    if (there)
        co_return reply{250, "2.1.5", "OK"};
    if (there.error().next == verdict::try_later)
        co_return reply{451, "4.3.0", "whether this address is somebody's cannot be told now"};
    co_return nobody;
}

awaitable<std::vector<reply>> post_office::take(envelope about, std::string raw)
{
    const auto all = about.recipients.size();
    auto read = read_mail(std::move(raw));
    if (!read)
        co_return std::vector<reply>(all, reply{554, "5.6.0", read.error().why});
    auto m = std::make_shared<const parsed_mail>(std::move(*read));
    auto author = verdict_on_author::unknown;
    if (m->from.size() == 1)
        author = judge_author(m->authentication, config_->authserv, m->from.front().who.domain);
    const auto refused = refusal_of(*m, config_->domain, author);
    std::vector<reply> out;
    for (const auto& to : about.recipients) {
        if (const auto ours = signed_id(to, config_->secret)) {
            auto said = co_await take_back(*ours, m);
            out.push_back(std::move(said));
            continue;
        }
        if (refused) {
            out.push_back(*refused);
            continue;
        }
        auto said = co_await take_for(to, m, author);
        out.push_back(std::move(said));
    }
    co_return out;
}

awaitable<reply> post_office::take_for(
    address recipient, std::shared_ptr<const parsed_mail> m, verdict_on_author author
)
{
    const auto puppet = is_role(recipient) ? config_->postmaster : split_tag(recipient).base;
    const talk_name who{puppet, m->from.front().who};
    const auto portal = who.portal();
    const auto key = talk_state::key(portal);
    auto before = co_await host_.recall(key);
    if (!before)
        co_return reply_to(before.error());
    auto state = talk_state::from_note(*before);
    const bool opens = !known_.contains(portal.room.value);
    if (opens && !openings_.allow(puppet.text(), time_->now()))
        co_return reply{451, "4.7.1", "too many people write to this address for the first time"};
    auto batch = events_of(*m, who, state, opens, author, time_->now());
    state.went_on(m->message_id, m->subject);
    auto said = co_await accept(std::move(batch), note{key, state.note()});
    if (said.good())
        known_.insert(portal.room.value);
    co_return said;
}

awaitable<reply> post_office::take_back(std::string mail_key, std::shared_ptr<const parsed_mail> m)
{
    auto noted = co_await host_.recall(sent_mail::key(mail_key));
    if (!noted)
        co_return reply_to(noted.error());
    const auto about = sent_mail::from_note(*noted, config_->domain);
    if (!about) {
        log::warn("a mail came back that is not known", "mail", mail_key);
        co_return taken();
    }
    if (kind_of_return(*m) != returned::answer)
        co_return co_await accept(reports_of(*m, *about, time_->now()), note{});
    const bool opens = !known_.contains(about->who.portal().room.value);
    const talk_state before;
    auto batch = events_of(*m, about->who, before, opens, verdict_on_author::unknown, time_->now());
    co_return co_await accept(std::move(batch), note{});
}

awaitable<reply> post_office::accept(std::vector<event> batch, note cursor)
{
    auto done = co_await host_.accept(std::move(batch), std::move(cursor));
    if (!done)
        co_return reply_to(done.error());
    co_return taken();
}

result<opened> post_office::begin(const wish& w)
{
    const auto peer = w.addresses.empty() ? std::nullopt : parse_address(w.addresses.front());
    const auto puppet = parse_address(w.asker.id.value);
    if (!peer || !puppet || !people_.here(*puppet))
        return failure{
            verdict::give_up, cause::malformed, "that is not a mail address such as carol@example.org"
        };
    if (people_.here(*peer))
        return failure{
            verdict::give_up, cause::forbidden, peer->text() + " is somebody on Matrix: write there"
        };
    if (w.is != kind::direct)
        return failure{verdict::unsupported, cause::other, "rooms with a mailbox are not offered yet"};
    const talk_name who{*puppet, *peer};
    auto portal = who.portal();
    known_.insert(portal.room.value);
    return opened{std::move(portal), talk_room(who, "")};
}

awaitable<result<post_office::letter>> post_office::write(event e)
{
    const auto who = talk_name::of(e.portal, config_->domain);
    const auto* said = std::get_if<message>(&e.what);
    if (!who)
        co_return failure{verdict::give_up, cause::not_found, "this room belongs to no mail address"};
    if (!said)
        co_return failure{verdict::unsupported, cause::other, "mail carries messages only"};
    letter out;
    out.talk_key = talk_state::key(e.portal);
    auto noted = co_await host_.recall(out.talk_key);
    if (!noted)
        co_return noted.error();
    out.after = talk_state::from_note(*noted);
    const auto mail = letter_of(e, *said, *who, out.after);
    const auto key = mail_key(e.portal, e.id);
    out.id = mail.message_id;
    out.after.went_on(mail.message_id, mail.subject);
    out.note_key = sent_mail::key(key);
    out.note = sent_mail{*who, mail.message_id}.note();
    out.mail.our_name = config_->domain;
    out.mail.sender = return_path(key, config_->domain, config_->secret);
    out.mail.recipients.push_back(who->peer);
    out.mail.envelope_id = key;
    out.mail.mail = write_mail(mail);
    co_return out;
}

awaitable<outcome> post_office::before_sending(const letter& l)
{
    return host_.remember(note{l.note_key, l.note});
}

awaitable<void> post_office::after_sending(const letter& l)
{
    auto noted = co_await host_.remember(note{l.talk_key, l.after.note()});
    if (!noted)  // the next mail threads by an older one
        log::warn("a talk's thread is not written down", "error", noted.error().why);
}

outcome outcome_of(const recipient_fate& f)
{
    if (f.said.good())
        return ok();
    const bool later = f.said.code / 100 == 4;
    auto why = f.said.text.empty() ? "the mail server refused it" : f.said.text;
    if (!f.said.status.empty())
        why += " (" + f.said.status + ")";
    failure out{later ? verdict::try_later : verdict::give_up, cause::other, std::move(why)};
    out.certain = f.certain;
    return out;
}

}  // namespace rialto::email
