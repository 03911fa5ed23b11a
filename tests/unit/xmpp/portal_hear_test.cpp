// What a room says, and whom the portal believes about it.
#include "tests/unit/xmpp/portal_fixture.hpp"

namespace rialto::xmpp::portal_hear_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string with_occupants =
    traits_xml.substr(0, traits_xml.size() - 8) + "<feature var='urn:xmpp:occupant-id:0'/></query>";
const std::string without_ids =
    "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='conference' type='text'/>"
    "<feature var='http://jabber.org/protocol/muc'/></query>";
std::string occ(const std::string& id)
{
    return "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='" + id + "'/>";
}

class Hearing : public Portal
{
};

TEST_F(Hearing, CountsTwoCopiesOfOneStanzaIdOnce)
{
    enter();
    const auto id = sid();
    live("romeo", "once", "m1", id);
    live("romeo", "once", "m1", id);
    EXPECT_THAT(heard_texts(), ElementsAre("once"));
    live("romeo", "once", "m1", sid());
    EXPECT_THAT(heard_texts(), ElementsAre("once", "once")) << "the room calls it another one";
}

// After a crash the room may still show us what is said, before it was asked what it is.
TEST_F(Hearing, LeavesToTheArchiveWhatItHeardBeforeItKnewTheRoom)
{
    core.notes["mam/" + room_jid] = "1 s0";
    const auto id = sid();
    live("romeo", "early", "m1", id);
    EXPECT_THAT(heard_texts(), IsEmpty());
    archive.assign(1, row("s1", "romeo", "m1", "early"));
    enter();
    EXPECT_THAT(heard_texts(), ElementsAre("early")) << "once, under the archive's id";
}

// Who was in the room before the link broke is told by it at once when the link is back.
TEST_F(Hearing, LetsNothingOvertakeTheArchiveAfterTheLinkWasLost)
{
    core.notes["mam/" + room_jid] = "1 s0";
    enter();
    portal->link_lost();
    archive.push_back(row("s8", "romeo", "m8", "missed"));
    archive.push_back(row("s9", "romeo", "m9", "heard at once"));
    live("romeo", "heard at once", "m9", "<stanza-id xmlns='urn:xmpp:sid:0' by='" + room_jid + "' id='s9'/>");
    enter();
    EXPECT_THAT(heard_texts(), ElementsAre("missed", "heard at once"));
}

TEST_F(Hearing, BelievesNoStanzaIdByAnybodyButTheRoom)
{
    enter();
    live(
        "romeo", "a", "m1", "<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@montague.example' id='s9'/>" + sid()
    );
    EXPECT_EQ(core.accepted.back().id.value, "s1");
}

TEST_F(Hearing, BelievesNoStanzaIdInARoomThatDoesNotAdvertiseThem)
{
    traits = without_ids;
    enter();
    live("romeo", "a", "m1", sid());
    EXPECT_TRUE(core.accepted.back().id.value.starts_with("~"));
    EXPECT_FALSE(core.all<room>().front().able.reactions) << "nobody could say which message is meant";
}

TEST_F(Hearing, BelievesNoOccupantIdInARoomThatDoesNotAdvertiseThem)
{
    enter();
    presence_of("juliet", "", "");
    live("juliet", "a", "m1", sid() + occ("forged"));
    EXPECT_EQ(core.accepted.back().sender.id.value, "orchard@muc.example/juliet");
}

TEST_F(Hearing, KnowsPeopleByTheirOccupantIdWhereTheRoomGivesThem)
{
    traits = with_occupants;
    enter();
    from_room("presence", "juliet", "to='rialto@bridge.example/rialto'", item("") + occ("j1"));
    live("juliet", "a", "m1", sid() + occ("j1"));
    EXPECT_EQ(core.accepted.back().sender.id.value, "orchard@muc.example/occ:j1");
}

TEST_F(Hearing, BelievesNoRealAddressThatALiveMessageClaims)
{
    enter();
    live(
        "romeo", "I am the prince", "m1",
        sid() + "<x xmlns='http://jabber.org/protocol/muc#user'><item jid='prince@verona.example'/></x>"
    );
    EXPECT_EQ(core.accepted.back().sender.id.value, "orchard@muc.example/romeo");
    live(
        "romeo", "I am yours", "m2",
        sid() + "<x xmlns='http://jabber.org/protocol/muc#user'><item jid='" + alice + "'/></x>"
    );
    EXPECT_EQ(heard_texts().size(), 2U) << "and is not taken for our own echo";
}

