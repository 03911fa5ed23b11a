// When is it not certain whether Matrix has a message already, and what is then done (promise: every send is
// repeatable).
#include "hub_kit.hpp"

#include "core/key.hpp"

namespace rialto::hub_doubt_test {
namespace {

using namespace rialto::test;
using texts = std::vector<std::string>;

class HubDoubt : public ::testing::Test
{
protected:
    world w;
    std::shared_ptr<memory_tables> kept = std::make_shared<memory_tables>();
    memory_store disk{w.io.get_executor(), kept};
    std::vector<std::unique_ptr<life>> graves;
    std::unique_ptr<life> one;

    void SetUp() override
    {
        one = std::make_unique<life>(w, disk);
        one->start();
        one->bridge("!r", "a", "orchard@muc");
    }
    bool accept(const std::string& n)
    {
        return static_cast<bool>(w.get(one->nets["a"]->core.accept(far_said("orchard@muc", n, n))));
    }
    void away() { one->matrix.refuse.assign(10'000, failure{verdict::try_later, cause::away, "away"}); }
    void crash(std::uint32_t device)
    {
        away();
        graves.push_back(std::move(one));
        one = std::make_unique<life>(w, disk);
        one->matrix.device = device;
        one->start();
    }
    const item* row(const std::string& far_id) const
    {
        for (const auto& [seq, it] : kept->items)
            if (it.far_id == far_id)
                return &it;
        return nullptr;
    }
    static std::string key(const std::string& n)
    {
        return content_key(portal_tag("a", portal_id{room_id{"orchard@muc"}}), "romeo@x", n);
    }
};

TEST_F(HubDoubt, EachRowSaysBeforeTheFirstByteWhenAndWithWhichDeviceItWasTried)
{
    one->matrix.device = 3;
    away();
    for (const std::string n : {"m1", "m2", "m3"})
        ASSERT_TRUE(accept(n));
    w.pass(std::chrono::seconds{10});
    ASSERT_NE(row("m1"), nullptr);
    EXPECT_NE(row("m1")->first_try_ms, 0);
    EXPECT_EQ(row("m1")->generation, 3U);
    EXPECT_EQ(row("m2")->first_try_ms, 0) << "it waits behind the first";
    one->matrix.refuse.clear();
    one->matrix.time = &w.time;
    ASSERT_TRUE(w.until([&] { return one->matrix.orders.size() == 2; }));
    EXPECT_NE(row("m2")->first_try_ms, 0);
    EXPECT_EQ(row("m2")->generation, 3U);
}

TEST_F(HubDoubt, ABurstCostsNoCommitMoreForThat)
{
    away();
    for (int i = 0; i < 10; ++i)
        ASSERT_TRUE(accept("m" + std::to_string(i)));
    const auto before = disk.committed();
    one->matrix.refuse.clear();
    ASSERT_TRUE(w.until([&] { return one->matrix.orders.size() == 10; }));
    w.settle();
    EXPECT_EQ(disk.committed() - before, 10);
}

TEST_F(HubDoubt, WithinADayTheHomeserverRemembersAndNothingIsLookedFor)
{
    away();
    ASSERT_TRUE(accept("m1"));
    w.pass(std::chrono::hours{22});
    one->matrix.refuse.clear();
    ASSERT_TRUE(w.until([&] { return one->matrix.orders.size() == 1; }));
    EXPECT_FALSE(one->matrix.orders[0].again);
}

TEST_F(HubDoubt, LaterThanThatTheKeyIsLookedForFirst)
{
    away();
    ASSERT_TRUE(accept("m1"));
    w.pass(std::chrono::hours{23} + std::chrono::minutes{10});
    one->matrix.refuse.clear();
    ASSERT_TRUE(w.until([&] { return one->matrix.orders.size() == 1; }));
    EXPECT_TRUE(one->matrix.orders[0].again);
}

TEST_F(HubDoubt, ADeviceThatWasLostSinceTheFirstTryIsToldToTheMatrixSide)
{
    away();
    ASSERT_TRUE(accept("m1"));
    ASSERT_TRUE(accept("m2"));
    w.pass(std::chrono::seconds{10});
    crash(1);  // another lane of the same ghost met M_UNKNOWN_DEVICE meanwhile
    ASSERT_TRUE(w.until([&] { return one->matrix.orders.size() == 2; }));
    EXPECT_EQ(one->matrix.orders[0].generation, 0U) << "tried with the first device";
    EXPECT_EQ(one->matrix.orders[1].generation, 1U) << "never tried before";
}

TEST_F(HubDoubt, OurOwnEventComingByIsTheAnswerForWhatRefersToIt)
{
    away();
    ASSERT_TRUE(accept("m1"));
    w.pass(std::chrono::seconds{1});
    near_event echo{"!r", "$m1", "@_rialto_a_romeo=40x:hs", message{document{"m1"}}};
    echo.stamp = key("m1");
    one->push(std::move(echo));
    EXPECT_EQ(row("m1")->matrix_id, "$m1");
    one->push(near_event{
        "!r", "$heart", "@alice:hs", reactions{reference{message_id{"$m1"}}, std::vector<std::string>(1, "♥")}
    });
    w.pass(std::chrono::minutes{1});
    EXPECT_EQ(one->nets["a"]->delivered.size(), 0U) << "it waits for the answer";
    one->matrix.by_key[key("m1")] = "$m1";
    one->matrix.refuse.clear();
    ASSERT_TRUE(w.until([&] { return one->nets["a"]->delivered.size() == 1; }));
    const auto& heart = one->nets["a"]->delivered[0];
    ASSERT_TRUE(std::holds_alternative<reactions>(heart.what));
    EXPECT_EQ(std::get<reactions>(heart.what).target.id.value, "m1");
}

TEST_F(HubDoubt, SomebodyElsesEventUnderTheSameKeyIsNoAnswer)
{
    away();
    ASSERT_TRUE(accept("m1"));
    near_event other{"!r", "$x", "@_rialto_a_romeo=40x:hs", message{document{"m1"}}};
    other.stamp = key("m2");
    one->push(std::move(other));
    EXPECT_EQ(row("m1")->matrix_id, "");
}

// Who answers may be faster than the proof that the message was sent: a chat's pong, a room's echo.
TEST_F(HubDoubt, WhatRefersToAMessageThatIsJustBeingSentWaitsForItsFarId)
{
    auto& far = *one->nets["a"];
    far.refuse.assign(1, failure{verdict::try_later, cause::away, "no pong yet"});
    one->push(near_event{"!r", "$1", "@alice:hs", message{document{"Mercy."}}});
    w.pass(std::chrono::milliseconds{1});
    event heart{
        portal_id{room_id{"orchard@muc"}}, person{user_id{"romeo@x"}}, timestamp{}, message_id{"m1"},
        reactions{reference{message_id{"far1"}}, texts(1, "A")}
    };
    ASSERT_TRUE(w.get(far.core.accept(std::move(heart))));
    ASSERT_TRUE(w.until([&] { return one->core.waiting() == 0; }));
    ASSERT_EQ(one->matrix.orders.size(), 1U);
    EXPECT_EQ(std::get<reactions>(one->matrix.orders[0].what).target.id.value, "$1");
}

TEST_F(HubDoubt, WhatRefersToNothingThatEverWasWaitsForNoHeadForLong)
{
    auto& far = *one->nets["a"];
    far.refuse.assign(10'000, failure{verdict::try_later, cause::away, "away"});
    one->push(near_event{"!r", "$1", "@alice:hs", message{document{"Mercy."}}});
    event heart{
        portal_id{room_id{"orchard@muc"}}, person{user_id{"romeo@x"}}, timestamp{}, message_id{"m1"},
        reactions{reference{message_id{"nothing"}}, texts(1, "A")}
    };
    ASSERT_TRUE(w.get(far.core.accept(std::move(heart))));
    ASSERT_TRUE(accept("m2"));
    w.pass(std::chrono::minutes{1});
    ASSERT_EQ(one->matrix.orders.size(), 1U) << "what comes behind it is not stopped";
    EXPECT_TRUE(std::holds_alternative<message>(one->matrix.orders[0].what));
}

}  // namespace
}  // namespace rialto::hub_doubt_test
