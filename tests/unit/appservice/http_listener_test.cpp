#include "http_world.hpp"

#include "core/backend.hpp"

namespace rialto::http::http_listener_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(HttpListener, ARequestReachesTheServiceAndItsAnswerReturns)
{
    play([&](std::uint16_t port) -> awaitable<void> {
        caller hs{io, port};
        co_await hs.say(put("/t/1?a=b%20c", "{\"events\":[]}"));
        const auto said = co_await hs.hear();
        EXPECT_THAT(said, StartsWith("HTTP/1.1 200"));
        EXPECT_THAT(said, HasSubstr("Content-Type: application/json\r\n"));
        EXPECT_THAT(said, HasSubstr("\r\n\r\n{\"n\":1}"));
    });
    ASSERT_EQ(behind.seen.size(), 1u);
    EXPECT_EQ(behind.seen[0].method, "PUT");
    EXPECT_EQ(behind.seen[0].path, "/t/1");
    EXPECT_EQ(behind.seen[0].query.find("a")->second, "b c");
    EXPECT_EQ(behind.seen[0].body, "{\"events\":[]}");
}

TEST_F(HttpListener, RequestsOfAConnectionShareItsNumberAndAnotherConnectionHasAHigherOne)
{
    play([&](std::uint16_t port) -> awaitable<void> {
        caller first{io, port}, second{io, port};
        for (int i = 0; i < 2; ++i) {
            co_await first.say(get("/a"));
            (void)co_await first.hear();
        }
        co_await second.say(get("/b"));
        (void)co_await second.hear();
    });
    ASSERT_EQ(behind.seen.size(), 3u);
    EXPECT_EQ(behind.seen[0].from.id, behind.seen[1].from.id);
    EXPECT_GT(behind.seen[2].from.id, behind.seen[0].from.id);
    EXPECT_THAT(behind.open, ElementsAre(behind.seen[0].from.id, behind.seen[2].from.id));
}

TEST_F(HttpListener, PipelinedRequestsAreAnsweredInOrder)
{
    play([&](std::uint16_t port) -> awaitable<void> {
        caller hs{io, port};
        co_await hs.say(put("/1", "one") + put("/2", "two") + get("/3"));
        for (int i = 1; i <= 3; ++i) {
            const auto said = co_await hs.hear();
            EXPECT_THAT(said, HasSubstr("{\"n\":" + std::to_string(i) + "}"));
        }
    });
    ASSERT_EQ(behind.seen.size(), 3u);
    EXPECT_EQ(behind.seen[1].body, "two");
}

TEST_F(HttpListener, AChunkedBodyIsPutTogether)
{
    play([&](std::uint16_t port) -> awaitable<void> {
        caller hs{io, port};
        co_await hs.say(
            "PUT /t HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer right\r\nTransfer-Encoding: chunked\r\n\r\n"
            "4\r\nabcd\r\n3;why=not\r\nefg\r\n0\r\nTrailer: x\r\n\r\n" +
            get("/next")
        );
        const auto said = co_await hs.hear();
        EXPECT_THAT(said, StartsWith("HTTP/1.1 200"));
        const auto next = co_await hs.hear();
        EXPECT_THAT(next, StartsWith("HTTP/1.1 200"));
    });
    ASSERT_EQ(behind.seen.size(), 2u);
    EXPECT_EQ(behind.seen[0].body, "abcdefg");
}

TEST_F(HttpListener, WhoeverAsksIsToldToContinueOnlyAfterTheTokenWasRight)
{
    const std::string rest = " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n";
    play([&](std::uint16_t port) -> awaitable<void> {
        caller hs{io, port};
        co_await hs.say("PUT /t" + rest + "Authorization: Bearer right\r\n\r\n");
        const auto go_on = co_await hs.hear();
        EXPECT_THAT(go_on, StartsWith("HTTP/1.1 100"));
        co_await hs.say("{}");
        const auto said = co_await hs.hear();
        EXPECT_THAT(said, StartsWith("HTTP/1.1 200"));

        caller stranger{io, port};
        co_await stranger.say("PUT /t" + rest + "Authorization: Bearer wrong\r\n\r\n");
        const auto no = co_await stranger.hear();
        EXPECT_THAT(no, StartsWith("HTTP/1.1 403"));
    });
    EXPECT_EQ(behind.seen.size(), 1u);
}

TEST_F(HttpListener, AStrangerIsRefusedBeforeTheBodyIsReadAndThenLeft)
{
    play([&](std::uint16_t port) -> awaitable<void> {
        caller stranger{io, port};
        co_await stranger.say("PUT /t HTTP/1.1\r\nHost: x\r\nContent-Length: 60000000\r\n\r\n"
        );  // and no body at all
        const auto said = co_await stranger.hear();
        EXPECT_THAT(said, StartsWith("HTTP/1.1 403"));
        EXPECT_THAT(said, HasSubstr("M_FORBIDDEN"));
        EXPECT_THAT(said, HasSubstr("Connection: close"));
        const bool ended = co_await stranger.ended();
        EXPECT_TRUE(ended);
    });
    EXPECT_TRUE(behind.seen.empty());
}

