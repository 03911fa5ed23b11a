// Who comes in, who is put out, and what Matrix moderators do to those on the other side.
#include "tests/unit/xmpp/portal_fixture.hpp"

namespace rialto::xmpp::portal_enter_test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Entering : public Portal
{
};

// Joining.

TEST_F(Entering, TriesTheNextNickWhenOneIsTaken)
{
    join_errors["Alice"] = "cancel conflict";
    enter();
    EXPECT_TRUE(**say("$1", "x"));
    EXPECT_TRUE(was_sent("to='orchard@muc.example/Alice (alice)'"));
    EXPECT_THAT(core.notes["puppets/" + room_jid], Not(HasSubstr("Alice\t" + alice)));
}

// A crash in between would make its words a stranger's: they would come back, and be sent again.
TEST_F(Entering, SaysNothingBeforeItIsOnDiskWhoIsOurs)
{
    traits.insert(traits.size() - 8, "<feature var='urn:xmpp:occupant-id:0'/>");
    enter();
    lets_in = false;
    auto said = say("$1", "x");
    using boost::asio::steady_timer;
    core.slow_notes = std::make_shared<steady_timer>(io.get_executor(), steady_timer::time_point::max());
    nicks[alice + "/rialto"] = "Alice";
    from_room(
        "presence", "Alice", "to='" + alice + "/rialto'",
        item("<status code='110'/>") + "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='a1'/>"
    );
    run();
    EXPECT_FALSE(was_sent("<body>x</body>"));
    std::exchange(core.slow_notes, nullptr)->cancel();
    run();
    EXPECT_TRUE(was_sent("<body>x</body>"));
    EXPECT_THAT(core.notes["puppets/" + room_jid], HasSubstr("a1"));
    EXPECT_TRUE(*said && **said);
}

TEST_F(Entering, ComesInLaterWhenItCannotBeNotedWhoIsOurs)
{
    enter();
    core.refuse_notes = failure{verdict::try_later, cause::full, "the disk is full"};
    const auto said = say("$1", "x");
    EXPECT_FALSE(was_sent("<body>x</body>"));
    ASSERT_TRUE(*said);
    ASSERT_FALSE(**said);
    EXPECT_EQ((**said).error().next, verdict::try_later);
    core.refuse_notes.reset();
    EXPECT_TRUE(**say("$1", "x"));
}

TEST_F(Entering, TriesTheNextNickWhenTheServerRefusesItsCharacters)
{
    for (const auto* condition : {"modify jid-malformed", "modify bad-request", "modify not-acceptable"}) {
        join_errors["Alice"] = condition;
        SetUp();
        enter();
        EXPECT_TRUE(**say("$1", "x")) << condition;
        portal->link_lost();
        run();
    }
}

TEST_F(Entering, GivesUpWhenEveryNickIsTaken)
{
    enter();
    wire.on_send = [this](const std::string& s) {
        const auto tree = parse(s);
        join_errors[std::string{resource_of(tree.root().attr("to"))}] = "cancel conflict";
        play(s);
    };
    const auto done = say("$1", "x");
    ASSERT_TRUE(*done);
    EXPECT_EQ((**done).error().kind, cause::conflict);
    EXPECT_EQ(times_sent("<presence from='" + alice), 8U);
}

TEST_F(Entering, SaysWhyAPuppetIsNotLetIn)
{
    join_errors["Alice"] = "auth registration-required";
    enter();
    const auto done = say("$1", "x");
    EXPECT_EQ((**done).error().kind, cause::members_only);
    EXPECT_EQ((**done).error().next, verdict::give_up);
    EXPECT_EQ(times_sent("<presence from='" + alice), 1U);
}

TEST_F(Entering, TakesThePlaceOfTheLongestSilentInAFullRoom)
{
    enter();
    event other{
        portal->id(), person{user_id{"bob_hs.org@bridge.example"}, "Bob"}, time.now(), message_id{"$b"},
        message{document{"I am Bob"}}
    };
    (void)start(portal->deliver(std::move(other)));
    join_errors["Alice"] = "wait resource-constraint";
    wire.on_send = [this](const std::string& s) {
        if (s.find("making place") != std::string::npos)
            join_errors.clear();
        play(s);
    };
    EXPECT_TRUE(**say("$1", "x"));
    EXPECT_EQ(times_sent("making place"), 1U);
}

TEST_F(Entering, WaitsWhenARoomIsFullOfOthers)
{
    join_errors["Alice"] = "wait service-unavailable";
    enter();
    const auto done = say("$1", "x");
    EXPECT_EQ((**done).error().next, verdict::try_later);
    EXPECT_EQ((**done).error().kind, cause::full);
}

TEST_F(Entering, PingsAPuppetOfAFormerLinkInsteadOfJoiningItBlindly)
{
    core.notes["puppets/" + room_jid] = "in\tAlice\t" + alice + "\t\n";
    nicks[alice + "/rialto"] = "Alice";
    enter();
    EXPECT_TRUE(**say("$1", "x"));
    EXPECT_TRUE(was_asked("orchard@muc.example/Alice <ping"));
    EXPECT_EQ(times_sent("<presence from='" + alice), 0U);
}

