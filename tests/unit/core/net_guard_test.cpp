#include "core/net/guarded_fetch.hpp"
#include "core/net/public_address.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <map>
#include <optional>

namespace rialto::net::net_guard_test {
namespace {

bool open(const char* address) { return is_public(boost::asio::ip::make_address(address)); }

TEST(PublicAddress, TheOpenInternetIs)
{
    for (const char* a :
         {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255",
          "172.32.0.0", "192.167.1.1", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111",
          "2a01:4f8::1"})
        EXPECT_TRUE(open(a)) << a;
}

TEST(PublicAddress, OurOwnHouseIsNot)
{
    for (const char* a :
         {"0.0.0.0",         "10.0.0.1",   "100.64.0.1",     "100.127.255.255", "127.0.0.1",   "127.255.0.1",
          "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1",       "192.0.2.1",   "192.88.99.1",
          "192.168.0.1",     "198.18.0.1", "198.19.255.255", "198.51.100.1",    "203.0.113.9", "224.0.0.1",
          "239.1.1.1",       "240.0.0.1",  "255.255.255.255"})
        EXPECT_FALSE(open(a)) << a;
}

TEST(PublicAddress, NothingIsHiddenInIPv6)
{
    for (const char* a :
         {"::", "::1", "::ffff:127.0.0.1", "::ffff:1.1.1.1", "::7f00:1", "64:ff9b::7f00:1",
          "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::", "3fff::1",
          "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1", "4000::1"})
        EXPECT_FALSE(open(a)) << a;
}

TEST(GuardedFetch, OnlyPlainHttpsAddressesAreFetched)
{
    EXPECT_TRUE(may_fetch("https://upload.example/a%20b?x=1"));
    EXPECT_TRUE(may_fetch("https://[2606:4700::1111]:443/"));
    for (const char* url :
         {"http://a/", "https://", "https:///x", "https://u:p@a/", "ftp://a/", "https://a/\r\nX",
          "https://a/ b", "https://a\\b/", "HTTPS://a/", "file:///etc/passwd", ""})
        EXPECT_FALSE(may_fetch(url)) << url;
    EXPECT_FALSE(may_fetch("https://a/" + std::string(5'000, 'x')));
}

TEST(GuardedFetch, ARedirectIsCheckedLikeTheFirstAddress)
{
    EXPECT_EQ(redirect_target("https://a/x?y", 302, "https://b/z"), "https://b/z");
    EXPECT_EQ(redirect_target("https://a:8443/x", 301, "/z"), "https://a:8443/z");
    EXPECT_EQ(redirect_target("https://a?x=/y", 301, "/z"), "https://a/z");
    EXPECT_EQ(redirect_target("https://a/x", 308, "//b/z"), "https://b/z");
    for (const char* location : {"http://b/", "", "z", "ftp://b", "file:///etc/passwd", "https://u@b/"})
        EXPECT_EQ(redirect_target("https://a/x", 302, location), "") << location;
    EXPECT_EQ(redirect_target("https://a/x", 200, "https://b/"), "");
}

struct scripted : http_client
{
    std::map<std::string, http_reply> pages;
    int asked = 0;
    awaitable<result<http_reply>> send(http_request r) override
    {
        ++asked;
        co_return pages[r.url];
    }
};

result<http_reply> fetch(scripted& from, const std::string& url)
{
    boost::asio::io_context io;
    guarded_fetch fetcher{from};
    std::optional<result<http_reply>> got;
    boost::asio::co_spawn(
        io, fetcher.get(url, fetch_limits{}),
        [&got](std::exception_ptr, result<http_reply> r) { got.emplace(std::move(r)); }
    );
    io.run();
    return std::move(*got);
}

http_reply moved(const std::string& to)
{
    http_reply r{302, ""};
    r.headers.emplace_back("location", to);
    return r;
}

TEST(GuardedFetch, FollowsThreeRedirectsAndNoMore)
{
    scripted far;
    far.pages["https://a/0"] = http_reply{200, "bytes"};
    for (int i = 1; i <= 4; ++i)
        far.pages["https://a/" + std::to_string(i)] = moved("https://a/" + std::to_string(i - 1));
    EXPECT_EQ(fetch(far, "https://a/3")->body, "bytes");
    EXPECT_EQ(fetch(far, "https://a/4").error().kind, cause::forbidden);
}

TEST(GuardedFetch, TellsWhatIsGoneFromWhatIsAway)
{
    scripted far;
    far.pages["https://a/gone"] = http_reply{404, ""};
    far.pages["https://a/busy"] = http_reply{503, ""};
    far.pages["https://a/plain"] = moved("http://a/");
    EXPECT_EQ(fetch(far, "https://a/gone").error().next, verdict::give_up);
    EXPECT_EQ(fetch(far, "https://a/busy").error().next, verdict::try_later);
    EXPECT_EQ(fetch(far, "https://a/plain").error().kind, cause::forbidden);
    const int before = far.asked;
    EXPECT_EQ(fetch(far, "http://a/").error().kind, cause::forbidden);
    EXPECT_EQ(far.asked, before);
}

TEST(GuardedFetch, ATrustedOriginIsThatVeryOneAndNoOther)
{
    const origins own{"http://up.own:5280", "https://up.own"};
    EXPECT_TRUE(may_fetch("http://up.own:5280/x", own));
    EXPECT_TRUE(may_fetch("http://UP.own:5280/x", own));
    for (const char* url :
         {"http://up.own/x", "http://up.own:5281/", "http://up.own:5280@evil/", "http://evil/",
          "http://up.own:52800/", "http://up.own.evil:5280/"})
        EXPECT_FALSE(may_fetch(url, own)) << url;
    EXPECT_EQ(redirect_target("http://up.own:5280/x", 302, "/y", own), "http://up.own:5280/y");
    EXPECT_EQ(redirect_target("http://up.own:5280/x", 302, "//up.own:5280/y", own), "http://up.own:5280/y");
    EXPECT_EQ(redirect_target("http://up.own:5280/x", 302, "http://127.0.0.1/", own), "");
    EXPECT_EQ(origin_of("https://A.b:1/c?d"), "https://a.b:1");
    EXPECT_EQ(origin_of("https://a?b"), "https://a");
    EXPECT_EQ(origin_of("ftp://a"), "");
}

TEST(GuardedFetch, OnlyTrustedOriginsAreAskedWithoutTheGuard)
{
    scripted guarded, open;
    open.pages["http://up.own/1"] = moved("https://elsewhere/1");
    guarded.pages["https://elsewhere/1"] = http_reply{200, "bytes"};
    boost::asio::io_context io;
    guarded_fetch fetcher{guarded, open, origins{"http://up.own"}};
    std::optional<result<http_reply>> got;
    boost::asio::co_spawn(
        io, fetcher.get("http://up.own/1", fetch_limits{}),
        [&got](std::exception_ptr, result<http_reply> r) { got.emplace(std::move(r)); }
    );
    io.run();
    EXPECT_EQ((*got)->body, "bytes");
    EXPECT_EQ(open.asked, 1);
    EXPECT_EQ(guarded.asked, 1) << "where it sends us is a stranger again";
}

TEST(GuardedFetch, ItsClientDoesNotConnectToOurHouse)
{
    boost::asio::io_context io;
    const auto http = guarded_client(io.get_executor());
    guarded_fetch fetcher{*http};
    std::optional<result<http_reply>> got;
    boost::asio::co_spawn(
        io, fetcher.get("https://127.0.0.1:1/", fetch_limits{}),
        [&got](std::exception_ptr, result<http_reply> r) { got.emplace(std::move(r)); }
    );
    while (!got && io.run_one_for(std::chrono::seconds{20}) > 0) {
    }
    ASSERT_TRUE(got);
    EXPECT_FALSE(*got);
}

}  // namespace
}  // namespace rialto::net::net_guard_test
