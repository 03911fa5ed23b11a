#include "appservice/auth.hpp"

#include <gtest/gtest.h>

namespace rialto::auth_token_test {
namespace {

http::request with(std::vector<std::string> headers, std::vector<std::string> queried = {})
{
    http::request out;
    out.authorization = std::move(headers);
    for (auto& each : queried)
        out.query.emplace("access_token", std::move(each));
    return out;
}

TEST(Token, EitherPlaceIsEnough)
{
    EXPECT_EQ(judge_token(with({"Bearer secret"}), "secret"), token_verdict::right);
    EXPECT_EQ(judge_token(with({"bEARER secret"}), "secret"), token_verdict::right);
    EXPECT_EQ(judge_token(with({}, {"secret"}), "secret"), token_verdict::right);
    EXPECT_EQ(judge_token(with({"Bearer secret"}, {"secret"}), "secret"), token_verdict::right);
}

TEST(Token, WhenSeveralAreThereAllMustBeRight)
{
    EXPECT_EQ(judge_token(with({"Bearer secret"}, {"wrong"}), "secret"), token_verdict::wrong);
    EXPECT_EQ(judge_token(with({"Bearer wrong"}, {"secret"}), "secret"), token_verdict::wrong);
    EXPECT_EQ(judge_token(with({}, {"secret", "wrong"}), "secret"), token_verdict::wrong);
    EXPECT_EQ(judge_token(with({"Bearer secret", "Bearer wrong"}), "secret"), token_verdict::wrong);
}

TEST(Token, NoneIsMissingAndNotRight)
{
    EXPECT_EQ(judge_token(with({}), "secret"), token_verdict::missing);
    EXPECT_EQ(judge_token(with({}), ""), token_verdict::missing);
}

TEST(Token, WhatOnlyLooksLikeItIsWrong)
{
    for (const std::string header :
         {"secret", "Bearer", "Bearer ", "Bearer secre", "Bearer secrets", "Bearer secretsecret",
          "Bearer  secret", "Basic secret", "Bearer secret ", "Bearer SECRET", ""})
        EXPECT_EQ(judge_token(with({header}), "secret"), token_verdict::wrong) << header;
    EXPECT_EQ(judge_token(with({}, {""}), "secret"), token_verdict::wrong);
}

TEST(Token, AnUnsetTokenLetsNobodyIn)
{
    EXPECT_EQ(judge_token(with({"Bearer "}), ""), token_verdict::wrong);
    EXPECT_EQ(judge_token(with({}, {""}), ""), token_verdict::wrong);
}

TEST(LogThrottle, SaysTheFirstAtOnceAndThenHowManyThereWere)
{
    log_throttle it{std::chrono::seconds{30}};
    const timestamp start{std::chrono::hours{500'000}};
    EXPECT_EQ(it.noted(start), 1u);
    for (int i = 1; i < 30; ++i)
        EXPECT_FALSE(it.noted(start + std::chrono::seconds{i}));
    EXPECT_EQ(it.noted(start + std::chrono::seconds{30}), 30u);
    EXPECT_EQ(it.noted(start + std::chrono::seconds{100}), 1u);
}

}  // namespace
}  // namespace rialto::auth_token_test