TEST_F(Entering, JoinsAPuppetOfAFormerLinkThatIsOut)
{
    core.notes["puppets/" + room_jid] = "in\tAlice\t" + alice + "\t\n";
    in_room = false;
    enter();
    EXPECT_TRUE(**say("$1", "x"));
    EXPECT_EQ(times_sent("<presence from='" + alice), 1U);
}

TEST_F(Entering, WaitsWhenASelfPingHasNoAnswer)
{
    core.notes["puppets/" + room_jid] = "in\tAlice\t" + alice + "\t\n";
    ping_answer = "!remote-server-timeout";
    enter();
    const auto done = say("$1", "x");
    EXPECT_EQ((**done).error().next, verdict::try_later);
    EXPECT_FALSE(was_sent("<body>"));
}

// Members.

TEST_F(Entering, KicksAnOccupantForAMatrixModerator)
{
    enter();
    const user_id romeo{"orchard@muc.example/romeo"};
    ASSERT_TRUE(**start(portal->deliver(act("$1", membership{change::kick, romeo, "Avaunt"}))));
    EXPECT_TRUE(was_asked("<item nick='romeo' role='none'><reason>Avaunt</reason></item>"));
    wire.asked.clear();
    const user_id nobody{"orchard@muc.example/nobody"};
    ASSERT_TRUE(**start(portal->deliver(act("$2", membership{change::kick, nobody}))));
    EXPECT_FALSE(was_asked("muc#admin")) << "gone already";
}

TEST_F(Entering, BansByTheRealAddressOrSaysThatTheRoomHidesIt)
{
    enter();
    from_room(
        "presence", "tybalt", "to='rialto@bridge.example/rialto'",
        "<x xmlns='http://jabber.org/protocol/muc#user'><item jid='tybalt@capulet.example/x' "
        "role='participant'/></x>"
    );
    const user_id tybalt{"tybalt@capulet.example"};
    ASSERT_TRUE(**start(portal->deliver(act("$1", membership{change::ban, tybalt, "R"}))));
    EXPECT_TRUE(was_asked("<item jid='tybalt@capulet.example' affiliation='outcast'>"));
    ASSERT_TRUE(**start(portal->deliver(act("$2", membership{change::unban, tybalt}))));
    EXPECT_TRUE(was_asked("<item jid='tybalt@capulet.example' affiliation='none'/>"));
    const user_id guest{"orchard@muc.example/romeo"};
    const auto done = start(portal->deliver(act("$3", membership{change::ban, guest})));
    EXPECT_THAT((**done).error().why, HasSubstr("hides who its people are"));
}

TEST_F(Entering, TakesOutWhoLeavesOrIsPutOutOnMatrix)
{
    for (const auto what : {change::leave, change::kick, change::ban}) {
        SetUp();
        enter();
        (void)say("$0", "first");
        wire.stanzas.clear();
        (void)start(portal->deliver(act("$1", membership{what, user_id{alice}, "bye"})));
        EXPECT_TRUE(was_sent("type='unavailable'"));
        EXPECT_TRUE(was_sent("<status>bye</status>"));
        portal->link_lost();
        run();
    }
}

TEST_F(Entering, InvitesByTheirOwnAddress)
{
    enter();
    (void
    )start(portal->deliver(act("$1", membership{change::invite, user_id{"juliet@capulet.example"}, "come"})));
    EXPECT_TRUE(
        was_sent("to='juliet@capulet.example'><x xmlns='jabber:x:conference' jid='orchard@muc.example'")
    );
}

TEST_F(Entering, MakesAMemberOfWhomItInvitesIntoARoomForMembers)
{
    traits.insert(traits.find("</query>"), "<feature var='muc_membersonly'/>");
    enter();
    const membership wanted{change::invite, user_id{"juliet@capulet.example"}, "come"};
    EXPECT_TRUE(**start(portal->deliver(act("$1", wanted))));
    EXPECT_TRUE(was_asked("jid='juliet@capulet.example' affiliation='member'"));
    EXPECT_TRUE(was_sent("<x xmlns='jabber:x:conference' jid='orchard@muc.example' reason='come'/>"));
    const auto mine = wire.answer;
    wire.answer = [mine](const std::string& to, const std::string& payload) {
        return payload.find("affiliation") != std::string::npos ? std::optional<std::string>{"!forbidden"}
                                                                : mine(to, payload);
    };
    wire.stanzas.clear();
    const auto refused = start(portal->deliver(act("$2", wanted)));
    EXPECT_THAT((**refused).error().why, HasSubstr("an owner must make rialto@bridge.example an admin"));
    EXPECT_FALSE(was_sent("jabber:x:conference"));
}

TEST_F(Entering, SaysThatAGuestHasNoAddressToBeInvitedAt)
{
    enter();
    const membership wanted{change::invite, user_id{"orchard@muc.example/Mercutio"}};
    EXPECT_THAT((**start(portal->deliver(act("$1", wanted)))).error().why, HasSubstr("by their own address"));
}

