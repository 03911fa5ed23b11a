#include "appservice/media_service.hpp"
#include "tests/unit/appservice/http_world.hpp"
#include "tests/unit/appservice/media_kit.hpp"

namespace rialto::matrix::media_service_test {
namespace {

using testing::HasSubstr;

struct scripted_register final : link_register
{
    result<bool> answer{true};
    int asked = 0;
    awaitable<result<bool>> stands(portal_key, std::string) override
    {
        ++asked;
        co_return answer;
    }
};

struct MediaService : Media
{
    scripted_register links;
    media_service service{files, links, time};
    MediaService()
    {
        service.secret("secret");
        http.pages[download + std::string{"hs/a"}] = net::http_reply{200, "GIF89a0123456789"};
    }
    static media_link moon()
    {
        media_link out;
        out.portal = 7;
        out.tag = link_tag("$e");
        out.source = "mxc://hs/a";
        out.name = "moon.gif";
        out.until = 1'000'100;
        return out;
    }
    static http::request asks(std::string path, std::string method = "GET", std::string range = {})
    {
        http::request r;
        r.method = std::move(method);
        r.path = std::move(path);
        r.range = std::move(range);
        return r;
    }
    http::response ask(http::request r)
    {
        if (auto refused = service.refuse(r))
            return *refused;
        return get(service.answer(std::move(r)));
    }
    http::response ask_moon() { return ask(asks(write_link(moon(), "secret"))); }
};

TEST_F(MediaService, ServesWhatItsLinkNames)
{
    const auto said = ask_moon();
    EXPECT_EQ(said.status, 200u);
    ASSERT_TRUE(said.file);
    EXPECT_EQ(said.file->read(0, 100), "GIF89a0123456789");
    EXPECT_EQ(said.content_type, "image/gif");
    EXPECT_EQ(ask(asks(write_link(moon(), "secret"), "GET", "bytes=6-")).status, 206u);
}

TEST_F(MediaService, AsksNobodyAboutAForgedLink)
{
    for (const auto& path :
         {write_link(moon(), "another"), std::string{"/"}, std::string{"/_matrix/app/v1/ping"},
          std::string{"/_rialto/media/"}, std::string{}})
        EXPECT_EQ(ask(asks(path)).status, 404u) << path;
    EXPECT_EQ(links.asked, 0);
    EXPECT_TRUE(http.asked.empty());
}

TEST_F(MediaService, OnlyGives)
{
    for (const char* method : {"PUT", "POST", "DELETE", "OPTIONS"})
        EXPECT_EQ(ask(asks(write_link(moon(), "secret"), method)).status, 405u) << method;
}

TEST_F(MediaService, EndsWithItsTime)
{
    time.at = timestamp{std::chrono::seconds{1'000'100}};
    EXPECT_EQ(ask_moon().status, 410u);
    EXPECT_TRUE(http.asked.empty());
}

TEST_F(MediaService, EndsWithItsMessage)
{
    EXPECT_EQ(ask_moon().status, 200u);
    links.answer = false;
    EXPECT_EQ(ask_moon().status, 410u) << "though the bytes are at hand";
}

TEST_F(MediaService, SaysLaterWhenItCannotKnow)
{
    links.answer = failure{verdict::try_later, cause::other, "the disk"};
    EXPECT_EQ(ask_moon().status, 503u);
    links.answer = true;
    http.pages[download + std::string{"hs/a"}] = net::http_reply{0, ""};
    EXPECT_EQ(ask_moon().status, 503u);
    http.pages.clear();
    EXPECT_EQ(ask_moon().status, 404u);
}

TEST_F(MediaService, HoldsBackOneWhoAsksWithoutEnd)
{
    unsigned held = 0;
    for (int i = 0; i < 100; ++i)
        held += ask_moon().status == 429 ? 1 : 0;
    EXPECT_EQ(held, 40u);
    EXPECT_EQ(http.asked.size(), 1u);
    auto other = moon();
    other.tag = link_tag("$other");
    EXPECT_EQ(ask(asks(write_link(other, "secret"))).status, 200u) << "others are served";
    time.at += std::chrono::seconds{5};
    EXPECT_EQ(ask_moon().status, 200u);
    for (int i = 0; i < 1'000; ++i)
        (void)service.refuse(asks("/x"));
    EXPECT_EQ(ask(asks("/x")).status, 429u) << "all together have a bound too";
}

TEST(RateLimit, FillsUpAgainAndNotBeyond)
{
    rate_limit limit{2, 1};
    timestamp t{std::chrono::seconds{100}};
    EXPECT_TRUE(limit.allow(t));
    EXPECT_TRUE(limit.allow(t));
    EXPECT_FALSE(limit.allow(t));
    t += std::chrono::seconds{1};
    EXPECT_TRUE(limit.allow(t));
    EXPECT_FALSE(limit.allow(t - std::chrono::seconds{50})) << "a clock that goes back gives nothing";
    t += std::chrono::hours{1};
    EXPECT_TRUE(limit.allow(t));
    EXPECT_TRUE(limit.allow(t));
    EXPECT_FALSE(limit.allow(t));
}

}  // namespace
}  // namespace rialto::matrix::media_service_test

namespace rialto::http::media_service_test {
namespace {

struct letters final : net::body_source
{
    std::uint64_t size() const override { return 300'000; }
    std::string read(std::uint64_t from, std::size_t most) const override
    {
        std::string out;
        for (auto at = from; at < size() && out.size() < most; ++at)
            out += static_cast<char>('a' + at % 26);
        return out;
    }
};

struct file_service final : service
{
    std::optional<response> refuse(const request&) override { return std::nullopt; }
    awaitable<response> answer(request asked) override
    {
        response said;
        said.content_type = "image/gif";
        said.headers.emplace_back("X-More", asked.range);
        said.file = std::make_shared<letters>();
        said.first = 26;
        said.length = 200'000;
        co_return said;
    }
};

TEST(HttpFiles, GoOutPieceByPieceAndHeadsAlone)
{
    asio::io_context io;
    file_service behind;
    listener front{io.get_executor(), "127.0.0.1", 0, behind};
    asio::co_spawn(io, front.run(), asio::detached);
    std::string whole, head, again;
    const auto play = [&]() -> awaitable<void> {
        caller link{io, front.port()};
        co_await link.say("GET /x HTTP/1.1\r\nHost: x\r\nRange: bytes=1-\r\n\r\n");
        whole = co_await link.hear();
        co_await link.say("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
        again = co_await link.hear();
        caller other{io, front.port()};
        co_await other.say("HEAD /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        head = co_await other.hear();
        front.stop();
    };
    asio::co_spawn(io, play, asio::detached);
    io.run_for(std::chrono::seconds{20});
    const auto body = whole.substr(whole.find("\r\n\r\n") + 4);
    EXPECT_EQ(body, letters{}.read(26, 200'000));
    EXPECT_THAT(whole, testing::HasSubstr("X-More: bytes=1-\r\n"));
    EXPECT_THAT(whole, testing::HasSubstr("Content-Length: 200000\r\n"));
    EXPECT_EQ(again.substr(again.find("\r\n\r\n") + 4), body) << "the connection goes on";
    EXPECT_THAT(head, testing::HasSubstr("Content-Length: 200000\r\n"));
    EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head.size();
}

}  // namespace
}  // namespace rialto::http::media_service_test
