#include "bridges/email/mailbox_account.hpp"

#include "core/json_keys.hpp"

#include <boost/asio/ip/address.hpp>

namespace rialto::email {

std::string mailbox_account::url() const
{
    const bool v6 = host.find(':') != host.npos;
    return (tls == smart_tls::implicit ? "imaps://" : "imap://") + (v6 ? "[" + host + "]" : host) + ":" +
           std::to_string(port);
}

bool is_this_machine(const std::string& host)
{
    boost::system::error_code bad;
    const auto ip = boost::asio::ip::make_address(host, bad);
    return host == "localhost" || (!bad && ip.is_loopback());
}

address address_at(json_reader& in, std::string_view key, const people& all)
{
    const auto mxid = in.needed_text(key);
    const auto colon = mxid.find(':');
    if (!mxid.starts_with('@') || colon == mxid.npos)
        in.refuse(key, "must be a Matrix id such as \"@admin:example.org\"");
    const auto who = all.of(native{native::what::person, mxid.substr(1, colon - 1), mxid.substr(colon + 1)});
    if (!who)
        in.refuse(key, "is too long for a mail address");
    return *who;
}

std::optional<mailbox_account> read_mailbox(json_reader& in, const people& all, bool insecure)
{
    mailbox_account out;
    out.host = in.text("imap_host", "");
    const auto tls = in.text("imap_tls", "implicit");
    if (tls != "none" && tls != "starttls" && tls != "implicit")
        in.refuse("imap_tls", "must be implicit, starttls or none");
    out.tls = tls == "none" ? smart_tls::none : tls == "starttls" ? smart_tls::starttls : smart_tls::implicit;
    out.port = static_cast<std::uint16_t>(
        in.number("imap_port", out.tls == smart_tls::implicit ? 993 : 143, 1, 65535)
    );
    out.user = in.text("imap_user", "");
    out.password = in.text("imap_password", "");
    out.token_file = in.text("imap_bearer", "");
    out.folder = in.text("imap_folder", out.folder);
    out.sent = in.text("imap_sent", out.sent);
    const auto own = parse_address(in.text("imap_address", out.user));
    if (out.host.empty()) {
        (void)in.text("imap_person", "");
        return std::nullopt;
    }
    if (out.tls == smart_tls::none && !is_this_machine(out.host) && !insecure)
        in.refuse(
            "imap_tls",
            "is none, and the mailbox is on another machine; set insecure: true where the way is safe"
        );
    if (out.user.empty())
        in.refuse("imap_user", "is missing");
    if (out.password.empty() == out.token_file.empty())
        in.refuse("imap_password", "or imap_bearer is missing: one of both is wanted");
    if (out.folder.empty())
        in.refuse("imap_folder", "must name a folder, such as INBOX");
    if (!own)
        in.refuse("imap_address", "must be the mailbox's own address, such as team@example.org");
    out.own = *own;
    if (all.here(out.own))
        in.refuse(
            "imap_address",
            "must not be of `domain` or `domains`: that is where the bridge makes addresses of its own"
        );
    out.to = address_at(in, "imap_person", all);
    return out;
}

}  // namespace rialto::email
