#include "core/net/curl_loop.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <optional>

namespace rialto::net::net_curl_loop_test {
namespace {

namespace asio = boost::asio;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;
using request = bhttp::request<bhttp::string_body>;

// A server in the same thread that answers by the path asked for.
struct server
{
    tcp::acceptor acceptor;
    int connections = 0;
    std::vector<request> seen;

    explicit server(asio::io_context& io) : acceptor{io, tcp::endpoint{asio::ip::address_v4::loopback(), 0}}
    {
        asio::co_spawn(io, accept(), asio::detached);
    }
    std::string url(const std::string& path, const std::string& host = "127.0.0.1") const
    {
        return "http://" + host + ":" + std::to_string(acceptor.local_endpoint().port()) + path;
    }
    awaitable<void> accept()
    {
        for (;;) {
            boost::system::error_code ec;
            auto socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, ec));
            if (ec)
                co_return;
            ++connections;
            asio::co_spawn(acceptor.get_executor(), serve(std::move(socket)), asio::detached);
        }
    }
    awaitable<void> serve(tcp::socket socket)
    {
        boost::beast::flat_buffer buffer;
        for (;;) {
            request r;
            boost::system::error_code ec;
            co_await bhttp::async_read(socket, buffer, r, asio::redirect_error(asio::use_awaitable, ec));
            if (ec)
                co_return;
            seen.push_back(r);
            const std::string target{r.target()};
            if (target == "/drop")
                co_return;
            if (target == "/never")
                continue;
            bhttp::response<bhttp::string_body> answer{bhttp::status::ok, 11};
            answer.set("X-Path", target);
            answer.body() = target == "/big" ? std::string(100'000, 'x') : "hello " + r.body();
            answer.prepare_payload();
            co_await bhttp::async_write(socket, answer, asio::redirect_error(asio::use_awaitable, ec));
        }
    }
};

struct CurlLoop : testing::Test
{
    asio::io_context io{1};
    server far{io};
    std::optional<curl_loop> curl{std::in_place, io.get_executor()};

    result<http_reply> send(http_request r)
    {
        std::optional<result<http_reply>> got;
        asio::co_spawn(io, curl->send(std::move(r)), [&got](std::exception_ptr e, result<http_reply> answer) {
            EXPECT_FALSE(e);
            got.emplace(std::move(answer));
        });
        io.restart();
        while (!got && io.run_one_for(std::chrono::seconds{20}) > 0) {
        }
        return got ? std::move(*got) : result<http_reply>{};
    }
};

TEST_F(CurlLoop, SendsAndReads)
{
    http_request r{"PUT", far.url("/a%2Fb/..")};
    r.body = R"({"x":1})";
    r.headers.emplace_back("Content-Type", "application/json");
    r.headers.emplace_back("Authorization", "Bearer t");
    const auto answer = send(std::move(r));
    ASSERT_TRUE(answer) << answer.error().why;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, R"(hello {"x":1})");
    EXPECT_EQ(answer->header("x-path"), "/a%2Fb/..");
    ASSERT_EQ(far.seen.size(), 1U);
    EXPECT_EQ(far.seen[0].method_string(), "PUT");
    EXPECT_EQ(far.seen[0]["Authorization"], "Bearer t");
    EXPECT_EQ(far.seen[0]["Content-Type"], "application/json");
    EXPECT_EQ(far.seen[0].count("Expect"), 0U);
}

TEST_F(CurlLoop, UsesOneConnectionForManyRequests)
{
    for (int i = 0; i < 50; ++i) {
        http_request r{i % 2 == 0 ? "GET" : "POST", far.url("/x")};
        ASSERT_TRUE(send(std::move(r)));
    }
    EXPECT_EQ(far.connections, 1);
}

TEST_F(CurlLoop, ResolvesNamesAndReusesTheirConnections)
{
    for (int i = 0; i < 5; ++i)
        ASSERT_TRUE(send(http_request{"GET", far.url("/x", "localhost")}));
    EXPECT_EQ(far.connections, 1);
}

TEST_F(CurlLoop, HoldsTheNumberOfConnectionsToAHost)
{
    curl_options few;
    few.connections_per_host = 3;
    curl.emplace(io.get_executor(), few);
    int done = 0;
    for (int i = 0; i < 40; ++i)
        asio::co_spawn(
            io, curl->send(http_request{"GET", far.url("/x")}),
            [&done](std::exception_ptr, result<http_reply> r) { done += r ? 1 : 0; }
        );
    while (done < 40 && io.run_one_for(std::chrono::seconds{20}) > 0) {
    }
    EXPECT_EQ(done, 40);
    EXPECT_LE(far.connections, 3);
}

TEST_F(CurlLoop, AnswersNobodyListeningWithTryLaterAndCertainty)
{
    const auto url = far.url("/x");
    far.acceptor.close();
    const auto answer = send(http_request{"GET", url});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().next, verdict::try_later);
    EXPECT_TRUE(answer.error().certain);
    EXPECT_NE(answer.error().why.find("127.0.0.1"), std::string::npos);
}

// The resolver's thread wakes curl through sockets that curl closes by itself: their numbers are soon
// others'.
TEST_F(CurlLoop, ANameThatDoesNotResolveIsTriedLaterAndLeavesTheLoopUsable)
{
    for (int i = 0; i < 5; ++i) {
        const auto answer = send(http_request{"GET", "http://nowhere" + std::to_string(i) + ".invalid/x"});
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().next, verdict::try_later);
        EXPECT_TRUE(answer.error().certain);
        EXPECT_TRUE(send(http_request{"GET", far.url("/x")}));
    }
    EXPECT_EQ(far.connections, 1);
}

