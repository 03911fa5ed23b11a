#include "bridges/email/verp.hpp"

#include <gtest/gtest.h>

namespace rialto::email::verp_test {
namespace {

TEST(ReturnPath, IsKnownAgainByWhoSignedIt)
{
    const auto a = return_path("0123abcd-2", "chat.example", "secret");
    EXPECT_TRUE(looks_signed(a));
    EXPECT_LE(a.local.size(), longest_local);
    EXPECT_EQ(parse_address(a.text()), a);
    EXPECT_EQ(signed_id(a, "secret"), "0123abcd-2");
    EXPECT_LE(return_path(std::string(40, 'a'), "chat.example", "secret").local.size(), longest_local);
}

TEST(ReturnPath, SurvivesAServerThatChangesCase)
{
    auto text = return_path("0123abcd", "chat.example", "secret").text();
    for (auto& c : text)
        c = static_cast<char>(std::toupper(c));
    EXPECT_EQ(signed_id(*parse_address(text), "secret"), "0123abcd");
}

TEST(ReturnPath, IsNobodyElsesToMake)
{
    const auto a = return_path("0123", "chat.example", "secret");
    EXPECT_FALSE(signed_id(a, "other"));
    EXPECT_FALSE(signed_id(address{a.local, "other.example"}, "secret"));
    auto other = a;
    other.local[3] = '9';
    EXPECT_FALSE(signed_id(other, "secret"));
    for (const auto* bad :
         {"b+", "b+x", "b+.", "b+0123.", "b+0123.0000000000000000", "b", "alice", "b+0.1.2"})
        EXPECT_FALSE(signed_id(address{bad, "chat.example"}, "secret")) << bad;
    EXPECT_FALSE(signed_id(address{a.local.substr(0, a.local.size() - 1), a.domain}, "secret"));
}

}  // namespace
}  // namespace rialto::email::verp_test
