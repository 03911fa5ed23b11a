#include "bridges/email/mail_order.hpp"

#include "core/text.hpp"

#include <algorithm>

namespace rialto::email {
namespace {

mail_order wrong(std::string why)
{
    mail_order out{mail_order::what::wrong};
    out.rest = std::move(why);
    return out;
}

}  // namespace

mail_order read_mail_order(std::string_view line)
{
    using what = mail_order::what;
    const auto clean = text::one_line(line, 2000);
    std::string_view rest{clean};
    const auto verb = text::next_word(rest);
    mail_order out;
    if (verb == "status")
        return out;
    if (verb == "unsubscribe" || verb == "source") {
        out.is = verb == "source" ? what::source : what::unsubscribe;
        return out;
    }
    out.word = text::next_word(rest);
    if (verb == "to") {
        out.is = what::to;
        out.rest = rest;
        return out.word.empty() ? wrong("To whom? As in: !mail to carol@example.org Lunch") : out;
    }
    if (verb == "mailbox" && out.word == "remove") {
        out.is = what::remove_mailbox;
        out.word.clear();
        return out;
    }
    if (!rest.empty())
        return wrong("That is one word too many; `!mail help` says what I understand.");
    if (verb == "block" || verb == "unblock" || verb == "mailbox") {
        out.is = verb == "block" ? what::block : verb == "unblock" ? what::unblock : what::mailbox;
        return out;
    }
    return wrong("I do not know \"" + text::shortened(verb, 50) + "\"; `!mail help` says what I understand.");
}

std::string mail_help(std::string_view domain)
{
    return "!mail to carol@example.org [subject] begins a chat by mail, or there a new subject\n"
           "!mail status says whom this room writes to, and what became of the last mails\n"
           "!mail retry sends again what failed\n"
           "!mail block [address or domain] takes no more mail from there; in a chat that is theirs\n"
           "!mail unblock [address or domain] takes it again, and says what is blocked\n"
           "!mail source, as a reply to a mail, shows its header\n"
           "!mail unsubscribe leaves the mailing list whose mails come into this chat\n"
           "!mail mailbox <name> gives this room the address name@" +
           std::string{domain} +
           "; alone it says which one it has\n"
           "!mail mailbox remove ends that";
}

}  // namespace rialto::email
