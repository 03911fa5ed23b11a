// What lies in a mailbox that is followed: how it is configured, and what becomes of it.
#include "bridges/email/email_config.hpp"
#include "bridges/email/reception.hpp"
#include "core/backend.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rialto::email::mailbox_test {
namespace {

using nlohmann::json;

email_config read(const json& more)
{
    json all = {{"domain", "chat.example"},     {"home", "hs"},
                {"secret", "0123456789abcdef"}, {"postmaster", "@root:hs"},
                {"imap_host", "mail.example"},  {"imap_user", "team@corp.example"},
                {"imap_password", "x"},         {"imap_person", "@alice:hs"}};
    all.update(more);
    return read_email_config(all);
}

TEST(Mailbox, NeedsAPlaceALoginAndAPerson)
{
    const auto box = read(json::object()).mailbox;
    ASSERT_TRUE(box);
    EXPECT_EQ(box->url(), "imaps://mail.example:993");
    EXPECT_EQ(box->own.text(), "team@corp.example");
    EXPECT_EQ(box->to.text(), "alice@chat.example");
    EXPECT_EQ(box->folder + "," + box->sent, "INBOX,auto");
    EXPECT_FALSE(read({{"imap_host", ""}}).mailbox);
    for (const auto* needed : {"imap_user", "imap_password", "imap_person", "imap_folder"})
        EXPECT_THROW(read({{needed, ""}}), config_error) << needed;
    EXPECT_THROW(read({{"imap_person", "alice"}}), config_error);
    EXPECT_THROW(read({{"imap_user", "team"}}), config_error) << "its address cannot be told";
    EXPECT_EQ(read({{"imap_user", "team"}, {"imap_address", "team@corp.example"}}).mailbox->user, "team");
    EXPECT_THROW(read({{"imap_address", "x@chat.example"}}), config_error) << "of our own domain";
    EXPECT_THROW(read({{"imap_bearer", "/token"}}), config_error) << "one of both";
    EXPECT_EQ(read({{"imap_password", ""}, {"imap_bearer", "/token"}}).mailbox->token_file, "/token");
}

TEST(Mailbox, IsReachedInTheClearOnThisMachineOnly)
{
    EXPECT_THROW(read({{"imap_tls", "none"}}), config_error);
    EXPECT_THROW(read({{"imap_tls", "maybe"}}), config_error);
    EXPECT_EQ(read({{"imap_tls", "none"}, {"insecure", true}}).mailbox->url(), "imap://mail.example:143");
    EXPECT_EQ(read({{"imap_tls", "none"}, {"imap_host", "::1"}}).mailbox->url(), "imap://[::1]:143");
    EXPECT_EQ(
        read({{"imap_tls", "starttls"}, {"imap_port", 1143}}).mailbox->url(), "imap://mail.example:1143"
    );
}

TEST(Mailbox, MayBeTheOnlyWayThatMailComesIn)
{
    EXPECT_TRUE(read(json::object()).listens);
    EXPECT_FALSE(read({{"listen", "none"}}).listens);
    EXPECT_THROW(read({{"listen", "none"}, {"imap_host", ""}}), config_error);
}

const address own{"team", "corp.example"}, alice{"alice", "chat.example"}, carol{"carol", "x.example"};
const people ours{"chat.example", "hs"};

parsed_mail from(const address& who)
{
    parsed_mail m;
    m.message_id = "<1@x.example>";
    m.from.emplace_back("Team", who);
    m.from_headers = m.from_people = 1;
    m.subject = "Lunch";
    m.text = "At noon.";
    return m;
}

TEST(Mailbox, NamesEachOtherPersonThatAMailIsToOnce)
{
    auto m = from(own);
    m.to.emplace_back("Carol", carol);
    m.to.emplace_back("", own);
    m.cc.emplace_back("", carol);
    m.cc.emplace_back("", alice);
    m.cc.emplace_back("Dan", address{"dan", "y.example"});
    const auto all = recipients_of(m, own, ours);
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].shown_as, "Carol");
    EXPECT_EQ(all[1].who.text(), "dan@y.example");
}

TEST(Mailbox, ShowsWhatWasSentWithAnotherProgramAsThat)
{
    arrival in{from(own), verdict_on_author::unknown, std::nullopt};
    in.files.emplace_back("a", "image/png", media_id{"mxc://hs/a"});
    const auto all =
        sent_elsewhere(in, mail_person{"Carol", carol}, alice, talk_state{}, true, timestamp{}, 1000);
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].portal, (talk_name{alice, carol}.portal()));
    EXPECT_TRUE(std::holds_alternative<room>(all[0].what));
    const auto& said = std::get<message>(all[1].what);
    EXPECT_EQ(said.how, manner::notice);
    EXPECT_EQ(said.subject, "Lunch");
    EXPECT_EQ(said.body.plain(), "From team@corp.example, by another mail program:\n\nAt noon.");
    EXPECT_EQ(all[1].sender.shown_as, "Carol (mail)") << "a chat has no third person";
    EXPECT_EQ(all[1].id, in.id);
    EXPECT_EQ(std::get<message>(all[2].what).how, manner::notice);
}

TEST(Mailbox, KnowsWhichMailOfOursAMailServerSpeaksOf)
{
    const std::string key(32, 'a'), domain = "chat.example";
    auto m = from(address{"mailer-daemon", "mx.example"});
    const auto quoted = "...\r\nMessage-Id: <" + key + ".v1@chat.example>\r\n";
    EXPECT_EQ(returned_in(m, quoted, domain), key);
    EXPECT_EQ(returned_in(m, "no mail of ours <" + key + ".v1@other.example>", domain), "");
    EXPECT_EQ(returned_in(m, "<a.v1@chat.example> " + key + ".v1@chat.example>", domain), "");
    EXPECT_EQ(returned_in(from(carol), quoted, domain), "") << "a person quotes it";
    auto dsn = from(carol);
    dsn.delivery_status = "Original-Envelope-Id: " + std::string(32, 'b') + "\r\n\r\nAction: failed\r\n";
    EXPECT_EQ(returned_in(dsn, quoted, domain), std::string(32, 'b'));
    dsn.delivery_status = "Reporting-MTA: dns; x\r\n\r\nAction: failed\r\n";
    EXPECT_EQ(returned_in(dsn, quoted, domain), key);
}

}  // namespace
}  // namespace rialto::email::mailbox_test
