#include "appservice/transactions.hpp"

#include "tests/fakes/sim.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <nlohmann/json.hpp>

namespace rialto::matrix::transactions_test {
namespace {

bool ours(std::string_view mxid) { return mxid.starts_with("@_rialto_"); }

std::string text_event(const std::string& id, const std::string& body)
{
    return R"({"type":"m.room.message","room_id":"!r","event_id":")" + id +
           R"(","sender":"@alice:hs","content":{"msgtype":"m.text","body":)" + body + "}}";
}

transaction read(const std::string& body)
{
    auto t = read_transaction(body, ours);
    EXPECT_TRUE(t) << body.substr(0, 200);
    return t ? std::move(*t) : transaction{};
}

struct fake_intake : intake
{
    std::vector<near_event> taken, hints;
    bool full = false;

    awaitable<outcome> take_in(std::vector<near_event> batch, arrival) override
    {
        if (full)
            co_return failure{verdict::try_later, cause::full, "journal full"};
        for (auto& e : batch)
            taken.push_back(std::move(e));
        co_return ok();
    }
    void hint(near_event e) override { hints.push_back(std::move(e)); }
    awaitable<result<std::string>> open(std::string, std::string, std::string) override
    {
        co_return std::string{};
    }
    awaitable<outcome> bridge(std::string, std::string, std::string, std::string) override { co_return ok(); }
    awaitable<outcome> unbridge(std::string, std::string, std::string, std::string) override
    {
        co_return ok();
    }
    awaitable<std::vector<near_place>> places(std::string) override { co_return std::vector<near_place>{}; }
    std::optional<std::string> ghost_of(std::string_view, std::string_view) const override { return {}; }
};

struct Endpoint : testing::Test
{
    fake_intake core;
    test::sim_clock time;
    transaction_endpoint endpoint{core, time, ours, [](const near_event& e) { return e.id == "$command"; }};

    http::response put(std::string body)
    {
        boost::asio::io_context io;
        auto answer = boost::asio::co_spawn(
            io, endpoint.on_transaction("1", std::move(body), http::connection{}), boost::asio::use_future
        );
        io.run();
        return answer.get();
    }
};

TEST(Transaction, ReadsEventsInOrder)
{
    const auto t =
        read(R"({"events":[)" + text_event("$1", "\"a\"") + "," + text_event("$2", "\"b\"") + "]}");
    ASSERT_EQ(t.events.size(), 2U);
    EXPECT_EQ(t.events[0].id, "$1");
    EXPECT_EQ(t.events[1].id, "$2");
    EXPECT_EQ(t.unreadable, 0U);
}

TEST(Transaction, OneWrongElementCostsOnlyItself)
{
    const auto t = read(R"({"events":[null, 3, {}, [], "x", )" + text_event("$1", "\"a\"") + "]}");
    ASSERT_EQ(t.events.size(), 1U);
    EXPECT_EQ(t.unreadable, 5U);
}

TEST(Transaction, MissingOrWrongArraysAreEmpty)
{
    for (const char* body : {"{}", R"({"events":5})", R"({"events":{}})", R"({"events":null,"ephemeral":3})"})
        EXPECT_TRUE(read(body).events.empty()) << body;
}

TEST(Transaction, WhatIsNotAnObjectIsRefused)
{
    for (const char* body : {"", "[]", "null", "7", "{", R"({"events":[)", "\xff\xfe"})
        EXPECT_FALSE(read_transaction(body, ours)) << body;
}

TEST(Transaction, ADeepEventDoesNotTakeItsNeighboursWithIt)
{
    std::string deep(500, '['), close(500, ']');
    const auto t = read(
        R"({"events":[)" + text_event("$1", "\"a\"") +
        R"(,{"type":"m.room.message","room_id":"!r","event_id":"$2",
        "sender":"@alice:hs","content":{"body":"deep","x":)" +
        deep + close + "}}," + text_event("$3", "\"c\"") + "]}"
    );
    ASSERT_EQ(t.events.size(), 3U);
    EXPECT_EQ(std::get<message>(t.events[1].what).body.plain(), "deep");
}