TEST_F(Hearing, KeepsTheSameIdOfTwoPeopleApart)
{
    traits = without_ids;
    enter();
    presence_of("juliet", "");
    live("romeo", "mine", "m1", "");
    live("juliet", "mine", "m1", "");
    EXPECT_THAT(heard_texts(), ElementsAre("mine", "mine"));
    EXPECT_NE(core.accepted[core.accepted.size() - 2].id, core.accepted.back().id);
    EXPECT_NE(core.accepted[core.accepted.size() - 2].also, core.accepted.back().also);
}

TEST_F(Hearing, LosesNoMessageForHavingNoId)
{
    traits = without_ids;
    enter();
    live("romeo", "ok", "", "");
    live("romeo", "ok", "", "");
    EXPECT_THAT(heard_texts(), ElementsAre("ok", "ok"));
    EXPECT_THAT(core.accepted.back().also, IsEmpty());
}

TEST_F(Hearing, TakesTheOwnIdWhereTheRoomGivesNone)
{
    traits = without_ids;
    enter();
    live("romeo", "once", "m1", "");
    live("romeo", "once", "m1", "");
    EXPECT_THAT(heard_texts(), ElementsAre("once")) << "a duplicate copy";
    live("romeo", "other words", "m1", "");
    EXPECT_EQ(heard_texts().size(), 2U) << "an id used twice";
}

TEST_F(Hearing, BelievesNoDelayOfAnOccupant)
{
    enter();
    live("romeo", "old", "m1", sid() + "<delay xmlns='urn:xmpp:delay' stamp='1970-01-01T00:00:00Z'/>");
    live(
        "romeo", "new", "m2",
        sid() + "<delay xmlns='urn:xmpp:delay' from='romeo@x' stamp='2099-01-01T00:00:00Z'/>"
    );
    EXPECT_EQ(core.accepted.back().at, time.now());
    EXPECT_FALSE(core.accepted[core.accepted.size() - 2].past);
    EXPECT_EQ(read_cursor(core.notes["mam/" + room_jid]).at, time.now())
        << "or we would miss what comes till then";
}

TEST_F(Hearing, MarksHistoryWithItsOwnTime)
{
    enter();
    live(
        "romeo", "then", "m1",
        sid() + "<delay xmlns='urn:xmpp:delay' from='" + room_jid + "' stamp='2024-10-03T20:00:00Z'/>"
    );
    EXPECT_TRUE(core.accepted.back().past);
    EXPECT_EQ(core.accepted.back().at, time.now() - std::chrono::hours{4});
}

TEST_F(Hearing, TellsAModerationByTheRoomAndNotByAnOccupant)
{
    enter();
    const std::string moderated =
        "<retract xmlns='urn:xmpp:message-retract:1' id='s7'><moderated xmlns='urn:xmpp:message-moderate:1' "
        "by='" +
        room_jid + "/romeo'/><reason>spam</reason></retract>";
    to_listener("juliet", moderated, "id='x1'");
    run();
    EXPECT_TRUE(core.all<retraction>().empty());
    to_listener("", moderated + sid(), "id='x2'");
    run();
    ASSERT_EQ(core.all<retraction>().size(), 1U);
    EXPECT_EQ(core.all<retraction>()[0].target.id.value, "s7");
    EXPECT_EQ(core.all<retraction>()[0].reason, "spam");
    EXPECT_EQ(core.accepted.back().sender.id.value, "orchard@muc.example/romeo");
}

TEST_F(Hearing, TellsARetractionByItsAuthor)
{
    enter();
    live("romeo", "fallback", "x1", sid() + "<retract xmlns='urn:xmpp:message-retract:1' id='s0'/>");
    ASSERT_EQ(core.all<retraction>().size(), 1U);
    EXPECT_EQ(core.all<retraction>()[0].target.id.value, "s0");
    EXPECT_EQ(core.accepted.back().sender.id.value, "orchard@muc.example/romeo");
}

