// bridges/email/email_config.hpp: what an operator says about mail. Pure.
#pragma once

#include "bridges/email/mailbox_account.hpp"
#include "bridges/email/smtp_session.hpp"

#include <nlohmann/json_fwd.hpp>

#include <map>

namespace rialto::email {

struct email_config
{
    std::string domain;                      // of our people's addresses; its mail is handed to `listen`
    std::vector<std::string> domains;        // further names of it
    std::map<std::string, address> aliases;  // local part -> a person's or a room's address
    std::optional<address> catch_all;        // whose is what is nobody's
    std::string home;                        // the homeserver whose people are alice@domain
    bool listens = true;  // false: mail comes by the mailbox only, and only its person writes
    std::string listen_host = "127.0.0.1", listen_path;  // path: a unix socket instead
    std::uint16_t listen_port = 29480;
    protocol speaks = protocol::lmtp;
    std::string certificate, key;  // PEM files of the listener's; "": no STARTTLS
    std::vector<std::string> mta;  // addresses that may hand in mail, beside this machine
    std::string smart_host = "127.0.0.1";
    std::uint16_t smart_port = 25;
    smart_tls tls = smart_tls::none;
    std::string user, password, ca_file;  // "": no login; the machine's authorities
    std::string secret;                   // signs envelope senders
    std::string authserv;                 // whose Authentication-Results are believed; "": nobody's
    address postmaster;                   // postmaster@ and abuse@ go to this person
    std::size_t max_mb = 50, new_per_hour = 5;
    std::vector<std::string> may_send;   // sending_rules.hpp; empty: everybody whom the bridge serves
    std::vector<std::string> mailboxes;  // who may give rooms an address, beside the administrators
    std::size_t mails_per_day = 200;     // of one person
    std::optional<mailbox_account> mailbox;
    email_config() = default;
};

extern const std::string_view email_example_config;

email_config read_email_config(const nlohmann::json& config);  // throws config_error

}  // namespace rialto::email