TEST_F(HttpListener, AStrangerWhoGoesOnSendingStillHearsTheRefusal)
{
    play([&](std::uint16_t port) -> awaitable<void> {
        caller stranger{io, port};
        co_await stranger.say(
            "PUT /t HTTP/1.1\r\nHost: x\r\nContent-Length: 400000\r\n\r\n" + std::string(400'000, 'x')
        );
        const auto said = co_await stranger.hear();
        EXPECT_THAT(said, StartsWith("HTTP/1.1 403"));
    });
}

TEST_F(HttpListener, ARefusalWithoutABodyKeepsTheConnection)
{
    play([&](std::uint16_t port) -> awaitable<void> {
        caller hs{io, port};
        co_await hs.say(get("/nowhere") + get("/somewhere"));
        const auto no = co_await hs.hear();
        EXPECT_THAT(no, StartsWith("HTTP/1.1 404"));
        const auto yes = co_await hs.hear();
        EXPECT_THAT(yes, StartsWith("HTTP/1.1 200"));
    });
}

TEST_F(HttpListener, AProxyIsSeenByAnyOfItsHeadersAndRememberedForTheConnection)
{
    for (const auto* header : {"Via: 1.1 nginx", "X-Forwarded-For: 10.0.0.1", "Forwarded: for=10.0.0.1"}) {
        behind.seen.clear();
        io.restart();
        play([&](std::uint16_t port) -> awaitable<void> {
            caller hs{io, port};
            co_await hs.say(get("/a") + get("/b", std::string{header} + "\r\n") + get("/c"));
            for (int i = 0; i < 3; ++i)
                (void)co_await hs.hear();
        });
        ASSERT_EQ(behind.seen.size(), 3u);
        EXPECT_FALSE(behind.seen[0].from.proxied);
        EXPECT_TRUE(behind.seen[1].from.proxied) << header;
        EXPECT_TRUE(behind.seen[2].from.proxied) << header;
    }
}

TEST_F(HttpListener, AnExceptionOfTheServiceIsA500AndNothingMore)
{
    play([&](std::uint16_t port) -> awaitable<void> {
        caller hs{io, port};
        co_await hs.say(get("/throws") + get("/fine"));
        const auto bad = co_await hs.hear();
        EXPECT_THAT(bad, StartsWith("HTTP/1.1 500"));
        EXPECT_THAT(bad, testing::Not(HasSubstr("broken")));
        const auto fine = co_await hs.hear();
        EXPECT_THAT(fine, StartsWith("HTTP/1.1 200"));
    });
}

TEST_F(HttpListener, ABodyOfSeveralMegabytesArrivesWhole)
{
    const std::string big(6'029'396, 'e');  // the largest transaction that Synapse was seen to send
    play([&](std::uint16_t port) -> awaitable<void> {
        caller hs{io, port};
        co_await hs.say(put("/t", big));
        const auto said = co_await hs.hear();
        EXPECT_THAT(said, StartsWith("HTTP/1.1 200"));
    });
    ASSERT_EQ(behind.seen.size(), 1u);
    EXPECT_EQ(behind.seen[0].body, big);
}

TEST_F(HttpListener, AnHttp10ClientIsAnsweredAndLeft)
{
    play([&](std::uint16_t port) -> awaitable<void> {
        caller old{io, port};
        co_await old.say("GET / HTTP/1.0\r\nAuthorization: Bearer right\r\n\r\n");
        const auto said = co_await old.hear();
        EXPECT_THAT(said, HasSubstr("200 OK"));
        const bool ended = co_await old.ended();
        EXPECT_TRUE(ended);
    });
}

TEST_F(HttpListener, StoppingLetsTheIdleGoAndTakesNobodyNew)
{
    play([&](std::uint16_t port) -> awaitable<void> {
        caller hs{io, port};
        co_await hs.say(get("/a"));
        (void)co_await hs.hear();
        front->stop();
        const bool ended = co_await hs.ended();
        EXPECT_TRUE(ended);
        EXPECT_THROW((caller{io, port}), boost::system::system_error);
    });
}

TEST_F(HttpListener, APortThatIsTakenIsNamedWithTheRemedy)
{
    listener first{io.get_executor(), "127.0.0.1", std::uint16_t{0}, behind};
    try {
        listener second{io.get_executor(), "127.0.0.1", first.port(), behind};
        FAIL() << "bound twice";
    } catch (const config_error& e) {
        EXPECT_THAT(e.what(), HasSubstr("127.0.0.1 port " + std::to_string(first.port())));
        EXPECT_THAT(e.what(), HasSubstr("another program has this port"));
    }
    EXPECT_THROW((listener{io.get_executor(), "not an address", std::uint16_t{0}, behind}), config_error);
}

}  // namespace
}  // namespace rialto::http::http_listener_test