TEST_F(CurlLoop, ADeadlineEndsARequestThatMayHaveArrived)
{
    http_request r{"PUT", far.url("/never")};
    r.deadline = std::chrono::milliseconds{50};
    const auto answer = send(std::move(r));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().next, verdict::try_later);
    EXPECT_FALSE(answer.error().certain);
}

TEST_F(CurlLoop, ALinkCutBeforeTheAnswerIsUncertain)
{
    const auto answer = send(http_request{"PUT", far.url("/drop")});
    ASSERT_FALSE(answer);
    EXPECT_FALSE(answer.error().certain);
}

TEST_F(CurlLoop, TooLargeAnAnswerIsGivenUp)
{
    http_request r{"GET", far.url("/big")};
    r.most = 50'000;
    const auto answer = send(std::move(r));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, cause::too_large);
    EXPECT_EQ(answer.error().next, verdict::give_up);
}

TEST_F(CurlLoop, AsksWhereItMayConnect)
{
    curl_options guarded;
    guarded.may_connect = [](const asio::ip::address& a) { return !a.is_loopback(); };
    curl.emplace(io.get_executor(), guarded);
    EXPECT_FALSE(send(http_request{"GET", far.url("/x")}));
    EXPECT_FALSE(send(http_request{"GET", far.url("/x", "localhost")}));
    EXPECT_EQ(far.connections, 0);
}

TEST_F(CurlLoop, RefusesOtherSchemesAndHeadersWithLineBreaks)
{
    EXPECT_EQ(send(http_request{"GET", "file:///etc/passwd"}).error().kind, cause::malformed);
    http_request r{"GET", far.url("/x")};
    r.headers.emplace_back("X", "a\r\nY: b");
    EXPECT_EQ(send(std::move(r)).error().kind, cause::malformed);
    EXPECT_EQ(far.connections, 0);
}

TEST_F(CurlLoop, ACancelledRequestEndsAndLeavesTheLoopUsable)
{
    asio::cancellation_signal stop;
    bool ended = false;
    asio::co_spawn(
        io, curl->send(http_request{"GET", far.url("/never")}),
        asio::bind_cancellation_slot(
            stop.slot(), [&ended](std::exception_ptr e, result<http_reply>) { ended = e != nullptr; }
        )
    );
    while (far.seen.empty() && io.run_one_for(std::chrono::seconds{20}) > 0) {
    }
    stop.emit(asio::cancellation_type::terminal);
    while (!ended && io.run_one_for(std::chrono::seconds{20}) > 0) {
    }
    EXPECT_TRUE(ended);
    EXPECT_TRUE(send(http_request{"GET", far.url("/x")}));
}

TEST_F(CurlLoop, MayBeDestroyedWhileRequestsRun)
{
    asio::co_spawn(io, curl->send(http_request{"GET", far.url("/never")}), asio::detached);
    while (far.seen.empty() && io.run_one_for(std::chrono::seconds{20}) > 0) {
    }
    curl.reset();
    SUCCEED();
}

struct text_body final : body_source, body_sink
{
    std::string text;
    std::size_t most = std::size_t(-1), pieces = 0;
    explicit text_body(std::string t = {}) : text{std::move(t)} {}
    std::uint64_t size() const override { return text.size(); }
    std::string read(std::uint64_t from, std::size_t n) const override
    {
        return text.substr(static_cast<std::size_t>(from), std::min<std::size_t>(n, 1'000));
    }
    bool take(std::string_view piece) override
    {
        if (text.size() + piece.size() > most)
            return false;
        ++pieces;
        text += piece;
        return true;
    }
};

TEST_F(CurlLoop, PoursALargeAnswerAwayPieceByPiece)
{
    http_request r{"GET", far.url("/big")};
    const auto to = std::make_shared<text_body>();
    r.into = to;
    const auto answer = send(std::move(r));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "");
    EXPECT_EQ(to->text, std::string(100'000, 'x'));
    EXPECT_GT(to->pieces, 1U);
}

TEST_F(CurlLoop, EndsWhenThereIsNoPlaceForTheAnswer)
{
    http_request r{"GET", far.url("/big")};
    const auto to = std::make_shared<text_body>();
    to->most = 50'000;
    r.into = to;
    EXPECT_EQ(send(std::move(r)).error().kind, cause::full);
}

TEST_F(CurlLoop, RefusesAnAnswerThatSaysItIsTooLarge)
{
    http_request r{"GET", far.url("/big")};
    const auto to = std::make_shared<text_body>();
    r.into = to;
    r.most = 99'999;
    EXPECT_EQ(send(std::move(r)).error().kind, cause::too_large);
    EXPECT_EQ(to->text, "") << "not a byte of 10 GB";
}

TEST_F(CurlLoop, SendsABodyFromElsewhere)
{
    for (const char* method : {"PUT", "POST"}) {
        http_request r{method, far.url("/x")};
        r.from = std::make_shared<text_body>(std::string(70'000, 'y'));
        r.headers.emplace_back("Content-Type", "image/png");
        const auto answer = send(std::move(r));
        ASSERT_TRUE(answer) << answer.error().why;
        EXPECT_EQ(far.seen.back().method_string(), method);
        EXPECT_EQ(far.seen.back().body(), std::string(70'000, 'y'));
        EXPECT_EQ(far.seen.back()["Content-Length"], "70000");
    }
    http_request empty{"PUT", far.url("/x")};
    empty.from = std::make_shared<text_body>();
    EXPECT_TRUE(send(std::move(empty)));
    EXPECT_EQ(far.seen.back()["Content-Length"], "0");
}

}  // namespace
}  // namespace rialto::net::net_curl_loop_test
