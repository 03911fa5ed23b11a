// What people say behind `!mail` in a room, over the real core.
#include "email_kit.hpp"

namespace rialto::email_orders_test {
namespace {

struct MailOrder : Email
{
    std::string ask(
        const std::string& line, const std::string& room = "!bot", const std::string& asker = "@alice:hs"
    )
    {
        near_request r;
        r.network = "g";
        r.room = room;
        r.asker = asker;
        r.line = line;
        auto said = w.get(one.core.command(std::move(r)));
        return said ? *said : "refused: " + said.error().why;
    }
};

TEST_F(MailOrder, BeginsAChatWithASubject)
{
    EXPECT_THAT(ask("to Carol@EXT.example Lunch on Friday"), HasSubstr("chat with carol@ext.example"));
    ASSERT_TRUE(until([&] { return one.matrix.made.size() == 1; }));
    EXPECT_EQ(one.matrix.made[0].is, kind::direct);
    EXPECT_EQ(one.matrix.made[0].invite, (std::vector<std::string>{"@alice:hs"}));
    write("$a1", "At noon?");
    ASSERT_TRUE(until([&] { return smart.mails.size() == 1; }));
    EXPECT_EQ(smart.mails[0].recipients, (std::vector<std::string>{"carol@ext.example"}));
    EXPECT_EQ(header(smart.mails[0], "Subject"), "Lunch on Friday");
    EXPECT_EQ(header(smart.mails[0], "In-Reply-To"), "");

    EXPECT_THAT(ask("to carol@ext.example Dinner"), HasSubstr("already"));
    write("$a2", "At eight?");
    ASSERT_TRUE(until([&] { return smart.mails.size() == 2; }));
    EXPECT_EQ(one.matrix.made.size(), 1u);
    EXPECT_EQ(header(smart.mails[1], "Subject"), "Dinner") << "a conversation of its own over there";
    EXPECT_EQ(header(smart.mails[1], "References"), "");
}

TEST_F(MailOrder, BeginsNoChatWithWhomNoMailGoesTo)
{
    EXPECT_THAT(ask("to"), HasSubstr("To whom?"));
    EXPECT_THAT(ask("to carol"), HasSubstr("refused: carol is no mail address"));
    EXPECT_THAT(ask("to bob@chat.example"), HasSubstr("is somebody on Matrix"));
    EXPECT_THAT(ask("dance"), HasSubstr("I do not know \"dance\""));
    EXPECT_TRUE(one.matrix.made.empty());
}

TEST_F(MailOrder, RefusesMailOfWhomSomebodyHasBlocked)
{
    hand_in(from_carol, {"alice@chat.example"});
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    EXPECT_EQ(
        ask("block", "!made1"), "Mail from carol@ext.example to alice@chat.example is refused from now on."
    ) << "nobody named: whom this room writes to";
    EXPECT_EQ(hand_in(from_carol, {"alice@chat.example"}), "250 354 550");
}

TEST_F(MailOrder, BlocksAddressesAndDomainsForOnePersonAlone)
{
    EXPECT_THAT(
        ask("block EXT.example"), HasSubstr("Mail from ext.example to alice@chat.example is refused")
    );
    EXPECT_EQ(hand_in(from_carol, {"alice@chat.example", "bob@chat.example"}), "250 250 354 550 250");
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    EXPECT_EQ(one.matrix.made.at(0).invite, (std::vector<std::string>{"@bob:hs"}));
    EXPECT_EQ(ask("block"), "Blocked: ext.example.");
    EXPECT_EQ(ask("unblock ext.example"), "Mail from ext.example is taken again.");
    EXPECT_THAT(ask("unblock ext.example"), HasSubstr("was not blocked"));
    EXPECT_EQ(hand_in(from_carol, {"alice@chat.example"}), "250 354 250");
    EXPECT_THAT(ask("block not a domain"), HasSubstr("one word too many"));
    EXPECT_THAT(ask("block no/domain"), HasSubstr("neither an address nor a domain"));
}

TEST_F(MailOrder, SaysWhatBecameOfTheLastMails)
{
    EXPECT_EQ(ask("status"), "Your mail address is alice@chat.example; 0 of 200 mails sent today.");
    hand_in(from_carol, {"alice@chat.example"});
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    write("$a1", "Yes");
    ASSERT_TRUE(until([&] { return smart.mails.size() == 1; }));
    settle();
    const auto said = ask("status", "!made1");
    EXPECT_THAT(said, HasSubstr("1 of 200 mails sent today"));
    EXPECT_THAT(said, HasSubstr("This room writes to carol@ext.example, about \"Lunch\""));
    EXPECT_THAT(said, HasSubstr("to carol@ext.example: taken by the mail server"));
}

TEST_F(MailOrder, LeavesNoListByAHostThatIsNotPublic)
{
    EXPECT_THAT(ask("unsubscribe"), HasSubstr("Say it in the chat"));
    const auto list = [&](const std::string& url, const std::string& id) {
        hand_in(
            "List-Unsubscribe: <" + url + ">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" +
                from_carol + id + "\r\n",
            {"alice@chat.example"}
        );
    };
    list("mailto:off@ext.example", "1");
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    EXPECT_THAT(ask("unsubscribe", "!made1"), HasSubstr("this one: mailto:off@ext.example"));
    list("https://127.0.0.1:" + std::to_string(smart.port()) + "/", "2");
    ASSERT_TRUE(until([&] { return told().size() == 2; }));
    std::optional<std::string> said;
    near_request r;
    r.network = "g";
    r.room = "!made1";
    r.asker = "@alice:hs";
    r.line = "unsubscribe";
    boost::asio::co_spawn(
        w.io, one.core.command(std::move(r)),
        [&](std::exception_ptr, result<std::string> done) { said = done ? *done : done.error().why; }
    );
    ASSERT_TRUE(until([&] { return said.has_value(); }));
    EXPECT_THAT(*said, HasSubstr("You are still subscribed"));
    EXPECT_EQ(smart.connections, 0);
}

TEST_F(MailOrder, ShowsTheHeaderOfAMail)
{
    hand_in("Bcc: secret@ext.example\r\n" + from_carol, {"alice@chat.example"});
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    near_request r;
    r.network = "g";
    r.room = "!made1";
    r.asker = "@alice:hs";
    r.line = "source";
    r.about = one.matrix.by_key.at(told()[0].key);
    auto said = w.get(one.core.command(r));
    ASSERT_TRUE(said);
    EXPECT_THAT(*said, testing::StartsWith("Return-Path: <carol@ext.example>\nReceived: from mta.example"));
    EXPECT_THAT(*said, HasSubstr("\nSubject: Lunch\n"));
    EXPECT_EQ(said->find("secret"), std::string::npos);
    EXPECT_EQ(said->find("At noon"), std::string::npos);
    r.room = "!other";
    said = w.get(one.core.command(r));
    ASSERT_TRUE(said);
    EXPECT_THAT(*said, HasSubstr("as a reply")) << "who is in another room sees nothing of it";
}

TEST_F(MailOrder, IsHelpedWithItsWords)
{
    EXPECT_THAT(one.core.commands_of("g"), HasSubstr("!mail to carol@example.org"));
    EXPECT_EQ(one.core.commands_of("a"), "") << "this network takes none";
    near_request r;
    r.network = "a";
    r.asker = "@alice:hs";
    EXPECT_FALSE(w.get(one.core.command(std::move(r))));
}

}  // namespace
}  // namespace rialto::email_orders_test
