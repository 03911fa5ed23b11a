// bridges/email/reception.hpp: what a mail that came in becomes: events for each recipient, news of mails we
// sent, or a refusal. Decides only; pure. Automatic mail is never answered, and nothing here sends any.
#pragma once

#include "bridges/email/auth_results.hpp"
#include "bridges/email/mail_body.hpp"
#include "bridges/email/smtp_session.hpp"
#include "bridges/email/talk.hpp"

namespace rialto::email {

inline constexpr std::size_t most_hops = 30;  // Received fields; beyond it is a loop (RFC 5321 §6.3)

// Of a mail to people, whoever of them: a loop.
std::optional<reply> refusal_of(const parsed_mail& m, std::string_view our_domain);

// Why nobody may be shown as the author of this mail: several or none in From, one of our own domain, DMARC
// failed. "": one may. It is held back then: told of, and attached, in a chat with an
// address that no Matrix person has.
std::string suspicion_of(const parsed_mail& m, std::string_view our_domain, verdict_on_author author);
address quarantine_of(std::string_view our_domain);

// RFC 5321 §4.4: what is put above a mail that is handed over here.
std::string trace_of(const envelope& about, std::string_view our_domain, bool lmtp, timestamp now);

// Deduplicates: the same mail to the same person has the same one; Message-ID alone proves nothing.
message_id far_id_of(const parsed_mail& m);

// `most`: bytes of a mail; a file grows by a third and more in one.
room talk_room(const talk_name& who, std::string_view shown_as, std::uint64_t most);

// A mail with what was found out about it: judged, its attachments on the homeserver.
struct arrival
{
    parsed_mail mail;  // its files without their bytes
    message_id id;     // far_id_of(), when it still had them; then who may be told of a refusal (sender_in)
    verdict_on_author author = verdict_on_author::unknown;
    mail_body body;
    std::vector<file> files;
    std::vector<std::string> left_out;  // of the files, with the reason; for the reader
    std::optional<address> sender;      // of the envelope
    std::string header;                 // as it came (source.hpp)
    std::vector<address> ours;          // whom it came to in one piece, and who take it
    note read;  // of a mail that lies in a mailbox: written down in the commit that accepts it
    arrival(parsed_mail m, verdict_on_author a, const std::optional<address>& from);
};

// The envelope sender of a mail, where it is proven to be the author's own: nobody else is ever sent a
// delivery status (backscatter).
std::optional<address> sender_in(const message_id& far);

// What the person is told of a mail that is held back; `in`: its file is the mail itself.
std::vector<event> held_back(
    const arrival& in, const address& puppet, std::string_view why, bool opens, timestamp now
);

// The words, then one event a file. `most`: of a mail that is sent back. `opens`: the talk has no portal yet.
// REQUIRES: one author.
std::vector<event> events_of(
    const arrival& in, const talk_name& who, const talk_state& before, bool opens, timestamp now,
    std::uint64_t most
);

// A mail that the mailbox's people sent with another mail program, for the talk with one of its recipients. A
// notice, as what is said there by nobody of both.
std::vector<event> sent_elsewhere(
    const arrival& in, const mail_person& peer, const address& puppet, const talk_state& before, bool opens,
    timestamp now, std::uint64_t most
);

// Whom a mail of this mailbox is to, without itself and our own people; each once.
std::vector<mail_person> recipients_of(const parsed_mail& m, const address& own, const people& ours);

// The mail of ours that a mail server's own words speak of (mail_key()), by the ENVID or the Message-ID in
// them;
// "": these are none, or of no mail of ours.
std::string returned_in(const parsed_mail& m, std::string_view raw, std::string_view our_domain);

// Somebody's program answers for them (RFC 3834), not a service that writes by itself.
bool is_automatic_answer(const parsed_mail& m);

// What came back to the signed address of a mail of ours.
enum class returned
{
    status,
    answer,
    bounce
};  // DSN | an automatic answer of a person's | a bounce in prose
returned kind_of_return(const parsed_mail& m);

struct sent_mail  // what is known of it; kept as a note of the core
{
    portal_id portal;
    std::string id;                  // Message-ID
    std::string root;                // of the thread; "": a talk's
    std::vector<std::string> taken;  // recipients for whom the mail server took it, where there are several
    sent_mail(portal_id p, std::string i, std::string r = {})
        : portal{std::move(p)}, id{std::move(i)}, root{std::move(r)}
    {
    }
    std::string note() const;
    static std::optional<sent_mail> from_note(std::string_view text);
    static std::string key(std::string_view mail_key) { return "out/" + std::string{mail_key}; }
};

// One a recipient of whom it tells. `peer`: of a talk, which has no other; else nullopt.
std::vector<report> reports_of(
    const parsed_mail& m, const sent_mail& about, const std::optional<address>& peer
);

}  // namespace rialto::email
