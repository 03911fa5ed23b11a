#include "core/opening_limit.hpp"

#include <gtest/gtest.h>

namespace rialto::opening_limit_test {
namespace {

const timestamp start{std::chrono::hours{10}};

TEST(OpeningLimit, CountsAnHourBack)
{
    opening_limit few{2};
    EXPECT_TRUE(few.allow("a", start));
    EXPECT_TRUE(few.allow("a", start));
    EXPECT_FALSE(few.allow("a", start + std::chrono::minutes{59}));
    EXPECT_TRUE(few.allow("b", start));
    EXPECT_TRUE(few.allow("a", start + std::chrono::minutes{60}));
}

TEST(OpeningLimit, DoesNotCountWhatItRefused)
{
    opening_limit one{1};
    EXPECT_TRUE(one.allow("a", start));
    for (int i = 1; i < 60; ++i)
        EXPECT_FALSE(one.allow("a", start + std::chrono::minutes{i}));
    EXPECT_TRUE(one.allow("a", start + std::chrono::minutes{60}));
}

TEST(OpeningLimit, ForgetsTheAccountThatWasQuietForLongest)
{
    opening_limit one{1};
    EXPECT_TRUE(one.allow("z", start));
    EXPECT_TRUE(one.allow("a", start + std::chrono::seconds{1}));
    for (std::size_t i = 2; i < opening_limit::most_accounts; ++i)
        EXPECT_TRUE(one.allow("m" + std::to_string(i), start + std::chrono::seconds{2}));
    EXPECT_TRUE(one.allow("one too many", start + std::chrono::seconds{3}));
    EXPECT_FALSE(one.allow("a", start + std::chrono::seconds{4}));
    EXPECT_TRUE(one.allow("z", start + std::chrono::seconds{4})) << "forgotten, so it may begin again";
}

}  // namespace
}  // namespace rialto::opening_limit_test
