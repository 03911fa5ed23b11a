#include "bridges/email/imap_session.hpp"

#include <gtest/gtest.h>

namespace rialto::email::imap_session_test {
namespace {

using wish = imap_session::wish;

constexpr std::string_view list = " (UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])\r\n";

std::string listed(int uid, std::size_t size, const std::string& id = "<1@ext>", int day = 17)
{
    const auto header = "Message-ID: " + id + "\r\n\r\n";
    return "* 1 FETCH (UID " + std::to_string(uid) + " RFC822.SIZE " + std::to_string(size) +
           " INTERNALDATE \"" + std::to_string(day) +
           "-Jul-2026 02:00:00 +0200\" BODY[HEADER.FIELDS (MESSAGE-ID)] {" + std::to_string(header.size()) +
           "}\r\n" + header + ")\r\n";
}
std::string body(int uid, const std::string& mail, const std::string& section = "BODY[]<0>")
{
    return "* 1 FETCH (UID " + std::to_string(uid) + " " + section + " {" + std::to_string(mail.size()) +
           "}\r\n" + mail + ")\r\n";
}
constexpr std::int64_t july_17 = 1784246400;  // 2026-07-17 00:00 UTC

struct ImapSession : ::testing::Test
{
    imap_plan plan;
    std::optional<imap_session> one;
    std::vector<std::string> mails, notes;  // "uid bytes", and what is written down with them
    int commands = 0;