TEST_F(Hearing, NamesTheTargetOfAnEditByWhoWroteIt)
{
    enter();
    live("romeo", "better", "m2", sid() + "<replace xmlns='urn:xmpp:message-correct:0' id='m1'/>");
    ASSERT_EQ(core.all<edit>().size(), 1U);
    EXPECT_EQ(core.all<edit>()[0].target.id, own_name(user_id{"orchard@muc.example/romeo"}, "m1"));
}

TEST_F(Hearing, TellsATopicOnceAndIgnoresAnnouncements)
{
    enter();
    to_listener("romeo", "<subject>Balconies</subject>");
    to_listener("romeo", "<subject>Balconies</subject>");
    to_listener("", "<body>This room is not anonymous</body>");
    run();
    ASSERT_EQ(core.all<room_info>().size(), 1U);
    EXPECT_EQ(core.all<room_info>()[0].topic, "Balconies");
    EXPECT_THAT(heard_texts(), IsEmpty());
}

TEST_F(Hearing, HintsTypingInSmallRoomsOnly)
{
    enter();
    const std::string composing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
    to_listener("romeo", composing);
    EXPECT_EQ(core.hints.size(), 1U);
    for (int i = 0; i < 21; ++i)
        presence_of("n" + std::to_string(i), "");
    to_listener("romeo", composing);
    EXPECT_EQ(core.hints.size(), 1U);
}

TEST_F(Hearing, ReadsTheSettingsAgainWhenTheRoomWasConfigured)
{
    enter();
    traits.replace(traits.find("name='Orchard'"), 14, "name='Gardens'");
    to_listener("", "<x xmlns='http://jabber.org/protocol/muc#user'><status code='104'/></x>");
    run();
    ASSERT_EQ(core.all<room_info>().size(), 1U);
    EXPECT_EQ(core.all<room_info>()[0].title, "Gardens");
}

TEST_F(Hearing, SeesWhoIsSpokenTo)
{
    enter();
    (void)say("$0", "hello");
    live("romeo", "Alice: come", "m1", sid());
    EXPECT_THAT(core.all<message>().back().mentions, ElementsAre(user_id{alice}));
    live("romeo", "rialto: help", "m2", sid());
    EXPECT_THAT(core.all<message>().back().mentions, IsEmpty());
    live("romeo", "juliet, come", "m3", sid());
    EXPECT_THAT(core.all<message>().back().mentions, IsEmpty());
}

TEST_F(Hearing, TakesNoOneElsesWordsForOursThoughTheyHaveALostPuppetsNick)
{
    enter();
    (void)say("$0", "hello");
    portal->link_lost();
    run();
    in_room = false;
    enter();  // alice is unsure; somebody called Alice is in the room
    live("Alice", "I am another", "m1", sid());
    EXPECT_THAT(heard_texts(), ElementsAre("I am another"));
}

TEST_F(Hearing, KnowsItsOwnEchoByOccupantIdUnderEveryNick)
{
    traits = with_occupants;
    wire.on_send = [this](const std::string& s) {
        if (s.find("to='orchard@muc.example/Alice'") == std::string::npos)
            return play(s);
        from_room("presence", "Alice", "to='rialto@bridge.example/rialto'", item("") + occ("a1"));
        from_room("presence", "Alice", "to='" + alice + "/rialto'", item("<status code='110'/>") + occ("a1"));
    };
    enter();
    shows = false;
    const auto done = say("$1", "hi");
    live("Alice", "hi", wire_id(message_id{"$1"}), sid() + occ("other"));
    EXPECT_FALSE(*done) << "an id repeated by somebody else is no echo";
    live("Alice", "hi", wire_id(message_id{"$1"}), sid() + occ("a1"));
    ASSERT_TRUE(*done && **done);
    EXPECT_EQ((***done).id.value, "s2");
    EXPECT_TRUE(core.all<membership>().empty()) << "the puppet's coming is no news";
}

TEST_F(Hearing, TellsForeignersFromPuppetsByOccupantId)
{
    traits = with_occupants;
    core.notes["puppets/" + room_jid] = "in\tAlice\t" + alice + "\ta1\noccupant\ta1\n";
    enter();
    from_room("presence", "Alice", "to='rialto@bridge.example/rialto'", item("") + occ("stranger"));
    run();
    EXPECT_EQ(core.all<membership>().size(), 1U) << "a stranger who took the nick of a puppet that was lost";
    from_room("presence", "Alys", "to='rialto@bridge.example/rialto'", item("") + occ("a1"));
    run();
    EXPECT_EQ(core.all<membership>().size(), 1U) << "ours, whatever its nick";
}

