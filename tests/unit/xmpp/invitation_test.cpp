#include "bridges/xmpp/invitation.hpp"

#include "tests/unit/xmpp/tree.hpp"

#include <gmock/gmock.h>

namespace rialto::xmpp::invitation_test {
namespace {

using entry = invitation_book::entry;
using testing::HasSubstr;
using testing::Not;

constexpr timestamp noon{std::chrono::hours{480'000}};

std::optional<invitation> invited(const std::string& attributes, const std::string& inside)
{
    const auto tree =
        parse("<message to='alice_hs.org@bridge.example' " + attributes + ">" + inside + "</message>");
    return invitation_of(read_message(tree.root(), trust{}), noon);
}

std::optional<invitation> by_room(const std::string& from = "orchard@muc.example")
{
    return invited(
        "from='" + from + "'",
        "<x xmlns='http://jabber.org/protocol/muc#user'><invite from='romeo@montague.example/garden'>"
        "<reason>come down</reason></invite><password>rosebud</password></x>"
    );
}

std::optional<invitation> directly(const std::string& room = "orchard@muc.example")
{
    return invited(
        "id='i1' from='romeo@montague.example/garden'",
        "<x xmlns='jabber:x:conference' jid='" + room + "' reason='come down' password='rosebud'/>"
    );
}

xmpp_config trusting(std::vector<std::string> servers)
{
    xmpp_config out;
    out.domain = "bridge.example";
    out.invites_from = std::move(servers);
    return out;
}

TEST(Invitation, IsReadFromBothKinds)
{
    for (const auto& i : {by_room(), directly()}) {
        ASSERT_TRUE(i);
        EXPECT_EQ(i->room, "orchard@muc.example");
        EXPECT_EQ(i->puppet, "alice_hs.org@bridge.example");
        EXPECT_EQ(i->inviter, "romeo@montague.example/garden");
        EXPECT_EQ(i->why, "come down");
        EXPECT_EQ(i->secret, "rosebud");
        EXPECT_FALSE(i->told);
    }
    EXPECT_TRUE(by_room()->mediated);
    EXPECT_FALSE(directly()->mediated);
    EXPECT_EQ(directly()->id, "i1");
}

TEST(Invitation, IsNoneWithoutARoomThatCouldBeEntered)
{
    for (const auto* nowhere : {"", "muc.example", "orchard@muc.example/romeo", "orchard@", "@muc.example"})
        EXPECT_FALSE(directly(nowhere)) << nowhere;
    EXPECT_FALSE(by_room("romeo@montague.example/garden")) << "a person cannot speak for a room";
    EXPECT_FALSE(invited(
        "from='a@b'", "<x xmlns='jabber:x:conference' jid='o@m' reason='" + std::string(3000, 'x') + "'/>"
    ));
    EXPECT_FALSE(invited("from='o@m'", "<x xmlns='http://jabber.org/protocol/muc#user'><invite/></x>"));
}

TEST(Invitation, IsTakenFromTrustedServersAndWhatStandsUnderThem)
{
    const auto config = trusting({"montague.example", "muc.example"});
    EXPECT_FALSE(objection(*by_room(), config));
    EXPECT_FALSE(objection(*directly("orchard@conference.elsewhere.example"), config))
        << "where they ask one to is their affair";
    EXPECT_TRUE(objection(*by_room(), trusting({"montague.example"}))) << "an unknown room may name anybody";
    EXPECT_TRUE(objection(*by_room(), trusting({"muc.example"})));
    const auto why = objection(*directly(), trusting({"capulet.example"}));
    ASSERT_TRUE(why);
    EXPECT_THAT(why->why, HasSubstr("montague.example"));
    EXPECT_TRUE(objection(*directly(), trusting({})));
    EXPECT_FALSE(objection(*directly(), trusting({"*"})));
}

TEST(Invitation, IsNotTakenIntoTheBridgesOwnRooms)
{
    EXPECT_TRUE(objection(*directly("#r#hs.org@bridge.example"), trusting({"*"})));
    auto own = *directly();
    own.inviter = "bob_hs.org@bridge.example/rialto";
    EXPECT_TRUE(objection(own, trusting({"*"})));
}

TEST(Invitation, CountsByAccountAndByRoomWhereAccountsAreHidden)
{
    EXPECT_EQ(counted_as(*directly()), "romeo@montague.example");
    auto hidden = *by_room();
    hidden.inviter = "orchard@muc.example/romeo";
    EXPECT_EQ(counted_as(hidden), "orchard@muc.example") << "a nick is changed in a moment";
}

TEST(Invitation, IsTurnedDownTheWayItCame)
{
    const auto room = write_refusal(*by_room(), "no <time>");
    EXPECT_THAT(room, HasSubstr("to='orchard@muc.example'"));
    EXPECT_THAT(
        room, HasSubstr("<decline to='romeo@montague.example/garden'><reason>no &lt;time&gt;</reason>")
    );
    const auto person = write_refusal(*directly(), "no time");
    EXPECT_THAT(person, HasSubstr("to='romeo@montague.example/garden'"));
    EXPECT_THAT(person, HasSubstr("Your invitation to orchard@muc.example was turned down: no time"));
    for (const auto& words : {room, person})
        EXPECT_THAT(words, Not(HasSubstr("rosebud")));
}

TEST(Invitation, NamesTheInviterButNotTheirServerInARoomThatHidesPeople)
{
    EXPECT_EQ(in_words(*directly(), true), "invited by romeo@montague.example: come down");
    EXPECT_EQ(in_words(*directly(), false), "invited by romeo: come down");
    auto hidden = *by_room();
    hidden.inviter = "orchard@muc.example/Romeo M.";
    hidden.why.clear();
    EXPECT_EQ(in_words(hidden, false), "invited by Romeo M.");
}

TEST(InvitationBook, FollowsTheSecondKindOfOneInvitationNotAgain)
{
    invitation_book book;
    EXPECT_EQ(book.add(*by_room()), entry::taken);
    EXPECT_EQ(book.add(*directly()), entry::known);
    book.tell("orchard@muc.example", "alice_hs.org@bridge.example", true);
    EXPECT_EQ(book.add(*directly()), entry::known) << "within a minute";
    auto later = *directly();
    later.at_ms += 61'000;
    EXPECT_EQ(book.add(later), entry::taken) << "somebody asks again";
    EXPECT_EQ(book.size(), 1U);
    EXPECT_NE(later.name(), directly()->name());
}

TEST(InvitationBook, IsBoundedAndForgetsWhatMatrixKnowsFirst)
{
    invitation_book book;
    for (std::size_t n = 0; n < invitation_book::most; ++n) {
        auto i = *directly("r" + std::to_string(n) + "@muc.example");
        EXPECT_EQ(book.add(i), entry::taken);
    }
    EXPECT_EQ(book.add(*directly()), entry::full);
    book.tell("r7@muc.example", "alice_hs.org@bridge.example", true);
    EXPECT_EQ(book.add(*directly()), entry::taken);
    EXPECT_EQ(book.find("r7@muc.example", "alice_hs.org@bridge.example"), nullptr);
}

TEST(InvitationBook, KnowsAfterARestartWhatIsOutstanding)
{
    invitation_book book;
    auto other = *directly("b@muc.example");
    other.opened = true;
    (void)book.add(*by_room());
    (void)book.add(other);
    book.tell("b@muc.example", other.puppet, true);
    invitation_book again;
    again.read(book.to_text());
    ASSERT_EQ(again.untold().size(), 1U);
    EXPECT_EQ(again.untold().front(), *by_room());
    const auto* told = again.find("b@muc.example", other.puppet);
    ASSERT_NE(told, nullptr);
    EXPECT_TRUE(told->opened);
    EXPECT_TRUE(told->secret.empty()) << "the room keeps its password, the book need not";
    EXPECT_EQ(again.find(other.name()), told);
    EXPECT_TRUE(again.others("orchard@muc.example", "somebody")) << "alice was asked";
    EXPECT_FALSE(again.others("orchard@muc.example", "alice_hs.org@bridge.example"));
    again.drop("b@muc.example", other.puppet);
    again.drop("orchard@muc.example", other.puppet);
    EXPECT_EQ(again.to_text(), "");
}

TEST(InvitationBook, ReadsWhatIsNoBookAsNone)
{
    for (const auto* text : {"", "{", "[", "[1,null,{}]", "{\"room\":1}", "[{\"room\":2,\"puppet\":[]}]"}) {
        invitation_book book;
        book.read(text);
        EXPECT_EQ(book.size(), 0U) << text;
    }
}

}  // namespace
}  // namespace rialto::xmpp::invitation_test
