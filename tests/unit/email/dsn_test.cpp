#include "bridges/email/dsn.hpp"
#include "bridges/email/mime.hpp"

#include <gtest/gtest.h>

namespace rialto::email::dsn_test {
namespace {

TEST(Dsn, NamesTheRecipientItsFateAndTheReason)
{
    const auto got = read_delivery_status(
        "Reporting-MTA: dns; mail.test\r\nOriginal-Envelope-Id: evt1\r\n\r\n"
        "Final-Recipient: rfc822; carol@ext.test\r\nOriginal-Recipient: rfc822;Carol@ext.test\r\n"
        "Action: failed\r\nStatus: 5.2.2 (mailbox full)\r\nDiagnostic-Code: smtp; 552 5.2.2\r\n  mailbox "
        "full\r\n\r\n"
        "Final-Recipient: rfc822; <dan@ext.test>\r\nAction: relayed\r\nStatus: 2.0.0\r\n"
    );
    EXPECT_EQ(got.envelope_id, "evt1");
    ASSERT_EQ(got.about.size(), 2u);
    EXPECT_EQ(got.about[0].recipient, "Carol@ext.test");
    EXPECT_EQ(got.about[0].is, fate::failed);
    EXPECT_EQ(got.about[0].status, "5.2.2");
    EXPECT_EQ(got.about[0].diagnostic, "552 5.2.2 mailbox full");
    EXPECT_EQ(got.about[1].recipient, "dan@ext.test");
    EXPECT_EQ(got.about[1].is, fate::relayed);
}

TEST(Dsn, IsReadAsFarAsItGoes)
{
    const auto only = [](std::string_view text) {
        const auto got = read_delivery_status(text);
        return got.about.size() == 1 ? got.about[0] : delivery_news{};
    };
    EXPECT_EQ(only("final-recipient: a@b\nACTION: Delayed\n").is, fate::delayed);
    EXPECT_EQ(only("Final-Recipient: a@b\nStatus: 4.4.1\n").is, fate::delayed) << "the action is missing";
    EXPECT_EQ(only("Final-Recipient: a@b\nAction: bounced\nStatus: 5.1.1\n").status, "5.1.1");
    EXPECT_EQ(
        only("Original-Recipient: rfc822;\nFinal-Recipient: rfc822;a@b\nAction: failed\n").recipient, "a@b"
    );
    EXPECT_EQ(only("Final-Recipient: a@b\nAction: failed\nStatus: nonsense\n").status, "");
    EXPECT_TRUE(read_delivery_status("").about.empty());
    EXPECT_TRUE(read_delivery_status("Action: failed\nStatus: 5.0.0\n").about.empty()) << "of nobody";
    EXPECT_TRUE(read_delivery_status("Final-Recipient: a@b\n").about.empty()) << "nothing is said";
    EXPECT_TRUE(read_delivery_status("  \n\t: x\nno colon\n").about.empty());
}

TEST(Dsn, IsBounded)
{
    std::string text;
    for (int i = 0; i < 1000; ++i)
        text += "Final-Recipient: a@b\nAction: failed\nDiagnostic-Code: " + std::string(5000, 'x') + "\n\n";
    const auto got = read_delivery_status(text);
    EXPECT_EQ(got.about.size(), most_news);
    EXPECT_LE(got.about[0].diagnostic.size(), 300u);
}

TEST(Dsn, IsWrittenAsItIsRead)
{
    refused_mail m;
    m.id = "<dsn.1@chat.example>";
    m.original = "<1@ext.example>";
    m.sender = address{"carol", "ext.example"};
    m.recipient = address{"alice", "chat.example"};
    m.why = "nobody is there\r\nBcc: evil@x.example\r\n\r\n\xC3\xA4";
    const auto raw = write_delivery_status(m);
    for (const char c : raw)
        EXPECT_TRUE(c == '\r' || c == '\n' || (c >= 32 && c < 127));
    EXPECT_EQ(raw.find("\nBcc:"), raw.npos);
    auto read = read_mail(raw);
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->is_report);
    EXPECT_EQ(read->auto_submitted, "auto-replied");
    EXPECT_EQ(read->in_reply_to, "<1@ext.example>");
    ASSERT_TRUE(read->delivery_status);
    const auto said = read_delivery_status(*read->delivery_status);
    ASSERT_EQ(said.about.size(), 1u);
    EXPECT_EQ(said.about[0].recipient, "alice@chat.example");
    EXPECT_EQ(said.about[0].is, fate::failed);
}

}  // namespace
}  // namespace rialto::email::dsn_test
