#include "bridges/email/mail_body.hpp"

#include "core/rich/html.hpp"
#include "core/rich/plain.hpp"

#include <gtest/gtest.h>

namespace rialto::email::mail_body_test {
namespace {

mail_file attached(std::string type, std::string bytes)
{
    mail_file f;
    f.type = std::move(type);
    f.bytes = std::move(bytes);
    return f;
}

TEST(MailBody, HidesWhatIsQuotedAndKeepsIt)
{
    parsed_mail m;
    m.text = "Yes.\r\n\r\nOn 1.1.2026 Bob wrote:\r\n> Lunch?\r\n";
    m.in_reply_to = "<1@x.example>";
    const auto b = body_of(m);
    EXPECT_EQ(rich::to_plain(b.words), "Yes.\n\n[spoiler: On 1.1.2026 Bob wrote:\n> Lunch?]");
    EXPECT_NE(rich::to_html(b.words).find("data-mx-spoiler"), std::string::npos);
    EXPECT_TRUE(b.more.empty());
}

TEST(MailBody, MakesAFileOfLongQuotes)
{
    parsed_mail m;
    m.text = "Yes.\n\nBob wrote:\n";
    for (int i = 0; i < 1000; ++i)
        *m.text += "> one line of many\n";
    m.in_reply_to = "<1@x.example>";
    const auto b = body_of(m);
    EXPECT_EQ(rich::to_plain(b.words), "Yes.");
    ASSERT_EQ(b.more.size(), 1u);
    EXPECT_EQ(b.more[0].name, "quoted.txt");
    EXPECT_GT(b.more[0].bytes.size(), 18'000u);
}

TEST(MailBody, ShowsTheBeginningOfALongMailAndAttachesAllOfIt)
{
    parsed_mail m;
    m.text = std::string(100'000, 'x') + "end";
    const auto b = body_of(m);
    EXPECT_TRUE(b.shortened);
    EXPECT_LE(rich::to_plain(b.words).size(), most_shown);
    ASSERT_EQ(b.more.size(), 1u);
    EXPECT_TRUE(b.more[0].bytes.ends_with("xend"));
}

TEST(MailBody, TellsOfAnInvitation)
{
    const auto f = attached(
        "text/calendar",
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nDTSTART:19700101T000000\r\nEND:VTIMEZONE\r\n"
        "BEGIN:VEVENT\r\nSUMMARY;LANGUAGE=en:Lunch\\, at\r\n  last\r\nDTSTART:20261124T120000Z\r\n"
        "LOCATION:Rialto\\nVenice\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    EXPECT_EQ(summary_of(f), "Invitation: Lunch, at last, 2026-11-24 12:00 UTC, at Rialto Venice");
    EXPECT_EQ(
        summary_of(attached(
            "text/calendar",
            "BEGIN:VCALENDAR\nMETHOD:CANCEL\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261124\nEND:VEVENT\n"
        )),
        "Cancelled: (no name), 2026-11-24"
    );
    parsed_mail m;
    m.text = "Please come.";
    m.files.push_back(f);
    EXPECT_TRUE(rich::to_plain(body_of(m).words).starts_with("Please come.\n\nInvitation: Lunch"));
}

TEST(MailBody, TellsOfAContact)
{
    const auto f = attached(
        "text/vcard",
        "BEGIN:VCARD\nVERSION:4.0\nFN:Carol\nEMAIL;TYPE=\"work:x\":carol@x.example\nTEL:1\nEND:VCARD\n"
    );
    EXPECT_EQ(summary_of(f), "Contact: Carol, carol@x.example, 1");
}

TEST(MailBody, TellsNothingOfWhatOnlySaysItIsOne)
{
    EXPECT_EQ(summary_of(attached("text/calendar", "hello")), "");
    EXPECT_EQ(summary_of(attached("image/png", "BEGIN:VCALENDAR\nSUMMARY:x")), "");
    EXPECT_EQ(summary_of(attached("text/vcard", "BEGIN:VCARD\n")), "");
    for (const auto* v :
         {"BEGIN:VCALENDAR\nDTSTART", "BEGIN:VCALENDAR\nDTSTART:2026", "BEGIN:VCALENDAR\n\"\n;:\n:"})
        EXPECT_EQ(summary_of(attached("text/calendar", v)), "Event: (no name)") << v;
}

}  // namespace
}  // namespace rialto::email::mail_body_test
