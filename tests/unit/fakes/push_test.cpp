#include "tests/unit/fakes/fixture.hpp"

#include <gmock/gmock.h>

namespace rialto::fakes::push_test {

using testing::ElementsAre;
using strings = std::vector<std::string>;

struct Push : Homeserver
{
    void push_fails(unsigned status = 500)
    {
        as.answer = [status](const http_request&) { return http_reply{"{}", status}; };
    }
    void push_works()
    {
        as.answer = [](const http_request&) { return http_reply{"{}"}; };
    }
    const hs::push_disk& disk() { return server.service(0).disk(); }
    bool idle() { return server.service(0).queued() == 0 && disk().unsent.empty() && !disk().down; }
};

TEST_F(Push, SendsEventsInOrderWithTokenAndLegacyFields)
{
    const auto room = room_with_ghost();
    say(alice, room, "one");
    say(alice, room, "two");
    ASSERT_TRUE(run_until([&] { return as.bodies().size() == 2; }));
    EXPECT_THAT(as.bodies(), ElementsAre("one", "two"));
    EXPECT_EQ(as.got[0].authorization, "Bearer hs-secret");
    const json e = json::parse(as.got[0].body)["events"][0];
    EXPECT_EQ(e["user_id"], alice);
    EXPECT_TRUE(e.contains("age"));
    EXPECT_TRUE(e["unsigned"].contains("age"));
    EXPECT_EQ(e["room_id"], room);
}

TEST_F(Push, LeavesOutRoomsWithoutAnyoneOfTheService)
{
    room_with_ghost();
    const auto other = make_room(alice);
    say(alice, other, "private");
    settle();
    EXPECT_THAT(as.bodies(), ElementsAre());
}

TEST_F(Push, HasOneTransactionInFlightAndGathersTheRest)
{
    const auto room = room_with_ghost();
    as.server.stall(true);
    for (int i = 0; i < 150; ++i)
        say(alice, room, std::to_string(i));
    EXPECT_EQ(disk().unsent.size(), 1U);
    EXPECT_EQ(disk().unsent.front().events.size() + server.service(0).queued(), 150U);
    as.server.stall(false);
    ASSERT_TRUE(run_until([&] { return as.bodies().size() == 150; }));
    // At most a hundred a transaction.
    for (const auto& r : as.got)
        EXPECT_LE(json::parse(r.body)["events"].size(), 100U);
}

TEST_F(Push, RetriesAfterTwoSixFourteenSecondsWithTheSameId)
{
    const auto room = room_with_ghost();
    server.time().freeze();
    push_fails();
    say(alice, room, "one");
    ASSERT_TRUE(run_until([&] { return as.got.size() == 1; }));
    const auto path = as.got[0].target;
    for (const int pause : {2, 4, 8}) {
        settle();
        const auto before = as.got.size();
        server.time().advance(pause * 1000 - 1);
        settle();
        EXPECT_EQ(as.got.size(), before) << pause;
        server.time().advance(1);
        ASSERT_TRUE(run_until([&] { return as.got.size() == before + 1; })) << pause;
        EXPECT_EQ(as.got.back().target, path);
    }
}

TEST_F(Push, WhileDownEachEventIsATransactionOfItsOwnAndOldestGoFirst)
{
    const auto room = room_with_ghost();
    server.time().freeze();
    push_fails();
    say(alice, room, "one");
    ASSERT_TRUE(run_until([&] { return disk().down; }));
    say(alice, room, "two");
    say(alice, room, "three");
    settle();
    EXPECT_EQ(disk().unsent.size(), 3U);
    push_works();
    as.got.clear();
    server.time().advance(2000);
    ASSERT_TRUE(run_until([&] { return idle(); }));
    EXPECT_THAT(as.bodies(), ElementsAre("one", "two", "three"));
    EXPECT_EQ(as.got.size(), 3U);
}

TEST_F(Push, TakesNothingBut2xxWithJson)
{
    const auto room = room_with_ghost();
    server.time().freeze();
    int n = 0;
    const std::vector<http_reply> bad{
        http_reply{"{}", 404}, http_reply{"{}", 302}, http_reply{"", 204}, http_reply{"ok", 200},
        http_reply{"", 200}
    };
    for (const auto& reply : bad) {
        as.answer = [&](const http_request&) { return reply; };
        say(alice, room, std::to_string(++n));
        settle();
        server.time().advance(600'000);
        ASSERT_TRUE(run_until([&] { return disk().down; })) << n;
    }
    as.answer = [](const http_request&) { return http_reply{"[]"}; };
    server.time().advance(600'000);
    EXPECT_TRUE(run_until([&] { return idle(); }));
}

TEST_F(Push, APingMakesARetryComeAtOnce)
{
    const auto room = room_with_ghost();
    server.time().freeze();
    push_fails();
    say(alice, room, "one");
    ASSERT_TRUE(run_until([&] { return disk().down; }));
    push_works();
    EXPECT_EQ(http("POST", "/appservice/rialto/ping", {{"transaction_id", "t"}}).status, 200U);
    EXPECT_TRUE(run_until([&] { return idle(); }));
}

TEST_F(Push, APingOfASilentServiceIsAFailedConnection)
{
    as.server.stop();
    EXPECT_EQ(code(http("POST", "/appservice/rialto/ping", json::object())), "502 M_CONNECTION_FAILED");
}

TEST_F(Push, AKillLosesWhatIsQueuedAndKeepsWhatIsInFlight)
{
    const auto room = room_with_ghost();
    as.server.stall(true);
    for (int i = 0; i < 30; ++i)
        say(alice, room, std::to_string(i));
    settle();
    const auto in_flight = disk().unsent.front().events.size();
    ASSERT_LT(in_flight, 30U);
    server.restart();
    as.server.stop();
    as.server.listen(as.server.port());
    as.got.clear();
    settle();
    // The stored transaction is not resent at the restart, only behind the next failure.
    EXPECT_THAT(as.bodies(), ElementsAre());
    say(alice, room, "after");
    ASSERT_TRUE(run_until([&] { return as.bodies() == strings{"after"}; }));
    server.time().scale(1000);
    server.service(0).faults.add({"push", fault::act::status});
    say(alice, room, "later");
    ASSERT_TRUE(run_until([&] { return idle(); }));
    EXPECT_EQ(as.bodies().size(), 1 + 1 + in_flight + 1);  // "later" came twice: its answer was lost
    EXPECT_EQ(as.bodies()[2], "0");
}

TEST_F(Push, TransactionIdsStartAgainAtOneAfterARestart)
{
    const auto room = room_with_ghost();
    say(alice, room, "before");
    ASSERT_TRUE(run_until([&] { return as.bodies().size() == 1; }));
    EXPECT_NE(as.got.back().target, "/_matrix/app/v1/transactions/1");
    run_until([&] { return idle(); });
    server.restart();
    as.got.clear();
    say(alice, room, "after");
    ASSERT_TRUE(run_until([&] { return as.bodies().size() == 1; }));
    EXPECT_EQ(as.got.back().target, "/_matrix/app/v1/transactions/1");
}

TEST_F(Push, AfterARestartWhileDownNothingComesBeforeTheNextEvent)
{
    const auto room = room_with_ghost();
    server.time().freeze();
    push_fails();
    say(alice, room, "one");
    ASSERT_TRUE(run_until([&] { return disk().down; }));
    server.restart();
    push_works();
    as.got.clear();
    server.time().advance(8000);
    http("POST", "/appservice/rialto/ping", json::object());
    server.time().advance(8000);
    settle();
    EXPECT_THAT(as.bodies(), ElementsAre());
    say(alice, room, "two");
    settle();
    server.time().advance(2000);
    ASSERT_TRUE(run_until([&] { return idle(); }));
    EXPECT_THAT(as.bodies(), ElementsAre("one", "two"));
}

TEST_F(Push, KeepsOneConnectionAndOpensAnotherAfterARestart)
{
    const auto room = room_with_ghost();
    for (const char* text : {"one", "two", "three"}) {
        const auto before = as.bodies().size();
        say(alice, room, text);
        ASSERT_TRUE(run_until([&] { return as.bodies().size() > before && idle(); }));
    }
    const auto first = as.got.front().connection;
    for (const auto& r : as.got)
        EXPECT_EQ(r.connection, first);
    server.restart();
    say(alice, room, "four");
    ASSERT_TRUE(run_until([&] { return as.bodies().size() == 4 && idle(); }));
    EXPECT_NE(as.got.back().connection, first);
    const auto second = as.got.back().connection;
    server.time().advance(125'000);
    say(alice, room, "five");
    ASSERT_TRUE(run_until([&] { return as.bodies().size() == 5; }));
    EXPECT_NE(as.got.back().connection, second);
}

TEST_F(Push, ALostAnswerMeansTheSameTransactionTwice)
{
    const auto room = room_with_ghost();
    server.time().scale(1000);
    as.server.faults.add({"any", fault::act::drop});
    as.server.faults.add({"any", fault::act::half});
    fault after{"any", fault::act::drop};
    after.after = true;
    as.server.faults.clear();
    as.server.faults.add(after);
    say(alice, room, "one");
    ASSERT_TRUE(run_until([&] { return idle() && as.got.size() == 2; }));
    EXPECT_EQ(as.got[0].target, as.got[1].target);
}

TEST_F(Push, ASlowAnswerIsGivenUpAfterSixtySeconds)
{
    const auto room = room_with_ghost();
    as.server.faults.add({"any", fault::act::hang});
    server.time().freeze();
    say(alice, room, "one");
    settle();
    server.time().advance(59'000);
    settle();
    EXPECT_FALSE(disk().down);
    server.time().advance(1'000);
    EXPECT_TRUE(run_until([&] { return disk().down; }));
}

TEST_F(Push, AskForUnknownUsersOfTheNamespaceBeforeTheInvite)
{
    const auto room = make_room(alice);
    settle();
    as.got.clear();
    ask(alice, "POST", "/rooms/" + room + "/invite", {{"user_id", "@_x_a/b:localhost"}});
    ASSERT_TRUE(run_until([&] { return as.got.size() == 2; }));
    EXPECT_EQ(as.got[0].target, "/_matrix/app/v1/users/%40_x_a/b%3Alocalhost");
    const json invite = json::parse(as.got[1].body)["events"][0];
    EXPECT_EQ(invite["content"]["membership"], "invite");
    EXPECT_FALSE(invite["unsigned"]["invite_room_state"].empty());
}

TEST_F(Push, TypingAndReceiptsComeUnderBothKeysAndAreNotRetried)
{
    const auto room = room_with_ghost();
    ask(alice, "PUT", "/rooms/" + room + "/typing/" + alice, {{"typing", true}, {"timeout", 30000}});
    ASSERT_TRUE(run_until([&] { return as.got.size() == 1; }));
    const json body = json::parse(as.got[0].body);
    EXPECT_EQ(body["ephemeral"], body["de.sorunome.msc2409.ephemeral"]);
    EXPECT_EQ(body["ephemeral"][0]["content"]["user_ids"][0], alice);
    EXPECT_EQ(body["ephemeral"][0]["room_id"], room);
    const auto id = say(alice, room, "read me");
    run_until([&] { return idle(); });
    as.got.clear();
    ask(bob, "POST", "/join/" + room);
    ask(bob, "POST", "/rooms/" + room + "/receipt/m.read/" + id, json::object());
    ASSERT_TRUE(run_until([&] { return idle() && !as.got.empty(); }));
    std::string all;
    for (const auto& r : as.got)
        all += r.body;
    EXPECT_NE(all.find("m.receipt"), all.npos);
}

TEST_F(Push, WhatWasRedactedWhileWaitingComesEmpty)
{
    const auto room = room_with_ghost();
    server.time().freeze();
    push_fails();
    const auto id = say(alice, room, "secret");
    ASSERT_TRUE(run_until([&] { return disk().down; }));
    ask(alice, "PUT", "/rooms/" + room + "/redact/" + id + "/r1", json::object());
    push_works();
    as.got.clear();
    server.time().advance(2000);
    ASSERT_TRUE(run_until([&] { return idle(); }));
    EXPECT_THAT(as.bodies(), ElementsAre("(redacted)"));
}

}  // namespace rialto::fakes::push_test
