#include "appservice/sync_answer.hpp"

#include <gtest/gtest.h>

namespace rialto::matrix::sync_answer_test {
namespace {

bool ours(std::string_view mxid) { return mxid.starts_with("@_rialto_"); }

std::string text_event(const std::string& id, const std::string& body)
{
    return R"({"type":"m.room.message","event_id":")" + id +
           R"(","sender":"@alice:hs","content":{"msgtype":"m.text","body":")" + body + "\"}}";
}

sync_news read(const std::string& rooms)
{
    auto news = read_sync(R"({"next_batch":"s2","rooms":)" + rooms + "}", ours);
    EXPECT_TRUE(news) << rooms;
    return news ? std::move(*news) : sync_news{};
}

TEST(SyncAnswer, TellsEachRoomsEventsInOrderAndInWhichRoomTheyAre)
{
    const auto news = read(
        R"({"join":{"!r":{"timeline":{"events":[)" + text_event("$1", "a") + "," + text_event("$2", "b") +
        R"(],"limited":true,"prev_batch":"s1"}}}})"
    );
    EXPECT_EQ(news.next, "s2");
    ASSERT_EQ(news.rooms.size(), 1U);
    EXPECT_TRUE(news.rooms[0].limited);
    ASSERT_EQ(news.rooms[0].events.size(), 2U);
    EXPECT_EQ(news.rooms[0].events[0].room, "!r");
    EXPECT_EQ(news.rooms[0].events[1].id, "$2");
    EXPECT_FALSE(news.rooms[0].events[1].hollow);
}

TEST(SyncAnswer, KeepsThePlaceOfWhatWasRedactedOrIsOfNoConcern)
{
    const auto news = read(
        R"({"join":{"!r":{"timeline":{"events":[{"type":"m.room.message","event_id":"$1","sender":"@a:hs","content":{}},)"
        R"({"type":"org.example","event_id":"$2","sender":"@a:hs","content":{}}]}}}})"
    );
    ASSERT_EQ(news.rooms.size(), 1U);
    ASSERT_EQ(news.rooms[0].events.size(), 2U);
    for (const auto& e : news.rooms[0].events) {
        EXPECT_TRUE(e.hollow);
        EXPECT_EQ(e.room, "!r");
    }
    EXPECT_EQ(news.rooms[0].events[0].id, "$1");
}

TEST(SyncAnswer, TellsAlsoOfRoomsThatTheWatcherWasPutOutOf)
{
    const auto news = read(
        R"({"leave":{"!r":{"timeline":{"events":[{"type":"m.room.member","event_id":"$k","sender":"@a:hs",)"
        R"("state_key":"@_rialto_bot:hs","content":{"membership":"leave"},)"
        R"("unsigned":{"prev_content":{"membership":"join"}}}]}}}})"
    );
    ASSERT_EQ(news.rooms.size(), 1U);
    const auto* kick = std::get_if<membership>(&news.rooms[0].events.at(0).what);
    ASSERT_NE(kick, nullptr);
    EXPECT_EQ(kick->what, change::kick);
}

TEST(SyncAnswer, TellsOfInvitations)
{
    const auto news = read(
        R"({"invite":{"!chat":{"invite_state":{"events":[{"type":"m.room.name","state_key":"","sender":"@a:hs",)"
        R"("content":{"name":"x"}},{"type":"m.room.member","event_id":"$i","sender":"@a:hs",)"
        R"("state_key":"@_rialto_a_romeo:hs","content":{"membership":"invite","is_direct":true}}]}}}})"
    );
    ASSERT_EQ(news.invites.size(), 1U);
    EXPECT_EQ(news.invites[0].room, "!chat");
    EXPECT_EQ(news.invites[0].id, "$i");
    EXPECT_TRUE(news.invites[0].direct);
}

TEST(SyncAnswer, IsNoneWithoutATokenToGoOnFrom)
{
    for (const char* bad : {"", "{}", "[]", R"({"next_batch":7})", R"({"next_batch":""})", "<html>"})
        EXPECT_FALSE(read_sync(bad, ours)) << bad;
}

TEST(SyncAnswer, SurvivesWhatIsOfTheWrongType)
{
    for (const char* bad :
         {R"({"join":[]})", R"({"join":{"!r":7}})", R"({"join":{"!r":{"timeline":{"events":[null,1,[]]}}}})",
          R"({"invite":{"!r":{"invite_state":{"events":[null,{"type":"m.room.member","event_id":3}]}}}})"})
        read(bad);
}

TEST(MessagePage, EndsWhereTheHomeserverSaysNoMore)
{
    const auto page = read_messages("!r", R"({"chunk":[)" + text_event("$1", "a") + R"(],"end":"t5"})", ours);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->end, "t5");
    ASSERT_EQ(page->events.size(), 1U);
    EXPECT_EQ(page->events[0].room, "!r");
    EXPECT_EQ(read_messages("!r", R"({"chunk":[]})", ours)->end, "");
    EXPECT_FALSE(read_messages("!r", "{}", ours));
}

TEST(SyncCall, IsNeverTheSameTwiceSoThatNoKeptAnswerIsGiven)
{
    const acting bot{"@_rialto_bot:hs"};
    EXPECT_NE(calls::sync(bot, "s1", 1).query, calls::sync(bot, "s1", 2).query);
    EXPECT_NE(calls::sync(bot, "s1", 1).query.find("since=s1"), std::string::npos);
    EXPECT_EQ(calls::sync(bot, "", 1).query.find("since="), std::string::npos);
    EXPECT_NE(calls::sync(bot, "s1", 1).query.find("user_id=%40_rialto_bot%3Ahs"), std::string::npos);
}

TEST(JoinedRooms, AreReadFromTheList)
{
    EXPECT_EQ(read_joined_rooms(R"({"joined_rooms":["!a","!b",3]})"), (std::vector<std::string>{"!a", "!b"}));
    EXPECT_TRUE(read_joined_rooms("[]").empty());
}

}  // namespace
}  // namespace rialto::matrix::sync_answer_test
