// bridges/email/post_office.hpp: between the wire and the core: answers for recipients and mails that come
// in, writes down what goes out. What it accepts is on disk before it says so. One io_context thread.
#pragma once

#include "bridges/email/allowance.hpp"
#include "bridges/email/email_config.hpp"
#include "bridges/email/reception.hpp"
#include "bridges/email/sending_rules.hpp"
#include "bridges/email/smtp_client.hpp"
#include "core/clock.hpp"
#include "core/opening_limit.hpp"

#include <set>

namespace rialto::email {

class post_office
{
public:
    post_office(host& h, std::shared_ptr<clock> time, std::shared_ptr<const email_config> config);

    awaitable<outcome> learn();  // the talks that there are
    const people& who() const noexcept { return people_; }

    // RCPT: is it the address of a Matrix person, or one that a mail of ours comes back to?
    awaitable<reply> check(address recipient, bool null_sender);
    // The end of DATA: a reply for each recipient.
    awaitable<std::vector<reply>> take(envelope about, std::string raw);

    // A mail that lies in the mailbox. Whatever is said but 4xx is final, and `read` is on disk with it.
    struct found
    {
        std::string raw, remark;  // remark: what the reader is told beside it
        bool sent = false;        // it lies where copies of sent mails do
        note read;
        found() = default;
    };
    awaitable<reply> take_found(found mail);

    // A talk that a Matrix person begins.
    result<opened> begin(const wish& w);
    void forget(const portal_id& portal) { known_.erase(portal.room.value); }

    struct letter
    {
        submission mail;
        address from, to;
        std::string id, key, note_key, note, talk_key;  // what to remember before, and after
        talk_state after;
        bool of_mailbox = false;  // it comes from the mailbox's address
        letter() = default;
    };
    awaitable<result<letter>> write(event e);
    // For the author of a mail that Matrix refused after our 250; nullopt: nobody may be told (backscatter).
    std::optional<submission> refusal_letter(const event& e, const report& news) const;
    awaitable<outcome> before_sending(const letter& l);
    awaitable<void> after_sending(const letter& l);
    // Its server refused the recipient for good.
    awaitable<void> was_refused(const letter& l, std::string status);

private:
    awaitable<reply> take_for(address recipient, std::shared_ptr<arrival> in);
    awaitable<reply> take_into(talk_name who, std::shared_ptr<arrival> in);
    awaitable<reply> take_held(address recipient, std::shared_ptr<arrival> in, std::string why);
    awaitable<reply> take_back(std::string mail_key, std::shared_ptr<arrival> in);
    awaitable<reply> take_sent(std::shared_ptr<arrival> in);
    bool may_open(const address& puppet, const arrival& in);
    awaitable<outcome> bring_files(std::shared_ptr<arrival> in);
    awaitable<result<file>> bring(mail_file f);
    awaitable<outcome> may_go(address from, address to);
    awaitable<outcome> remember_in_ring(std::string key);
    awaitable<void> note_nobody(address peer, std::string status);
    awaitable<void> note_somebody(address peer);
    awaitable<outcome> attach(outgoing_mail& mail, std::vector<file> files);
    std::uint64_t most() const { return config_->max_mb * 1024 * 1024; }
    awaitable<reply> accept(std::vector<event> batch, note about, std::shared_ptr<arrival> in);
    bool is_role(const address& a) const;

    host& host_;
    std::shared_ptr<clock> time_;
    std::shared_ptr<const email_config> config_;
    people people_;
    opening_limit openings_, openings_by_mailbox_;
    allowance pace_{60, std::chrono::minutes{1}};  // mails of one author to one person
    allowance held_{20, std::chrono::hours{1}};    // mails held back for one person
    allowance robots_{10, std::chrono::hours{1}};  // automatic answers in one talk
    std::optional<std::uint64_t> next_in_ring_;
    std::set<std::string, std::less<>> known_;  // portals
};

// The verdict on one recipient as the core takes it; good: ok.
outcome outcome_of(const recipient_fate& f);

}  // namespace rialto::email
