#include "bridges/email/post_office.hpp"

#include "bridges/email/source.hpp"
#include "bridges/email/verp.hpp"
#include "core/log.hpp"

namespace rialto::email {

reply reply_to(const failure& why)
{
    if (why.next == verdict::try_later)
        return reply{why.kind == cause::full ? 452 : 451, "4.3.1", "try again later: " + why.why};
    return reply{550, "5.7.1", why.why};
}

namespace {

constexpr std::size_t most_files = 100;  // of one mail, each an event
constexpr std::size_t most_held = 1024 * 1024;

reply taken() { return reply{250, "2.0.0", "it is on disk"}; }

}  // namespace

post_office::post_office(host& h, std::shared_ptr<clock> time, std::shared_ptr<const email_config> config)
    : host_{h},
      time_{std::move(time)},
      config_{std::move(config)},
      people_{config_->domain, config_->home, config_->domains},
      openings_{config_->new_per_hour},
      openings_by_mailbox_{config_->new_per_hour * 12}
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

// Whose an address is: under the first name of the domain, an alias by what it stands for.
address post_office::meant_by(const address& a) const
{
    const auto home = people_.at_home(a);
    const auto known = home.domain == config_->domain ? config_->aliases.find(split_tag(home).base.local)
                                                      : config_->aliases.end();
    return known == config_->aliases.end() || looks_signed(home) ? home : known->second;
}

// Is it somebody's; what is nobody's goes to whom the configuration names.
awaitable<result<address>> post_office::owner_of(address named)
{
    const auto to = meant_by(named);
    const auto base = split_tag(to).base;
    if (!config_->catch_all || !people_.here(to) || is_role(to) || is_mailbox(base) || looks_signed(to) ||
        to == quarantine_of(config_->domain))
        co_return to;
    outcome there = failure{verdict::give_up, cause::not_found, ""};
    if (people_.behind(base))
        there = co_await host_.reachable(user_id{base.text()});
    if (!there && there.error().next == verdict::try_later)
        co_return there.error();
    co_return there ? to : *config_->catch_all;
}

awaitable<reply> post_office::check(address recipient, bool null_sender)
{
    auto whose = co_await owner_of(std::move(recipient));
    if (!whose)
        co_return reply{451, "4.3.0", "whether this address is somebody's cannot be told now"};
    recipient = std::move(*whose);
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
    if (recipient == quarantine_of(config_->domain))
        co_return nobody;
    if (null_sender)
        co_return reply{550, "5.7.1", "no mail was sent from this address"};
    const auto base = split_tag(recipient).base;
    if (is_mailbox(base))
        co_return reply{250, "2.1.5", "OK"};
    if (!people_.behind(base))
        co_return nobody;
    auto there = co_await host_.reachable(user_id{base.text()});
    if (there)
        co_return reply{250, "2.1.5", "OK"};
    if (there.error().next == verdict::try_later)
        co_return reply{451, "4.3.0", "whether this address is somebody's cannot be told now"};
    co_return nobody;
}

result<post_office::judged> post_office::judge(std::string raw, const std::optional<address>& sender) const
{
    judged out;
    out.original.name = raw.size() > most_held ? "beginning.eml" : "original.eml";
    out.original.type = "message/rfc822";
    out.original.bytes = raw.substr(0, most_held);
    auto header = header_of(raw);
    auto read = read_mail(std::move(raw));
    if (!read)
        return read.error();
    auto author = verdict_on_author::unknown;
    if (read->from.size() == 1)
        author = judge_author(read->authentication, config_->authserv, read->from.front().who.domain);
    out.why = suspicion_of(*read, config_->domain, author);
    if (out.why.empty() && people_.here(read->from.front().who))
        out.why = "people of " + read->from.front().who.domain + " do not write from outside";
    out.in = std::make_shared<arrival>(std::move(*read), author, sender);
    out.in->header = std::move(header);
    return out;
}

awaitable<std::vector<reply>> post_office::take(envelope about, std::string raw)
{
    const auto all = about.recipients.size();
    raw.insert(0, trace_of(about, config_->domain, config_->speaks == protocol::lmtp, time_->now()));
    auto mail = judge(std::move(raw), about.sender);
    if (!mail)
        co_return std::vector<reply>(all, reply{554, "5.6.0", mail.error().why});
    const auto in = mail->in;
    const auto refused = refusal_of(in->mail, config_->domain);
    const auto why = mail->why;
    if (!why.empty())
        in->mail.files.assign(1, std::move(mail->original));
    std::vector<result<address>> owners;
    for (const auto& named : about.recipients) {
        auto whose = co_await owner_of(named);
        if (whose && people_.behind(*whose)) {
            auto blocked = co_await is_blocked(*whose, in);
            if (blocked && !*blocked)
                in->ours.push_back(split_tag(*whose).base);
        }
        owners.push_back(std::move(whose));
    }
    std::vector<reply> out;
    for (const auto& whose : owners) {
        reply said;
        if (!whose)
            said = reply_to(whose.error());
        else if (const auto ours = signed_id(*whose, config_->secret))
            said = co_await take_back(*ours, in);
        else if (refused)
            said = *refused;
        else
            said = co_await take_one(*whose, in, why);
        out.push_back(std::move(said));
    }
    co_return out;
}

awaitable<reply> post_office::take_one(address to, std::shared_ptr<arrival> in, std::string why)
{
    auto blocked = co_await is_blocked(to, in);
    if (!blocked)
        co_return reply_to(blocked.error());
    if (*blocked)
        co_return reply{550, "5.7.1", "this recipient takes no mail from you"};
    if (!why.empty())
        co_return co_await take_held(to, in, std::move(why));
    co_return co_await take_for(to, in);
}

awaitable<result<file>> post_office::bring(mail_file f)
{
    constexpr std::size_t piece = 1024 * 1024;
    file about{f.name, f.type, media_id{}};
    about.in_body = f.in_body;
    auto id = co_await host_.media().create(std::move(about));
    if (!id)
        co_return id.error();
    for (std::size_t at = 0; at < f.bytes.size(); at += piece) {
        auto kept = co_await host_.media().append(*id, f.bytes.substr(at, piece));
        if (!kept)
            co_return kept.error();
    }
    f.bytes = {};
    co_return co_await host_.media().finish(*id);
}

// Once a mail, whoever of its recipients is first. Done before the mail is accepted: it is the mail server
// that keeps a mail whose attachments have no place yet.
awaitable<outcome> post_office::bring_files(std::shared_ptr<arrival> in)
{
    auto& waiting = in->mail.files;
    while (!waiting.empty()) {
        const auto name = waiting.front().name.empty() ? waiting.front().type : waiting.front().name;
        const auto size = waiting.front().bytes.size();
        if (in->files.size() >= most_files) {
            in->left_out.push_back("Attachment not carried: " + name + " (one of too many)");
            waiting.erase(waiting.begin());
            continue;
        }
        auto brought = co_await bring(waiting.front());
        if (!brought && brought.error().next == verdict::try_later)
            co_return brought.error();
        if (brought)
            in->files.push_back(std::move(*brought));
        else
            in->left_out.push_back(
                "Attachment not carried: " + name + " (" + std::to_string(size) +
                " bytes): " + brought.error().why
            );
        waiting.erase(waiting.begin());
    }
    co_return ok();
}

awaitable<reply> post_office::take_for(address recipient, std::shared_ptr<arrival> in)
{
    const auto whose = is_role(recipient) ? config_->postmaster : split_tag(recipient).base;
    const talk_name who{whose, in->mail.from.front().who};
    const auto talk = who.portal().room.value;
    // Sessions run side by side: it is counted at once, and taken back when nothing comes of it.
    if (!pace_.take(talk, time_->now()))
        co_return reply{450, "4.7.1", "too many mails a minute"};
    const bool robot = is_automatic_answer(in->mail);
    if (robot && !robots_.take(talk, time_->now())) {
        pace_.give_back(talk);
        co_return reply{554, "5.4.6", "automatic answers go in circles"};
    }
    reply said;
    if (is_mailbox(whose))
        said = co_await take_into_room(whose, in);
    else
        said = co_await take_for_person(who, in);
    if (said.good())
        co_return said;
    pace_.give_back(talk);
    if (robot)
        robots_.give_back(talk);
    co_return said;
}

awaitable<reply> post_office::take_for_person(talk_name who, std::shared_ptr<arrival> in)
{
    auto group = co_await group_of(who.puppet, in);
    if (!group)
        co_return reply_to(group.error());
    if (*group)
        co_return co_await take_into_group(std::move(**group), who.puppet, in);
    co_return co_await take_into(who, in);
}

awaitable<reply> post_office::take_into(talk_name who, std::shared_ptr<arrival> in)
{
    const auto portal = who.portal();
    const auto key = talk_state::key(portal);
    const bool opens = !known_.contains(portal.room.value);
    if (opens && !may_open(who.puppet, *in))
        co_return reply{451, "4.7.1", "too many people write to this address for the first time"};
    auto brought = co_await bring_files(in);
    if (!brought)
        co_return reply_to(brought.error());
    auto before = co_await host_.recall(key);  // and written with no wait in between
    if (!before)
        co_return reply_to(before.error());
    auto state = talk_state::from_note(*before);
    auto batch = events_of(*in, who, state, opens, time_->now(), most());
    state.went_on(in->mail.message_id, in->mail.subject);
    state.leave = list_exit_of(in->mail, in->author == verdict_on_author::genuine);
    auto said = co_await accept(std::move(batch), note{key, state.note()}, in);
    if (!said.good())
        co_return said;
    known_.insert(portal.room.value);
    co_await note_somebody(who.peer);
    co_return said;
}

awaitable<reply> post_office::accept(std::vector<event> batch, note about, std::shared_ptr<arrival> in)
{
    std::vector<note> notes;
    if (!about.key.empty())
        notes.push_back(std::move(about));
    co_return co_await accept_all(std::move(batch), std::move(notes), in);
}

// How far the mailbox is read stands in the same commit.
awaitable<reply> post_office::accept_all(
    std::vector<event> batch, std::vector<note> notes, std::shared_ptr<arrival> in
)
{
    if (!in->read.key.empty())
        notes.push_back(in->read);
    if (!batch.empty() && !in->header.empty()) {
        const source_note kept{batch.front().portal, in->id};
        notes.emplace_back(kept.key, kept.value(in->header));
    }
    auto done = co_await host_.accept_all(std::move(batch), std::move(notes));
    if (!done)
        co_return reply_to(done.error());
    in->read = note{};
    co_return taken();
}

}  // namespace rialto::email
