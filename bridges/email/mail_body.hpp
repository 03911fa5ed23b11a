// bridges/email/mail_body.hpp: what a reader is shown of a mail: its words, what its author quoted folded
// away (a spoiler; a file when it is long), a line for each calendar and address file. Pure; any thread.
#pragma once

#include "bridges/email/mime.hpp"

namespace rialto::email {

inline constexpr std::size_t most_shown = 32 * 1024;  // bytes of words; more are a file
inline constexpr std::size_t most_folded = 4 * 1024;

struct mail_body
{
    document words;
    std::vector<mail_file> more;  // of the words, what is too long to be shown
    bool shortened = false;
    mail_body() = default;
};
mail_body body_of(const parsed_mail& m);

// "Invitation: Lunch, 2026-11-24 12:00 UTC, at the Rialto" of an iCalendar (RFC 5545), "Contact: Carol,
// carol@example.org" of a vCard (RFC 6350); "" of all else. One line.
std::string summary_of(const mail_file& f);

}  // namespace rialto::email
