// bridges/email/post_office.hpp, what goes out.
#include "bridges/email/post_office.hpp"

#include "bridges/email/dsn.hpp"
#include "bridges/email/group.hpp"
#include "bridges/email/verp.hpp"
#include "core/key.hpp"
#include "core/log.hpp"
#include "core/text.hpp"

namespace rialto::email {

// A room's address is nobody's own.
result<user_id> post_office::address_of(const native& who) const
{
    const auto a = people_.of(who);
    if (!a)
        return failure{verdict::give_up, cause::too_large, who.local + " is too long for a mail address"};
    if (is_mailbox(*a))
        return failure{verdict::give_up, cause::conflict, a->text() + " is the address of a room"};
    return user_id{a->text()};
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
        return failure{
            verdict::unsupported, cause::other, "a room gets an address by `mailbox NAME`, said in it"
        };
    const talk_name who{*puppet, *peer};
    auto portal = who.portal();
    known_.insert(portal.room.value);
    return opened{std::move(portal), talk_room(who, "", most())};
}

awaitable<result<post_office::letter>> post_office::write(event e)
{
    if (const auto box = mailbox_name::of(e.portal, config_->domain))
        co_return co_await write_to_thread(std::move(e), box->at);
    if (group_name::is(e.portal))
        co_return co_await write_to_group(std::move(e));
    const auto who = talk_name::of(e.portal, config_->domain);
    const auto* said = std::get_if<message>(&e.what);
    if (!who)
        co_return failure{verdict::give_up, cause::not_found, "this room belongs to no mail address"};
    if (!said)
        co_return failure{verdict::unsupported, cause::other, "mail carries messages only"};
    if (people_.here(who->peer))
        co_return failure{
            verdict::give_up, cause::forbidden, "nobody reads what is written to " + who->peer.text()
        };
    auto may = co_await may_go(who->puppet, who->peer);
    if (!may)
        co_return may.error();
    letter out;
    out.of_mailbox = config_->mailbox && config_->mailbox->to == who->puppet;
    if (!out.of_mailbox && !config_->listens)
        co_return failure{verdict::give_up, cause::forbidden, "you have no mailbox here to write from"};
    out.from = who->puppet;
    out.talk_key = talk_state::key(e.portal);
    auto noted = co_await host_.recall(out.talk_key);
    if (!noted)
        co_return noted.error();
    auto mail = letter_of(e, *said, *who, talk_state::from_note(*noted));
    auto attached = co_await attach(mail, said->files);
    if (!attached)
        co_return attached.error();
    if (out.of_mailbox)
        mail.from.who = config_->mailbox->own;
    const auto key = mail_key(e.portal, e.id);
    out.id = mail.message_id;
    out.subject = mail.subject;
    out.key = key;
    out.note_key = sent_mail::key(key);
    out.about = sent_mail{e.portal, mail.message_id};
    out.mail.our_name = config_->domain;
    if (out.of_mailbox)  // what comes back lies there too, and is known by ENVID or Message-ID
        out.mail.sender = config_->mailbox->own;
    else
        out.mail.sender = return_path(key, config_->domain, config_->secret);
    out.mail.recipients.push_back(who->peer);
    out.mail.envelope_id = key;
    out.mail.mail = write_mail(mail);
    co_return out;
}

awaitable<outcome> post_office::attach(outgoing_mail& mail, std::vector<file> files)
{
    constexpr std::size_t piece = 1024 * 1024;
    std::uint64_t all = 0;
    for (auto& f : files) {
        if (f.bytes.empty() || !f.url.empty())
            continue;  // a link, which is in the text
        auto facts = co_await host_.media().stat(f.bytes);
        if (!facts)
            co_return facts.error();
        all += facts->size;
        if (all > most() / 10 * 7)
            co_return failure{verdict::give_up, cause::too_large, "the file is too large for a mail"};
        mail_file out;
        out.name = f.name;
        out.type = facts->mime;
        while (out.bytes.size() < facts->size) {
            auto some = co_await host_.media().read(f.bytes, out.bytes.size(), piece);
            if (!some)
                co_return some.error();
            if (some->empty())
                break;
            out.bytes += *some;
        }
        mail.files.push_back(std::move(out));
    }
    co_return ok();
}

// No open relay: who is named, so many a day, and not to whom nobody is.
awaitable<outcome> post_office::may_go(address from, address to)
{
    auto may = co_await may_send_to(std::move(from), 1);
    if (!may)
        co_return may;
    co_return co_await is_somebody(std::move(to));
}

awaitable<outcome> post_office::may_send_to(address from, std::size_t many)
{
    const auto sender = people_.behind(from);
    if (!sender || !may_send(config_->may_send, *sender))
        co_return failure{verdict::give_up, cause::forbidden, "you may not send mail from here"};
    auto sent = co_await host_.recall(day_count::key(from));
    if (!sent)
        co_return sent.error();
    if (day_count::from_note(*sent, time_->now()).mails + many > config_->mails_per_day)
        co_return failure{
            verdict::give_up, cause::forbidden,
            "you may send " + std::to_string(config_->mails_per_day) +
                " mails a day, counted by recipients, and no more today"
        };
    co_return ok();
}

awaitable<outcome> post_office::is_somebody(address to)
{
    auto nobody = co_await host_.recall(suppression::key(to));
    if (!nobody)
        co_return nobody.error();
    if (const auto since = suppression::from_note(*nobody, time_->now()))
        co_return failure{
            verdict::give_up, cause::not_found,
            to.text() + " was refused by its server (" + since->status +
                "); until a mail comes from there, or a week has passed, none is sent"
        };
    co_return ok();
}

// The note of a mail that was sent most_remembered mails ago makes room for this one's.
awaitable<outcome> post_office::remember_in_ring(std::string key)
{
    if (!next_in_ring_) {
        auto noted = co_await host_.recall("out-next");
        if (!noted)
            co_return noted.error();
        next_in_ring_ = text::read_number(*noted).value_or(0);
    }
    const auto mine = (*next_in_ring_)++;
    auto before = co_await host_.recall(ring_key(mine));
    if (!before)
        co_return before.error();
    if (!before->empty()) {
        auto forgotten = co_await host_.remember(note{sent_mail::key(*before), ""});
        if (!forgotten)
            co_return forgotten.error();
    }
    auto noted = co_await host_.remember(note{ring_key(mine), std::move(key)});
    if (!noted)
        co_return noted.error();
    co_return co_await host_.remember(note{"out-next", std::to_string(mine + 1)});
}

awaitable<void> post_office::note_nobody(address peer, std::string status)
{
    if (status.empty())
        co_return;
    auto noted = co_await host_.remember(
        note{suppression::key(peer), suppression{std::move(status), time_->now()}.note()}
    );
    if (!noted)
        log::warn("a refused address is not written down", "error", noted.error().why);
}

awaitable<void> post_office::note_somebody(address peer)
{
    const auto key = suppression::key(peer);
    auto known = co_await host_.recall(key);
    if (!known || known->empty())
        co_return;
    auto noted = co_await host_.remember(note{key, ""});
    if (!noted)
        log::warn("a refused address is still taken for nobody's", "error", noted.error().why);
}

std::optional<submission> post_office::refusal_letter(const event& e, const report& news) const
{
    const auto who = talk_name::of(e.portal, config_->domain);
    const auto box = mailbox_name::of(e.portal, config_->domain);
    auto to = sender_in(news.about.id);
    if ((!who && !box && !group_name::is(e.portal)) || !to || people_.here(*to))
        return std::nullopt;
    refused_mail about;
    about.id = "<dsn." + digest({news.about.id.value}) + "@" + config_->domain + ">";
    about.sender = *to;
    about.recipient = who ? who->puppet : box ? box->at : address{"postmaster", config_->domain};
    about.original = mail_in(news.about.id);
    about.why = news.why ? news.why->why : "";
    about.at = e.at;
    submission out;
    out.our_name = config_->domain;
    out.recipients.push_back(std::move(*to));
    out.mail = write_delivery_status(about);
    return out;
}

}  // namespace rialto::email
