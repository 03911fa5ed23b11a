// What a peer may not do to the listener; the limits are made tiny here.
#include "http_world.hpp"

namespace rialto::http::http_limits_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

awaitable<void> pause(std::chrono::milliseconds time)
{
    asio::steady_timer timer{co_await asio::this_coro::executor, time};
    co_await timer.async_wait(asio::use_awaitable);
}

TEST_F(HttpListener, AHeadOverTheLimitIsRefused)
{
    play([&](std::uint16_t port) -> awaitable<void> {
        caller it{io, port};
        co_await it.say(get("/", "X-Long: " + std::string(17'000, 'a') + "\r\n"));
        const auto said = co_await it.hear();
        EXPECT_THAT(said, StartsWith("HTTP/1.1 431"));
    });
    EXPECT_EQ(behind.heads, 0);
}

TEST_F(HttpListener, AHeadWithinTheLimitIsTaken)
{
    play([&](std::uint16_t port) -> awaitable<void> {
        caller it{io, port};
        co_await it.say(get("/", "X-Long: " + std::string(12'000, 'a') + "\r\n"));
        const auto said = co_await it.hear();
        EXPECT_THAT(said, StartsWith("HTTP/1.1 200"));
    });
}

TEST_F(HttpListener, ASlowHeadIsCutOffThoughBytesKeepComing)
{
    within.head = 60ms;
    play([&](std::uint16_t port) -> awaitable<void> {
        caller it{io, port};
        co_await it.say("GET / HTTP/1.1\r\n");
        for (int i = 0; i < 5; ++i) {
            co_await it.say("X-A: b\r\n");
            co_await pause(20ms);
        }
        const bool ended = co_await it.ended();
        EXPECT_TRUE(ended);
    });
    EXPECT_EQ(behind.heads, 0);
}

TEST_F(HttpListener, OneWhoSaysNothingIsCutOff)
{
    within.head = 30ms;
    play([&](std::uint16_t port) -> awaitable<void> {
        caller it{io, port};
        const bool ended = co_await it.ended();
        EXPECT_TRUE(ended);
    });
}

TEST_F(HttpListener, ABodyMayTakeLongAsLongAsItMoves)
{
    within.body = 600ms;
    play([&](std::uint16_t port) -> awaitable<void> {
        caller it{io, port};
        co_await it.say(
            "PUT /t HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer right\r\nContent-Length: 5\r\n\r\n"
        );
        for (const char* piece : {"a", "b", "c", "d", "e"}) {
            co_await pause(150ms);
            co_await it.say(piece);
        }
        const auto said = co_await it.hear();
        EXPECT_THAT(said, StartsWith("HTTP/1.1 200"));
    });
    ASSERT_EQ(behind.seen.size(), 1u);
    EXPECT_EQ(behind.seen[0].body, "abcde");
}

TEST_F(HttpListener, ABodyThatStandsStillIsCutOffAndNeverAnswered)
{
    within.body = 40ms;
    play([&](std::uint16_t port) -> awaitable<void> {
        caller it{io, port};
        co_await it.say(
            "PUT /t HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer right\r\nContent-Length: 5\r\n\r\nab"
        );
        const auto said = co_await it.hear();
        EXPECT_EQ(said, "");
    });
    EXPECT_TRUE(behind.seen.empty());
}

TEST_F(HttpListener, AKnownConnectionMayIdleFarLongerThanAHeadMayTake)
{
    within.head = 300ms;
    within.idle = 15s;
    play([&](std::uint16_t port) -> awaitable<void> {
        caller it{io, port};
        co_await it.say(get("/"));
        (void)co_await it.hear();
        co_await pause(500ms);
        co_await it.say(get("/"));
        const auto said = co_await it.hear();
        EXPECT_THAT(said, StartsWith("HTTP/1.1 200"));
    });
    EXPECT_GE(limits{}.idle, 150s);  // Synapse takes a pooled connection up again within 120 s
}

TEST_F(HttpListener, AnIdleConnectionEndsAtLast)
{
    within.idle = 40ms;
    play([&](std::uint16_t port) -> awaitable<void> {
        caller it{io, port};
        co_await it.say(get("/"));
        (void)co_await it.hear();
        const bool ended = co_await it.ended();
        EXPECT_TRUE(ended);
    });
}

TEST_F(HttpListener, ABodyAnnouncedTooLargeIsRefusedUnread)
{
    within.body_bytes = 100;
    play([&](std::uint16_t port) -> awaitable<void> {
        caller it{io, port};
        co_await it.say(
            "PUT /t HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer right\r\nContent-Length: 101\r\n\r\n"
        );
        const auto said = co_await it.hear();
        EXPECT_THAT(said, StartsWith("HTTP/1.1 413"));
        EXPECT_THAT(said, HasSubstr("M_TOO_LARGE"));
    });
    EXPECT_TRUE(behind.seen.empty());
}

TEST_F(HttpListener, AChunkedBodyIsRefusedWhenItGrowsTooLarge)
{
    within.body_bytes = 100;
    play([&](std::uint16_t port) -> awaitable<void> {
        caller it{io, port};
        const std::string chunk = "32\r\n" + std::string(50, 'x') + "\r\n";
        co_await it.say(
            "PUT /t HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer right\r\nTransfer-Encoding: "
            "chunked\r\n\r\n" +
            chunk + chunk + chunk + "0\r\n\r\n"
        );
        const auto said = co_await it.hear();
        EXPECT_THAT(said, StartsWith("HTTP/1.1 413"));
    });
    EXPECT_TRUE(behind.seen.empty());
}

TEST_F(HttpListener, ACompressedBodyIsRefused)
{
    play([&](std::uint16_t port) -> awaitable<void> {
        caller it{io, port};
        co_await it.say(put("/t", "\x1f\x8b", "Content-Encoding: gzip\r\n"));
        const auto said = co_await it.hear();
        EXPECT_THAT(said, StartsWith("HTTP/1.1 415"));
    });
}

TEST_F(HttpListener, WhatIsNotHttpIsToldSo)
{
    for (const std::string text :
         {"\x16\x03\x01\x02\x00\x01 tls hello\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
          "GET / HTTP/1.1\r\nBad Header: x\r\n\r\n", "GET / HTTP/1.1\r\nA: b\r\n\tfolded \x01\r\n\r\n"}) {
        io.restart();
        play([&](std::uint16_t port) -> awaitable<void> {
            caller it{io, port};
            co_await it.say(text);
            const auto said = co_await it.hear();
            EXPECT_THAT(said, StartsWith("HTTP/1.1 400")) << text;
        });
    }
    EXPECT_EQ(behind.heads, 0);
}

TEST_F(HttpListener, TwoWaysToEndABodyAreRefusedAndNothingBehindThemIsTakenForARequest)
{
    const std::string hidden = "0\r\n\r\nGET /hidden HTTP/1.1\r\nAuthorization: Bearer right\r\n\r\n";
    for (const std::string framing :
         {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n",
          "Transfer-Encoding: gzip\r\n", "Transfer-Encoding: chunked, identity\r\n",
          "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", "Content-Length: -1\r\n",
          "Content-Length: 1x\r\n", "Content-Length: 99999999999999999999999\r\n"}) {
        io.restart();
        play([&](std::uint16_t port) -> awaitable<void> {
            caller it{io, port};
            co_await it.say(
                "PUT /t HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer right\r\n" + framing + "\r\n" + hidden
            );
            const auto said = co_await it.hear();
            EXPECT_THAT(said, testing::MatchesRegex("HTTP/1.1 (4|5)(.|\r|\n)*")) << framing;
            const bool ended = co_await it.ended();
            EXPECT_TRUE(ended) << framing;
        });
    }
    EXPECT_TRUE(behind.seen.empty());
}

TEST_F(HttpListener, ABadChunkIsRefused)
{
    play([&](std::uint16_t port) -> awaitable<void> {
        caller it{io, port};
        co_await it.say(
            "PUT /t HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer right\r\nTransfer-Encoding: "
            "chunked\r\n\r\nzz\r\nab\r\n"
        );
        const auto said = co_await it.hear();
        EXPECT_THAT(said, StartsWith("HTTP/1.1 400"));
    });
    EXPECT_TRUE(behind.seen.empty());
}

TEST_F(HttpListener, OneTooManyWaitsUntilAnotherEnds)
{
    within.connections = 1;
    play([&](std::uint16_t port) -> awaitable<void> {
        caller first{io, port};
        co_await first.say(get("/first"));
        (void)co_await first.hear();
        caller second{io, port};
        co_await second.say(get("/second"));
        co_await pause(30ms);
        EXPECT_EQ(behind.seen.size(), 1u);
        first.close();
        const auto said = co_await second.hear();
        EXPECT_THAT(said, StartsWith("HTTP/1.1 200"));
    });
}

TEST_F(HttpListener, AnUnknownExpectationIsRefused)
{
    play([&](std::uint16_t port) -> awaitable<void> {
        caller it{io, port};
        co_await it.say(put("/t", "{}", "Expect: wonders\r\n"));
        const auto said = co_await it.hear();
        EXPECT_THAT(said, StartsWith("HTTP/1.1 417"));
    });
}

}  // namespace
}  // namespace rialto::http::http_limits_test
