#include "bridges/email/email_config.hpp"

#include "bridges/email/sending_rules.hpp"
#include "bridges/email/thread.hpp"

#include "core/json_keys.hpp"
#include "core/text.hpp"

#include <boost/asio/ip/address.hpp>
#include <nlohmann/json.hpp>

namespace rialto::email {

const std::string_view email_example_config =
    "domain: chat.example      # of the addresses that Matrix people get; its mail goes to `listen`\n"
    "home: example             # the homeserver whose people are alice@chat.example\n"
    "listen: 127.0.0.1:29480   # where the mail server hands in mail; or unix:/run/rialto/lmtp; or none\n"
    "protocol: lmtp            # or esmtp\n"
    "mta: []                   # addresses of mail servers on other machines that may hand in mail\n"
    "smart_host: 127.0.0.1     # the mail server that takes our mail\n"
    "smart_port: 25\n"
    "tls: none                 # starttls (the default to another machine) or implicit (port 465)\n"
    "user: ''                  # with tls: the name and password that the smart host wants\n"
    "password: ''\n"
    "authorities: ''           # whose certificates are believed; empty: those this machine believes\n"
    "insecure: false           # true: let mail go to another machine without TLS\n"
    "secret: change me to something long  # signs the addresses that bounces come back to\n"
    "authserv: mx.example      # whose Authentication-Results tell who really wrote; empty: nobody's\n"
    "postmaster: \"@admin:example\"  # who gets postmaster@ and abuse@\n"
    "max_mb: 50                # larger mails are refused\n"
    "new_per_hour: 5           # people who may write to one Matrix person for the first time\n"
    "may_send: []              # who may send mail: \"@alice:example\", \"*:example\"; empty: who may use "
    "the bridge\n"
    "domains: []               # other names of `domain`: alice@ each of them is the same person\n"
    "aliases: []               # \"info=support\" (a room's mailbox), \"sales=@alice:example\"\n"
    "catch_all: ''             # who gets mail to addresses that are nobody's: support, or @alice:example\n"
    "mailboxes: []             # who may give rooms an address, beside the bridge's administrators\n"
    "mails_per_day: 200        # that one Matrix person may send\n"
    "imap_host: ''             # of an existing mailbox that is followed\n"
    "imap_tls: implicit        # or starttls, or none\n"
    "imap_port: 993            # 143 but for implicit\n"
    "imap_user: ''\n"
    "imap_password: ''\n"
    "imap_bearer: ''           # instead of a password: a file with an OAuth 2 token, read for each login\n"
    "imap_address: ''          # the mailbox's own; imap_user where that is one\n"
    "imap_person: ''           # the Matrix id of who gets its mail and writes from it\n"
    "imap_folder: INBOX\n"
    "imap_sent: auto           # where copies of what we send go; auto: what the server says, or Sent; '' "
    "none\n";

namespace {

std::string domain_at(json_reader& in, std::string_view key)
{
    auto name = dns_name(in.needed_text(key));
    if (name.empty())
        in.refuse(key, "is not a domain such as chat.example.org");
    return name;
}

std::uint16_t port_in(json_reader& in, std::string_view key, std::string_view text)
{
    const auto n = text::read_number(text);
    if (!n || *n == 0 || *n > 65535)
        in.refuse(key, "must end with a port from 1 to 65535");
    return static_cast<std::uint16_t>(*n);
}

void read_listen(json_reader& in, email_config& out)
{
    const auto text = in.text("listen", "127.0.0.1:29480");
    out.listens = text != "none";
    if (!out.listens)
        return;
    if (text.starts_with("unix:/")) {
        out.listen_path = text.substr(5);
        if (out.listen_path.size() > 100)
            in.refuse("listen", "is longer than a socket's path may be");
        return;
    }
    const auto colon = text.rfind(':');
    if (colon == text.npos)
        in.refuse("listen", "must be address:port, unix:/path or none");
    out.listen_port = port_in(in, "listen", std::string_view{text}.substr(colon + 1));
    out.listen_host = text.substr(0, colon);
    if (out.listen_host.starts_with('[') && out.listen_host.ends_with(']'))
        out.listen_host = out.listen_host.substr(1, out.listen_host.size() - 2);
    boost::system::error_code bad;
    boost::asio::ip::make_address(out.listen_host, bad);
    if (bad)
        in.refuse("listen", "must begin with an IP address of this machine");
}

void read_smart_host(json_reader& in, email_config& out, bool insecure)
{
    out.smart_host = in.text("smart_host", out.smart_host);
    out.smart_port = static_cast<std::uint16_t>(in.number("smart_port", out.smart_port, 1, 65535));
    const bool near = is_this_machine(out.smart_host);
    const auto tls = in.text("tls", near || insecure ? "none" : "starttls");
    if (tls != "none" && tls != "starttls" && tls != "implicit")
        in.refuse("tls", "must be starttls, implicit or none");
    out.tls = tls == "none" ? smart_tls::none : tls == "implicit" ? smart_tls::implicit : smart_tls::starttls;
    if (out.tls == smart_tls::none && !near && !insecure)
        in.refuse(
            "tls", "is none, and the smart host is another machine; set insecure: true where the way is safe"
        );
    out.user = in.text("user", "");
    out.password = in.text("password", "");
    out.ca_file = in.text("authorities", "");
    if (!out.user.empty() && out.tls == smart_tls::none)
        in.refuse("user", "would send its password in the clear; set tls to starttls or implicit");
}

}  // namespace

namespace {

// "support", a room's, or "@alice:example.org", a person's.
address target_of(json_reader& in, std::string_view key, std::string_view text, const people& all)
{
    const auto colon = text.find(':');
    if (text.starts_with('@') && colon != text.npos) {
        const native who{
            native::what::person, std::string{text.substr(1, colon - 1)}, std::string{text.substr(colon + 1)}
        };
        if (auto found = all.of(who))
            return *found;
    }
    if (!objection_to_mailbox(text).empty())
        in.refuse(
            key, "has \"" + std::string{text} +
                     "\", which is neither the name of a room's mailbox nor \"@alice:example.org\""
        );
    return address{std::string{text}, all.domain()};
}

void read_names(json_reader& in, email_config& out, const people& all)
{
    for (const auto& one : in.texts("domains")) {
        out.domains.push_back(dns_name(one));
        if (out.domains.back().empty() || out.domains.back() == out.domain)
            in.refuse("domains", "has \"" + one + "\", which is no other domain");
    }
    for (const auto& one : in.texts("aliases")) {
        const auto equals = one.find('=');
        if (equals == one.npos || !objection_to_mailbox(one.substr(0, equals)).empty())
            in.refuse("aliases", "has \"" + one + "\", which is not like \"info=support\"");
        const auto target = target_of(in, "aliases", std::string_view{one}.substr(equals + 1), all);
        out.aliases.emplace(one.substr(0, equals), target);
    }
    const auto rest = in.text("catch_all", "");
    if (!rest.empty())
        out.catch_all = target_of(in, "catch_all", rest, all);
}

}  // namespace

email_config read_email_config(const nlohmann::json& config)
{
    json_reader in{config, "email"};
    email_config out;
    out.domain = domain_at(in, "domain");
    out.home = in.needed_text("home");
    read_listen(in, out);
    const auto speaks = in.text("protocol", "lmtp");
    if (speaks != "lmtp" && speaks != "esmtp")
        in.refuse("protocol", "must be lmtp or esmtp");
    out.speaks = speaks == "lmtp" ? protocol::lmtp : protocol::esmtp;
    out.certificate = in.text("certificate", "");
    out.key = in.text("key", "");
    if (out.certificate.empty() != out.key.empty())
        in.refuse("key", "and certificate belong together: one of both is missing");
    out.mta = in.texts("mta");
    for (const auto& one : out.mta) {
        boost::system::error_code bad;
        boost::asio::ip::make_address(one, bad);
        if (bad)
            in.refuse("mta", "\"" + one + "\" is not an IP address");
    }
    const bool insecure = in.flag("insecure", false);
    read_smart_host(in, out, insecure);
    out.secret = in.needed_text("secret");
    if (out.secret.size() < 16)
        in.refuse("secret", "must have 16 letters or more");
    out.authserv = in.text("authserv", "");
    const people all{out.domain, out.home, out.domains};
    out.postmaster = address_at(in, "postmaster", all);
    out.mailbox = read_mailbox(in, all, insecure);
    if (!out.listens && !out.mailbox)
        in.refuse("listen", "is none, and there is no imap_host: no mail would come in");
    out.max_mb = static_cast<std::size_t>(in.number("max_mb", 50, 1, 1000));
    out.new_per_hour = static_cast<std::size_t>(in.number("new_per_hour", 5, 1, 10'000));
    out.may_send = in.texts("may_send");
    for (const auto& one : out.may_send)
        if (!is_sender_pattern(one))
            in.refuse(
                "may_send", "has \"" + one + "\", which is no \"@alice:example.org\" or \"*:example.org\""
            );
    read_names(in, out, all);
    out.mailboxes = in.texts("mailboxes");
    for (const auto& one : out.mailboxes)
        if (!is_sender_pattern(one))
            in.refuse(
                "mailboxes", "has \"" + one + "\", which is no \"@alice:example.org\" or \"*:example.org\""
            );
    out.mails_per_day = static_cast<std::size_t>(in.number("mails_per_day", 200, 1, 1'000'000));
    in.end();
    return out;
}

}  // namespace rialto::email
