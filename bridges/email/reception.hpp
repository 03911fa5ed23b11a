// bridges/email/reception.hpp: what a mail that came in becomes: events for each recipient, news of mails we
// sent, or a refusal. Decides only; pure. Automatic mail is never answered, and nothing here sends any.
#pragma once

#include "bridges/email/auth_results.hpp"
#include "bridges/email/smtp_session.hpp"
#include "bridges/email/talk.hpp"

namespace rialto::email {

inline constexpr std::size_t most_hops = 30;  // Received fields; beyond it is a loop (RFC 5321 §6.3)

// Of a mail to people, whoever of them: several or no authors, From of our own domain, DMARC failed, a loop.
std::optional<reply> refusal_of(const parsed_mail& m, std::string_view our_domain, verdict_on_author author);

// Deduplicates: the same mail to the same person has the same one; Message-ID alone proves nothing.
message_id far_id_of(const parsed_mail& m);

room talk_room(const talk_name& who, std::string_view shown_as);

// `opens`: the talk has no portal yet. REQUIRES: one author.
std::vector<event> events_of(
    const parsed_mail& m, const talk_name& who, const talk_state& before, bool opens,
    verdict_on_author author, timestamp now
);

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
    talk_name who;
    std::string id;  // Message-ID
    sent_mail(talk_name w, std::string i) : who{std::move(w)}, id{std::move(i)} {}
    std::string note() const;
    static std::optional<sent_mail> from_note(std::string_view text, std::string_view domain);
    static std::string key(std::string_view mail_key) { return "out/" + std::string{mail_key}; }
};

std::vector<event> reports_of(const parsed_mail& m, const sent_mail& about, timestamp now);

}  // namespace rialto::email
