#include "appservice/routes.hpp"
#include "appservice/http_target.hpp"

#include <gtest/gtest.h>

namespace rialto::routes_test {
namespace {

std::string decided(std::string_view method, std::string_view target)
{
    const auto parsed = http::parse_target(target);
    const auto it = route_of(method, parsed ? parsed->path : "");
    if (!it.to)
        return it.known ? "405" : "404";
    return std::string{name_of(it.to->to)} + " " + it.to->argument;
}

TEST(Routes, EachEndpointIsFound)
{
    EXPECT_EQ(decided("PUT", "/_matrix/app/v1/transactions/17"), "transaction 17");
    EXPECT_EQ(decided("GET", "/_matrix/app/v1/users/%40_b_a%3Ah"), "user @_b_a:h");
    EXPECT_EQ(decided("GET", "/_matrix/app/v1/rooms/%23_b_a%3Ah"), "room #_b_a:h");
    EXPECT_EQ(decided("GET", "/_matrix/app/v1/thirdparty/protocol/xmpp"), "protocol xmpp");
    EXPECT_EQ(decided("GET", "/_matrix/app/v1/thirdparty/user/xmpp?address=a"), "far_users xmpp");
    EXPECT_EQ(decided("GET", "/_matrix/app/v1/thirdparty/location/xmpp?room=a"), "far_locations xmpp");
    EXPECT_EQ(decided("GET", "/_matrix/app/v1/thirdparty/user?userid=a"), "user_behind ");
    EXPECT_EQ(decided("GET", "/_matrix/app/v1/thirdparty/location?alias=a"), "room_behind ");
    EXPECT_EQ(decided("POST", "/_matrix/app/v1/ping"), "ping ");
}

TEST(Routes, WhateverFollowsThePrefixIsOneId)
{
    EXPECT_EQ(decided("GET", "/_matrix/app/v1/users/%40_b_a/b%3Ah"), "user @_b_a/b:h");
    EXPECT_EQ(decided("GET", "/_matrix/app/v1/users/@_b_a%2Fb:h"), "user @_b_a/b:h");
    EXPECT_EQ(decided("GET", "/_matrix/app/v1/users/%40a%3Fb%23c%3Ah"), "user @a?b#c:h");
    EXPECT_EQ(decided("GET", "/_matrix/app/v1/users/../ping"), "user ../ping");
    EXPECT_EQ(decided("PUT", "/_matrix/app/v1/transactions/a%2Fb%20c"), "transaction a/b c");
    EXPECT_EQ(decided("GET", "/%5fmatrix/app/v1/users/x"), "user x");
}

TEST(Routes, AKnownPathWithAnotherMethodIs405)
{
    EXPECT_EQ(decided("POST", "/_matrix/app/v1/transactions/17"), "405");
    EXPECT_EQ(decided("GET", "/_matrix/app/v1/transactions/17"), "405");
    EXPECT_EQ(decided("DELETE", "/_matrix/app/v1/users/@a:h"), "405");
    EXPECT_EQ(decided("get", "/_matrix/app/v1/users/@a:h"), "405");
    EXPECT_EQ(decided("GET", "/_matrix/app/v1/ping"), "405");
}

TEST(Routes, WhatIsNotImplementedIs404)
{
    for (const auto* path :
         {"/", "/_matrix/app/v1/", "/_matrix/app/v1/users", "/_matrix/app/v1/users/",
          "/_matrix/app/v1/transactions/", "/_matrix/app/v1/ping/", "/_matrix/app/v2/ping", "/transactions/1",
          "/users/@a:h", "/_matrix/app/v1/users/%zz", "/_matrix/app/unstable/org.matrix.msc3983/keys/claim",
          "/_matrix/app/unstable/org.matrix.msc3984/keys/query", "/_matrix/client/versions"}) {
        EXPECT_EQ(decided("GET", path), "404") << path;
        EXPECT_EQ(decided("POST", path), "404") << path;
    }
}

}  // namespace
}  // namespace rialto::routes_test