TEST_F(Entering, NamesThePasswordThatAnInvitationBrought)
{
    portal->invited("rose'bud");
    enter();
    EXPECT_TRUE(was_sent("<password>rose'bud</password>") || was_sent("<password>rose&apos;bud</password>"));
    EXPECT_EQ(core.notes["secret/" + room_jid], "rose'bud") << "it is asked for again after a restart";
    (void)say("$1", "x");
    EXPECT_EQ(times_sent("<password>"), 2U) << "puppets name it too";
    portal->invited("wrong");
    EXPECT_EQ(core.notes["secret/" + room_jid], "rose'bud") << "who is in needs no other";
    const membership wanted{change::invite, user_id{"juliet@capulet.example"}};
    (void)start(portal->deliver(act("$2", wanted)));
    EXPECT_TRUE(was_sent("password='rose"));
    (void)start(portal->close());
    EXPECT_EQ(core.notes["secret/" + room_jid], "");
}

TEST_F(Entering, KeepsAPasswordOnlyOnceTheRoomTookIt)
{
    join_errors["rialto"] = "auth not-authorized";
    portal->invited("wrong");
    enter();
    EXPECT_EQ(core.notes["secret/" + room_jid], "");
    const auto waits = start(portal->until_ready(std::chrono::seconds{5}));
    EXPECT_THAT((**waits).error().why, HasSubstr("wants a password"));
    join_errors.clear();
    portal->invited("rosebud");
    run();
    EXPECT_EQ(core.notes["secret/" + room_jid], "rosebud") << "at once, whatever pause was left";
}

TEST_F(Entering, BringsInWhoTookAnInvitation)
{
    enter();
    boost::asio::co_spawn(io, portal->bring_in(alice, "Alice"), [](std::exception_ptr) {});
    run();
    EXPECT_TRUE(was_sent("to='orchard@muc.example/Alice'"));
}

TEST_F(Entering, ChangesTheNickOfAPuppetThatIsIn)
{
    enter();
    (void)start(portal->deliver(act("$1", profile{"Alys"})));
    EXPECT_FALSE(was_sent("Alys")) << "they come in under the new name";
    (void)say("$0", "first");
    (void)start(portal->deliver(act("$2", profile{"Alys"})));
    EXPECT_TRUE(was_sent("<presence from='" + alice + "/rialto' to='orchard@muc.example/Alys'/>"));
}

TEST_F(Entering, TriesTheNextNickWhenANewNameIsTaken)
{
    enter();
    (void)say("$0", "first");
    join_errors["Romeo"] = "cancel conflict";
    (void)start(portal->deliver(act("$1", profile{"Romeo"})));
    run();
    EXPECT_TRUE(was_sent("to='orchard@muc.example/Romeo (alice)'/>"));
    const auto before = wire.stanzas.size();
    join_errors["Alys"] = "auth forbidden";
    (void)start(portal->deliver(act("$2", profile{"Alys"})));
    run();
    EXPECT_EQ(wire.stanzas.size(), before + 1) << "a refusal for another reason is no matter of the nick";
}

TEST_F(Entering, GivesUpANewNameWhenEveryNickIsTaken)
{
    enter();
    (void)say("$0", "first");
    const auto before = times_sent("<presence from='" + alice);
    wire.on_send = [this](const std::string& s) {
        const auto tree = parse(s);
        join_errors[std::string{resource_of(tree.root().attr("to"))}] = "cancel conflict";
        play(s);
    };
    (void)start(portal->deliver(act("$1", profile{"Romeo"})));
    run();
    EXPECT_EQ(times_sent("<presence from='" + alice) - before, 8U);
}

TEST_F(Entering, TypesForPuppetsThatAreInAndSendsNoReceipts)
{
    enter();
    (void)start(portal->deliver(act("", typing{true})));
    EXPECT_FALSE(was_sent("composing"));
    (void)say("$0", "first");
    (void)start(portal->deliver(act("", typing{true})));
    EXPECT_TRUE(was_sent("composing"));
    wire.stanzas.clear();
    EXPECT_TRUE(**start(portal->deliver(act("", receipt{reference{message_id{"s1"}}}))));
    EXPECT_TRUE(wire.stanzas.empty());
}

TEST_F(Entering, LeavesWithEverybodyWhenItIsUnbridged)
{
    enter();
    (void)say("$0", "first");
    wire.stanzas.clear();
    EXPECT_TRUE(**start(portal->close()));
    EXPECT_EQ(times_sent("type='unavailable'"), 2U);
    EXPECT_EQ(core.notes["puppets/" + room_jid], "");
    EXPECT_EQ(core.notes["mam/" + room_jid], "");
    EXPECT_TRUE(portal->closed());
    portal->link_up();
    run();
    EXPECT_EQ(times_sent("<x xmlns='http://jabber.org/protocol/muc'>"), 0U);
}

}  // namespace
}  // namespace rialto::xmpp::portal_enter_test
