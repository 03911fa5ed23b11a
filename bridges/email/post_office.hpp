// bridges/email/post_office.hpp: between the wire and the core: answers for recipients and mails that come
// in, writes down what goes out. What it accepts is on disk before it says so. One io_context thread.
#pragma once

#include "bridges/email/allowance.hpp"
#include "bridges/email/block_list.hpp"
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

    awaitable<result<answer>> command(request r);

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
    result<user_id> address_of(const native& who) const;
    void forget(const portal_id& portal) { known_.erase(portal.room.value); }

    struct letter
    {
        submission mail;
        address from;                             // who wrote it
        std::string id, key, note_key, talk_key;  // what to remember before, and after
        sent_mail about{portal_id{}, ""};
        note belongs;  // to its thread; no key: a talk's
        std::string subject;
        bool advances = true;            // the talk; not a repeat for one recipient
        std::vector<refusal> refused;    // to whom it does not go
        std::vector<std::string> taken;  // who has it already
        bool stays = false;              // said among the people of a room: no mail
        bool of_mailbox = false;         // it comes from the address of the mailbox that is followed
        letter() = default;
    };
    awaitable<result<letter>> write(event e);
    // For the author of a mail that Matrix refused after our 250; nullopt: nobody may be told (backscatter).
    std::optional<submission> refusal_letter(const event& e, const report& news) const;
    awaitable<outcome> before_sending(const letter& l);
    // What became of it, for each recipient; written down.
    awaitable<result<sent>> settle(letter l, std::vector<recipient_fate> fates);
    bool is_mailbox(const address& a) const { return known_.contains(a.text()); }

private:
    // What a mail is, whoever it is for. `why`: nobody may be shown as its author.
    struct judged
    {
        std::shared_ptr<arrival> in;
        std::string why;
        mail_file original;  // shown where it is held back; its beginning, where it is large
        judged() = default;
    };
    result<judged> judge(std::string raw, const std::optional<address>& sender) const;
    // `!mail …`, each in its room.
    awaitable<result<std::string>> begin_talk(address puppet, std::string to, std::string subject);
    awaitable<result<std::string>> tell_status(address puppet, std::optional<talk_name> talk);
    awaitable<result<std::string>> change_blocks(address whose, std::string word, bool add);
    awaitable<result<std::string>> tell_source(request r);
    awaitable<result<std::string>> unsubscribe(std::optional<talk_name> talk);
    awaitable<result<bool>> is_blocked(address recipient, std::shared_ptr<arrival> in);

    awaitable<reply> take_for(address recipient, std::shared_ptr<arrival> in);
    awaitable<reply> take_for_person(talk_name who, std::shared_ptr<arrival> in);
    awaitable<reply> take_into(talk_name who, std::shared_ptr<arrival> in);
    awaitable<reply> take_held(address recipient, std::shared_ptr<arrival> in, std::string why);
    awaitable<reply> take_back(std::string mail_key, std::shared_ptr<arrival> in);
    awaitable<reply> take_sent(std::shared_ptr<arrival> in);
    bool may_open(const address& puppet, const arrival& in);
    awaitable<outcome> bring_files(std::shared_ptr<arrival> in);
    awaitable<result<file>> bring(mail_file f);
    address meant_by(const address& a) const;
    awaitable<result<address>> owner_of(address named);
    awaitable<outcome> may_go(address from, address to);
    awaitable<outcome> may_send_to(address from, std::size_t many);
    awaitable<outcome> is_somebody(address to);
    awaitable<void> write_down(const letter& l, std::vector<mail_fate> news, std::size_t went);

    awaitable<reply> take_one(address to, std::shared_ptr<arrival> in, std::string why);
    awaitable<reply> take_into_room(address box, std::shared_ptr<arrival> in);
    awaitable<reply> take_report(sent_mail about, std::shared_ptr<arrival> in);
    awaitable<reply> take_robot(sent_mail about, std::shared_ptr<arrival> in);
    awaitable<result<std::string>> thread_of(address box, std::shared_ptr<arrival> in);
    awaitable<result<letter>> write_to_thread(event e, address box);
    awaitable<outcome> sort_recipients(letter& out, const event& e, const outgoing_mail& mail);
    awaitable<result<letter>> finish_letter(letter out, event e, outgoing_mail mail, std::string root);
    awaitable<result<std::optional<portal_id>>> group_of(address puppet, std::shared_ptr<arrival> in);
    awaitable<reply> take_into_group(portal_id portal, address puppet, std::shared_ptr<arrival> in);
    awaitable<result<letter>> write_to_group(event e);
    awaitable<outcome> note_members(event e, membership m, talk_state state);
    awaitable<result<std::string>> tell_group_status(portal_id group);
    awaitable<result<answer>> give_mailbox(request r, std::string local);
    awaitable<result<answer>> mailbox_order(request r, std::string local, bool remove);
    awaitable<result<std::string>> tell_room_status(address box, reference about);
    awaitable<outcome> remember_in_ring(std::string key);
    awaitable<void> note_nobody(address peer, std::string status);
    awaitable<void> note_somebody(address peer);
    awaitable<outcome> attach(outgoing_mail& mail, std::vector<file> files);
    std::uint64_t most() const { return config_->max_mb * 1024 * 1024; }
    awaitable<reply> accept(std::vector<event> batch, note about, std::shared_ptr<arrival> in);
    awaitable<reply> accept_all(
        std::vector<event> batch, std::vector<note> notes, std::shared_ptr<arrival> in
    );
    bool is_role(const address& a) const;

    host& host_;
    std::shared_ptr<clock> time_;
    std::shared_ptr<const email_config> config_;
    people people_;
    opening_limit openings_, openings_by_mailbox_;
    allowance begun_{30, std::chrono::hours{1}};   // talks that one person begins by !mail to
    allowance pace_{60, std::chrono::minutes{1}};  // mails of one author to one person
    allowance held_{20, std::chrono::hours{1}};    // mails held back for one person
    allowance robots_{10, std::chrono::hours{1}};  // automatic answers in one talk
    std::optional<std::uint64_t> next_in_ring_;
    std::set<std::string, std::less<>> known_;  // portals
};

reply reply_to(const failure& why);
std::string fates_text(const talk_state& state);  // a line each, with a line end in front

// The verdict on one recipient as the core takes it; good: ok.
outcome outcome_of(const recipient_fate& f);

}  // namespace rialto::email
