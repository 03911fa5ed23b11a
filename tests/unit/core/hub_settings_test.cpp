// Name and topic of a far room whose Matrix room does not let the bot change its settings.
#include "hub_kit.hpp"

#include <gmock/gmock.h>

namespace rialto::hub_settings_test {
namespace {

using namespace rialto::test;

struct HubSettings : ::testing::Test
{
    world w;
    memory_store disk{w.io.get_executor()};
    std::unique_ptr<life> one = std::make_unique<life>(w, disk);

    void SetUp() override
    {
        one->start();
        one->bridge("!r", "a", "orchard@muc");
    }
    void far_topic(const std::string& text)
    {
        room_info now;
        now.topic = text;
        event e{portal_id{room_id{"orchard@muc"}}, person{}, timestamp{}, message_id{}, std::move(now)};
        std::vector<event> all;
        all.push_back(std::move(e));
        EXPECT_TRUE(w.get(one->nets["a"]->core.accept(std::move(all), note{})));
        ASSERT_TRUE(w.until([&] { return one->core.waiting() == 0; }));
        w.pass(std::chrono::seconds{1});
    }
    void refuse()
    {
        one->matrix.refuse.emplace_back(verdict::give_up, cause::forbidden, "the bot has power 0 of 50");
    }
    std::size_t letters()
    {
        auto seen = w.get(one->core.list(""));
        return seen ? seen->dead.size() : 99;
    }
};

TEST_F(HubSettings, ThatMayNotBeChangedAreNoDeadLetterAndToldOnce)
{
    refuse();
    far_topic("apples");
    EXPECT_EQ(letters(), 0U);
    ASSERT_EQ(one->matrix.notices.size(), 1U);
    EXPECT_THAT(
        one->matrix.notices[0].second, testing::StartsWith("I may not change this room's settings - ")
    );
    EXPECT_THAT(one->matrix.notices[0].second, testing::HasSubstr("@bot:hs"));
    refuse();
    far_topic("pears");
    EXPECT_EQ(one->matrix.notices.size(), 1U);
}

TEST_F(HubSettings, AreNotToldOfAgainByTheNextLife)
{
    refuse();
    far_topic("apples");
    one = std::make_unique<life>(w, disk);
    one->start();
    refuse();
    far_topic("apples");
    EXPECT_TRUE(one->matrix.notices.empty());
    EXPECT_EQ(letters(), 0U);
}

TEST_F(HubSettings, ThatMatrixDoesNotHaveAreNobodysBusiness)
{
    one->matrix.refuse.emplace_back(verdict::unsupported, cause::other, "Matrix has no event for this");
    far_topic("apples");
    EXPECT_TRUE(one->matrix.notices.empty());
    EXPECT_EQ(letters(), 0U);
}

TEST_F(HubSettings, WaitWhileTheHomeserverIsAwayAndAreSetThen)
{
    one->matrix.refuse.emplace_back(verdict::try_later, cause::away, "away");
    far_topic("apples");
    EXPECT_TRUE(one->matrix.notices.empty());
    ASSERT_FALSE(one->matrix.orders.empty());
    EXPECT_TRUE(std::holds_alternative<room_info>(one->matrix.orders.back().what));
}

}  // namespace
}  // namespace rialto::hub_settings_test
