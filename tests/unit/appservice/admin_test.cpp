#include "appservice/admin.hpp"

#include "core/metrics.hpp"

#include <gmock/gmock.h>
#include <boost/asio.hpp>
#include <nlohmann/json.hpp>

namespace rialto::admin_test {
namespace {

using testing::HasSubstr;

http::request asking(std::string method, std::string path)
{
    http::request out;
    out.method = std::move(method);
    out.path = std::move(path);
    return out;
}

http::response answered(admin_service& by, std::string path)
{
    boost::asio::io_context io;
    http::response out;
    boost::asio::co_spawn(
        io, by.answer(asking("GET", std::move(path))),
        [&](std::exception_ptr, http::response said) { out = std::move(said); }
    );
    io.run();
    return out;
}

std::vector<component> parts(bool linked)
{
    std::vector<component> out;
    out.emplace_back("homeserver", true, "");
    out.emplace_back("prosody", linked, linked ? "" : "the secret is wrong");
    return out;
}

TEST(Admin, ReadinessNamesEachPartAndWhyItIsNotReady)
{
    const auto good = readiness(parts(true)), bad = readiness(parts(false));
    EXPECT_EQ(good.status, 200u);
    EXPECT_EQ(bad.status, 503u);
    const auto said = nlohmann::json::parse(bad.body);
    EXPECT_FALSE(said.at("ready"));
    EXPECT_EQ(said.at("components").at(1).at("name"), "prosody");
    EXPECT_EQ(said.at("components").at(1).at("reason"), "the secret is wrong");
    EXPECT_TRUE(said.at("components").at(0).at("ready"));
}

TEST(Admin, ReadyAsksAnewEachTime)
{
    bool linked = false;
    admin_service it{[&] { return parts(linked); }};
    EXPECT_EQ(answered(it, "/health/ready").status, 503u);
    linked = true;
    EXPECT_EQ(answered(it, "/health/ready").status, 200u);
}

TEST(Admin, ItIsAliveThoughAPartIsNotReady)
{
    admin_service it{[] { return parts(false); }};
    EXPECT_EQ(answered(it, "/health/live").status, 200u);
}

TEST(Admin, MetricsAreInPrometheusFormat)
{
    metrics::count("test_admin_total", "Tested.").add();
    admin_service it{[] { return parts(true); }};
    const auto said = answered(it, "/metrics");
    EXPECT_THAT(said.content_type, HasSubstr("text/plain; version=0.0.4"));
    EXPECT_THAT(said.body, HasSubstr("test_admin_total 1"));
}

TEST(Admin, NothingElseIsThere)
{
    admin_service it{[] { return parts(true); }};
    EXPECT_EQ(it.refuse(asking("GET", "/"))->status, 404u);
    EXPECT_EQ(it.refuse(asking("POST", "/metrics"))->status, 405u);
    EXPECT_FALSE(it.refuse(asking("GET", "/metrics")));
}

}  // namespace
}  // namespace rialto::admin_test
