#include "tests/unit/xmpp/portal_fixture.hpp"

namespace rialto::xmpp::portal_test {
namespace {

using testing::HasSubstr;

TEST_F(Portal, EntersWithItsListenerAndTellsWhoIsThere)
{
    enter();
    EXPECT_TRUE(was_sent("to='orchard@muc.example/rialto'"));
    ASSERT_EQ(core.all<room>().size(), 1U);
    const auto whole = core.all<room>().front();
    EXPECT_EQ(whole.info.title, "Orchard");
    ASSERT_EQ(whole.members.size(), 1U);
    EXPECT_EQ(whole.members[0].who.id.value, "orchard@muc.example/romeo");
    EXPECT_TRUE(whole.able.reactions);
}

TEST_F(Portal, CommitsWhatIsSaidWithItsCursor)
{
    enter();
    to_listener("romeo", "<body>But soft!</body>" + sid(), "id='m1'");
    run();
    ASSERT_EQ(core.all<message>().size(), 1U);
    EXPECT_EQ(core.accepted.back().id.value, "s1");
    EXPECT_EQ(core.accepted.back().also.at(0), own_name(user_id{"orchard@muc.example/romeo"}, "m1"));
    EXPECT_THAT(core.notes["mam/" + room_jid], HasSubstr(" s1"));
}

TEST_F(Portal, BringsAPuppetInOnFirstSpeechAndIsDoneWhenTheRoomShowsIt)
{
    enter();
    EXPECT_FALSE(was_sent(alice));
    const auto done = start(portal->deliver(said("$1", "hi")));
    ASSERT_TRUE(*done);
    ASSERT_TRUE(**done) << (**done).error().why;
    EXPECT_EQ((***done).id.value, "s1");
    EXPECT_EQ((***done).also.at(0), own_name(user_id{alice}, wire_id(message_id{"$1"})));
    EXPECT_TRUE(was_sent("to='orchard@muc.example/Alice'"));
    EXPECT_TRUE(core.all<message>().empty()) << "our own echo is no news";
    EXPECT_THAT(core.notes["puppets/" + room_jid], HasSubstr("Alice\t" + alice))
        << "known as ours after a crash";
}

TEST_F(Portal, WaitsForNobodyWhenTheLinkIsLostAndSaysItIsUncertain)
{
    enter();
    shows = false;
    const auto done = start(portal->deliver(said("$1", "hi")));
    EXPECT_FALSE(*done);
    portal->link_lost();
    run();
    ASSERT_TRUE(*done);
    EXPECT_EQ((**done).error().next, verdict::try_later);
    EXPECT_FALSE((**done).error().certain);
}

TEST_F(Portal, LooksIntoTheArchiveBeforeItSendsAgain)
{
    enter();
    (void)start(portal->deliver(said("$0", "first")));
    wire.stanzas.clear();
    archive.push_back(
        "id='s77'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='groupchat' "
        "from='orchard@muc.example/Alice' id='" +
        wire_id(message_id{"$1"}) + "'><body>hi</body></message></forwarded>"
    );
    auto e = said("$1", "hi");
    e.again = true;
    const auto done = start(portal->deliver(std::move(e)));
    ASSERT_TRUE(*done && **done);
    EXPECT_EQ((***done).id.value, "s77");
    EXPECT_TRUE(wire.stanzas.empty()) << "it was there already";
}

TEST_F(Portal, SendsAgainWhatTheArchiveDoesNotHave)
{
    enter();
    auto e = said("$1", "hi");
    e.again = true;
    const auto done = start(portal->deliver(std::move(e)));
    ASSERT_TRUE(*done && **done);
    EXPECT_EQ((***done).id.value, "s1");
}

TEST_F(Portal, LooksAgainAfterTenSecondsWithoutAnEcho)
{
    enter();
    shows = false;
    const auto done = start(portal->deliver(said("$1", "hi")));
    archive.push_back(
        "id='s9'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='groupchat' "
        "from='orchard@muc.example/Alice' id='" +
        wire_id(message_id{"$1"}) + "'><body>hi</body></message></forwarded>"
    );
    pass(std::chrono::seconds{11});
    ASSERT_TRUE(*done);
    ASSERT_TRUE(**done) << (**done).error().why;
    EXPECT_EQ((***done).id.value, "s9");
}

TEST_F(Portal, RejoinsAndSaysItAgainWhenTheServerLostThePuppet)
{
    enter();
    (void)start(portal->deliver(said("$0", "first")));
    bool once = true;
    wire.on_send = [this, &once](const std::string& s) {
        if (once && s.find("second") != std::string::npos) {
            once = false;
            from_room(
                "message", "",
                "to='" + alice + "/rialto' type='error' id='" + wire_id(message_id{"$1"}) + "'",
                "<error type='modify'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
            );
            return;
        }
        play(s);
    };
    const auto done = start(portal->deliver(said("$1", "second")));
    ASSERT_TRUE(*done && **done);
    EXPECT_EQ((***done).id.value, "s2");
}

TEST_F(Portal, GivesUpWithASentenceWhenTheAuthorHasNoVoice)
{
    enter();
    wire.on_send = [this](const std::string& s) {
        if (s.find("<body>") == std::string::npos)
            return play(s);
        from_room(
            "message", "", "to='" + alice + "/rialto' type='error' id='" + wire_id(message_id{"$1"}) + "'",
            "<error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
        );
    };
    const auto done = start(portal->deliver(said("$1", "hi")));
    ASSERT_TRUE(*done);
    EXPECT_EQ((**done).error().next, verdict::give_up);
    EXPECT_EQ((**done).error().kind, cause::forbidden);
    EXPECT_THAT((**done).error().why, HasSubstr("moderated"));
}

TEST_F(Portal, DoesNotBringBackWhoAPersonKickedUntilTheyJoinAnew)
{
    enter();
    (void)start(portal->deliver(said("$0", "first")));
    from_room(
        "presence", "Alice", "type='unavailable' to='" + alice + "/rialto'",
        "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='none'><actor "
        "nick='romeo'/>"
        "<reason>Avaunt</reason></item><status code='307'/><status code='110'/></x>"
    );
    run();
    ASSERT_EQ(core.all<membership>().size(), 1U);
    EXPECT_EQ(core.all<membership>()[0], (membership{change::kick, user_id{alice}, "Avaunt"}));
    EXPECT_EQ(core.accepted.back().sender.id.value, "orchard@muc.example/romeo");
    const auto barred = start(portal->deliver(said("$1", "again")));
    ASSERT_TRUE(*barred);
    EXPECT_EQ((**barred).error().next, verdict::give_up);
    EXPECT_THAT(core.notes["puppets/" + room_jid], HasSubstr("barred\t" + alice));
    event back{
        portal->id(), person{user_id{alice}, "Alice"}, time.now(), message_id{"$2"},
        membership{change::join, user_id{alice}}
    };
    (void)start(portal->deliver(std::move(back)));
    const auto done = start(portal->deliver(said("$3", "here")));
    EXPECT_TRUE(*done && **done);
}

TEST_F(Portal, BringsBackWhomTheServerMerelyLost)
{
    enter();
    (void)start(portal->deliver(said("$0", "first")));
    from_room(
        "presence", "Alice", "type='unavailable' to='" + alice + "/rialto'",
        item("<status code='307'/><status code='333'/>")
    );
    run();
    EXPECT_TRUE(core.all<membership>().empty());
    const auto done = start(portal->deliver(said("$1", "here")));
    EXPECT_TRUE(*done && **done);
}

TEST_F(Portal, TellsComingsAndGoingsAfterItsOwn)
{
    enter();
    from_room("presence", "juliet", "to='rialto@bridge.example/rialto'", item(""));
    from_room("presence", "juliet", "type='unavailable' to='rialto@bridge.example/rialto'", item(""));
    run();
    const auto moves = core.all<membership>();
    ASSERT_EQ(moves.size(), 2U);
    EXPECT_EQ(moves[0].what, change::join);
    EXPECT_EQ(moves[1].what, change::leave);
}

TEST_F(Portal, GoesInAgainWhenTheListenerWasLostAndReportsWhenItWasBanned)
{
    enter();
    wire.stanzas.clear();
    from_room(
        "presence", "rialto", "type='unavailable' to='rialto@bridge.example/rialto'",
        item("<status code='332'/><status code='110'/>")
    );
    run();
    pass(std::chrono::seconds{2});
    EXPECT_TRUE(was_sent("to='orchard@muc.example/rialto'"));
    from_room(
        "presence", "rialto", "type='unavailable' to='rialto@bridge.example/rialto'",
        item("<status code='301'/><status code='110'/>")
    );
    run();
    EXPECT_EQ(core.all<gone>().size(), 1U);
}

TEST_F(Portal, SaysWhyItCannotEnter)
{
    wire.answer = [](const std::string&, const std::string&) {
        return std::optional<std::string>{"!item-not-found"};
    };
    const auto ready = start(portal->until_ready(std::chrono::seconds{20}));
    enter();
    ASSERT_TRUE(*ready);
    EXPECT_EQ((**ready).error().kind, cause::not_found);
    EXPECT_THAT((**ready).error().why, HasSubstr("does not exist"));
}

TEST_F(Portal, SaysThatARoomIsSilent)
{
    lets_in = false;
    enter();
    const auto ready = start(portal->until_ready(std::chrono::seconds{20}));
    pass(std::chrono::seconds{21});
    ASSERT_TRUE(*ready);
    EXPECT_EQ((**ready).error().next, verdict::try_later);
    EXPECT_EQ(
        (**ready).error().why, "orchard@muc.example does not answer: check the address, or try again later"
    );
}

TEST_F(Portal, HoldsLiveCopiesUntilTheArchiveIsCommitted)
{
    core.notes["mam/" + room_jid] = "1727999999000 s0";
    archive.push_back(
        "id='a1'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='groupchat' "
        "from='orchard@muc.example/romeo' id='x1'>"
        "<body>missed</body></message></forwarded>"
    );
    wire.answer = [this](const std::string& to, const std::string& payload) {
        if (payload.find("urn:xmpp:mam:2") != std::string::npos && !archive.empty())
            to_listener("romeo", "<body>live</body>" + sid(), "id='x2'");
        return answered(to, payload);
    };
    enter();
    const auto all = core.all<message>();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].body.plain(), "missed");
    EXPECT_EQ(all[1].body.plain(), "live");
}

