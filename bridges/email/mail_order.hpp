// bridges/email/mail_order.hpp: what people may say behind `!mail`, understood. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace rialto::email {

struct mail_order
{
    enum class what
    {
        to,
        status,
        block,
        unblock,
        unsubscribe,
        source,
        mailbox,
        remove_mailbox,
        wrong,  // `rest` says why
    };
    what is = what::status;
    std::string word;  // an address, a domain, the local part of a mailbox; "" none was said
    std::string rest;  // of `to`: the subject

    mail_order() = default;
    explicit mail_order(what w) : is{w} {}
};

mail_order read_mail_order(std::string_view line);
std::string mail_help(std::string_view domain);

}  // namespace rialto::email
