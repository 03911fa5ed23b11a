#include "tests/unit/fakes/fixture.hpp"

#include <gmock/gmock.h>

namespace rialto::fakes::sync_test {

using testing::ElementsAre;

struct Sync : Homeserver
{
    std::string room;
    void SetUp() override
    {
        Homeserver::SetUp();
        room = make_room(alice);
    }
    json sync(const std::string& since, const std::string& more = "")
    {
        return get(alice, "/sync?since=" + since + more);
    }
    std::string start() { return get(alice, "/sync")["next_batch"]; }
    static std::vector<std::string> texts(const json& events)
    {
        std::vector<std::string> out;
        for (const auto& e : events)
            if (e["type"] == "m.room.message")
                out.push_back(e["content"].value("body", ""));
        return out;
    }
};

TEST_F(Sync, ShowsWhatIsNewSinceTheToken)
{
    const auto since = start();
    say(alice, room, "one");
    say(alice, room, "two");
    const json now = sync(since);
    const json& timeline = now["rooms"]["join"][room]["timeline"];
    EXPECT_THAT(texts(timeline["events"]), ElementsAre("one", "two"));
    EXPECT_EQ(timeline["limited"], false);
    EXPECT_EQ(sync(now["next_batch"])["rooms"]["join"].size(), 0U);
}

TEST_F(Sync, SurvivesARestart)
{
    const auto since = start();
    say(alice, room, "one");
    server.restart();
    EXPECT_THAT(texts(sync(since)["rooms"]["join"][room]["timeline"]["events"]), ElementsAre("one"));
}

TEST_F(Sync, LimitsAGapAndMessagesFillIt)
{
    const auto since = start();
    for (int i = 0; i < 25; ++i)
        say(alice, room, std::to_string(i));
    const json filter{{"room", {{"timeline", {{"limit", 5}}}}}};
    const json timeline =
        sync(since, "&filter=" + percent_encoded(filter.dump()))["rooms"]["join"][room]["timeline"];
    EXPECT_EQ(timeline["limited"], true);
    EXPECT_THAT(texts(timeline["events"]), ElementsAre("20", "21", "22", "23", "24"));
    std::vector<std::string> found;
    for (std::string from = timeline["prev_batch"]; !from.empty();) {
        const json page =
            get(alice, "/rooms/" + room + "/messages?dir=b&limit=8&to=" + since + "&from=" + from);
        for (const auto& text : texts(page["chunk"]))
            found.insert(found.begin(), text);
        from = page.value("end", "");
    }
    ASSERT_EQ(found.size(), 20U);
    EXPECT_EQ(found.front(), "0");
    EXPECT_EQ(found.back(), "19");
}

TEST_F(Sync, WaitsUntilSomethingHappens)
{
    const auto since = start();
    std::optional<http_reply> got;
    boost::asio::co_spawn(
        io, server.ask(alice, "GET", "/sync?timeout=30000&since=" + since, ""),
        [&](std::exception_ptr, http_reply r) { got = std::move(r); }
    );
    settle();
    EXPECT_FALSE(got);
    say(alice, room, "wake up");
    ASSERT_TRUE(run_until([&] { return got.has_value(); }));
    EXPECT_THAT(
        texts(json::parse(got->body)["rooms"]["join"][room]["timeline"]["events"]), ElementsAre("wake up")
    );
}

TEST_F(Sync, GivesUpAtItsTimeout)
{
    const auto since = start();
    server.time().freeze();
    std::optional<http_reply> got;
    boost::asio::co_spawn(
        io, server.ask(alice, "GET", "/sync?timeout=30000&since=" + since, ""),
        [&](std::exception_ptr, http_reply r) { got = std::move(r); }
    );
    settle();
    server.time().advance(29'999);
    settle();
    EXPECT_FALSE(got);
    server.time().advance(1);
    ASSERT_TRUE(run_until([&] { return got.has_value(); }));
    EXPECT_EQ(json::parse(got->body)["rooms"]["join"].size(), 0U);
}

TEST_F(Sync, ShowsInvitesWithStateAndLeavesOnce)
{
    const auto since = start();
    const auto other = make_room(bob, {{"name", "Bob's"}, {"invite", {alice}}});
    const json now = sync(since);
    const json state = now["rooms"]["invite"][other]["invite_state"]["events"];
    EXPECT_NE(state.dump().find("Bob's"), std::string::npos);
    EXPECT_EQ(state.back()["content"]["membership"], "invite");
    ask(bob, "POST", "/rooms/" + other + "/kick", {{"user_id", alice}});
    const json then = sync(now["next_batch"]);
    EXPECT_TRUE(then["rooms"]["leave"].contains(other));
    say(bob, other, "gone");
    EXPECT_EQ(sync(then["next_batch"])["rooms"]["leave"].size(), 0U);
}

TEST_F(Sync, ARoomJoinedAnewComesWithItsWholeState)
{
    const auto other = make_room(bob, {{"preset", "public_chat"}, {"name", "Bob's"}});
    const auto since = start();
    ask(alice, "POST", "/join/" + other);
    const json room_now = sync(
        since, "&filter=" + percent_encoded(R"({"room":{"timeline":{"limit":1}}})")
    )["rooms"]["join"][other];
    EXPECT_EQ(room_now["timeline"]["limited"], true);
    EXPECT_NE(room_now["state"].dump().find("Bob's"), std::string::npos);
}

TEST_F(Sync, OnlyTheSendingDeviceSeesTheTransactionId)
{
    const auto since = start();
    const auto id = say(alice, room, "mine");
    ask(bob, "POST", "/join/" + room);
    EXPECT_TRUE(get(alice, "/rooms/" + room + "/event/" + id)["unsigned"].contains("transaction_id"));
    EXPECT_FALSE(get(bob, "/rooms/" + room + "/event/" + id)["unsigned"].contains("transaction_id"));
}

TEST_F(Sync, AsTheSenderOfAServiceItIsAnErrorAsAGhostItWorks)
{
    register_ghost("_x_romeo");
    EXPECT_EQ(http("GET", "/sync").status, 500U);
    http("POST", "/join/" + room + "?user_id=" + ghost);
    const auto got = http("GET", "/sync?user_id=" + ghost);
    EXPECT_TRUE(json::parse(got.body)["rooms"]["join"].contains(room));
}

TEST_F(Sync, ShowsTypingUntilItEnds)
{
    server.time().freeze();
    const auto since = start();
    ask(alice, "PUT", "/rooms/" + room + "/typing/" + alice, {{"typing", true}, {"timeout", 5000}});
    json now = sync(since);
    EXPECT_EQ(now["rooms"]["join"][room]["ephemeral"]["events"][0]["content"]["user_ids"][0], alice);
    server.time().advance(5000);
    now = sync(now["next_batch"]);
    EXPECT_EQ(now["rooms"]["join"][room]["ephemeral"]["events"][0]["content"]["user_ids"].size(), 0U);
}

TEST_F(Sync, ControlOrdersWorkInProcess)
{
    const auto made = server.control({{"do", "user"}, {"localpart", "dora"}, {"password", "x"}});
    EXPECT_EQ(made["user_id"], "@dora:localhost");
    server.control(
        {{"do", "fault"}, {"fault", {{"kind", "whoami"}, {"nth", 2}, {"how", "status"}, {"status", 503}}}}
    );
    EXPECT_EQ(http("GET", "/account/whoami").status, 200U);
    EXPECT_EQ(http("GET", "/account/whoami").status, 503U);
    server.control({{"do", "restart"}});
    EXPECT_EQ(http("GET", "/account/whoami").status, 200U);
    say(alice, room, "one");
    EXPECT_EQ(
        server.control({{"do", "events"}, {"room", room}, {"type", "m.room.message"}})["events"].size(), 1U
    );
    EXPECT_EQ(server.control({{"do", "stats"}})["rooms"], 1);
    EXPECT_THROW(server.control({{"do", "dance"}}), std::invalid_argument);
}

}  // namespace rialto::fakes::sync_test
