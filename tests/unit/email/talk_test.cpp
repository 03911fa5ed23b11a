#include "bridges/email/talk.hpp"

#include <gtest/gtest.h>

namespace rialto::email::talk_test {
namespace {

struct Talk : ::testing::Test
{
    talk_name who{*parse_address("alice@chat.example"), *parse_address("carol@ext.example")};
    talk_state before;

    outgoing_mail letter(message said, const std::string& id = "$1")
    {
        const event e{
            who.portal(), person{user_id{"alice@chat.example"}, "Alice"}, timestamp{}, message_id{id}, said
        };
        return letter_of(e, said, who, before);
    }
};

TEST_F(Talk, IsNamedByBothAddresses)
{
    EXPECT_EQ(who.portal().room.value, "alice@chat.example|carol@ext.example");
    for (const auto* peer :
         {"carol@ext.example", "\"a|b\"@ext.example", "a|b@ext.example", "\"@chat.example|\"@x.example"}) {
        const talk_name odd{who.puppet, *parse_address(peer)};
        EXPECT_EQ(talk_name::of(odd.portal(), "chat.example"), odd);
    }
    for (const auto* bad :
         {"", "alice@chat.example", "alice@chat.example|", "|carol@ext.example",
          "alice@other.example|c@x.example"})
        EXPECT_FALSE(talk_name::of(portal_id{room_id{bad}}, "chat.example")) << bad;
}

TEST_F(Talk, BeginsWithItsFirstLineAsSubject)
{
    const auto mail = letter(message{document{"\nLunch?\nAt noon"}});
    EXPECT_EQ(mail.subject, "Lunch?");
    EXPECT_EQ(mail.in_reply_to, "");
    EXPECT_TRUE(mail.references.empty());
    EXPECT_EQ(mail.from.who, who.puppet);
    EXPECT_EQ(mail.to.at(0).who, who.peer);
    EXPECT_EQ(mail.html, "") << "nothing that plain text cannot say";
}

TEST_F(Talk, AnswersTheLastMail)
{
    before.went_on("<1@ext.example>", "RE: Aw[2]: Fwd: Lunch");
    before.went_on("<2@ext.example>", "Re: Lunch");
    const auto mail = letter(message{document{"yes"}});
    EXPECT_EQ(mail.subject, "Re: Lunch");
    EXPECT_EQ(mail.in_reply_to, "<2@ext.example>");
    EXPECT_EQ(mail.references, (std::vector<std::string>{"<1@ext.example>", "<2@ext.example>"}));
}

TEST_F(Talk, AnswersTheMailThatIsRepliedTo)
{
    before.went_on("<1@ext.example>", "Lunch");
    before.went_on("<2@ext.example>", "Lunch");
    message said{document{"to the first"}};
    said.reply_to = reference{message_id{"<1@ext.example> 0123456789abcdef"}};
    const auto mail = letter(said);
    EXPECT_EQ(mail.in_reply_to, "<1@ext.example>");
    EXPECT_EQ(mail.references, (std::vector<std::string>{"<1@ext.example>"}));
}

TEST_F(Talk, SaysTheSameAgainUnderTheSameName)
{
    const auto first = letter(message{document{"x"}});
    before.went_on(first.message_id, first.subject);
    const auto again = letter(message{document{"x"}});
    EXPECT_EQ(again.message_id, first.message_id);
    EXPECT_EQ(again.in_reply_to, "") << "it does not answer itself";
    EXPECT_TRUE(again.references.empty());
    EXPECT_NE(letter(message{document{"x"}}, "$2").message_id, first.message_id);
}

TEST_F(Talk, KeepsItsRootAndTheLastTwenty)
{
    for (int i = 0; i < 100; ++i)
        before.went_on("<" + std::to_string(i) + "@x>", "s");
    EXPECT_EQ(before.references.size(), 21u);
    EXPECT_EQ(before.references.front(), "<0@x>");
    EXPECT_EQ(before.references.back(), "<99@x>");
    EXPECT_EQ(talk_state::from_note(before.note()), before);
    EXPECT_EQ(talk_state::from_note(""), talk_state{});
    EXPECT_TRUE(talk_state::from_note("s\njunk\n\n<>").references.empty());
}

TEST_F(Talk, RemembersItsPeopleAndWhatBecameOfItsMails)
{
    before.went_on("<1@x>", "Lunch");
    before.meets(mail_person{"Carol", *parse_address("carol@ext.example")});
    before.meets(mail_person{"", *parse_address("\"a b\"@ext.example")});
    before.meets(mail_person{"Carol again", *parse_address("carol@ext.example")});
    EXPECT_EQ(before.people.size(), 2u);
    const timestamp at{std::chrono::seconds{1'700'000'000}};
    before.fared(mail_fate{"<2@x>", at, fate::relayed, "carol@ext.example"});
    before.fared(mail_fate{"<2@x>", at, fate::failed, "carol@ext.example", "mailbox\nfull"});
    ASSERT_EQ(before.fates.size(), 1u) << "the newest word counts";
    EXPECT_EQ(before.fates[0].is, fate::failed);
    EXPECT_EQ(talk_state::from_note(before.note()), before);
    for (int i = 0; i < 50; ++i)
        before.fared(mail_fate{"<" + std::to_string(i) + "@y>", at, fate::relayed, "c@x"});
    EXPECT_EQ(before.fates.size(), talk_state::most_fates);
    EXPECT_EQ(talk_state::from_note(before.note()), before);
}

TEST_F(Talk, MarksWhatNoPersonWrote)
{
    message said{document{"x"}};
    said.how = manner::notice;
    EXPECT_EQ(letter(said).auto_submitted, "auto-generated");
    said.how = manner::emote;
    EXPECT_EQ(letter(said).text, "* Alice x");
}

TEST_F(Talk, KnowsASubjectsBase)
{
    EXPECT_EQ(base_subject("Re: re: AW: x"), "x");
    EXPECT_EQ(base_subject("Reality"), "Reality");
    EXPECT_EQ(base_subject("Re[3]: x"), "x");
    EXPECT_EQ(base_subject("Re[x"), "Re[x");
    EXPECT_EQ(base_subject("re:"), "");
    EXPECT_EQ(base_subject("a\r\nb"), "a b");
}

}  // namespace
}  // namespace rialto::email::talk_test
