// What the portal sends, in which order, and what becomes of it.
#include "tests/unit/xmpp/portal_fixture.hpp"

namespace rialto::xmpp::portal_send_test {
namespace {

using testing::HasSubstr;

const std::string bounced =
    "<error type='modify'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";

class Sending : public Portal
{
protected:
    void bounce(const std::string& id, const std::string& error, const std::string& nick = "")
    {
        from_room(
            "message", nick, "to='" + alice + "/rialto' type='error' id='" + wire_id(message_id{id}) + "'",
            error
        );
        run();
    }
    reference of(const std::string& id) { return reference{message_id{id}}; }
};

// Kicks, bans, technical leaves.

TEST_F(Sending, DoesNotBringBackABannedPuppetAndNamesActorAndReason)
{
    enter();
    (void)say("$0", "first");
    put_out("<status code='301'/>", "<actor nick='romeo'/><reason>Avaunt</reason>");
    ASSERT_EQ(core.all<membership>().size(), 1U);
    EXPECT_EQ(core.all<membership>()[0], (membership{change::ban, user_id{alice}, "Avaunt"}));
    EXPECT_EQ(core.accepted.back().sender.id.value, "orchard@muc.example/romeo");
    wire.stanzas.clear();
    const auto done = say("$1", "again");
    ASSERT_TRUE(*done);
    EXPECT_EQ((**done).error().kind, cause::banned);
    EXPECT_THAT((**done).error().why, HasSubstr("banned from orchard@muc.example by romeo (Avaunt)"));
    EXPECT_TRUE(wire.stanzas.empty()) << "not even a join";
}

TEST_F(Sending, TellsWhoWasPutOutBecauseTheRoomIsForMembersNow)
{
    enter();
    (void)say("$0", "first");
    put_out("<status code='322'/>", "");
    EXPECT_EQ(core.all<membership>().at(0).reason, "the room is for members only");
    EXPECT_THAT((**say("$1", "x")).error().why, HasSubstr("no longer a member"));
}

TEST_F(Sending, BringsBackAfterAServersRestartAndAfterATechnicalKick)
{
    enter();
    (void)say("$0", "first");
    for (const auto* codes :
         {"<status code='332'/>", "<status code='333'/>", "<status code='307'/><status code='333'/>"}) {
        put_out(codes, "");
        EXPECT_TRUE(core.all<membership>().empty()) << codes;
        EXPECT_TRUE(**say("$" + std::string{codes}, "here")) << codes;
    }
    EXPECT_EQ(times_sent("to='orchard@muc.example/Alice'"), 4U) << "one join each";
}

TEST_F(Sending, RemembersWhoIsBarredAcrossARestart)
{
    core.notes["puppets/" + room_jid] = "barred\t" + alice + "\tbanned\tromeo\tAvaunt\n";
    enter();
    EXPECT_EQ((**say("$1", "x")).error().kind, cause::banned);
}

TEST_F(Sending, FailsTheMessageInFlightOfWhoIsKickedMeanwhile)
{
    enter();
    (void)say("$0", "first");
    shows = false;
    const auto done = say("$1", "x");
    put_out("<status code='307'/>", "");
    bounce("$1", bounced);
    ASSERT_TRUE(*done);
    EXPECT_EQ((**done).error().next, verdict::give_up);
    EXPECT_THAT((**done).error().why, HasSubstr("kicked"));
}

// The link drops at each step.

TEST_F(Sending, TriesLaterWhenTheLinkIsLostBeforeTheJoin)
{
    enter();
    wire.is_up = false;
    const auto done = say("$1", "x");
    EXPECT_EQ((**done).error().next, verdict::try_later);
    EXPECT_FALSE(was_sent("<body>"));
}

TEST_F(Sending, TriesLaterWhenTheLinkIsLostDuringTheJoin)
{
    enter();
    lets_in = false;
    const auto done = say("$1", "x");
    EXPECT_FALSE(*done);
    wire.is_up = false;
    portal->link_lost();
    run();
    ASSERT_TRUE(*done);
    EXPECT_EQ((**done).error().next, verdict::try_later);
    EXPECT_FALSE(was_sent("<body>"));
}

TEST_F(Sending, TriesLaterWhenAJoinIsNeverAnswered)
{
    enter();
    lets_in = false;
    const auto done = say("$1", "x");
    pass(std::chrono::seconds{31});
    ASSERT_TRUE(*done);
    EXPECT_EQ((**done).error().next, verdict::try_later);
    EXPECT_EQ((**done).error().kind, cause::away);
}

TEST_F(Sending, TriesLaterWhenTheLinkIsLostBetweenJoinAndMessage)
{
    enter();
    wire.on_send = [this](const std::string& s) {
        play(s);
        if (s.find("<presence from='" + alice) != std::string::npos)
            wire.is_up = false;
    };
    const auto done = say("$1", "x");
    EXPECT_EQ((**done).error().next, verdict::try_later);
    EXPECT_TRUE((**done).error().certain) << "nothing went out";
}

TEST_F(Sending, IsDoneWithoutSendingAgainWhenTheArchiveOfTheNextLinkHasIt)
{
    core.notes["mam/" + room_jid] = "1727999999000 s0";
    core.notes["puppets/" + room_jid] = "in\tAlice\t" + alice + "\t\n";
    pages.push_back({{row("s5", "Alice", wire_id(message_id{"$1"}), "x")}, empty_fin});
    auto e = said("$1", "x");
    e.again = true;
    const auto done = start(portal->deliver(std::move(e)));
    EXPECT_FALSE(*done) << "first the archive";
    enter();
    ASSERT_TRUE(*done && **done);
    EXPECT_EQ((***done).id.value, "s5");
    EXPECT_FALSE(was_sent("<body>"));
    EXPECT_EQ(questions.size(), 1U) << "the catch-up found it already";
    EXPECT_TRUE(core.all<message>().empty());
}

TEST_F(Sending, KeepsTheOrderOfPartsAndNamesThemAll)
{
    enter();
    message m{document{"look"}};
    m.files.emplace_back("a.png", "image/png", media_id{"m1"});
    const auto done = start(portal->deliver(act("$1", m)));
    ASSERT_TRUE(*done && **done);
    EXPECT_EQ((***done).id.value, "s1");
    ASSERT_EQ((***done).also.size(), 3U);
    EXPECT_EQ((***done).also[1].value, "s2");
    EXPECT_TRUE(was_sent("https://media.example/m1"));
}

// Refusals.

TEST_F(Sending, BelievesARefusalFromTheRoomOnly)
{
    enter();
    (void)say("$0", "first");
    shows = false;
    const auto done = say("$1", "x");
    const std::string no =
        "<error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    bounce("$1", no, "romeo");
    EXPECT_FALSE(*done) << "an occupant's word";
    from_room(
        "message", "", "to='bob@bridge.example/rialto' type='error' id='" + wire_id(message_id{"$1"}) + "'",
        no
    );
    run();
    EXPECT_FALSE(*done) << "told to another";
    bounce("$1", no);
    EXPECT_TRUE(*done);
}

TEST_F(Sending, GivesUpAfterFourRejoinsThatDidNotHelp)
{
    enter();
    wire.on_send = [this](const std::string& s) {
        if (s.find("<body>") == std::string::npos)
            play(s);
        else
            from_room(
                "message", "",
                "to='" + alice + "/rialto' type='error' id='" + wire_id(message_id{"$1"}) + "'", bounced
            );
    };
    const auto done = say("$1", "x");
    ASSERT_TRUE(*done);
    EXPECT_EQ((**done).error().next, verdict::try_later);
    EXPECT_EQ(times_sent("<body>"), 4U);
}

TEST_F(Sending, ComesInAgainWhenTheListenerWasLostWithoutAWord)
{
    enter();
    (void)say("$0", "first");
    shows = false;
    const auto done = say("$1", "x");
    in_room = false;
    wire.stanzas.clear();
    wire.on_send = [this](const std::string& s) {
        in_room = shows = true;
        play(s);
    };
    pass(std::chrono::seconds{11});
    pass(std::chrono::seconds{2});
    ASSERT_TRUE(*done);
    ASSERT_TRUE(**done) << (**done).error().why;
    EXPECT_TRUE(was_sent("to='orchard@muc.example/rialto'"));
}

TEST_F(Sending, SaysThatItIsUncertainWhenNothingAnswers)
{
    enter();
    (void)say("$0", "first");
    shows = false;
    const auto done = say("$1", "x");
    ping_answer = "!remote-server-timeout";
    pass(std::chrono::seconds{11});
    ASSERT_TRUE(*done);
    EXPECT_EQ((**done).error().next, verdict::try_later);
    EXPECT_FALSE((**done).error().certain);
}

TEST_F(Sending, CannotKnowWithoutAnArchiveWhetherItArrived)
{
    traits =
        "<query xmlns='http://jabber.org/protocol/disco#info'><feature "
        "var='http://jabber.org/protocol/muc'/></query>";
    core.notes["mam/" + room_jid] = "1727999999000 ";
    enter();
    auto e = said("$1", "x");
    e.again = true;
    const auto done = start(portal->deliver(std::move(e)));
    ASSERT_TRUE(*done);
    EXPECT_EQ((**done).error().next, verdict::give_up);
    EXPECT_FALSE((**done).error().certain);
    EXPECT_FALSE(was_sent("<body>"));
}

TEST_F(Sending, CannotKnowEitherWhenTheArchiveIsForbidden)
{
    enter();
    pages.push_back({{}, "!forbidden"});
    auto e = said("$1", "x");
    e.again = true;
    const auto done = start(portal->deliver(std::move(e)));
    ASSERT_TRUE(*done);
    EXPECT_EQ((**done).error().next, verdict::give_up) << "not `unsupported`: nothing plainer would help";
    EXPECT_FALSE((**done).error().certain);
}

// Edits, reactions, retractions, moderation.

TEST_F(Sending, RetractsOnesOwnByTheRoomsId)
{
    enter();
    (void)say("$0", "first");
    auto target = of("s1");
    target.author = user_id{alice};
    target.also.push_back(own_name(user_id{alice}, wire_id(message_id{"$0"})));
    ASSERT_TRUE(**start(portal->deliver(act("$1", retraction{target}))));
    EXPECT_TRUE(was_sent("<retract xmlns='urn:xmpp:message-retract:1' id='s1'/>"));
    EXPECT_TRUE(was_sent("<message from='" + alice + "/rialto'"));
    EXPECT_FALSE(was_asked("moderate"));
}

TEST_F(Sending, RetractsWhatAnotherMatrixPersonSaidInTheirOwnName)
{
    enter();
    auto target = of("s1");
    target.shown_as = "Bob";
    target.also.push_back(own_name(user_id{"bob_hs.org@bridge.example"}, "w"));
    ASSERT_TRUE(**start(portal->deliver(act("$1", retraction{target}))));
    EXPECT_TRUE(was_sent("<message from='bob_hs.org@bridge.example/rialto'"));
    EXPECT_TRUE(was_sent("to='orchard@muc.example/Bob'")) << "under his name, not the moderator's";
    EXPECT_FALSE(was_sent("to='orchard@muc.example/Alice'"));
}

TEST_F(Sending, ModeratesWhatAForeignPersonSaid)
{
    traits.replace(traits.find("</query>"), 8, "<feature var='urn:xmpp:message-moderate:1'/></query>");
    enter();
    auto target = of("s1");
    target.author = user_id{"orchard@muc.example/romeo"};
    retraction r{target};
    r.reason = "spam";
    ASSERT_TRUE(**start(portal->deliver(act("$1", r))));
    EXPECT_TRUE(was_asked("<moderate xmlns='urn:xmpp:message-moderate:1' id='s1'>"));
    EXPECT_TRUE(was_asked("spam"));
}

TEST_F(Sending, SaysThatARoomWithoutModerationCannotBeModerated)
{
    enter();
    auto target = of("s1");
    target.author = user_id{"orchard@muc.example/romeo"};
    const auto done = start(portal->deliver(act("$1", retraction{target})));
    EXPECT_EQ((**done).error().kind, cause::forbidden);
    EXPECT_THAT((**done).error().why, HasSubstr("XEP-0425"));
}

TEST_F(Sending, SaysWhoMayMakeItAModerator)
{
    traits.replace(traits.find("</query>"), 8, "<feature var='urn:xmpp:message-moderate:1'/></query>");
    wire.answer = [this](const std::string& to, const std::string& payload) {
        return payload.find("<moderate") != std::string::npos ? std::optional<std::string>{"!forbidden"}
                                                              : answered(to, payload);
    };
    enter();
    auto target = of("s1");
    target.author = user_id{"orchard@muc.example/romeo"};
    const auto done = start(portal->deliver(act("$1", retraction{target})));
    EXPECT_THAT((**done).error().why, HasSubstr("make rialto@bridge.example an admin"));
}

TEST_F(Sending, NamesTargetsAsTheRoomKnowsThem)
{
    enter();
    (void)say("$0", "first");
    auto target = of("s1");
    target.author = user_id{alice};
    target.also.push_back(own_name(user_id{alice}, "w0"));
    ASSERT_TRUE(**start(portal->deliver(act("$1", edit{target, message{document{"better"}}}))));
    EXPECT_TRUE(was_sent("<replace xmlns='urn:xmpp:message-correct:0' id='w0'/>"));
    auto his = of("s9");
    his.author = user_id{"orchard@muc.example/romeo"};
    ASSERT_TRUE(**start(portal->deliver(act("$2", reactions{his, {"\xF0\x9F\x91\x8D"}}))));
    EXPECT_TRUE(was_sent("<reactions xmlns='urn:xmpp:reactions:0' id='s9'>"));
    message answer{document{"yes"}};
    answer.reply_to = his;
    ASSERT_TRUE(**start(portal->deliver(act("$3", answer))));
    EXPECT_TRUE(was_sent("<reply xmlns='urn:xmpp:reply:0' to='orchard@muc.example/romeo' id='s9'/>"));
    const auto unknown = start(portal->deliver(act("$4", edit{of("s9"), message{document{"x"}}})));
    EXPECT_EQ((**unknown).error().next, verdict::unsupported);
}

// Reports.

TEST_F(Sending, TellsAnOccupantAloneThatMatrixDidNotTakeWhatTheySaid)
{
    enter();
    report news{of("x"), user_id{"orchard@muc.example/romeo"}, fate::failed};
    news.why = failure{verdict::give_up, cause::forbidden, "the room is read-only"};
    wire.stanzas.clear();
    event e{portal_id{room_id{room_jid}}, person{news.recipient}, timestamp{}, message_id{}, std::move(news)};
    const auto done = start(portal->deliver(std::move(e)));
    ASSERT_TRUE(*done && **done);
    ASSERT_EQ(wire.stanzas.size(), 1U);
    EXPECT_THAT(wire.stanzas[0], HasSubstr("to='orchard@muc.example/romeo'"));
    EXPECT_THAT(wire.stanzas[0], HasSubstr("not delivered to Matrix: the room is read-only"));
}

}  // namespace
}  // namespace rialto::xmpp::portal_send_test
