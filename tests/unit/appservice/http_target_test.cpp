#include "appservice/http_target.hpp"
#include "appservice/http_head.hpp"

#include <gtest/gtest.h>

namespace rialto::http::http_target_test {
namespace {

TEST(HttpTarget, ThePathIsDecodedAsAWhole)
{
    EXPECT_EQ(parse_target("/users/%40_b_a/b%3Ah")->path, "/users/@_b_a/b:h");
    EXPECT_EQ(parse_target("/rooms/%23a%2Fb+c")->path, "/rooms/#a/b+c");
    EXPECT_EQ(parse_target("/a%00b")->path, (std::string{"/a\0b", 4}));
    EXPECT_EQ(parse_target("/a/../b//c")->path, "/a/../b//c");
}

TEST(HttpTarget, TheQueryKeepsEveryValueOfAKey)
{
    const auto it = parse_target("/x?a=1&a=%32&b=c+d%2B&&flag&=v");
    ASSERT_TRUE(it);
    EXPECT_EQ(it->query.count("a"), 2u);
    EXPECT_EQ(it->query.find("b")->second, "c d+");
    EXPECT_EQ(it->query.find("flag")->second, "");
    EXPECT_EQ(it->query.find("")->second, "v");
}

TEST(HttpTarget, TheAbsoluteFormIsTakenToo)
{
    EXPECT_EQ(parse_target("http://bridge:9999/a?b=c")->path, "/a");
    EXPECT_EQ(parse_target("http://bridge:9999")->path, "/");
}

TEST(HttpTarget, WhatIsBadlyEncodedOrNoPathIsNothing)
{
    for (const auto* raw : {"", "*", "a", "/%", "/%4", "/%g0", "/%0g", "/x?%", "/x?a=%zz", "ftp://x/y"})
        EXPECT_FALSE(parse_target(raw)) << raw;
}

body_facts body_of(std::uint64_t length)
{
    body_facts out;
    out.length = length;
    return out;
}

TEST(HttpHead, ABodyOfExactlyTheLimitIsTaken)
{
    EXPECT_FALSE(unacceptable(body_of(100), 100));
    EXPECT_EQ(unacceptable(body_of(101), 100)->status, 413u);
    EXPECT_FALSE(unacceptable(body_facts{}, 0));
}

TEST(HttpHead, OnlyPlainChunkedIsTaken)
{
    body_facts it;
    it.transfer_encoding = {"Chunked"};
    EXPECT_FALSE(unacceptable(it, 100));
    for (const std::string other : {"gzip", "gzip, chunked", "chunked, chunked", "", "chunked "}) {
        it.transfer_encoding = {other};
        EXPECT_EQ(unacceptable(it, 100)->status, 501u) << other;
    }
    it.transfer_encoding = {"chunked", "chunked"};
    EXPECT_EQ(unacceptable(it, 100)->status, 501u);
}

TEST(HttpHead, IdentityIsNoCompression)
{
    auto it = body_of(1);
    it.content_encoding = {"identity"};
    EXPECT_FALSE(unacceptable(it, 100));
    for (const std::string other : {"gzip", "br", "deflate", "identity, gzip"}) {
        it.content_encoding = {other};
        EXPECT_EQ(unacceptable(it, 100)->status, 415u) << other;
    }
}

TEST(HttpHead, OnlyABodyToComeIsAskedFor)
{
    body_facts it;
    it.expect = {"100-Continue"};
    EXPECT_FALSE(unacceptable(it, 100));
    EXPECT_FALSE(wants_continue(it));
    it.length = 1;
    EXPECT_TRUE(wants_continue(it));
    it.expect = {"200-ok"};
    EXPECT_EQ(unacceptable(it, 100)->status, 417u);
}

}  // namespace
}  // namespace rialto::http::http_target_test
