#include "bridges/xmpp/fence.hpp"

#include "bridges/xmpp/xml_stream.hpp"
#include "tests/unit/xmpp/wire_fixture.hpp"

#include <set>

namespace rialto::xmpp::fence_test {
namespace {

using namespace std::chrono_literals;
using step = fence::step;

void all_pongs(fence& f, unsigned round, unsigned but = fence::pings)
{
    for (unsigned i = 0; i < fence::pings; ++i)
        if (i != but)
            f.pong(round, i);
}

TEST(Fence, PassesWhenOneWholeRoundCameBack)
{
    fence f;
    EXPECT_EQ(f.next(0ms).what, step::send_round);
    EXPECT_EQ(f.next(0ms).what, step::wait);
    EXPECT_EQ(f.next(0ms).until, 800ms);
    all_pongs(f, 1, 7);
    EXPECT_EQ(f.next(700ms).what, step::wait);
    f.pong(1, 7);
    EXPECT_EQ(f.next(700ms).what, step::passed);
    EXPECT_EQ(f.next(1h).what, step::passed);
}

TEST(Fence, BeginsANewRoundWhenOneIsNotWhole)
{
    fence f;
    EXPECT_EQ(f.next(0ms).round, 1u);
    all_pongs(f, 1, 3);
    const auto second = f.next(800ms);
    EXPECT_EQ(second.what, step::send_round);
    EXPECT_EQ(second.round, 2u);
    f.pong(1, 3);  // too late for its round
    all_pongs(f, 2, 4);
    EXPECT_EQ(f.next(900ms).what, step::wait);
    f.pong(2, 4);
    EXPECT_EQ(f.next(900ms).what, step::passed);
}

TEST(Fence, IsSplitAfterTenSecondsOfIncompleteRounds)
{
    fence f;
    unsigned rounds = 0;
    for (auto now = 0ms; now < 10s; now += 100ms) {
        const auto todo = f.next(now);
        EXPECT_NE(todo.what, step::passed);
        EXPECT_LE(todo.until, 10s);
        if (todo.what == step::send_round) {
            ++rounds;
            all_pongs(f, todo.round, todo.round % fence::pings);
        }
    }
    EXPECT_EQ(rounds, 13u);
    EXPECT_EQ(f.next(10s).what, step::split);
}

TEST(Fence, IgnoresPongsOfNoPing)
{
    fence f;
    f.pong(0, 0);
    EXPECT_EQ(f.next(0ms).what, step::send_round);
    f.pong(1, fence::pings);
    f.pong(1, 4'000'000'000u);
    EXPECT_EQ(f.next(1ms).what, step::wait);
}

struct PassFence : wire
{
    std::vector<std::string> sent;
    bool link_is_up = true;
    // What the server does with a stanza of ours: true = routes it back to this link.
    std::function<bool(const std::string&)> routed = [](const std::string&) { return true; };
    iq_router router{io.get_executor(), time, "bridge.example", [this](std::string s) {
                         if (!link_is_up)
                             return false;
                         sent.push_back(s);
                         if (routed(s))
                             asio::post(io, [this, s] { come_back(s); });
                         return true;
                     }};
    std::optional<outcome> end;

    void come_back(const std::string& stanza)
    {
        stream_handlers on;
        on.on_stanza = [this](const node& n) { router.take(n); };
        xml_stream stream{std::move(on)};
        ASSERT_TRUE(stream.feed("<s xmlns='jabber:component:accept'>" + stanza));
    }
    void start()
    {
        asio::co_spawn(io, [this] { return passing(); }, asio::detached);
    }
    awaitable<void> passing() { end.emplace(co_await pass_fence(router, time, "bridge.example")); }
};

TEST_F(PassFence, PingsItselfWithDistinctPairsAndPasses)
{
    run([&]() -> awaitable<void> {
        start();
        co_await until([&] { return end.has_value(); });
        EXPECT_TRUE(end && *end);
        EXPECT_EQ(sent.size(), 2u * fence::pings);  // each ping, each pong
        std::set<std::string> pairs;
        for (unsigned i = 0; i < fence::pings; ++i)
            pairs.insert(sent[i].substr(0, sent[i].find(" id=")));
        EXPECT_EQ(pairs.size(), fence::pings);
        EXPECT_EQ(router.open_questions(), 0u);
    });
}

TEST_F(PassFence, SendsNothingMoreAndSaysSplitWhenHalfVanishes)
{
    int n = 0;
    routed = [&](const std::string&) { return ++n % 2 == 0; };
    run([&]() -> awaitable<void> {
        start();
        for (int i = 0; i < 26; ++i)
            co_await pass(400ms);
        co_await until([&] { return end.has_value(); });
        EXPECT_TRUE(end && !*end);
        EXPECT_EQ(end->error().kind, cause::conflict);
        EXPECT_EQ(end->error().next, verdict::try_later);
        EXPECT_NE(end->error().why.find("split"), std::string::npos);
    });
}

TEST_F(PassFence, PassesWhenTheOldLinkIsGoneAfterAWhile)
{
    bool split = true;
    int n = 0;
    routed = [&](const std::string&) { return !split || ++n % 2 == 0; };
    run([&]() -> awaitable<void> {
        start();
        for (int i = 0; i < 8; ++i)
            co_await pass(400ms);
        EXPECT_FALSE(end);
        split = false;
        for (int i = 0; i < 4; ++i)
            co_await pass(400ms);
        EXPECT_TRUE(end && *end);
    });
}

TEST_F(PassFence, EndsWithTheLink)
{
    routed = [](const std::string&) { return false; };
    run([&]() -> awaitable<void> {
        start();
        co_await settle();
        router.lost();
        co_await until([&] { return end.has_value(); });
        EXPECT_TRUE(end && !*end && end->error().why.find("lost") != std::string::npos);
        end.reset();
        link_is_up = false;
        start();
        co_await until([&] { return end.has_value(); });
        EXPECT_TRUE(end && !*end && end->error().why.find("down") != std::string::npos);
    });
}

}  // namespace
}  // namespace rialto::xmpp::fence_test
