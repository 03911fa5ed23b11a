// A mail to several people is a room of theirs; what was written to fewer people never comes into it.
#include "email_kit.hpp"

namespace rialto::email_group_test {
namespace {

struct MailGroup : Email
{
    static std::string mail(
        const std::string& from, const std::string& to, const std::string& id, const std::string& words,
        const std::string& more = ""
    )
    {
        return "From: " + from + "\r\nTo: " + to + "\r\nSubject: Plans\r\nMessage-ID: <" + id +
               "@ext.example>\r\n" + more + "\r\n" + words + "\r\n";
    }
    const std::string all = "alice@chat.example, bob@chat.example, dan@ext.example";
    void begin()
    {
        EXPECT_EQ(
            hand_in(
                mail("Carol <carol@ext.example>", all, "1", "Hello all"),
                {"alice@chat.example", "bob@chat.example"}
            ),
            "250 250 354 250 250"
        );
        ASSERT_TRUE(until([&] { return told().size() == 1; }));
    }
    std::size_t count(change what) const
    {
        std::size_t n = 0;
        for (const auto& o : one.matrix.orders)
            if (const auto* m = std::get_if<membership>(&o.what))
                n += m->what == what;
        return n;
    }
    void moved(change what, const std::string& who, const std::string& by, const std::string& id)
    {
        near_event e{"!made1", id, by, membership{what, user_id{who}}};
        one.push(std::move(e));
        settle();
    }
};

TEST_F(MailGroup, IsOneRoomForAllOfUsAndOneMessage)
{
    begin();
    ASSERT_EQ(one.matrix.made.size(), 1u);
    EXPECT_EQ(one.matrix.made[0].invite, (std::vector<std::string>{"@alice:hs", "@bob:hs"}));
    EXPECT_EQ(
        one.matrix.made[0].members,
        (std::vector<std::string>{"@_rialto_g_carol=40ext.example:hs", "@_rialto_g_dan=40ext.example:hs"})
    );
    EXPECT_EQ(one.matrix.made[0].info.title, "Plans");
    EXPECT_THAT(said(0), HasSubstr("Hello all"));
    settle();
    EXPECT_EQ(told().size(), 1u);
}

TEST_F(MailGroup, IsAnsweredToAll)
{
    begin();
    write("$a1", "Fine with me");
    ASSERT_TRUE(until([&] { return smart.mails.size() == 1; }));
    EXPECT_EQ(smart.mails[0].recipients, (std::vector<std::string>{"carol@ext.example", "dan@ext.example"}))
        << "bob has read it in the room";
    EXPECT_EQ(header(smart.mails[0], "To"), "Carol <carol@ext.example>");
    EXPECT_THAT(header(smart.mails[0], "Cc"), HasSubstr("dan@ext.example"));
    EXPECT_THAT(header(smart.mails[0], "Cc"), HasSubstr("bob@chat.example"));
    EXPECT_THAT(smart.mails[0].text, HasSubstr("From: Alice <alice@chat.example>"));
    EXPECT_EQ(header(smart.mails[0], "In-Reply-To"), "<1@ext.example>");
    hand_in(
        mail(
            "dan@ext.example", "alice@chat.example, bob@chat.example, carol@ext.example", "2", "Me too",
            "In-Reply-To: " + header(smart.mails[0], "Message-Id") + "\r\n"
        ),
        {"alice@chat.example"}
    );
    ASSERT_TRUE(until([&] { return told().size() == 2; }));
    EXPECT_EQ(told()[1].room, told()[0].room);
}

TEST_F(MailGroup, GetsNothingThatWasWrittenToFewer)
{
    begin();
    const std::string answers = "In-Reply-To: <1@ext.example>\r\n";
    hand_in(
        mail("carol@ext.example", "alice@chat.example", "2", "only you", answers), {"alice@chat.example"}
    );
    hand_in(
        mail("carol@ext.example", "alice@chat.example, bob@chat.example", "3", "without dan", answers),
        {"alice@chat.example"}
    );
    hand_in(
        mail("mallory@bad.example", all + ", carol@ext.example", "4", "me", answers), {"alice@chat.example"}
    );
    hand_in(
        mail("carol@ext.example", "dan@ext.example, erin@ext.example", "5", "blind", answers),
        {"alice@chat.example"}
    );
    ASSERT_TRUE(until([&] { return told().size() == 5; }));
    for (std::size_t i = 1; i < 5; ++i)
        EXPECT_NE(told()[i].room, told()[0].room) << said(i);
    const auto& made = one.matrix.made;
    EXPECT_EQ(made.at(1).is, kind::direct);
    EXPECT_EQ(told()[1].room, told()[4].room) << "by Bcc: a talk with its author";
    write("$a1", "to the first");
    ASSERT_TRUE(until([&] { return smart.mails.size() == 1; }));
    EXPECT_EQ(smart.mails[0].recipients.size(), 2u) << "mallory is not of them";
}

TEST_F(MailGroup, IsWhoIsAskedInAndPutOutOnMatrix)
{
    begin();
    moved(change::invite, "@_rialto_g_erin=40ext.example:hs", "@alice:hs", "$m1");
    ASSERT_TRUE(until([&] { return count(change::join) == 1; })) << "her ghost comes";
    moved(change::kick, "@_rialto_g_dan=40ext.example:hs", "@alice:hs", "$m2");
    write("$a1", "Welcome");
    ASSERT_TRUE(until([&] { return smart.mails.size() == 1; }));
    EXPECT_EQ(smart.mails[0].recipients, (std::vector<std::string>{"carol@ext.example", "erin@ext.example"}));
    EXPECT_EQ(smart.mails[0].text.find("dan@ext.example"), std::string::npos);
}

TEST_F(MailGroup, IsATalkForWhoGotTheMailTooLateToReadItThere)
{
    hand_in(mail("Carol <carol@ext.example>", all, "1", "Hello all"), {"alice@chat.example"});
    hand_in(mail("Carol <carol@ext.example>", all, "1", "Hello all"), {"bob@chat.example"});
    ASSERT_TRUE(until([&] { return told().size() == 2; }));
    EXPECT_EQ(one.matrix.made.at(1).is, kind::direct);
    EXPECT_EQ(one.matrix.made.at(1).invite, (std::vector<std::string>{"@bob:hs"}));
    hand_in(
        mail("Carol <carol@ext.example>", all, "2", "And?", "In-Reply-To: <1@ext.example>\r\n"),
        {"bob@chat.example"}
    );
    ASSERT_TRUE(until([&] { return told().size() == 3; }));
    EXPECT_EQ(told()[2].room, told()[0].room);
    EXPECT_EQ(count(change::invite), 1u) << "before it is shown";
}

TEST_F(MailGroup, IsNotMadeByListsAndPrograms)
{
    for (const auto* more :
         {"List-Id: <l.ext.example>\r\n", "Precedence: bulk\r\n", "Auto-Submitted: auto-generated\r\n"})
        hand_in(
            mail("carol@ext.example", all, std::to_string(told().size()), "x", more), {"alice@chat.example"}
        );
    ASSERT_TRUE(until([&] { return told().size() == 3; }));
    for (const auto& plan : one.matrix.made)
        EXPECT_EQ(plan.is, kind::direct);
}

}  // namespace
}  // namespace rialto::email_group_test
