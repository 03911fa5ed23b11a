// bridges/email/dsn.hpp: what a delivery status notification (RFC 3464) says about which recipient; and ours.
// Pure; any thread. Reads the text of its message/delivery-status part; takes what is broken as far as it
// goes.
#pragma once

#include "bridges/email/address.hpp"

namespace rialto::email {

struct delivery_news
{
    std::string recipient;  // as the notification names it; the original one where it is told
    fate is = fate::failed;
    std::string status;      // 5.2.2
    std::string diagnostic;  // one line, in the words of the server that refused
    bool operator==(const delivery_news&) const = default;
    delivery_news() = default;
};

struct delivery_report
{
    std::string envelope_id;  // our ENVID, "" when it is not told
    std::vector<delivery_news> about;
    delivery_report() = default;
};

inline constexpr std::size_t most_news = 200;  // of one notification

delivery_report read_delivery_status(std::string_view text);

struct refused_mail  // one that we took and could not deliver
{
    std::string id, original;  // Message-IDs: of the notification, and of that mail ("" it has none)
    address sender, recipient;
    std::string why;
    timestamp at{};
    refused_mail() = default;
};
// The whole mail to its sender (RFC 3461 §6, 3834): to be sent from the null sender. ASCII.
std::string write_delivery_status(const refused_mail& m);
std::string mail_date(timestamp at);  // RFC 5322 §3.3

}  // namespace rialto::email
