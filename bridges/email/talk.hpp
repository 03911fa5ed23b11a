// bridges/email/talk.hpp: a conversation by mail between a Matrix person and a correspondent: its name in the
// core, what the next mail refers to, and that mail. Pure; any thread.
#pragma once

#include "bridges/email/unsubscribe.hpp"

namespace rialto::email {

struct talk_name  // "<puppet>|<peer>"
{
    address puppet, peer;
    talk_name(address a, address b) : puppet{std::move(a)}, peer{std::move(b)} {}
    portal_id portal() const;
    static std::optional<talk_name> of(const portal_id& id, std::string_view domain);
    bool operator==(const talk_name&) const = default;
};

struct mail_fate  // what became of a mail of ours, for one recipient
{
    std::string id;  // Message-ID
    timestamp at{};
    fate is = fate::queued;
    std::string recipient, why;
    mail_fate() = default;
    mail_fate(std::string i, timestamp t, fate f, std::string r, std::string w = {})
        : id{std::move(i)}, at{t}, is{f}, recipient{std::move(r)}, why{std::move(w)}
    {
    }
    bool operator==(const mail_fate&) const = default;
};

// What the last mail left behind; kept as a note of the core.
struct talk_state
{
    static constexpr std::size_t most_people = 200, most_fates = 10;
    std::string subject;                  // without "Re:"
    std::vector<std::string> references;  // the last mails, oldest first; the newest is answered
    std::vector<mail_person> people;      // of a thread: who gets an answer, the last author first
    std::vector<mail_fate> fates;         // of the last mails, oldest first
    list_exit leave;                      // of the list whose mails come here
    talk_state() = default;

    void went_on(std::string message_id, std::string_view subject);
    void meets(mail_person who);  // into `people`, behind who is there
    void fared(mail_fate news);   // newer news of the same mail and recipient takes the place of older
    std::string note() const;
    static talk_state from_note(std::string_view text);
    static std::string key(const portal_id& portal);
    bool operator==(const talk_state&) const = default;
};

std::string base_subject(std::string_view subject
);  // without "Re:", "Fwd:", "AW:" … in front (RFC 5256 §2.1)

// The same for the same event, however often it is sent.
std::string mail_key(
    const portal_id& portal, const message_id& event
);  // [0-9a-f]{32}: ENVID, VERP, boundary
std::string message_id_of(std::string_view mail_key, std::string_view domain);

// The mail that says this event's message. `before`: the state of the talk.
outgoing_mail letter_of(const event& e, const message& said, const talk_name& who, const talk_state& before);

// Far ids are "<message-id> <digest>": the first word names the mail.
std::string mail_in(const message_id& far);

}  // namespace rialto::email
