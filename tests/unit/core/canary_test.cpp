#include "core/canary.hpp"

#include "core/key.hpp"
#include "hub_kit.hpp"

namespace rialto::canary_test {
namespace {

using namespace rialto::test;

constexpr std::int64_t min = 60'000;

canary_rules rules()
{
    canary_rules r;
    r.every = std::chrono::minutes{5};
    r.limit = std::chrono::minutes{15};
    return r;
}

TEST(CanaryBook, ComplainsWhenTheLastProofIsTooOldAndSaysWhy)
{
    canary_book book{rules(), 0};
    EXPECT_EQ(book.complaint(15 * min), "") << "it has just begun";
    EXPECT_NE(book.complaint(15 * min + 1), "");
    book.failed("the homeserver answers 403");
    EXPECT_EQ(
        book.complaint(20 * min),
        "no message has come round through the homeserver for 20 min: the homeserver answers 403"
    );
    book.came_back(20 * min, 20 * min + 40);
    EXPECT_EQ(book.complaint(20 * min + 50), "");
    EXPECT_EQ(book.age_ms(21 * min), min);
}

TEST(CanaryBook, ComplainsWhenMessagesTakeTooLong)
{
    canary_book book{rules(), 0};
    book.came_back(5 * min, 9 * min);
    EXPECT_EQ(book.complaint(9 * min), "a message took 4 min to come round through the homeserver");
    book.came_back(4 * min, 10 * min);
    EXPECT_EQ(book.age_ms(10 * min), 5 * min) << "an older one proves nothing new";
}

struct Canary : ::testing::Test
{
    world w;
    memory_store disk{w.io.get_executor()};
    life one{w, disk};
    canary* bird = nullptr;
    std::size_t echoed = 0;
    bool pushes = true;

    void SetUp() override
    {
        one.core.add(std::string{canary::network}, [&](host& h) {
            auto made = std::make_unique<canary>(h, w.time, rules(), "@bot:hs");
            bird = made.get();
            return made;
        });
        one.start();
        boost::asio::co_spawn(w.io, one.core.run(std::string{canary::network}), [](std::exception_ptr) {});
    }
    // The homeserver pushes what was sent to it.
    void echo()
    {
        for (; pushes && echoed < one.matrix.orders.size(); ++echoed) {
            const auto& o = one.matrix.orders[echoed];
            if (!std::holds_alternative<message>(o.what))
                continue;
            near_event e{o.room, "$" + std::to_string(echoed), "@bot:hs", o.what};
            e.stamp = o.key;
            e.at = w.time.now();
            one.push(std::move(e));
        }
    }
    void pass(int minutes)
    {
        for (int i = 0; i < minutes * 2; ++i) {
            w.pass(std::chrono::seconds{30});
            echo();
        }
    }
};

TEST_F(Canary, GoesRoundThroughAPrivateRoomOfTheBot)
{
    pass(11);
    ASSERT_EQ(one.matrix.made.size(), 1u);
    EXPECT_EQ(one.matrix.made[0].info.members_only, true);
    EXPECT_TRUE(one.matrix.made[0].invite.empty());
    EXPECT_EQ(bird->complaint(), "");
    EXPECT_GE(echoed, 2u);
    for (const auto& o : one.matrix.orders)
        EXPECT_EQ(o.as, "") << "the bot itself speaks";
    EXPECT_EQ(one.core.waiting(), 0u);
    EXPECT_EQ(w.get(disk.dead(0, 10))->size(), 0u);
}

TEST_F(Canary, TurnsRedWhenPushesStopAndRecovers)
{
    pass(6);
    pushes = false;
    pass(10);
    EXPECT_EQ(bird->complaint(), "");
    pass(12);
    EXPECT_NE(bird->complaint().find("no message has come round"), std::string::npos);
    pushes = true;
    pass(6);
    EXPECT_EQ(bird->complaint(), "");
}

TEST_F(Canary, SaysWhatTheHomeserverSaid)
{
    pass(1);
    one.matrix.refuse.assign(50, failure{verdict::give_up, cause::forbidden, "the bot may not speak"});
    pass(18);
    EXPECT_NE(bird->complaint().find("the bot may not speak"), std::string::npos) << bird->complaint();
}

TEST_F(Canary, OpensAnotherRoomWhenItsOwnIsTakenAway)
{
    pass(6);
    const auto room = one.matrix.orders.back().room;
    near_event kick{room, "$kick", "@root:hs", membership{change::kick, user_id{"@bot:hs"}}};
    kick.at = w.time.now();
    one.push(std::move(kick));
    pass(12);
    EXPECT_EQ(bird->complaint(), "");
    EXPECT_EQ(one.core.portal_count(), 1u);
}

}  // namespace
}  // namespace rialto::canary_test
