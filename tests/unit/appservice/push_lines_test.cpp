#include "appservice/push_lines.hpp"

#include <gtest/gtest.h>

namespace rialto::matrix {
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
        return place;
    }
    bool breaks(const char* transaction) { return push(transaction).ended != 0; }
};

TEST_F(Lines, AConnectionIsALineAsLongAsNoTransactionIsMissing)
{
    for (const char* id : {"41", "42", "43", "43", "44"}) {
        const auto place = push(id);
        EXPECT_EQ(place.line, first) << id;
        EXPECT_EQ(place.ended, 0U) << id;
    }
}

TEST_F(Lines, AMissingTransactionBeginsANewerLine)
{
    push("41");
    const auto place = push("43");
    EXPECT_EQ(place.ended, first);
    EXPECT_GT(place.line, first);
    EXPECT_EQ(push("44").line, place.line);
    EXPECT_EQ(lines.closed(7), place.line);
}

TEST_F(Lines, OneThatIsMissingBetweenTwoConnectionsIsSeenToo)
{
    push("41");
    const auto second = lines.opened(8);
    EXPECT_EQ(push("43", true, 8).ended, second);
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
        EXPECT_FALSE(breaks(id)) << id;
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
    EXPECT_EQ(push("43", true, 99).ended, 0U);
    EXPECT_EQ(lines.closed(99), 0U);
}

}  // namespace
}  // namespace rialto::matrix
