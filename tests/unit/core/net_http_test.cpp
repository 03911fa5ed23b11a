#include "core/net/http.hpp"

#include <gtest/gtest.h>

namespace rialto::net::net_http_test {
namespace {

TEST(Http, AHostIsNamedWithoutPortUserAndPath)
{
    EXPECT_EQ(host_of("https://matrix.example:8448/_matrix/client?x=y"), "matrix.example");
    EXPECT_EQ(host_of("http://u:secret@h.example/a@b:c"), "h.example");
    EXPECT_EQ(host_of("http://[::1]:80/"), "[::1]");
    EXPECT_EQ(host_of("h.example"), "h.example");
    EXPECT_EQ(host_of(""), "");
}

TEST(Http, ASegmentKeepsOnlyTheUnreserved)
{
    EXPECT_EQ(percent_encoded("!r:hs/..%#?ü"), "%21r%3Ahs%2F..%25%23%3F%C3%BC");
    EXPECT_EQ(percent_encoded("aZ09-._~"), "aZ09-._~");
}

TEST(Http, AHeaderIsFoundByItsLowerName)
{
    http_reply r{200, ""};
    r.headers.emplace_back("retry-after", "5");
    EXPECT_EQ(r.header("retry-after"), "5");
    EXPECT_EQ(r.header("etag"), "");
}

}  // namespace
}  // namespace rialto::net::net_http_test
