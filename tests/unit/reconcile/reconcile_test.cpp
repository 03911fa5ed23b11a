#include "bridge_kit.hpp"

namespace rialto::test::reconcile_test {
namespace {

using texts = std::vector<std::string>;

texts numbered(int first, int last)
{
    texts out;
    for (int i = first; i <= last; ++i)
        out.push_back(std::to_string(i));
    return out;
}

TEST_F(Reconciliation, WhatADyingHomeserverHadNotPushedIsDeliveredInOrder)
{
    const auto room = bridged_room("orchard");
    say(room, "1");
    ASSERT_TRUE(until([&] { return heard("orchard").size() == 1; }));
    stop_pushing();
    for (const auto& n : numbered(2, 6))
        say(room, n);
    settle();
    EXPECT_EQ(heard("orchard").size(), 1U);
    hs->restart();  // the pushes that waited are forgotten
    say(room, "7");
    ASSERT_TRUE(until([&] { return heard("orchard").size() == 7; }));
    settle();
    EXPECT_EQ(heard("orchard"), numbered(1, 7));
}

TEST_F(Reconciliation, WhatWasForgottenComesAlsoWhenNobodySaysMore)
{
    const auto room = bridged_room("orchard");
    say(room, "1");
    ASSERT_TRUE(until([&] { return heard("orchard").size() == 1; }));
    stop_pushing();
    for (const auto& n : numbered(2, 4))
        say(room, n);
    hs->kill();
    settle(std::chrono::milliseconds{1500});
    hs->start(hs->port());
    ASSERT_TRUE(until([&] { return heard("orchard").size() == 4; }));
    EXPECT_EQ(heard("orchard"), numbered(1, 4));
}

TEST_F(Reconciliation, WhatTheHomeserverOverlooksIsNotOvertaken)
{
    const auto room = bridged_room("orchard");
    say(room, "1");
    ASSERT_TRUE(until([&] { return heard("orchard").size() == 1 && it->watch.idle(); }));
    hs->service(0).overlook_next();
    for (const auto& n : numbered(2, 5))
        say(room, n);
    ASSERT_TRUE(until([&] { return heard("orchard").size() == 5; }));
    EXPECT_EQ(heard("orchard"), numbered(1, 5));
}

TEST_F(Reconciliation, WhatIsOverlookedBeforeTheFirstPushOfALifeIsNotOvertaken)
{
    const auto room = bridged_room("orchard");
    say(room, "1");
    ASSERT_TRUE(until([&] { return heard("orchard").size() == 1; }));
    die();
    live();
    get(hs->service(0).ask("POST", "/_matrix/app/v1/ping", "{}"));  // opens the connection
    it->watch.sweep();
    ASSERT_TRUE(until([&] { return it->watch.idle(); }));
    hs->service(0).overlook_next();
    for (const auto& n : numbered(2, 4))
        say(room, n);
    ASSERT_TRUE(until([&] { return heard("orchard").size() == 4; }));
    EXPECT_EQ(heard("orchard"), numbered(1, 4));
}

TEST_F(Reconciliation, WhatTheHomeserverOverlooksComesAlsoWhenNobodySaysMoreThere)
{
    const auto room = bridged_room("orchard"), other = bridged_room("garden");
    say(room, "1");
    ASSERT_TRUE(until([&] { return heard("orchard").size() == 1 && it->watch.idle(); }));
    hs->service(0).overlook_next();
    say(room, "2");
    say(other, "elsewhere");
    ASSERT_TRUE(until([&] { return heard("orchard").size() == 2; }));
}

TEST_F(Reconciliation, AGapOfFiveHundredInOneRoomAndOneInEachOfManyChatsIsClosedWhileWeWereDown)
{
    constexpr int chats = 200, gap = 500;
    const auto room = bridged_room("orchard");
    std::vector<std::string> rooms;
    for (int i = 0; i < chats; ++i)
        rooms.push_back(chat_with("c" + std::to_string(i) + "@x"));
    ASSERT_TRUE(until([&] { return it->core.portal_count() == chats + 1; }, std::chrono::seconds{200}));
    for (int i = 0; i < chats; ++i)
        say(rooms[static_cast<std::size_t>(i)], "hello");
    say(room, "1");
    ASSERT_TRUE(until(
        [&] { return it->far->delivered.size() >= chats + 1 && it->core.held() == 0; },
        std::chrono::seconds{200}
    ));
    die();
    for (int i = 2; i <= gap + 1; ++i)
        say(room, std::to_string(i));
    for (int i = 0; i < chats; ++i)
        say(rooms[static_cast<std::size_t>(i)], "bye");
    hs->restart();
    live();
    EXPECT_TRUE(until([&] { return it->far->delivered.size() >= gap + chats; }, std::chrono::seconds{200}));
    settle();
    EXPECT_EQ(heard("orchard"), numbered(1, gap + 1));
    for (int i = 0; i < chats; ++i)
        EXPECT_EQ(heard("|c" + std::to_string(i) + "@x"), (texts{"hello", "bye"})) << i;
    const auto c = it->watch.covered();
    EXPECT_EQ(c.rooms, chats + 1U);
    EXPECT_EQ(c.covered, chats + 1U) << matrix::to_text(c);
}

TEST_F(Reconciliation, AnInvitationToOneWhoIsInAnotherChatIsFoundAgain)
{
    chat_with("romeo@x");
    ASSERT_TRUE(until([&] { return it->core.portal_count() == 1; }));
    const auto before = hs->service(0).transactions();
    stop_pushing();
    ask(alice, "POST", "/createRoom", {{"invite", {*it->ours.ghost("a", "romeo@x")}}, {"is_direct", true}});
    EXPECT_GE(hs->service(0).transactions(), before);
    hs->kill();
    settle(std::chrono::milliseconds{1500});
    hs->start(hs->port());
    it->watch.sweep();
    ASSERT_TRUE(until([&] { return it->watch.idle(); }));
    EXPECT_TRUE(until([&] {
        const auto in = it->core.watched();
        return in.size() == 1 && in[0].second != "";
    }));
}

TEST_F(Reconciliation, ABusyConnectionIsReadOnceAndAnIdleBridgeTouchesNoDisk)
{
    const auto room = bridged_room("orchard");
    say(room, "1");
    ASSERT_TRUE(until([&] { return heard("orchard").size() == 1 && it->watch.idle(); }));
    const auto reads = hs->server().requests();
    for (const auto& n : numbered(2, 30))
        say(room, n);
    ASSERT_TRUE(until([&] { return heard("orchard").size() == 30; }));
    EXPECT_EQ(hs->server().requests(), reads) << "no /sync, and nothing else";
    settle();
    const auto commits = it->disk.committed();
    it->watch.sweep();  // once: it may move the token
    ASSERT_TRUE(until([&] { return it->watch.idle(); }));
    const auto after = it->disk.committed();
    EXPECT_LE(after, commits + 1);
    for (int i = 0; i < 3; ++i) {
        it->watch.sweep();
        ASSERT_TRUE(until([&] { return it->watch.idle(); }));
    }
    EXPECT_EQ(it->disk.committed(), after);
}

TEST_F(Reconciliation, WhatIsSaidInASuccessorBeforeThePortalStandsThereIsDeliveredInOrder)
{
    const auto old = bridged_room("orchard@muc");
    say(old, "0");
    const json how{
        {"preset", "public_chat"},
        {"creation_content", {{"predecessor", {{"room_id", old}, {"event_id", "$x"}}}}}
    };
    const auto successor = make_room(how);
    std::vector<std::string> said(1, "0");
    const auto next = [&] {
        said.push_back(std::to_string(said.size()));
        say(successor, said.back());
    };
    for (int i = 0; i < 230; ++i)  // several pages
        next();
    ask(alice, "PUT", "/rooms/" + old + "/state/m.room.tombstone", {{"replacement_room", successor}});
    for (int i = 0; i < 30; ++i)  // while it is followed
        next();
    EXPECT_TRUE(until([&] { return heard("orchard").size() >= said.size(); }));
    next();
    EXPECT_TRUE(until([&] { return heard("orchard").size() >= said.size(); }));
    EXPECT_EQ(heard("orchard"), said);
}

TEST_F(Reconciliation, WhatIsSaidInAChatBeforeTheGhostCameIsDeliveredInOrder)
{
    hs->faults().add({"context", fakes::fault::act::status});  // 500: asked again
    hs->faults().add({"messages", fakes::fault::act::drop});
    const auto room = chat_with("romeo@x");
    for (const std::string text : {"1", "2", "3"})
        say(room, text);
    EXPECT_TRUE(until([&] { return heard("romeo").size() >= 3; }));
    say(room, "4");
    EXPECT_TRUE(until([&] { return heard("romeo").size() >= 4; }));
    EXPECT_THAT(heard("romeo"), ::testing::ElementsAre("1", "2", "3", "4"));
}

struct Workers : Reconciliation
{
    Workers() { workers = true; }
};

// promise.md's trace: 2 is forgotten, 3 pushed, and /sync does not know of 2 yet.
TEST_F(Workers, WhatALaggingSyncDoesNotTellYetIsNotOvertaken)
{
    const auto room = bridged_room("orchard");
    say(room, "1");
    ASSERT_TRUE(until([&] { return heard("orchard").size() == 1; }));
    stop_pushing();
    hs->stall_sync(0);
    const auto before = hs->volatile_state().worker_at;
    say(room, "2");
    settle();
    hs->restart();
    hs->volatile_state().worker_at = before;
    hs->volatile_state().worker_stays = 4;
    say(room, "3");
    ASSERT_TRUE(until([&] { return heard("orchard").size() == 3; }));
    EXPECT_EQ(heard("orchard"), numbered(1, 3));
    EXPECT_EQ(hs->volatile_state().worker_stays, 0);
}

TEST_F(Workers, AGhostThatWatchesAChatSeesTheMarksToo)
{
    const auto room = chat_with("romeo@x");
    for (const auto& n : numbered(1, 3))
        say(room, n);
    ASSERT_TRUE(until([&] { return heard("romeo").size() == 3; }));
    hs->restart();
    say(room, "4");
    ASSERT_TRUE(until([&] { return heard("romeo").size() == 4; }));
    EXPECT_EQ(heard("romeo"), numbered(1, 4));
    const auto mine = ask(alice, "GET", "/joined_rooms").value("joined_rooms", json::array());
    EXPECT_EQ(mine.size(), 1U) << "nobody else is asked into the room of marks";
}

}  // namespace
}  // namespace rialto::test::reconcile_test
