#include "bridges/xmpp/occupants.hpp"
#include "tests/unit/xmpp/tree.hpp"

namespace rialto::xmpp::occupants_test {
namespace {

const std::string room_jid = "orchard@muc.example";

room_presence presence_of(std::string_view nick, std::string_view inside, std::string_view attributes = "")
{
    const auto tree = parse(
        "<presence from='" + room_jid + "/" + std::string{nick} + "' to='bot@bridge.example/rialto' " +
        std::string{attributes} + ">" + std::string{inside} + "</presence>"
    );
    return read_presence(tree.root(), true);
}

std::string muc_user(std::string_view inside)
{
    return "<x xmlns='http://jabber.org/protocol/muc#user'>" + std::string{inside} + "</x>";
}

std::string member_item(std::string_view more = "")
{
    return "<item affiliation='member' role='participant' " + std::string{more} + "/>";
}

TEST(PersonName, HasOneSpellingForEachPersonAndAWayBack)
{
    using is = person_name::is;
    for (const auto& who :
         {person_name{is::real, "", "romeo@montague.example"}, person_name{is::occupant, room_jid, "dd72=/x"},
          person_name{is::guest, room_jid, "romeo"}, person_name{is::guest, room_jid, "occ:dd72"},
          person_name{is::guest, room_jid, "nick:occ:1"}, person_name{is::guest, room_jid, "a/b@c"}})
        EXPECT_EQ(person_of(name_of(who)), who) << name_of(who).value;
    EXPECT_EQ(name_of({is::guest, room_jid, "romeo"}).value, "orchard@muc.example/romeo");
    EXPECT_EQ(name_of({is::occupant, room_jid, "x1"}).value, "orchard@muc.example/occ:x1");
}

TEST(Occupants, IdentifyByRealJidThenOccupantIdThenNick)
{
    occupants here{room_jid};
    here.apply(presence_of("a", muc_user(member_item("jid='Romeo@montague.example/phone'"))));
    here.apply(
        presence_of("b", muc_user(member_item()) + "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='o1'/>")
    );
    here.apply(presence_of("c", muc_user(member_item())));
    EXPECT_EQ(here.identify("a").value, "Romeo@montague.example");
    EXPECT_EQ(here.identify("b").value, "orchard@muc.example/occ:o1");
    EXPECT_EQ(here.identify("c").value, "orchard@muc.example/c");
    EXPECT_EQ(here.identify("nobody").value, "orchard@muc.example/nobody");
    EXPECT_EQ(here.by_person(user_id{"orchard@muc.example/occ:o1"})->nick, "b");
    EXPECT_EQ(here.by_person(user_id{"x@y"}), nullptr);
}

TEST(Occupants, ReadNoOccupantIdWhereTheRoomDoesNotAdvertiseIt)
{
    const auto tree =
        parse("<presence from='r@m/n'><occupant-id xmlns='urn:xmpp:occupant-id:0' id='forged'/></presence>");
    EXPECT_EQ(read_presence(tree.root(), false).occupant_id, "");
}

TEST(Occupants, ArriveOnceAndDepartOnce)
{
    occupants here{room_jid};
    EXPECT_EQ(here.apply(presence_of("a", muc_user(member_item()))).what, movement::is::arrived);
    EXPECT_EQ(
        here.apply(presence_of("a", muc_user(member_item()) + "<show>away</show>")).what,
        movement::is::nothing
    );
    const auto gone = here.apply(presence_of("a", muc_user(member_item()), "type='unavailable'"));
    EXPECT_EQ(gone.what, movement::is::departed);
    EXPECT_EQ(gone.why, departure::left);
    EXPECT_EQ(
        here.apply(presence_of("a", muc_user(member_item()), "type='unavailable'")).what,
        movement::is::nothing
    );
    EXPECT_EQ(here.size(), 0U);
}

TEST(Occupants, KeepWhoSomebodyIsThroughANickChange)
{
    occupants here{room_jid};
    here.apply(presence_of("a", muc_user(member_item("jid='r@m'"))));
    const auto moved = here.apply(presence_of(
        "a", muc_user(member_item("nick='b' jid='r@m'") + "<status code='303'/>"), "type='unavailable'"
    ));
    EXPECT_EQ(moved.what, movement::is::renamed);
    EXPECT_EQ(moved.before.nick, "a");
    EXPECT_EQ(moved.who.nick, "b");
    EXPECT_EQ(here.by_nick("a"), nullptr);
    EXPECT_EQ(here.apply(presence_of("b", muc_user(member_item("jid='r@m'")))).what, movement::is::nothing);
    EXPECT_EQ(here.identify("b").value, "r@m");
}

TEST(Occupants, TellKickFromBanFromAccident)
{
    const auto why = [](std::string_view codes) {
        return why_gone(presence_of("a", muc_user(member_item() + std::string{codes}), "type='unavailable'"));
    };
    EXPECT_EQ(why("<status code='307'/>"), departure::kicked);
    EXPECT_EQ(why("<status code='110'/><status code='301'/>"), departure::banned);
    EXPECT_EQ(why("<status code='307'/><status code='333'/>"), departure::technical)
        << "Prosody: remote server timeout";
    EXPECT_EQ(why("<status code='332'/>"), departure::shutdown);
    EXPECT_EQ(why("<status code='321'/>"), departure::not_member);
    EXPECT_EQ(why("<status code='322'/>"), departure::not_member);
    EXPECT_EQ(why(""), departure::left);
    EXPECT_EQ(why("<destroy jid='new@muc.example'/>"), departure::destroyed);
    EXPECT_TRUE(is_willed(departure::kicked));
    EXPECT_FALSE(is_willed(departure::technical));
}

TEST(Occupants, NameTheActorAndTheReason)
{
    occupants here{room_jid};
    here.apply(presence_of("mod", muc_user(member_item("jid='nurse@capulet.example/x'"))));
    const auto p = presence_of(
        "a",
        muc_user("<item affiliation='none' role='none'><actor nick='mod'/><reason>Avaunt!</reason></item>"
                 "<status code='307'/>"),
        "type='unavailable'"
    );
    EXPECT_EQ(p.reason, "Avaunt!");
    EXPECT_EQ(here.actor(p).value, "nurse@capulet.example");
    const auto by_jid = presence_of(
        "a", muc_user("<item><actor jid='x@y/z'/></item><status code='307'/>"), "type='unavailable'"
    );
    EXPECT_EQ(here.actor(by_jid).value, "x@y");
    EXPECT_EQ(here.actor(presence_of("a", muc_user("<item/>"), "type='unavailable'")).value, "");
}

TEST(Occupants, ReadDestructionWithItsSuccessor)
{
    const auto p = presence_of(
        "a",
        muc_user("<item affiliation='none' role='none'/><destroy "
                 "jid='new@muc.example'><reason>moved</reason></destroy>"),
        "type='unavailable'"
    );
    EXPECT_TRUE(p.destroyed);
    EXPECT_EQ(p.moved_to, "new@muc.example");
    EXPECT_EQ(p.reason, "moved");
}

TEST(Occupants, ReadSelfPresenceAndErrors)
{
    const auto self = presence_of("a_", muc_user(member_item() + "<status code='110'/><status code='210'/>"));
    EXPECT_TRUE(self.own());
    EXPECT_TRUE(self.has(210));
    EXPECT_EQ(self.nick, "a_");
    const auto tree = parse(
        "<presence from='orchard@muc.example/a' to='x@y/z' type='error' id='j1'><error type='cancel' "
        "by='orchard@muc.example'>"
        "<conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"
    );
    const auto bad = read_presence(tree.root(), true);
    ASSERT_TRUE(bad.error);
    EXPECT_EQ(bad.error->condition, "conflict");
    occupants here{room_jid};
    EXPECT_EQ(here.apply(bad).what, movement::is::nothing);
}

TEST(Occupants, RankByAffiliationThenRole)
{
    const auto rank_of = [](std::string_view affiliation, std::string_view role) {
        occupant o;
        o.affiliation = affiliation;
        o.role = role;
        return o.is();
    };
    EXPECT_EQ(rank_of("owner", "moderator"), rank::owner);
    EXPECT_EQ(rank_of("admin", "moderator"), rank::admin);
    EXPECT_EQ(rank_of("none", "moderator"), rank::moderator);
    EXPECT_EQ(rank_of("none", "participant"), rank::member);
    EXPECT_EQ(rank_of("none", "visitor"), rank::visitor);
    occupants here{room_jid};
    here.apply(presence_of("a", muc_user("<item affiliation='none' role='participant'/>")));
    EXPECT_EQ(
        here.apply(presence_of("a", muc_user("<item affiliation='none' role='moderator'/>"))).what,
        movement::is::changed
    );
}

TEST(Occupants, AreBounded)
{
    occupants here{room_jid, 2};
    for (const auto* nick : {"a", "b", "c"})
        here.apply(presence_of(nick, muc_user(member_item())));
    EXPECT_EQ(here.size(), 2U);
}

}  // namespace
}  // namespace rialto::xmpp::occupants_test