TEST_F(Portal, BelievesNoArchiveRowFromAnOccupant)
{
    enter();
    from_room(
        "message", "romeo", "to='rialto@bridge.example/rialto'",
        "<result xmlns='urn:xmpp:mam:2' queryid='q1' id='f'><forwarded xmlns='urn:xmpp:forward:0'><message "
        "type='groupchat' "
        "from='orchard@muc.example/juliet'><body>forged</body></message></forwarded></result>"
    );
    run();
    EXPECT_TRUE(core.all<message>().empty());
}

TEST_F(Portal, DropsTheCopiesOfAllButItsListener)
{
    enter();
    (void)start(portal->deliver(said("$0", "first")));
    const std::string romeo = room_jid + "/romeo";
    EXPECT_TRUE(portal->wants("message", romeo, "rialto@bridge.example/rialto", "groupchat"));
    EXPECT_FALSE(portal->wants("message", romeo, alice + "/rialto", "groupchat"));
    EXPECT_TRUE(portal->wants("message", room_jid, alice + "/rialto", "error"));
    EXPECT_FALSE(portal->wants("presence", romeo, alice + "/rialto", ""));
    EXPECT_TRUE(portal->wants("presence", room_jid + "/Alice", alice + "/rialto", "unavailable"));
}

}  // namespace
}  // namespace rialto::xmpp::portal_test
