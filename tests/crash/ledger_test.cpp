// The judge is judged: what it must call lost, doubled, inverted, and what it must not.
#include "tests/crash/ledger.hpp"

#include <gtest/gtest.h>

namespace rialto::crash::ledger_test {
namespace {

lane_ledger lane(std::vector<std::string> accepted, const std::vector<std::string>& arrived)
{
    lane_ledger l;
    l.accepted = std::move(accepted);
    for (const auto& text : arrived)
        l.arrived.emplace_back(text);
    return l;
}

TEST(Ledger, IsGoodWhenAllArrivedOnceAndInOrder)
{
    const auto f = lane({"1", "2", "3"}, {"1", "2", "3"}).judge();
    EXPECT_TRUE(f.good());
    EXPECT_EQ(f.accepted, 3u);
    EXPECT_EQ(f.delivered, 3u);
}

TEST(Ledger, FindsWhatIsMissing)
{
    const auto l = lane({"1", "2", "3"}, {"1", "3"});
    EXPECT_EQ(l.judge().lost, 1u);
    EXPECT_FALSE(l.complete());
    EXPECT_EQ(l.findings(), (std::vector<std::string>{"lost: 2"}));
}

TEST(Ledger, FindsASecondCopy)
{
    const auto f = lane({"1", "2"}, {"1", "2", "1"}).judge();
    EXPECT_EQ(f.doubled, 1u);
    EXPECT_EQ(f.inversions, 0u) << "the first copy was in order";
}

TEST(Ledger, FindsWhatWasOvertaken)
{
    EXPECT_EQ(lane({"1", "2", "3"}, {"1", "3", "2"}).judge().inversions, 1u);
    EXPECT_EQ(lane({"1", "2", "3"}, {"3", "1", "2"}).judge().inversions, 2u);
}

TEST(Ledger, DoesNotMissWhatTheAuthorWasToldOf)
{
    auto l = lane({"1", "2", "3"}, {"3"});
    l.dead.insert("1");
    l.withdrawn.insert("2");
    const auto f = l.judge();
    EXPECT_TRUE(f.good());
    EXPECT_EQ(f.dead, 1u);
    EXPECT_EQ(f.withdrawn, 1u);
    EXPECT_TRUE(l.complete());
}

TEST(Ledger, CountsACopyUnderTheSameIdApart)
{
    lane_ledger l;
    l.accepted = {"1"};
    l.arrived = {arrival{"1", "a"}, arrival{"1", "a"}};
    EXPECT_EQ(l.judge().doubled, 0u);
    EXPECT_EQ(l.judge().repeated, 1u);
    l.arrived.emplace_back("1", "b");
    EXPECT_EQ(l.judge().doubled, 1u) << "another id is another message";
}

TEST(Ledger, PromisesNothingForWhatWasOfferedWithoutAReceipt)
{
    auto l = lane({"1", "2"}, {"2"});
    l.offered = {"1", "2"};
    const auto f = l.judge();
    EXPECT_TRUE(f.good());
    EXPECT_EQ(f.unknown, 1u);
    EXPECT_EQ(f.accepted, 1u);
    EXPECT_EQ(f.delivered, 1u);
}

TEST(Ledger, SaysItsFiguresInOneLine)
{
    figures f;
    f.points = 2;
    f.accepted = 10;
    f.delivered = 9;
    f.lost = 1;
    EXPECT_EQ(
        to_line(f),
        "points 2, schedules 0, accepted 10, delivered 9, dead 0, withdrawn 0, lost 1, doubled 0, inversions "
        "0"
    );
    EXPECT_FALSE(f.good());
}

TEST(Ledger, AddsUpTheLanes)
{
    ledgers all;
    all["a"] = lane({"1"}, {"1"});
    all["b"] = lane({"1", "2"}, {"2"});
    EXPECT_EQ(judge(all).accepted, 3u);
    EXPECT_EQ(judge(all).lost, 1u);
}

}  // namespace
}  // namespace rialto::crash::ledger_test