    ImapSession()
    {
        plan.most = 100;
        plan.own_ids = "@chat.example>";
        plan.now = 1000;
    }
    // All wishes but for bytes are granted; what it says, with "T" for the tag.
    std::string go_on()
    {
        for (;;) {
            const auto w = one->next();
            if (w == wish::note) {
                notes.push_back(one->cursor().note());
                one->noted();
            } else if (w == wish::mail) {
                const auto& m = one->mail();
                static constexpr const char* kinds[] = {"", "header ", "unreadable "};
                mails.push_back(kinds[static_cast<int>(m.what)] + std::to_string(m.uid) + " " + m.bytes);
                notes.push_back(m.after.note());
                one->took();
            } else
                break;
        }
        auto said = one->output();
        const auto tag = "r" + std::to_string(commands + 1) + " ";
        if (said.starts_with(tag)) {
            ++commands;
            said.replace(0, tag.size(), "T ");
        }
        return said;
    }
    std::string hear(std::string said)
    {
        if (said.starts_with("T "))
            said.replace(0, 1, "r" + std::to_string(commands));
        const auto at = said.find("\nT ");
        if (at != said.npos)
            said.replace(at + 1, 1, "r" + std::to_string(commands));
        one->feed(said);
        return go_on();
    }
    std::string begin(
        std::optional<imap_cursor> from = std::nullopt, const std::string& offers = "IMAP4rev1 IDLE",
        const std::string& select = "* 3 EXISTS\r\n* OK [UIDVALIDITY 5] v\r\n* OK [UIDNEXT 8] n\r\nT OK\r\n"
    )
    {
        one.emplace(plan, from);
        commands = 0;
        EXPECT_EQ(go_on(), "T CAPABILITY\r\n");
        EXPECT_EQ(hear("* CAPABILITY " + offers + "\r\nT OK\r\n"), "T SELECT \"INBOX\"\r\n");
        return hear(select);
    }
    std::string until_idle(std::optional<imap_cursor> from = imap_cursor{5, 7, 1000})
    {
        EXPECT_EQ(begin(from), "T UID FETCH 8:*" + std::string{list});
        return hear("T OK\r\n");
    }
    using all = std::vector<std::string>;
};

TEST_F(ImapSession, BeginsAtTheEndOfAMailboxAndWritesThatDown)
{
    EXPECT_EQ(begin(), "T UID FETCH 8:*" + std::string{list});
    EXPECT_EQ(notes, all{"5 7 1000"});
    EXPECT_EQ(hear(listed(7, 50) + "T OK\r\n"), "T IDLE\r\n") << "n:* always names the last one";
    EXPECT_TRUE(mails.empty());
    EXPECT_EQ(one->next(), wish::read) << "it rests only when the server does";
    EXPECT_EQ(hear("+ idling\r\n"), "");
    EXPECT_EQ(one->next(), wish::rest);
    EXPECT_EQ(one->pause(), std::chrono::minutes{24});
}

TEST_F(ImapSession, FindsTheEndWhereTheServerDoesNotNameIt)
{
    const std::string no_next = "* OK [UIDVALIDITY 5] v\r\nT OK\r\n";
    EXPECT_EQ(begin(std::nullopt, "IDLE", "* 3 EXISTS\r\n" + no_next), "T UID FETCH * (UID)\r\n");
    hear("* 3 FETCH (UID 41)\r\nT OK\r\n");
    EXPECT_EQ(notes, all{"5 41 1000"});
    notes.clear();
    begin(std::nullopt, "IDLE", "* 0 EXISTS\r\n" + no_next);
    EXPECT_EQ(notes, all{"5 0 1000"});
    begin(std::nullopt, "IDLE", "* 0 EXISTS\r\nT OK\r\n");
    EXPECT_EQ(one->why(), "the mail server gives no UIDVALIDITY");
}

TEST_F(ImapSession, ReadsWhatCameInTheOrderOfItsUids)
{
    EXPECT_EQ(until_idle(), "T IDLE\r\n");
    hear("+ idling\r\n");
    EXPECT_EQ(hear("* 4 EXISTS\r\n"), "DONE\r\n");
    EXPECT_EQ(hear("* 5 EXISTS\r\nT OK\r\n"), "T UID FETCH 8:*" + std::string{list});
    EXPECT_EQ(hear(listed(9, 6) + listed(8, 5) + "T OK\r\n"), "T UID FETCH 8,9 (UID BODY.PEEK[]<0.101>)\r\n");
    EXPECT_EQ(hear("* 2 FETCH (FLAGS (\\Seen))\r\n" + body(9, "second") + body(8, "first")), "");
    EXPECT_TRUE(mails.empty()) << "not before all are there";
    EXPECT_EQ(hear("T OK\r\n"), "T IDLE\r\n");
    EXPECT_EQ(mails, (all{"8 first", "9 second"}));
    EXPECT_EQ(notes, (all{"5 8 " + std::to_string(july_17), "5 9 " + std::to_string(july_17)}));
}

// The conversation of the two tests above in one; the link ends, or the server refuses, at each step of it.
TEST_F(ImapSession, EndsWithAReasonWhereverTheLinkOrTheServerDoes)
{
    const std::vector<std::string> script{
        "* CAPABILITY IMAP4rev1 IDLE\r\nT OK\r\n",
        "* 3 EXISTS\r\n* OK [UIDVALIDITY 5] v\r\n* OK [UIDNEXT 8] n\r\nT OK\r\n",
        listed(8, 5) + "T OK\r\n",
        body(8, "first") + "T OK\r\n",
        "+ idling\r\n",
        "* 4 EXISTS\r\n",
        "T OK\r\n",
        listed(9, 5) + "T OK\r\n",
        body(9, "next") + "T OK\r\n",
    };
    for (std::size_t step = 0; step <= script.size(); ++step)
        for (const std::string last : {"", "* BYE going down\r\n", "what?\r\n"}) {
            SCOPED_TRACE(std::to_string(step) + last);
            one.emplace(plan, std::nullopt);
            commands = 0;
            mails.clear();
            go_on();
            for (std::size_t i = 0; i < step; ++i)
                hear(script[i]);
            ASSERT_NE(one->next(), wish::over);
            if (last.empty())
                one->lost("the connection broke");
            else
                hear(last);
            EXPECT_EQ(one->next(), wish::over);
            EXPECT_EQ(
                one->why(), last.empty()             ? "the connection broke"
                            : last.starts_with("* ") ? "the mail server hung up: going down"
                                                     : "the mail server said what is no IMAP"
            );
            EXPECT_EQ(mails.size(), step < 4 ? 0u : step < 9 ? 1u : 2u);
        }
}

TEST_F(ImapSession, EndsWhereItMayNotRead)
{
    begin(std::nullopt, "IDLE", "T NO no such folder\r\n");
    EXPECT_EQ(one->why(), "the folder INBOX cannot be opened: no such folder");
    begin();
    hear("T BAD what\r\n");
    EXPECT_EQ(one->why(), "the mail server refused to read INBOX: what");
}

TEST_F(ImapSession, TakesTheFolderThatTheServerSaysIsForSentMails)
{
    plan.folder = "Sent";
    plan.is_sent = true;
    const std::vector<std::pair<std::string, std::string>> folders{
        {"* LIST (\\Noselect) \"/\" \"[Gmail]\"\r\n* LIST (\\HasNoChildren \\SENT) \"/\" "
         "\"[Gmail]/a&AOk-\"\r\n",
         "T SELECT \"[Gmail]/a&AOk-\"\r\n"},
        {"* LIST (\\Sent) \"/\" {3}\r\na\"b\r\n", "T SELECT \"a\\\"b\"\r\n"},
        {"* LIST () \"/\" INBOX\r\n", "T SELECT \"Sent\"\r\n"},
        {"* LIST (\\Sent) \"/\"\r\n", "T SELECT \"Sent\"\r\n"},
    };
    for (const auto& [told, then] : folders) {
        one.emplace(plan, std::nullopt);
        commands = 0;
        go_on();
        EXPECT_EQ(hear("T OK\r\n"), "T LIST \"\" \"*\"\r\n");
        EXPECT_EQ(hear(told + "T OK\r\n"), then);
    }
}

TEST_F(ImapSession, MakesTheFolderWhereItMay)
{
    plan.make = true;
    EXPECT_EQ(begin(std::nullopt, "IDLE", "T NO none\r\n"), "T CREATE \"INBOX\"\r\n");
    EXPECT_EQ(hear("T OK\r\n"), "T SELECT \"INBOX\"\r\n");
    hear("T NO none\r\n");
    EXPECT_EQ(one->next(), wish::over) << "once";
}

TEST_F(ImapSession, FetchesOfTooLargeAMailTheHeaderOnly)
{
    begin(imap_cursor{5, 7, 1000});
    EXPECT_EQ(
        hear(listed(8, 5) + listed(9, 101) + listed(10, 5) + "T OK\r\n"),
        "T UID FETCH 8 (UID BODY.PEEK[]<0.101>)\r\n"
    );
    EXPECT_EQ(hear(body(8, "first") + "T OK\r\n"), "T UID FETCH 9 (UID BODY.PEEK[HEADER]<0.262144>)\r\n");
    EXPECT_EQ(
        hear(body(9, "Subject: x\r\n\r\n", "BODY[HEADER]<0>") + "T OK\r\n"),
        "T UID FETCH 10 (UID BODY.PEEK[]<0.101>)\r\n"
    );
    hear(body(10, "A: b\r\n\r\n" + std::string(93, 'x')) + "T OK\r\n");  // larger than it was said to be
    EXPECT_EQ(mails, (all{"8 first", "header 9 Subject: x\r\n\r\n", "header 10 A: b"}));
}

TEST_F(ImapSession, FetchesFewAtATime)
{
    plan.together = 2;
    plan.bytes_together = 50;
    begin(imap_cursor{5, 7, 1000});
    EXPECT_EQ(
        hear(listed(8, 1) + listed(9, 1) + listed(10, 1) + listed(11, 60) + listed(12, 1) + "T OK\r\n"),
        "T UID FETCH 8,9 (UID BODY.PEEK[]<0.101>)\r\n"
    );
    EXPECT_EQ(hear("T OK\r\n"), "T UID FETCH 10 (UID BODY.PEEK[]<0.101>)\r\n") << "those are gone";
    EXPECT_EQ(hear("T OK\r\n"), "T UID FETCH 11 (UID BODY.PEEK[]<0.101>)\r\n");
    EXPECT_EQ(hear("T OK\r\n"), "T UID FETCH 12 (UID BODY.PEEK[]<0.101>)\r\n");
    EXPECT_EQ(hear(body(12, "x") + "T OK\r\n"), "T IDLE\r\n");
    EXPECT_EQ(mails, all{"12 x"});
}

TEST_F(ImapSession, PassesOverWhatIsGoneAndWritesDownThatItDid)
{
    begin(imap_cursor{5, 7, 1000});
    hear(listed(8, 1) + "T OK\r\n");
    EXPECT_EQ(hear("T OK\r\n"), "T IDLE\r\n");
    EXPECT_EQ(notes, all{"5 8 " + std::to_string(july_17)});
}

TEST_F(ImapSession, FetchesOneByOneWhereOneCannotBeRead)
{
    begin(imap_cursor{5, 7, 1000});
    hear(listed(8, 1) + listed(9, 1) + "T OK\r\n");
    EXPECT_EQ(hear(body(8, "x") + "T NO internal error\r\n"), "T UID FETCH 8 (UID BODY.PEEK[]<0.101>)\r\n");
    EXPECT_EQ(hear(body(8, "x") + "T OK\r\n"), "T UID FETCH 9 (UID BODY.PEEK[]<0.101>)\r\n");
    EXPECT_EQ(hear("T NO internal error\r\n"), "T IDLE\r\n");
    EXPECT_EQ(mails, (all{"8 x", "unreadable 9 "}));
    begin(imap_cursor{5, 7, 1000});
    hear(listed(8, 1) + "T OK\r\n");
    hear("T NO [UNAVAILABLE] later\r\n");
    EXPECT_EQ(one->why(), "the mail server cannot read INBOX now: later") << "it is not the mail's fault";
}

TEST_F(ImapSession, PassesOverOurOwnMails)
{
    begin(imap_cursor{5, 7, 1000});
    EXPECT_EQ(
        hear(listed(8, 1, "<k.v1@chat.example>") + listed(9, 1, "<k.v1@Chat.example.org>") + "T OK\r\n"),
        "T UID FETCH 9 (UID BODY.PEEK[]<0.101>)\r\n"
    );
    hear(body(9, "x") + "T OK\r\n");
    begin(imap_cursor{5, 7, 1000});
    notes.clear();
    EXPECT_EQ(hear(listed(8, 1, "<k.v1@chat.example>") + "T OK\r\n"), "T IDLE\r\n");
    EXPECT_EQ(notes, all{"5 8 " + std::to_string(july_17)});
}

TEST_F(ImapSession, ReadsAMailboxOfManyMailsInParts)
{
    begin(imap_cursor{5, 7, 1000});
    std::string many;
    for (int uid = 600; uid >= 8; --uid)
        many += listed(uid, 1, "<k@chat.example>");
    EXPECT_EQ(hear(many + "T OK\r\n"), "T UID FETCH 508:*" + std::string{list}) << "the first 500";
}

TEST_F(ImapSession, AsksAnewBeforeTheServerIsTiredOfWaiting)
{
    until_idle();
    hear("+ idling\r\n");
    one->tired();
    EXPECT_EQ(go_on(), "DONE\r\n");
    EXPECT_EQ(hear("T OK\r\n"), "T UID FETCH 8:*" + std::string{list}) << "whatever it did not tell";
    EXPECT_EQ(hear("T OK\r\n"), "T IDLE\r\n");
}

TEST_F(ImapSession, AsksEachMinuteWhereTheServerDoesNotIdle)
{
    EXPECT_EQ(begin(imap_cursor{5, 7, 1000}, "IMAP4rev1"), "T UID FETCH 8:*" + std::string{list});
    EXPECT_EQ(hear("T OK\r\n"), "");
    EXPECT_EQ(one->next(), wish::rest);
    EXPECT_EQ(one->pause(), std::chrono::minutes{1});
    one->tired();
    EXPECT_EQ(go_on(), "T NOOP\r\n");
    EXPECT_EQ(hear("T OK\r\n"), "");
    EXPECT_EQ(one->next(), wish::rest);
    one->tired();
    EXPECT_EQ(go_on(), "T NOOP\r\n");
    EXPECT_EQ(hear("* 4 EXISTS\r\nT OK\r\n"), "T UID FETCH 8:*" + std::string{list});
    until_idle();
    EXPECT_EQ(hear("T BAD no IDLE\r\n"), "") << "it offered what it cannot";
    EXPECT_EQ(one->pause(), std::chrono::minutes{1});
}

TEST_F(ImapSession, LooksForWhatItMissedWhenTheUidsAreNew)
{
    const std::string anew = "* 150 EXISTS\r\n* OK [UIDVALIDITY 6] v\r\n* OK [UIDNEXT 200] n\r\nT OK\r\n";
    const imap_cursor old{5, 7, july_17};
    EXPECT_EQ(begin(old, "IDLE", anew), "T FETCH 51:*" + std::string{list});
    EXPECT_EQ(
        hear(
            listed(3, 1, "<a@x>", 16) + listed(4, 1, "<b@x>") + listed(5, 1, "<c@x>", 18) +
            listed(200, 1, "<d@x>", 19) + "T OK\r\n"
        ),
        "T UID FETCH 4,5 (UID BODY.PEEK[]<0.101>)\r\n"
    );
    EXPECT_EQ(
        hear(body(4, "seen") + body(5, "missed") + "T OK\r\n"), "T UID FETCH 200:*" + std::string{list}
    );
    EXPECT_EQ(mails, (all{"4 seen", "5 missed"}));
    EXPECT_EQ(notes, (all{old.note(), old.note(), "6 199 " + std::to_string(july_17 + 86400)}))
        << "the old cursor stands until all are read: the next start looks again";
    EXPECT_EQ(
        one->news(),
        "the mail server has numbered INBOX anew; mails that are not older than the last one, read again: 2"
    );
}

TEST_F(ImapSession, BeginsAtTheEndAgainWhereItCannotTellWhatItMissed)
{
    const imap_cursor old{5, 7, july_17};
    begin(old, "IDLE", "* 150 EXISTS\r\n* OK [UIDVALIDITY 6] v\r\n* OK [UIDNEXT 200] n\r\nT OK\r\n");
    std::string many;
    for (int uid = 100; uid < 200; ++uid)
        many += listed(uid, 1);
    EXPECT_EQ(hear(many + "T OK\r\n"), "T UID FETCH 200:*" + std::string{list});
    EXPECT_TRUE(one->news().ends_with("it is passed over"));
    EXPECT_EQ(notes, all{"6 199 " + std::to_string(july_17)});
    notes.clear();
    begin(old, "IDLE", "* 0 EXISTS\r\n* OK [UIDVALIDITY 6] v\r\n* OK [UIDNEXT 1] n\r\nT OK\r\n");
    EXPECT_EQ(notes, all{"6 0 " + std::to_string(july_17)});
}

TEST_F(ImapSession, PutsACopyIntoTheFolderUnlessItIsThere)
{
    until_idle();
    hear("+ idling\r\n");
    one->append(imap_copy{"<k.v1@chat.example>", "Subject: x\r\n\r\ny\r\n"});
    one->append(imap_copy{"<l.v1@chat.example>", "z"});
    EXPECT_EQ(go_on(), "DONE\r\n");
    EXPECT_EQ(hear("T OK\r\n"), "T UID FETCH 8:*" + std::string{list});
    EXPECT_EQ(hear("T OK\r\n"), "T UID SEARCH HEADER Message-ID \"<k.v1@chat.example>\"\r\n");
    EXPECT_EQ(hear("* SEARCH\r\nT OK\r\n"), "T APPEND \"INBOX\" (\\Seen) {17}\r\n");
    EXPECT_EQ(hear("+ go\r\n"), "Subject: x\r\n\r\ny\r\n\r\n");
    EXPECT_EQ(hear("* 4 EXISTS\r\nT OK [APPENDUID 5 8]\r\n"), "T UID FETCH 8:*" + std::string{list});
    EXPECT_EQ(
        hear(listed(8, 17, "<k.v1@chat.example>") + "T OK\r\n"),
        "T UID SEARCH HEADER Message-ID \"<l.v1@chat.example>\"\r\n"
    );
    EXPECT_EQ(hear("* SEARCH 3\r\nT OK\r\n"), "T IDLE\r\n");
    EXPECT_EQ(one->copies(), 0u);
    EXPECT_TRUE(mails.empty());
}

TEST_F(ImapSession, PutsNoCopyWhereItCannotLookAndKeepsItForTheNextSession)
{
    until_idle();
    one->append(imap_copy{"<k.v1@chat.example>", "x"});
    hear("+ idling\r\n");
    hear("T OK\r\n");
    hear("T OK\r\n");
    EXPECT_EQ(hear("T NO not indexed\r\n"), "T IDLE\r\n");
    EXPECT_EQ(one->news(), "a sent mail could not be put into INBOX: not indexed");
    one->append(imap_copy{"<l.v1@chat.example>", "y"});
    hear("+ idling\r\n");
    hear("T OK\r\n");
    hear("T OK\r\n");
    hear("T OK\r\n");
    one->lost("gone");
    ASSERT_EQ(one->copies(), 1u);
    EXPECT_EQ(one->take_copy().message_id, "<l.v1@chat.example>");
}

TEST(ImapCursor, IsReadAsItIsWritten)
{
    const imap_cursor one{4294967295, 7, 1784246400};
    EXPECT_EQ(imap_cursor::from_note(one.note()), one);
    for (const auto* bad : {"", "5", "5 6", "0 1 2", "x 1 2", "5 4294967296 1", "5 6 7 8"})
        EXPECT_EQ(imap_cursor::from_note(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace rialto::email::imap_session_test
