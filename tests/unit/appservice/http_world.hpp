// A listener on a free port of the loopback and raw TCP talk with it, for the http_*_test.cpp files.
// Everything runs on one io_context; a test scripts the client as a coroutine and reads what came back as
// plain text.
#pragma once

#include "appservice/http_listener.hpp"

#include <gmock/gmock.h>
#include <boost/asio.hpp>

namespace rialto::http {

namespace asio = boost::asio;

struct recording_service : service
{
    std::vector<request> seen;
    std::vector<std::uint64_t> open, gone;
    int heads = 0;
    std::string token = "right";

    std::optional<response> refuse(const request& head) override
    {
        ++heads;
        if (head.authorization != std::vector<std::string>{"Bearer " + token})
            return refusal(403, "M_FORBIDDEN", "no");
        if (head.path == "/nowhere")
            return refusal(404, "M_UNRECOGNIZED", "nothing here");
        return std::nullopt;
    }
    awaitable<response> answer(request whole) override
    {
        seen.push_back(std::move(whole));
        if (seen.back().path == "/throws")
            throw std::runtime_error("broken");
        response said;
        said.body = "{\"n\":" + std::to_string(seen.size()) + "}";
        co_return said;
    }
    void opened(std::uint64_t id) override { open.push_back(id); }
    void closed(std::uint64_t id) override { gone.push_back(id); }
};

// One client connection; all of it blocks the script only.
class caller
{
    asio::ip::tcp::socket socket_;
    std::string read_;

public:
    caller(asio::io_context& io, std::uint16_t port) : socket_{io}
    {
        socket_.connect({asio::ip::address_v4::loopback(), port});
    }
    awaitable<void> say(std::string text)
    {
        (void)co_await asio::async_write(socket_, asio::buffer(text), asio::as_tuple(asio::use_awaitable));
    }
    // One answer: head and body (Content-Length); "" when the connection ended.
    awaitable<std::string> hear()
    {
        while (read_.find("\r\n\r\n") == read_.npos) {
            const bool more = co_await fill();
            if (!more)
                co_return std::exchange(read_, "");
        }
        const auto head = read_.find("\r\n\r\n") + 4;
        const auto at = read_.find("Content-Length: ");
        const std::size_t length = at < head ? std::stoul(read_.substr(at + 16)) : 0;
        while (read_.size() < head + length) {
            const bool more = co_await fill();
            if (!more)
                break;
        }
        auto out = read_.substr(0, head + length);
        read_.erase(0, head + length);
        co_return out;
    }
    awaitable<bool> ended()
    {
        const bool more = co_await fill();
        co_return !more;
    }
    void close() { socket_.close(); }

private:
    awaitable<bool> fill()
    {
        char piece[65536];
        const auto got =
            co_await socket_.async_read_some(asio::buffer(piece), asio::as_tuple(asio::use_awaitable));
        if (std::get<0>(got))
            co_return false;
        read_.append(piece, std::get<1>(got));
        co_return true;
    }
};

class HttpListener : public testing::Test
{
protected:
    asio::io_context io;
    recording_service behind;
    limits within;
    std::unique_ptr<listener> front;

    // Runs the script against a fresh listener, then stops it; fails when that takes longer than any test
    // may.
    void play(std::function<awaitable<void>(std::uint16_t)> script)
    {
        front = std::make_unique<listener>(io.get_executor(), "127.0.0.1", std::uint16_t{0}, behind, within);
        bool played = false, ended = false;
        asio::co_spawn(io, front->run(), [&](std::exception_ptr e) {
            ended = true;
            if (e)
                std::rethrow_exception(e);
        });
        asio::co_spawn(io, script(front->port()), [&](std::exception_ptr e) {
            played = true;
            front->stop();
            if (e)
                std::rethrow_exception(e);
        });
        io.run_for(std::chrono::seconds{20});
        EXPECT_TRUE(played);
        EXPECT_TRUE(ended);
        EXPECT_EQ(behind.open.size(), behind.gone.size());
    }

    static std::string get(const std::string& path, const std::string& more = {})
    {
        return "GET " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer right\r\n" + more + "\r\n";
    }
    static std::string put(const std::string& path, const std::string& body, const std::string& more = {})
    {
        return "PUT " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer right\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n" + more + "\r\n" + body;
    }
};

}  // namespace rialto::http
