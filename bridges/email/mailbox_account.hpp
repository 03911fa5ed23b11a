// bridges/email/mailbox_account.hpp: a mailbox that is there already, on somebody else's mail server: how it
// is reached (IMAP), and to whom what lies in it goes. Pure.
#pragma once

#include "bridges/email/address.hpp"

namespace rialto {
class json_reader;
}

namespace rialto::email {

enum class smart_tls
{
    none,
    starttls,
    implicit
};

struct mailbox_account
{
    address own;  // what its mail is addressed to, and what we write comes from
    address to;   // who gets its mail and writes from it: a Matrix person's address on our domain
    std::string host;
    std::uint16_t port = 993;
    smart_tls tls = smart_tls::implicit;
    std::string user, password;
    std::string token_file;  // of an OAuth 2 bearer token, read anew for each login; instead of a password
    std::string folder = "INBOX";
    std::string sent =
        "auto";  // the one that the server says is for sent mails, or Sent; "": no copies, none read
    mailbox_account() = default;

    std::string url() const;  // imap://host:port
    bool operator==(const mailbox_account&) const = default;
};

// nullopt: none is configured. `all`: domain and home of our people. Throws config_error.
std::optional<mailbox_account> read_mailbox(json_reader& in, const people& all, bool insecure);

// The address of a Matrix id such as "@admin:example.org"; refuses the key where it has none.
address address_at(json_reader& in, std::string_view key, const people& all);

bool is_this_machine(const std::string& host);

}  // namespace rialto::email
