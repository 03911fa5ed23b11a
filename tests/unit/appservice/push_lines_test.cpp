#include "appservice/push_lines.hpp"

#include <gtest/gtest.h>

namespace rialto::matrix::push_lines_test {
namespace {

struct Lines : testing::Test
{
    push_lines lines;
    timestamp now{std::chrono::hours{24 * 365 * 50}};
    std::uint64_t first = lines.opened(7);

    push_lines::place push(const char* transaction, bool taken = true, std::uint64_t connection = 7)
    {
        const auto place = lines.on(connection, transaction, now);
        lines.answered(taken, now);
        EXPECT_TRUE(place.begins || !place.missing);
        return place;
    }
    bool breaks(const char* transaction) { return push(transaction).missing; }
};

TEST_F(Lines, AConnectionIsALineFromItsFirstTransactionOnAsLongAsNoneIsMissing)
{
    const auto begun = push("41");
    EXPECT_TRUE(begun.begins);
    EXPECT_FALSE(begun.missing);
    EXPECT_GT(begun.line, first);
    for (const char* id : {"42", "43", "43", "44"}) {
        const auto place = push(id);
        EXPECT_EQ(place.line, begun.line) << id;
        EXPECT_FALSE(place.begins) << id;
    }
}

TEST_F(Lines, AMissingTransactionBeginsANewerLine)
{
    const auto before = push("41").line;
    const auto place = push("43");
    EXPECT_TRUE(place.missing);
    EXPECT_GT(place.line, before);
    EXPECT_EQ(push("44").line, place.line);
    EXPECT_EQ(lines.closed(7), place.line);
}

TEST_F(Lines, AHomeserverThatCountsFromOneAgainIsFollowed)
{
    push("4100");
    lines.opened(8);
    EXPECT_TRUE(push("1", true, 8).begins);
    EXPECT_FALSE(push("2", true, 8).begins);
    EXPECT_TRUE(push("4", true, 8).missing);
}

TEST_F(Lines, AnOlderOneThatComesLateBreaksNothing)
{
    push("41");
    EXPECT_TRUE(breaks("43"));
    EXPECT_FALSE(breaks("42"));
    EXPECT_FALSE(breaks("44"));
}

TEST_F(Lines, NamesThatAreNoNumbersTellNothing)
{
    for (const char* id : {"1795455258_3", "m41", "m49", "", "99999999999999999999"})
        EXPECT_EQ(push(id).line, first) << id;
}

TEST_F(Lines, WhatOthersArePushedIsNotMistakenForAGapOnceAllHasGoneWellForAWhile)
{
    push("41");
    now += push_lines::doubtful;
    EXPECT_FALSE(breaks("50"));
    EXPECT_FALSE(breaks("60"));
}

TEST_F(Lines, ARefusalOfOursMakesGapsCountAgainUntilAWhileAfterTheFirstSuccess)
{
    push("41");
    now += push_lines::doubtful;
    push("42", false);
    now += 10 * push_lines::doubtful;
    EXPECT_FALSE(breaks("42"));
    now += push_lines::doubtful / 2;
    EXPECT_TRUE(breaks("44"));
    now += push_lines::doubtful;
    EXPECT_FALSE(breaks("46"));
}

TEST_F(Lines, AConnectionThatIsNotKnownHasNone)
{
    EXPECT_EQ(push("41", true, 99).line, 0U);
    EXPECT_FALSE(push("43", true, 99).missing);
    EXPECT_EQ(lines.closed(99), 0U);
}

}  // namespace
}  // namespace rialto::matrix::push_lines_test