TEST(Transaction, AHundredThousandLevelsAreRead)
{
    const std::string deep(100'000, '['), close(100'000, ']');
    EXPECT_EQ(
        read(R"({"events":[)" + deep + close + "," + text_event("$1", "\"a\"") + "]}").events.size(), 1U
    );
}

TEST(Transaction, LoneSurrogatesAndBadUtf8BecomeReplacementCharacters)
{
    const auto t = read(
        R"({"events":[)" + text_event("$1", R"("a\ud800b\udc00 \ud83d\ude00 \\ud800 \"")") + "," +
        text_event("$2", "\"x\xff\xed\xa0\x80\xf0\x9f\x98\x80\xc3\xa9\xe2\x82\xac\"") + "]}"
    );
    ASSERT_EQ(t.events.size(), 2U);
    EXPECT_EQ(std::get<message>(t.events[0].what).body.plain(), "a\uFFFDb\uFFFD \U0001F600 \\ud800 \"");
    EXPECT_EQ(
        std::get<message>(t.events[1].what).body.plain(), "x\uFFFD\uFFFD\uFFFD\uFFFD\U0001F600\u00e9\u20ac"
    );
}

TEST(Transaction, ControlAndBidiCharactersPassAsTheyAre)
{
    const auto t = read(R"({"events":[)" + text_event("$1", R"("\u0000\u0001\ufffe\u202e")") + "]}");
    ASSERT_EQ(t.events.size(), 1U);
    EXPECT_EQ(std::get<message>(t.events[0].what).body.plain().size(), 8U);
}

TEST(Transaction, TypingAndReceiptsAreReadUnderBothNames)
{
    for (const char* key : {"ephemeral", "de.sorunome.msc2409.ephemeral"}) {
        const auto t = read(R"({"events":[],")" + std::string{key} + R"(":[null,{"type":5},
            {"type":"m.typing","room_id":"!r","content":{"user_ids":["@a:hs",5,"nobody"]}},
            {"type":"m.typing","content":{"user_ids":["@a:hs"]}},
            {"type":"m.receipt","room_id":"!r","content":{"$e":{"m.read":{"@a:hs":{"ts":5},"x":{}}},"no":{},"$f":7}},
            {"type":"m.receipt","room_id":7,"content":{}},
            {"type":"m.presence","sender":"@a:hs","content":{}}]})");
        ASSERT_EQ(t.typing.size(), 1U) << key;
        EXPECT_EQ(t.typing[0].who, std::vector<std::string>{"@a:hs"});
        ASSERT_EQ(t.receipts.size(), 1U) << key;
        EXPECT_EQ(t.receipts[0].sender, "@a:hs");
        EXPECT_EQ(std::get<receipt>(t.receipts[0].what).up_to.id.value, "$e");
    }
}

TEST(TypingBoard, SaysWhoBeganAndWhoEnded)
{
    typing_board board;
    const auto types = [&board](std::vector<std::string> who) {
        return board.update(typing_now{"!r", std::move(who)});
    };
    using changes = std::vector<std::pair<std::string, bool>>;
    EXPECT_EQ(types({"@a:hs"}), (changes{{"@a:hs", true}}));
    EXPECT_EQ(types({"@a:hs"}), changes{});
    EXPECT_EQ(types({"@b:hs"}), (changes{{"@a:hs", false}, {"@b:hs", true}}));
    EXPECT_EQ(types({}), (changes{{"@b:hs", false}}));
    EXPECT_EQ(types({}), changes{});
}

TEST(TypingBoard, RemembersOnlySoManyRooms)
{
    typing_board board;
    for (std::size_t i = 0; i < typing_board::most_rooms; ++i)
        (void)board.update(typing_now{"!" + std::to_string(i), {"@a:hs"}});
    EXPECT_TRUE(board.update(typing_now{"!more", {"@a:hs"}}).empty());
    EXPECT_EQ(board.update(typing_now{"!1", {}}).size(), 1U);
    EXPECT_EQ(board.update(typing_now{"!more", {"@a:hs"}}).size(), 1U);
}

TEST_F(Endpoint, Answers200OnceTheIntakeHasIt)
{
    EXPECT_EQ(put(R"({"events":[)" + text_event("$1", "\"a\"") + "]}").status, 200U);
    ASSERT_EQ(core.taken.size(), 1U);
    EXPECT_EQ(core.taken[0].id, "$1");
}

TEST_F(Endpoint, Answers503WhenTheJournalIsFullAndPassesNoHints)
{
    core.full = true;
    const auto answer =
        put(R"({"events":[)" + text_event("$1", "\"a\"") +
            R"(],"ephemeral":[{"type":"m.typing","room_id":"!r","content":{"user_ids":["@a:hs"]}}]})");
    EXPECT_EQ(answer.status, 503U);
    EXPECT_TRUE(core.hints.empty());
}

TEST_F(Endpoint, Answers200ToWhatCannotBeUnderstood)
{
    EXPECT_EQ(put(R"({"events":[null, 3, {}]})").status, 200U);
    EXPECT_EQ(put("{}").status, 200U);
    EXPECT_TRUE(core.taken.empty());
}

TEST_F(Endpoint, LetsASpoiledBodyGoAfterThreeTries)
{
    EXPECT_EQ(put("{").status, 400U);
    EXPECT_EQ(put("{").status, 400U);
    EXPECT_EQ(put("{").status, 200U);
    EXPECT_EQ(put("[").status, 400U);
}

TEST_F(Endpoint, KeepsCommandsFromTheFarSide)
{
    EXPECT_EQ(
        put(R"({"events":[)" + text_event("$command", "\"!rialto help\"") + "," + text_event("$2", "\"b\"") +
            "]}")
            .status,
        200U
    );
    ASSERT_EQ(core.taken.size(), 1U);
    EXPECT_EQ(core.taken[0].id, "$2");
}

TEST_F(Endpoint, HintsOfOurOwnGhostsAreDropped)
{
    EXPECT_EQ(
        put(R"({"ephemeral":[
        {"type":"m.typing","room_id":"!r","content":{"user_ids":["@a:hs","@_rialto_x:hs"]}},
        {"type":"m.receipt","room_id":"!r","content":{"$e":{"m.read":{"@_rialto_x:hs":{"ts":5},"@b:hs":{}}}}}]})"
        )
            .status,
        200U
    );
    ASSERT_EQ(core.hints.size(), 2U);
    EXPECT_EQ(core.hints[0].sender, "@a:hs");
    EXPECT_EQ(core.hints[1].sender, "@b:hs");
}

}  // namespace
}  // namespace rialto::matrix::transactions_test
