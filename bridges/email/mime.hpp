// bridges/email/mime.hpp: mails read and written (RFC 5322, 2045-2049, 2231, 6532). Around GMime, which only
// mime.cpp includes; what it must not be given is taken out before (mime_guard.hpp). Pure; any thread,
// blocking for as long as the mail is large. Everything that comes out is valid UTF-8.
#pragma once

#include "bridges/email/address.hpp"

namespace rialto::email {

struct mime_limits
{
    std::size_t depth = 100, parts = 1000;
    std::size_t text = 1024 * 1024;  // bytes of text, and of HTML; what is longer is cut, and said so
    std::size_t people = 500;        // in From, To and Cc each
};

struct mail_person
{
    std::string shown_as;
    address who;
    mail_person(std::string s, address w) : shown_as{std::move(s)}, who{std::move(w)} {}
    bool operator==(const mail_person&) const = default;
};

struct mail_file
{
    std::string name, type, content_id;
    std::string bytes;
    bool in_body = false;  // an image that the HTML shows
    mail_file() = default;
};

struct parsed_mail
{
    std::string message_id;               // "<a@b>", "" when there is none
    std::string in_reply_to;              // the last; "" none
    std::vector<std::string> references;  // oldest first, the last 50
    std::string subject;
    timestamp date{};  // epoch: none
    std::vector<mail_person> from, to, cc;
    std::size_t from_headers = 0, from_people = 0;  // also those whose address is none

    std::optional<std::string> text, html;
    bool cut = false;        // text or HTML was longer than the limit, or parts were left out
    bool encrypted = false;  // S/MIME or PGP
    std::vector<mail_file> files;
    std::optional<std::string> delivery_status;  // of a DSN: RFC 3464's fields

    std::vector<std::string> authentication;  // Authentication-Results, topmost first
    std::string auto_submitted, precedence, list_id, list_unsubscribe, list_unsubscribe_post,
        suppress;              // small letters but the last
    std::size_t received = 0;  // hops
    bool is_report = false;    // multipart/report
    parsed_mail() = default;
};

result<parsed_mail> read_mail(std::string raw, const mime_limits& limits = {});

struct outgoing_mail
{
    std::string message_id, in_reply_to;  // "<a@b>"
    std::vector<std::string> references;
    mail_person from{{}, {}};
    std::vector<mail_person> to, cc;
    std::string subject, text, html;  // html "": text alone
    std::vector<mail_file> files;
    timestamp date{};
    std::string boundary;        // [a-z0-9]: the same mail has the same bytes
    std::string auto_submitted;  // "" for what a person wrote
    outgoing_mail() = default;
};
// No value can become a header of its own: all are one line, whatever they hold.
std::string write_mail(const outgoing_mail& m);

// "<a@b>" out of a header's value, without blanks; "" when it names none that could be one.
std::string message_id_in(std::string_view value);
std::vector<std::string> message_ids_in(std::string_view value);

}  // namespace rialto::email
