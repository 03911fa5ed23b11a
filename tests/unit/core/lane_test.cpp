#include "core/lane.hpp"

#include <gtest/gtest.h>

namespace rialto::lane_test {
namespace {

using to = lane::step::to;
constexpr std::int64_t now = 1'000'000'000;

item queued(position seq, std::string id = {})
{
    item it;
    it.seq = seq;
    it.matrix_id = std::move(id);
    it.taken_ms = now;
    return it;
}

TEST(Lane, SendsItsHeadOnlyWhileTheLinkIsUp)
{
    lane l;
    EXPECT_EQ(l.next(now, true).what, to::idle);
    l.add(queued(1));
    EXPECT_EQ(l.next(now, false).what, to::parked);
    EXPECT_EQ(l.next(now, true).what, to::send);
    EXPECT_EQ(l.head().seq, 1);
}

TEST(Lane, KeepsOrderWhenTheFirstDeliveryFails)
{
    lane l;
    l.add(queued(1));
    l.add(queued(2));
    l.begin();
    l.later(now, std::chrono::seconds{0}, 0.5, false);
    EXPECT_EQ(l.head().seq, 1);
    EXPECT_EQ(l.next(now, true).what, to::wait);
    EXPECT_EQ(l.next(l.next(now, true).until_ms, true).what, to::send);
    l.begin();
    l.settled();
    EXPECT_EQ(l.head().seq, 2);
    EXPECT_EQ(l.next(now, true).what, to::send) << "the next one does not inherit the pause";
}

TEST(Lane, WaitsAsLongAsThePeerAsksFor)
{
    lane l;
    l.add(queued(1));
    l.begin();
    l.later(now, std::chrono::seconds{7}, 0.9, false);
    EXPECT_EQ(l.next(now, true).until_ms, now + 7000);
}

TEST(Lane, LooksBeforeItSendsAgainWhatMayHaveArrived)
{
    lane l;
    l.add(queued(1));
    EXPECT_FALSE(l.head().again);
    l.begin();
    l.later(now, std::chrono::seconds{0}, 0.5, true);
    EXPECT_TRUE(l.head().again);
}

TEST(Lane, DoublesItsPauseAndStopsAtTwoMinutes)
{
    lane l;
    l.add(queued(1));
    std::int64_t longest = 0;
    for (int i = 0; i < 20; ++i) {
        l.begin();
        l.later(now, std::chrono::seconds{0}, 0.99, false);
        longest = std::max(longest, l.next(now, true).until_ms - now);
    }
    EXPECT_GT(longest, 100'000);
    EXPECT_LE(longest, 120'000);
}

TEST(Lane, ExpiresWhatIsTooOldEvenWhileTheLinkIsDown)
{
    lane l;
    l.add(queued(1));
    const auto day = now + std::chrono::milliseconds{std::chrono::hours{24}}.count();
    EXPECT_EQ(l.next(day - 1, false).what, to::parked);
    EXPECT_EQ(l.next(day, false).what, to::expire);
}

TEST(Lane, ShowsThatItWaitsOnlyAfterHalfAMinute)
{
    lane l;
    EXPECT_TRUE(l.overdue(now, 9).empty());
    l.add(queued(1));
    EXPECT_TRUE(l.overdue(now + 29'999, 9).empty());
    EXPECT_EQ(l.overdue(now + 30'000, 9).size(), 1u);
    l.head().told = true;
    EXPECT_TRUE(l.overdue(now + 60'000, 9).empty()) << "once is enough";
}

TEST(Lane, ShowsOfALongQueueOnlyThatTheFirstWait)
{
    lane l;
    for (position seq = 1; seq <= 5; ++seq)
        l.add(queued(seq));
    const auto late = l.overdue(now + 30'000, 2);
    ASSERT_EQ(late.size(), 2u);
    EXPECT_EQ(late[1]->seq, 2);
}

TEST(Lane, LetsAnAdministratorTakeOutWhatIsNotInFlight)
{
    lane l;
    l.add(queued(1));
    l.add(queued(2));
    l.begin();
    EXPECT_FALSE(l.take_out(1)) << "it is in flight";
    EXPECT_FALSE(l.take_out(7)) << "it is not here";
    EXPECT_TRUE(l.take_out(2));
    l.later(now, std::chrono::seconds{60}, 0.5, true);
    const auto out = l.take_out(1);
    ASSERT_TRUE(out);
    EXPECT_TRUE(out->again) << "it may have arrived";
    EXPECT_EQ(out->tries, 1u);
    EXPECT_TRUE(l.empty());
    l.add(queued(3));
    EXPECT_EQ(l.next(now, true).what, to::send) << "the next one does not inherit the pause";
}

TEST(Lane, CountsTriesOnAcrossDeath)
{
    lane l;
    auto it = queued(1);
    it.tries = 3;
    l.add(it);
    l.begin();
    EXPECT_EQ(l.head().tries, 4u);
}

TEST(Lane, GivesBackAQueuedMessageButNotOneOnTheWire)
{
    lane l;
    l.add(queued(1, "$a"));
    l.add(queued(2, "$b"));
    l.begin();
    EXPECT_FALSE(l.withdraw(1)) << "a byte may have left";
    EXPECT_TRUE(l.withdraw(2));
    EXPECT_FALSE(l.withdraw(2));
    EXPECT_EQ(l.size(), 1u);
}

TEST(Lane, DoesNotGiveBackAHeadThatWasOnTheWireBeforeACrash)
{
    lane l;
    l.add(queued(1), true);
    EXPECT_FALSE(l.withdraw(1));
}

TEST(Lane, FindsAQueuedMessageByItsEventId)
{
    lane l;
    l.add(queued(3, "$a"));
    l.add(queued(5, "$b"));
    EXPECT_EQ(l.find_by_id("$b"), 5);
    EXPECT_EQ(l.find_by_id("$c"), 0);
    ASSERT_TRUE(l.find(5));
    EXPECT_EQ(l.find(5)->seq, 5);
    EXPECT_FALSE(l.find(4));
}

TEST(Lane, HoldsOnlyTheFirstOnesInMemory)
{
    lane_limits small;
    small.in_memory = 2;
    small.length = 3;
    lane l{small};
    l.add(queued(1));
    l.add(queued(2));
    l.add(queued(3));
    EXPECT_TRUE(l.full());
    EXPECT_TRUE(l.find(2)->it);
    EXPECT_FALSE(l.find(3)->it) << "its text is on disk only";
}

}  // namespace
}  // namespace rialto::lane_test