TEST_F(Hearing, MakesNoGhostOfAPuppetThatChangesItsNick)
{
    enter();
    (void)say("$0", "hello");
    from_room(
        "presence", "Alice", "type='unavailable' to='rialto@bridge.example/rialto'",
        "<x xmlns='http://jabber.org/protocol/muc#user'><item nick='Alys'/><status code='303'/></x>"
    );
    presence_of("Alys", "");
    EXPECT_TRUE(core.all<membership>().empty()) << "the listener was told before the puppet";
    live("Alys", "hi", "m", sid());
    EXPECT_THAT(heard_texts(), IsEmpty());
}

TEST_F(Hearing, FollowsNickChangesOfPeople)
{
    traits = with_occupants;
    enter();
    const auto renamed = [&](const std::string& from, const std::string& to, const std::string& more) {
        from_room(
            "presence", from, "type='unavailable' to='rialto@bridge.example/rialto'",
            "<x xmlns='http://jabber.org/protocol/muc#user'><item nick='" + to +
                "'/><status code='303'/></x>" + more
        );
        from_room("presence", to, "to='rialto@bridge.example/rialto'", item("") + more);
        run();
    };
    from_room("presence", "juliet", "to='rialto@bridge.example/rialto'", item("") + occ("j1"));
    renamed("juliet", "Jule", occ("j1"));
    ASSERT_EQ(core.all<profile>().size(), 1U);
    EXPECT_EQ(core.all<profile>()[0].shown_as, "Jule");
    EXPECT_EQ(core.accepted.back().sender.id.value, "orchard@muc.example/occ:j1");
    const auto before = core.all<membership>().size();
    renamed("romeo", "Rom", "");
    EXPECT_EQ(core.all<membership>().size(), before + 2) << "a guest is the nick: one leaves, one comes";
}

TEST_F(Hearing, TellsKicksAndBansOfPeopleWithActorAndReason)
{
    enter();
    presence_of("tybalt", "");
    presence_of("paris", "");
    const auto out = [&](const std::string& nick, const std::string& code) {
        from_room(
            "presence", nick, "type='unavailable' to='rialto@bridge.example/rialto'",
            "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='none'><actor "
            "nick='romeo'/>"
            "<reason>Avaunt</reason></item><status code='" +
                code + "'/></x>"
        );
        run();
    };
    out("tybalt", "307");
    EXPECT_EQ(
        core.all<membership>().back(),
        (membership{change::kick, user_id{"orchard@muc.example/tybalt"}, "Avaunt"})
    );
    EXPECT_EQ(core.accepted.back().sender.id.value, "orchard@muc.example/romeo");
    out("paris", "301");
    EXPECT_EQ(core.all<membership>().back().what, change::ban);
}

TEST_F(Hearing, MakesNoGhostOfTheBridgeItselfWhenItKicked)
{
    enter();
    presence_of("tybalt", "");
    from_room(
        "presence", "tybalt", "type='unavailable' to='rialto@bridge.example/rialto'",
        "<x xmlns='http://jabber.org/protocol/muc#user'><item role='none'><actor "
        "nick='rialto'/></item><status "
        "code='307'/></x>"
    );
    run();
    EXPECT_EQ(core.all<membership>().back().what, change::kick);
    EXPECT_TRUE(core.accepted.back().sender.id.empty());
}

TEST_F(Hearing, TellsANewRole)
{
    enter();
    from_room(
        "presence", "romeo", "to='rialto@bridge.example/rialto'",
        "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='admin' role='moderator'/></x>"
    );
    run();
    ASSERT_EQ(core.all<role>().size(), 1U);
    EXPECT_EQ(core.all<role>()[0].is, rank::admin);
}

TEST_F(Hearing, IgnoresPrivateWordsAndOtherTypes)
{
    enter();
    from_room("message", "romeo", "to='rialto@bridge.example/rialto' type='chat'", "<body>psst</body>");
    from_room("message", "romeo", "to='" + alice + "/rialto' type='groupchat'", "<body>copy</body>");
    run();
    EXPECT_THAT(heard_texts(), IsEmpty());
}

}  // namespace
}  // namespace rialto::xmpp::portal_hear_test
