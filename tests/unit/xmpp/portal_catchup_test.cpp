// What was said while nobody listened, what is committed with which cursor, and who is let down by nobody.
#include "tests/unit/xmpp/portal_fixture.hpp"

namespace rialto::xmpp::portal_catchup_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class CatchUp : public Portal
{
protected:
    const std::string mam_key = "mam/" + room_jid;
    void known_until(const std::string& id) { core.notes[mam_key] = "1727999999000 " + id; }
};

TEST_F(CatchUp, BeginsAtTheNewestInARoomItNeverSaw)
{
    pages.push_back({{row("s41", "romeo", "m", "before our time")}, fin("s41", false)});
    enter();
    EXPECT_THAT(heard_texts(), IsEmpty()) << "what was said before the bridge stays there";
    EXPECT_THAT(core.notes[mam_key], HasSubstr(" s41"));
    ASSERT_EQ(questions.size(), 1U);
    EXPECT_THAT(questions[0], HasSubstr("<max>1</max>"));
}

TEST_F(CatchUp, ReadsPageAfterPageEachFromTheLastRow)
{
    known_until("s0");
    pages.push_back({{row("s1", "romeo", "m1", "one"), row("s2", "romeo", "m2", "two")}, fin("s2", false)});
    pages.push_back({{row("s3", "romeo", "m3", "three")}, fin("s3", true)});
    enter();
    EXPECT_THAT(heard_texts(), ElementsAre("one", "two", "three"));
    ASSERT_EQ(questions.size(), 2U);
    EXPECT_THAT(questions[0], HasSubstr("<after>s0</after>"));
    EXPECT_THAT(questions[1], HasSubstr("<after>s2</after>"));
    EXPECT_THAT(core.notes[mam_key], HasSubstr(" s3"));
    EXPECT_EQ(core.accepted.front().at, timestamp{std::chrono::hours{480'000}} - std::chrono::minutes{1});
}

TEST_F(CatchUp, GoesBackInTimeWhenTheArchiveForgotTheCursor)
{
    known_until("s0");
    pages.push_back({{}, "!item-not-found"});
    pages.push_back({{row("s7", "romeo", "m7", "since")}, fin("s7", true)});
    enter();
    EXPECT_THAT(heard_texts(), ElementsAre("since"));
    EXPECT_THAT(questions.at(1), HasSubstr("var='start'"));
    EXPECT_THAT(questions.at(1), Not(HasSubstr("<after>")));
}

TEST_F(CatchUp, HearsWhatIsInTheArchiveAndInTheRoomOnce)
{
    known_until("s0");
    pages.push_back({{row("s1", "romeo", "m1", "both")}, fin("s1", true)});
    wire.answer = [this](const std::string& to, const std::string& payload) {
        if (payload.find("urn:xmpp:mam:2") != std::string::npos) {
            to_listener("romeo", "<body>both</body>" + sid(), "id='m1'");
            to_listener("romeo", "<body>then</body>" + sid(), "id='m2'");
        }
        return answered(to, payload);
    };
    enter();
    EXPECT_THAT(heard_texts(), ElementsAre("both", "then"));
    EXPECT_THAT(core.notes[mam_key], HasSubstr(" s2"));
}

TEST_F(CatchUp, ForgetsHeldCopiesWhenTheLinkIsLostAndFindsThemInTheArchive)
{
    known_until("s0");
    bool first = true;
    wire.answer = [this,
                   &first](const std::string& to, const std::string& payload) -> std::optional<std::string> {
        if (payload.find("urn:xmpp:mam:2") != std::string::npos && std::exchange(first, false)) {
            to_listener("romeo", "<body>held</body>" + sid(), "id='m1'");
            wire.is_up = false;
            portal->link_lost();
            return std::nullopt;
        }
        return answered(to, payload);
    };
    enter();
    EXPECT_THAT(heard_texts(), IsEmpty());
    wire.is_up = true;
    pages.push_back({{row("s0a", "romeo", "m0", "missed"), row("s1", "romeo", "m1", "held")}, fin("s1", true)}
    );
    enter();
    EXPECT_THAT(heard_texts(), ElementsAre("missed", "held"));
}

TEST_F(CatchUp, DoesWithoutAnArchiveThatIsForbidden)
{
    known_until("s0");
    pages.push_back({{}, "!forbidden"});
    enter();
    EXPECT_EQ(core.all<room>().size(), 1U);
    live("romeo", "live", "m1", sid());
    EXPECT_THAT(heard_texts(), ElementsAre("live"));
}

// ejabberd 23.01 answers so while the workers of its archive's database start: what was missed would be lost.
TEST_F(CatchUp, AsksAnArchiveAgainThatIsAdvertisedAndNotThereYet)
{
    known_until("s0");
    pages.push_back({{}, "!service-unavailable"});
    pages.push_back({{}, "!service-unavailable"});
    pages.push_back({{row("s1", "romeo", "m1", "missed")}, fin("s1", true)});
    enter();
    EXPECT_TRUE(core.all<room>().empty()) << "or what was missed would come after what is new";
    pass(std::chrono::minutes{6});
    pass(std::chrono::minutes{6});
    EXPECT_THAT(heard_texts(), ElementsAre("missed"));
}

TEST_F(CatchUp, DoesWithoutAnArchiveThatRefusesFiveTimesInARow)
{
    known_until("s0");
    for (int n = 0; n < 5; ++n)
        pages.push_back({{}, "!service-unavailable"});
    enter();
    for (int n = 0; n < 4; ++n) {
        EXPECT_TRUE(core.all<room>().empty()) << n;
        pass(std::chrono::minutes{6});
    }
    EXPECT_EQ(core.all<room>().size(), 1U);
    live("romeo", "live", "m1", sid());
    EXPECT_THAT(heard_texts(), ElementsAre("live"));
}

TEST_F(CatchUp, WaitsForAnArchiveThatIsSlow)
{
    known_until("s0");
    pages.push_back({{}, "!remote-server-timeout"});
    enter();
    EXPECT_TRUE(core.all<room>().empty()) << "or what was missed would come after what is new";
    pass(std::chrono::minutes{6});
    EXPECT_EQ(core.all<room>().size(), 1U);
}

TEST_F(CatchUp, TakesOurOwnRowsForNoNews)
{
    known_until("s0");
    core.notes["puppets/" + room_jid] = "nick\tAlice\t" + alice + "\n";
    const auto wire1 = wire_id(message_id{"$1"});
    pages.push_back(
        {{row("s1", "Alice", wire1, "ours"), row("s2", "Alice", "m2", "another Alice's")}, fin("s2", true)}
    );
    enter();
    EXPECT_THAT(heard_texts(), ElementsAre("another Alice's"));
}

TEST_F(CatchUp, BelievesARealAddressInTheArchiveOnlyWhereTheRoomShowsThem)
{
    const std::string prince =
        "<x xmlns='http://jabber.org/protocol/muc#user'><item jid='prince@verona.example'/></x>";
    known_until("s0");
    pages.push_back({{row("s1", "mercutio", "m1", "forged", prince)}, fin("s1", true)});
    enter();
    const auto by_text = [&](const std::string& text) {
        for (const auto& e : core.accepted)
            if (const auto* m = std::get_if<message>(&e.what); m != nullptr && m->body.plain() == text)
                return e.sender.id.value;
        return std::string{};
    };
    EXPECT_EQ(by_text("forged"), "orchard@muc.example/mercutio");
    portal->link_lost();
    run();
    traits.replace(traits.find("</query>"), 8, "<feature var='muc_nonanonymous'/></query>");
    pages.push_back(
        {{row("s2", "mercutio", "m2", "true", prince), row("s3", "mercutio", "m3", "two", prince + prince)},
         fin("s3", true)}
    );
    enter();
    EXPECT_EQ(by_text("true"), "prince@verona.example");
    EXPECT_EQ(by_text("two"), "orchard@muc.example/mercutio") << "one of the two is the author's own";
}

TEST_F(CatchUp, ChecksTheArchiveEveryHalfHourFromWhereItWasConfirmed)
{
    known_until("s0");
    enter();  // nothing was missed
    const auto before = questions.size();
    pages.push_back({{row("s1", "romeo", "m1", "overheard")}, fin("s1", true)});
    pass(std::chrono::minutes{31});
    ASSERT_EQ(questions.size(), before + 1);
    EXPECT_THAT(questions.back(), HasSubstr("<after>s0</after>")) << "not the whole archive since 1970";
    EXPECT_THAT(heard_texts(), ElementsAre("overheard"));
}

TEST_F(CatchUp, LetsNoOldTopicComeBackFromTheArchive)
{
    known_until("s0");
    enter();
    to_listener("romeo", "<subject>B</subject>" + sid());
    run();
    pages.push_back(
        {{"id='s1'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='groupchat' "
          "from='" +
          room_jid + "/romeo'><subject>A</subject></message></forwarded>"},
         fin("s1", true)}
    );
    pass(std::chrono::minutes{31});
    ASSERT_EQ(core.all<room_info>().size(), 1U);
    EXPECT_EQ(core.all<room_info>()[0].topic, "B");
}

// Self-pings.

TEST_F(CatchUp, ComesInAgainWhenASelfPingSaysThatItIsOut)
{
    enter();
    wire.stanzas.clear();
    in_room = false;
    pass(std::chrono::minutes{5});
    EXPECT_TRUE(was_sent("to='orchard@muc.example/rialto'"));
}

TEST_F(CatchUp, StaysWhenASelfPingIsAnsweredOrUnanswerable)
{
    for (const auto* word :
         {"", "!service-unavailable", "!feature-not-implemented", "!remote-server-timeout"}) {
        SetUp();
        enter();
        wire.stanzas.clear();
        ping_answer = word;
        pass(std::chrono::minutes{5});
        EXPECT_TRUE(was_asked("orchard@muc.example/rialto <ping")) << word;
        EXPECT_FALSE(was_sent("<presence")) << word;
        portal->link_lost();
        run();
    }
}

TEST_F(CatchUp, SendsIdlePuppetsOut)
{
    enter();
    (void)say("$0", "first");
    wire.stanzas.clear();
    pass(std::chrono::hours{23});
    EXPECT_FALSE(was_sent("idle"));
    pass(std::chrono::hours{2});
    EXPECT_TRUE(was_sent(
        "<presence from='" + alice + "/rialto' to='orchard@muc.example/Alice' type='unavailable'><status>idle"
    ));
}

// What the core says to it.

TEST_F(CatchUp, DropsOnlyTheOneMessageThatCannotBeTaken)
{
    known_until("s0");
    core.refuse_word = "poison";
    pages.push_back(
        {{row("s1", "romeo", "m1", "one"), row("s2", "romeo", "m2", "poison"),
          row("s3", "romeo", "m3", "three")},
         fin("s3", true)}
    );
    enter();
    EXPECT_THAT(heard_texts(), ElementsAre("one", "three"));
    EXPECT_THAT(core.notes[mam_key], HasSubstr(" s3")) << "and is not stuck at it after a restart";
    stanza_ids = 3;
    live("romeo", "four", "m4", sid());
    EXPECT_THAT(heard_texts(), ElementsAre("one", "three", "four"));
}

TEST_F(CatchUp, WaitsForAFullJournalAndLosesNothing)
{
    enter();
    core.refuse = failure{verdict::try_later, cause::full, "the journal is full"};
    live("romeo", "one", "m1", sid());
    live("romeo", "two", "m2", sid());
    EXPECT_THAT(heard_texts(), IsEmpty());
    EXPECT_THAT(core.notes[mam_key], Not(HasSubstr(" s2"))) << "no cursor before what is behind it";
    core.refuse.reset();
    pass(std::chrono::seconds{3});
    EXPECT_THAT(heard_texts(), ElementsAre("one", "two"));
    EXPECT_THAT(core.notes[mam_key], HasSubstr(" s2"));
}

TEST_F(CatchUp, KeepsWhatCouldNotBeCommittedForTheNextLink)
{
    enter();
    core.refuse = failure{verdict::try_later, cause::full, "the journal is full"};
    live("romeo", "one", "m1", sid());
    wire.is_up = false;
    portal->link_lost();
    run();
    core.refuse.reset();
    wire.is_up = true;
    pages.push_back({{row("s1", "romeo", "m1", "one")}, fin("s1", true)});
    enter();
    EXPECT_THAT(heard_texts(), ElementsAre("one")) << "once, though the archive has it too";
}

TEST_F(CatchUp, WaitsUntilTheCoreKnowsTheRoomThatItOpened)
{
    core.refuse = failure{verdict::give_up, cause::not_found, "there is no such room"};
    enter();
    live("romeo", "early", "m1", sid());
    EXPECT_GT(core.accepts, 3) << "asked again soon: it is just about to know";
    core.refuse.reset();
    pass(std::chrono::seconds{3});
    EXPECT_THAT(heard_texts(), ElementsAre("early"));
}

// Joins and ends of the listener.

TEST_F(CatchUp, SaysWhyTheListenerIsNotLetInAndTriesAgain)
{
    join_errors["rialto"] = "auth registration-required";
    enter();
    const auto ready = start(portal->until_ready(std::chrono::seconds{1}));
    ASSERT_TRUE(*ready);
    EXPECT_EQ((**ready).error().kind, cause::members_only);
    const auto done = say("$1", "x");
    EXPECT_EQ((**done).error().next, verdict::give_up);
    join_errors.clear();
    pass(std::chrono::minutes{6});
    EXPECT_TRUE(**say("$2", "x"));
}

TEST_F(CatchUp, TakesAnotherNickForTheListenerWhenItsOwnIsTaken)
{
    join_errors["rialto"] = "cancel conflict";
    enter();
    EXPECT_TRUE(was_sent("to='orchard@muc.example/rialto_1'"));
    EXPECT_EQ(core.all<room>().size(), 1U);
}

TEST_F(CatchUp, KeepsMessagesForARoomThatIsNotThereNow)
{
    traits = "!item-not-found";
    enter();
    const auto done = say("$1", "x");
    EXPECT_EQ((**done).error().next, verdict::try_later) << "its server may only be restarting";
}

TEST_F(CatchUp, RefusesWhatIsNoRoom)
{
    traits =
        "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='client' "
        "type='pc'/></query>";
    enter();
    const auto ready = start(portal->until_ready(std::chrono::seconds{1}));
    EXPECT_THAT((**ready).error().why, HasSubstr("is not a room"));
    EXPECT_FALSE(was_sent("<presence"));
}

TEST_F(CatchUp, JoinsARoomThatTellsNothingOfItself)
{
    traits = "!forbidden";
    enter();
    EXPECT_TRUE(was_sent("to='orchard@muc.example/rialto'"));
}

TEST_F(CatchUp, TellsThatTheRoomWasDestroyedAndWhereItWent)
{
    enter();
    from_room(
        "presence", "rialto", "type='unavailable' to='rialto@bridge.example/rialto'",
        "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='none'/><destroy "
        "jid='tomb@muc.example'><reason>plague</reason></destroy><status code='110'/></x>"
    );
    run();
    ASSERT_EQ(core.all<gone>().size(), 1U);
    EXPECT_THAT(core.all<gone>()[0].why, HasSubstr("plague"));
    EXPECT_EQ(core.all<gone>()[0].moved_to.value, "tomb@muc.example");
}

TEST_F(CatchUp, ComesBackOnceAfterAKickAndGivesUpAfterTheSecond)
{
    enter();
    const auto kicked = [this] {
        from_room(
            "presence", "rialto", "type='unavailable' to='rialto@bridge.example/rialto'",
            item("<status code='307'/><status code='110'/>")
        );
        run();
    };
    kicked();
    EXPECT_TRUE(core.all<gone>().empty());
    wire.stanzas.clear();
    pass(std::chrono::seconds{30});
    EXPECT_FALSE(was_sent("<presence")) << "a minute's decency";
    pass(std::chrono::seconds{31});
    EXPECT_TRUE(was_sent("to='orchard@muc.example/rialto'"));
    kicked();
    ASSERT_EQ(core.all<gone>().size(), 1U);
    EXPECT_THAT(core.all<gone>()[0].why, HasSubstr("kicked again"));
}

}  // namespace
}  // namespace rialto::xmpp::portal_catchup_test
