// Further names of people and rooms: other domains, aliases, and who gets what is nobody's.
#include "email_kit.hpp"

namespace rialto::email_names_test {
namespace {

struct MailNames : Email
{
    nlohmann::json settings() const override
    {
        auto all = Email::settings();
        all["domains"] = {"Chat2.example"};
        all["aliases"] = {"info=@alice:hs"};
        all["catch_all"] = "@bob:hs";
        return all;
    }
    static std::string mail(const std::string& id, const std::string& more = "From: carol@ext.example\r\n")
    {
        return more + "Message-ID: <" + id + "@ext.example>\r\n\r\n" + id + "\r\n";
    }
    std::string shown_to(std::size_t made) const { return one.matrix.made.at(made).invite.at(0); }
};

TEST_F(MailNames, AreOnePersons)
{
    EXPECT_EQ(hand_in(mail("1"), {"alice@chat2.example"}), "250 354 250");
    EXPECT_EQ(hand_in(mail("2"), {"info@chat.example"}), "250 354 250");
    EXPECT_EQ(hand_in(mail("3"), {"info+x@CHAT2.example", "alice@chat.example"}), "250 250 354 250 250");
    ASSERT_TRUE(until([&] { return told().size() == 3; }));
    EXPECT_EQ(one.matrix.made.size(), 1u);
    EXPECT_EQ(shown_to(0), "@alice:hs");
    EXPECT_EQ(hand_in(mail("4"), {"alice@chat3.example", "alice@chat.example"}), "550 250 354 250");
}

TEST_F(MailNames, ThatAreNobodysAreWhoseTheConfigurationSays)
{
    one.matrix.nobody.insert("@nope:hs");
    EXPECT_EQ(hand_in(mail("1"), {"nope@chat.example"}), "250 354 250");
    EXPECT_EQ(hand_in(mail("2"), {"a=zz@chat.example"}), "250 354 250");
    ASSERT_TRUE(until([&] { return told().size() == 2; }));
    EXPECT_EQ(one.matrix.made.size(), 1u);
    EXPECT_EQ(shown_to(0), "@bob:hs");
    EXPECT_EQ(
        hand_in(mail("3"), {"b+0.0@chat.example", "mail+quarantine@chat.example", "alice@chat.example"}),
        "550 550 250 354 250"
    );
    one.matrix.away = true;
    EXPECT_EQ(hand_in(mail("4"), {"other@chat.example", "alice@chat.example"}), "451 250 354 250")
        << "perhaps it is somebody's";
}

TEST_F(MailNames, OfOursWriteFromOutsideUnderNoDomain)
{
    hand_in(mail("1", "From: boss@chat2.example\r\n"), {"alice@chat.example"});
    ASSERT_TRUE(until([&] { return told().size() == 2; }));
    EXPECT_EQ(told()[0].as, "@_rialto_g_mail=2bquarantine=40chat.example:hs");
}

}  // namespace
}  // namespace rialto::email_names_test
