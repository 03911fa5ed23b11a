#include "bridges/email/smtp_session.hpp"

#include <gtest/gtest.h>

#include <map>

namespace rialto::email::smtp_session_test {
namespace {

struct taken
{
    envelope mail;
    std::string body;
};

// The driver: knows some recipients, keeps what is complete.
struct Session : ::testing::Test
{
    std::map<std::string, reply> at_rcpt, at_end;
    std::vector<taken> mails;
    bool closed = false, agreeing = false;
    session_limits limits;
    std::optional<smtp_session> one;

    void open(protocol p)
    {
        one.emplace(p, "mx.example.org", limits);
        one->output();
    }
    static reply answer(const std::map<std::string, reply>& from, const address& who)
    {
        const auto at = from.find(who.text());
        return at == from.end() ? reply{250, "2.0.0", "OK"} : at->second;
    }
    std::string say(std::string_view bytes)
    {
        one->feed(bytes);
        std::string out;
        for (;;) {
            const auto wanted = one->next();
            out += one->output();
            if (wanted == smtp_session::wish::check)
                one->answer_recipient(answer(at_rcpt, one->recipient()));
            else if (wanted == smtp_session::wish::mail) {
                std::vector<reply> all;
                for (const auto& r : one->mail().recipients)
                    all.push_back(answer(at_end, r));
                mails.push_back(taken{one->mail(), one->take_body()});
                one->answer_mail(all);
            } else {
                closed = wanted == smtp_session::wish::close;
                agreeing = wanted == smtp_session::wish::encrypt;
                return out;
            }
        }
    }
    std::string codes(std::string_view bytes)  // "250 354"
    {
        const auto all = say(bytes);
        std::string out;
        for (std::size_t at = 0; at < all.size(); at = all.find("\r\n", at) + 2)
            if (all[at + 3] == ' ')
                out += (out.empty() ? "" : " ") + all.substr(at, 3);
        return out;
    }
    void ready(const std::string& to = "a@x.example")
    {
        open(protocol::lmtp);
        EXPECT_EQ(codes("LHLO mta\r\nMAIL FROM:<c@y.example>\r\nRCPT TO:<" + to + ">\r\n"), "250 250 250");
    }
};

TEST_F(Session, SaysWhatItOffers)
{
    open(protocol::lmtp);
    EXPECT_EQ(
        say("LHLO mta.example\r\n"),
        "250-mx.example.org\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
        "250-ENHANCEDSTATUSCODES\r\n250 CHUNKING\r\n"
    );
}

TEST_F(Session, TakesAPipelinedMailAndAnswersEachRecipient)
{
    open(protocol::lmtp);
    at_rcpt["no@x.example"] = reply{550, "5.1.1", "nobody has this address"};
    at_end["full@x.example"] = reply{451, "4.3.1", "later"};
    EXPECT_NE(say("LHLO mta\r\n").find("250 CHUNKING"), std::string::npos);
    EXPECT_EQ(
        say("MAIL FROM:<C@y.example> SIZE=10 BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<a@x.example>\r\n"
            "RCPT TO:<no@x.example>\r\nRCPT TO:<full@x.example>\r\nDATA\r\n"),
        "250 2.1.0 OK\r\n250 2.0.0 OK\r\n550 5.1.1 nobody has this address\r\n250 2.0.0 OK\r\n"
        "354 end with a dot on a line of its own\r\n"
    );
    EXPECT_EQ(
        say("Subject: x\r\n\r\n..dot\r\nhi\r\n.\r\nQUIT\r\n"),
        "250 2.0.0 OK\r\n451 4.3.1 later\r\n221 2.0.0 bye\r\n"
    );
    ASSERT_EQ(mails.size(), 1u);
    EXPECT_EQ(mails[0].body, "Subject: x\r\n\r\n.dot\r\nhi\r\n");
    EXPECT_EQ(mails[0].mail.sender->text(), "c@y.example");
    EXPECT_EQ(mails[0].mail.recipients.size(), 2u);
    EXPECT_TRUE(mails[0].mail.smtputf8);
    EXPECT_EQ(mails[0].mail.greeting, "mta");
    EXPECT_TRUE(closed);
}

TEST_F(Session, LeavesNothingOfOneMailForTheNext)
{
    ready("alice@x.example");
    EXPECT_EQ(
        codes("DATA\r\none\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<bob@x.example>\r\nDATA\r\ntwo\r\n.\r\n"),
        "354 250 250 250 354 250"
    );
    ASSERT_EQ(mails.size(), 2u);
    ASSERT_EQ(mails[1].mail.recipients.size(), 1u);
    EXPECT_EQ(mails[1].mail.recipients[0].text(), "bob@x.example");
    EXPECT_FALSE(mails[1].mail.sender) << "the null sender is welcome";
    EXPECT_EQ(mails[1].body, "two\r\n");
    EXPECT_EQ(
        codes("MAIL FROM:<c@y.example>\r\nRCPT TO:<d@x.example>\r\nRSET\r\nDATA\r\n"), "250 250 250 503"
    );
}

TEST_F(Session, EndsDataOnlyAtCrLfDotCrLf)
{
    for (const std::string not_the_end :
         {"\n.\n", "\n.\r\n", "\r.\r\n", "\r\n.\n", "\r\n.\r", "\r.\r", "\r\n..\r\n", "\r\n.\r\r\n"}) {
        mails.clear();
        ready();
        EXPECT_EQ(
            codes("DATA\r\nx" + not_the_end + "MAIL FROM:<evil@y.example>\r\nRCPT TO:<a@x.example>\r\n"),
            "354"
        );
        EXPECT_TRUE(mails.empty());
        EXPECT_EQ(codes("\r\n.\r\n"), "250");
        ASSERT_EQ(mails.size(), 1u);
        EXPECT_NE(mails[0].body.find("MAIL FROM:<evil@y.example>\r\n"), std::string::npos);
    }
}

TEST_F(Session, ReadsTheSameHoweverTheBytesArrive)
{
    const std::string talk =
        "LHLO mta\r\nMAIL FROM:<c@y.example>\r\nRCPT "
        "TO:<a@x.example>\r\nDATA\r\n.\r.\r\n..\r\n.a\r\n\r\n.\r\n"
        "MAIL FROM:<c@y.example>\r\nRCPT TO:<a@x.example>\r\nBDAT 4\r\na\r\n.BDAT 3 "
        "LAST\r\n\r\nzRSET\r\nQUIT\r\n";
    open(protocol::lmtp);
    const auto whole = say(talk);
    const auto first = mails;
    ASSERT_EQ(first.size(), 2u);
    EXPECT_EQ(first[0].body, "\r.\r\n.\r\na\r\n\r\n");
    EXPECT_EQ(first[1].body, "a\r\n.\r\nz");
    for (const std::size_t piece : {1u, 2u, 3u, 7u}) {
        mails.clear();
        open(protocol::lmtp);
        std::string out;
        for (std::size_t i = 0; i < talk.size(); i += piece)
            out += say(std::string_view{talk}.substr(i, piece));
        EXPECT_EQ(out, whole);
        ASSERT_EQ(mails.size(), 2u);
        EXPECT_EQ(mails[0].body, first[0].body);
        EXPECT_EQ(mails[1].body, first[1].body);
    }
}

TEST_F(Session, TakesAnEmptyMail)
{
    ready();
    EXPECT_EQ(codes("DATA\r\n.\r\n"), "354 250");
    EXPECT_EQ(codes("MAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\nBDAT 0 LAST\r\n"), "250 250 250");
    EXPECT_EQ(mails.size(), 2u);
}

TEST_F(Session, RefusesWhatIsTooLargeAtOnceOrAtTheEndAndGoesOn)
{
    limits.mail = 10;
    open(protocol::lmtp);
    EXPECT_EQ(codes("LHLO m\r\nMAIL FROM:<> SIZE=11\r\n"), "250 552");
    EXPECT_EQ(
        codes("MAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n01234567\r\n.\r\n"),
        "250 250 250 354 250 250"
    );
    EXPECT_EQ(
        codes("MAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n012345678\r\n.\r\n"),
        "250 250 250 354 552 552"
    );
    EXPECT_EQ(
        codes("MAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\nBDAT 6\r\n012345BDAT 6 LAST\r\n012345NOOP\r\n"),
        "250 250 250 552 250"
    );
    EXPECT_EQ(mails.size(), 1u);
}

// RFC 2920 §3.1: what follows the end of a mail may come in one piece with it.
TEST_F(Session, GivesNoByteOfOneMailToTheRecipientsOfTheNext)
{
    limits.mail = 10;
    open(protocol::lmtp);
    say("LHLO m\r\nMAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\nDATA\r\n");
    say("0123\r\n");
    say("too much\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n");
    say("other\r\n.\r\n");
    ASSERT_EQ(mails.size(), 1u);
    EXPECT_EQ(mails[0].body, "other\r\n");
    say("MAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\nBDAT 5\r\nhelloRSET\r\n"
        "MAIL FROM:<>\r\nRCPT TO:<b@x.example>\r\nBDAT 3 LAST\r\nabc");
    ASSERT_EQ(mails.size(), 2u);
    EXPECT_EQ(mails[1].body, "abc");
}

TEST_F(Session, CountsChunksThatItDoesNotWant)
{
    open(protocol::lmtp);
    EXPECT_EQ(codes("LHLO m\r\nBDAT 6\r\nQUIT\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"), "250 503 503 250");
    EXPECT_FALSE(closed);
    EXPECT_EQ(
        codes("MAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\nBDAT 1\r\nxDATA\r\nRCPT TO:<b@x.example>\r\nRSET\r\n"
        ),
        "250 250 250 503 503 250"
    );
    EXPECT_EQ(codes("BDAT x\r\n"), "501");
    EXPECT_TRUE(closed) << "where the next command begins cannot be known";
}

TEST_F(Session, WantsItsOwnGreetingFirst)
{
    open(protocol::lmtp);
    EXPECT_EQ(
        codes("MAIL FROM:<>\r\nHELO m\r\nEHLO m\r\nLHLO\r\nLHLO m\r\nMAIL FROM:<>\r\n"),
        "503 500 500 501 250 250"
    );
    open(protocol::esmtp);
    EXPECT_EQ(codes("LHLO m\r\nHELO m\r\nEHLO m\r\n"), "500 250 250");
}

TEST_F(Session, AnswersSmtpOnceAndForTheWorst)
{
    open(protocol::esmtp);
    const std::string mail =
        "MAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\nx\r\n.\r\n";
    EXPECT_EQ(codes("EHLO m\r\n" + mail), "250 250 250 250 354 250");
    at_end["a@x.example"] = reply{550, "5.7.1", "no"};
    EXPECT_EQ(codes(mail), "250 250 250 354 550");
    at_end["b@x.example"] = reply{451, "4.3.1", "later"};
    EXPECT_EQ(codes(mail), "250 250 250 354 451");
}

TEST_F(Session, RefusesWhatItDoesNotUnderstand)
{
    ready();
    for (const auto* bad :
         {"MAIL FROM:<c@y.example>", "RCPT TO:<>", "RCPT TO:b@x.example",
          "RCPT TO:<b@x.example> NOTIFY=NEVER", "RCPT TO:<b@x.example>x", "RCPT FROM:<b@x.example>",
          "RCPT TO:<b@x.example\n>", "DATA now", "FOO", "", "EXPN all", "RCPT TO:<b@x.example",
          "RCPT TO:<b\tb@x.example>"})
        EXPECT_EQ(codes(std::string{bad} + "\r\n")[0], '5') << bad;
    EXPECT_EQ(codes("RSET\r\n"), "250");
    for (const auto* bad :
         {"MAIL FROM:c@y.example", "MAIL FROM:<c@y.example> SIZE=x",
          "MAIL FROM:<c@y.example> BODY=BINARYMIME", "MAIL FROM:<c@y.example> AUTH=<>"})
        EXPECT_EQ(codes(std::string{bad} + "\r\n")[0], '5') << bad;
    EXPECT_EQ(
        codes("mail from: <@a.example,@b.example:\"x>y\"@z.example>\r\nrcpt to:<postmaster>\r\n"), "250 250"
    );
    EXPECT_EQ(one->mail().sender->local, "x>y");
    EXPECT_EQ(one->mail().recipients.at(0).text(), "postmaster@mx.example.org");
    EXPECT_TRUE(mails.empty());
}

TEST_F(Session, HoldsItsLimits)
{
    limits.recipients = 2;
    limits.mistakes = 5;
    ready();
    EXPECT_EQ(codes("RCPT TO:<b@x.example>\r\nRCPT TO:<c@x.example>\r\n"), "250 452");
    EXPECT_EQ(codes(std::string(100'000, 'x')), "");
    EXPECT_EQ(codes("\r\nNOOP\r\n"), "500 250") << "a line without end is thrown away as it comes";
    EXPECT_EQ(codes("A\r\nB\r\nC\r\nD\r\nNOOP\r\n"), "500 500 500 500 421");
    EXPECT_TRUE(closed);
}

TEST_F(Session, TakesItsLeaveOnlyWhereACommandIsWaitedFor)
{
    ready();
    EXPECT_EQ(one->farewell().substr(0, 9), "421 4.3.2");
    EXPECT_EQ(codes("DATA\r\nx"), "354");
    EXPECT_EQ(one->farewell(), "");
    EXPECT_EQ(codes("\r\n.\r\n"), "250");
    EXPECT_EQ(one->farewell().substr(0, 9), "421 4.3.2");
}

TEST_F(Session, BeginsAnewOnceItIsEncryptedAndForgetsWhatWasPutInBefore)
{
    limits.tls = true;
    open(protocol::esmtp);
    EXPECT_NE(say("EHLO mta\r\n").find("250-STARTTLS\r\n"), std::string::npos);
    EXPECT_EQ(codes("STARTTLS\r\nMAIL FROM:<evil@y.example>\r\n"), "220");
    ASSERT_TRUE(agreeing);
    one->encrypted();
    EXPECT_EQ(codes("MAIL FROM:<c@y.example>\r\n"), "503") << "greet first";
    EXPECT_EQ(say("EHLO mta\r\n").find("STARTTLS"), std::string::npos);
    EXPECT_EQ(codes("STARTTLS\r\n"), "502");
    EXPECT_EQ(codes("MAIL FROM:<c@y.example>\r\nRCPT TO:<a@x.example>\r\nDATA\r\n"), "250 250 354");
    EXPECT_EQ(codes("hi\r\n.\r\n"), "250");
    ASSERT_EQ(mails.size(), 1u);
    EXPECT_TRUE(mails[0].mail.encrypted);
    EXPECT_EQ(mails[0].mail.sender->text(), "c@y.example");
}

TEST_F(Session, RefusesToEncryptWhereItCannotOrWithinAMail)
{
    ready();
    EXPECT_EQ(codes("STARTTLS\r\n"), "502");
    limits.tls = true;
    open(protocol::lmtp);
    EXPECT_EQ(codes("LHLO m\r\nSTARTTLS now\r\nMAIL FROM:<>\r\nSTARTTLS\r\nNOOP\r\n"), "250 501 250 503 250");
    EXPECT_FALSE(agreeing);
}

TEST_F(Session, PutsNoForeignLineBreakIntoAReply)
{
    at_rcpt["a@x.example"] = reply{550, "5.1.1", "no\r\n250 yes"};
    open(protocol::lmtp);
    EXPECT_EQ(codes("LHLO m\r\nMAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\n"), "250 250 550");
}

}  // namespace
}  // namespace rialto::email::smtp_session_test
