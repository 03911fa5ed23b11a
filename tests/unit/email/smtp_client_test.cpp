#include "bridges/email/smtp_client.hpp"

#include <gtest/gtest.h>

namespace rialto::email::smtp_client_test {
namespace {

submission letter(const std::vector<std::string>& to)
{
    submission s;
    s.our_name = "chat.example";
    s.sender = parse_address("b+1.2@chat.example");
    for (const auto& one : to)
        s.recipients.push_back(*parse_address(one));
    s.mail = "Subject: x\r\n\r\n.dot\r\nend";
    s.envelope_id = "evt1";
    return s;
}

struct Client : ::testing::Test
{
    std::optional<smtp_client> one;

    void open(const std::vector<std::string>& to) { one.emplace(letter(to)); }
    std::string hear(const std::string& line)
    {
        one->feed(line + "\r\n");
        return one->output();
    }
    std::string codes() const
    {
        std::string out;
        for (const auto& f : one->fates())
            out += (out.empty() ? "" : " ") + std::to_string(f.said.code) + (f.certain ? "" : "?");
        return out;
    }
};

TEST_F(Client, GreetsAtOnceWhereTheGreetingWasHeard)
{
    one.emplace(letter({"a@x.example"}), true);
    EXPECT_EQ(one->output(), "EHLO chat.example\r\n");
    EXPECT_EQ(hear("250 mx").substr(0, 10), "MAIL FROM:");
    one.emplace(letter({}), true);
    EXPECT_EQ(one->output(), "");
    EXPECT_TRUE(one->done());
}

TEST_F(Client, SaysAllItMayInOnePieceAndTellsOfEachRecipient)
{
    open({"a@x.example", "b@x.example", "c@x.example"});
    EXPECT_EQ(hear("220 mx"), "EHLO chat.example\r\n");
    EXPECT_EQ(
        hear("250-mx\r\n250-PIPELINING\r\n250-size 1000\r\n250 DSN"),
        "MAIL FROM:<b+1.2@chat.example> SIZE=23 RET=HDRS ENVID=evt1\r\n"
        "RCPT TO:<a@x.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;a@x.example\r\n"
        "RCPT TO:<b@x.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;b@x.example\r\n"
        "RCPT TO:<c@x.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;c@x.example\r\n"
    );
    EXPECT_EQ(hear("250 2.1.0 ok\r\n250 ok\r\n550-5.1.1 nobody\r\n550 5.1.1 here"), "");
    EXPECT_EQ(hear("451 4.7.1 greylisted"), "DATA\r\n");
    EXPECT_EQ(hear("354 go"), "Subject: x\r\n\r\n..dot\r\nend\r\n.\r\n");
    EXPECT_EQ(hear("250 2.0.0 queued as 4ABC"), "");
    EXPECT_TRUE(one->done());
    EXPECT_EQ(codes(), "250 550 451");
    EXPECT_EQ(one->fates()[0].said, (reply{250, "2.0.0", "queued as 4ABC"}));
    EXPECT_EQ(one->fates()[1].said, (reply{550, "5.1.1", "here"}));
}

TEST_F(Client, GoesStepByStepWithoutPipelining)
{
    open({"a@x.example", "b@x.example"});
    hear("220-mx\r\n220 ready");
    EXPECT_EQ(hear("250 mx"), "MAIL FROM:<b+1.2@chat.example>\r\n");
    EXPECT_EQ(hear("250 ok"), "RCPT TO:<a@x.example>\r\n");
    EXPECT_EQ(hear("550 no"), "RCPT TO:<b@x.example>\r\n");
    EXPECT_EQ(hear("250 ok"), "DATA\r\n");
    hear("354 go");
    EXPECT_EQ(hear("552 5.3.4 message too big"), "") << "the answer at the end of DATA counts";
    EXPECT_EQ(codes(), "550 552");
}

TEST_F(Client, SendsNoTextWhenNobodyMayHaveIt)
{
    open({"a@x.example"});
    hear("220 mx");
    hear("250 PIPELINING");  // the first line is the server's name
    EXPECT_EQ(hear("250 ok"), "");
    EXPECT_EQ(hear("550 5.1.1 no"), "QUIT\r\n");
    EXPECT_EQ(codes(), "550");

    open({"a@x.example"});
    hear("220 mx");
    hear("250-mx\r\n250 PIPELINING");
    EXPECT_EQ(hear("452 4.3.1 full"), "");
    EXPECT_EQ(hear("503 5.5.1 MAIL first"), "QUIT\r\n");
    EXPECT_EQ(codes(), "452") << "why MAIL was refused, not what followed from it";
}

TEST_F(Client, EndsAtAnyStepWithAnAnswerForEverybody)
{
    const std::vector<std::string> talk{
        "220 mx", "250-mx\r\n250 PIPELINING", "250 ok", "250 ok", "250 ok", "354 go", "250 queued"
    };
    for (std::size_t steps = 0; steps <= talk.size(); ++steps) {
        open({"a@x.example", "b@x.example"});
        for (std::size_t i = 0; i < steps; ++i)
            hear(talk[i]);
        one->lost("the link ended");
        EXPECT_TRUE(one->done());
        EXPECT_EQ(codes(), steps < 6 ? "451 451" : steps == 6 ? "451? 451?" : "250 250") << steps;
    }
    for (const auto* said : {"421 4.3.2 going down", "554 no", "junk", "999 x", "25"}) {
        for (std::size_t steps = 0; steps <= 6; ++steps) {
            open({"a@x.example", "b@x.example"});
            for (std::size_t i = 0; i < steps; ++i)
                hear(talk[i]);
            hear(said);
            one->lost("the link ended");
            for (const auto& f : one->fates())
                EXPECT_GE(f.said.code, 400) << said << " at " << steps;
        }
    }
}

TEST_F(Client, HandsOverTheNextMailWithoutGreetingAgain)
{
    open({"a@x.example"});
    for (const auto* line : {"220 mx", "250-mx\r\n250 PIPELINING", "250 ok\r\n250 ok", "354 go"})
        hear(line);
    EXPECT_FALSE(one->rests());
    hear("250 queued");
    ASSERT_TRUE(one->rests());
    one->next(letter({"b@x.example", "c@x.example"}));
    EXPECT_FALSE(one->done());
    EXPECT_EQ(
        one->output(), "MAIL FROM:<b+1.2@chat.example>\r\nRCPT TO:<b@x.example>\r\nRCPT TO:<c@x.example>\r\n"
    );
    EXPECT_EQ(hear("250 ok\r\n550 no\r\n250 ok"), "DATA\r\n");
    hear("354 go");
    hear("451 4.3.0 later");
    EXPECT_EQ(codes(), "550 451");
    ASSERT_TRUE(one->rests());
    one->leave();
    EXPECT_EQ(one->output(), "QUIT\r\n");
    EXPECT_FALSE(one->done());
    hear("221 bye");
    EXPECT_TRUE(one->done());
}

TEST_F(Client, KnowsAServerThatHadGoneFromOneThatWentWithTheMail)
{
    const auto rested = [this] {
        open({"a@x.example"});
        for (const auto* line :
             {"220 mx", "250-mx\r\n250 PIPELINING", "250 ok\r\n250 ok", "354 go", "250 ok"})
            hear(line);
        one->next(letter({"b@x.example"}));
    };
    rested();
    one->lost("it ended");
    EXPECT_TRUE(one->unheard());
    EXPECT_EQ(one->take_back().recipients.size(), 1U);
    rested();
    hear("421 4.4.2 idle for too long");
    EXPECT_TRUE(one->unheard());
    EXPECT_FALSE(one->take_back().mail.empty());
    rested();
    hear("250 ok");
    one->lost("it ended");
    EXPECT_FALSE(one->unheard());
    EXPECT_EQ(codes(), "451");
    rested();
    hear("250 ok\r\n250 ok");
    hear("354 go");
    one->lost("it ended");
    EXPECT_FALSE(one->unheard());
    EXPECT_EQ(codes(), "451?");
}

TEST_F(Client, NeedsSmtputf8OnlyForAddressesThatHaveSuchLetters)
{
    open({"jürgen@x.example"});
    hear("220 mx");
    EXPECT_EQ(hear("250 mx"), "QUIT\r\n");
    EXPECT_EQ(codes(), "550");
    open({"jürgen@x.example"});
    hear("220 mx");
    EXPECT_EQ(hear("250-mx\r\n250 SMTPUTF8"), "MAIL FROM:<b+1.2@chat.example> SMTPUTF8\r\n");
}

TEST_F(Client, HearsNoReplyWithoutEnd)
{
    open({"a@x.example"});
    one->feed(std::string(70'000, '2'));
    EXPECT_TRUE(one->done());
    EXPECT_EQ(codes(), "451");
}

TEST_F(Client, HasNothingToDoForNobody)
{
    open({});
    EXPECT_TRUE(one->done());
}

}  // namespace
}  // namespace rialto::email::smtp_client_test
