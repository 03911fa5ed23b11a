// What the tests of the XMPP wire share: a clock that stands still, a server that follows a script, a runner.
#pragma once

#include "core/clock.hpp"

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <functional>
#include <list>

namespace rialto::xmpp {

namespace asio = boost::asio;
using asio::awaitable;
using boost::system::error_code;
using tcp = asio::ip::tcp;

class still_clock final : public clock  // time passes by advance() alone
{
    struct sleeper
    {
        timestamp due;
        std::shared_ptr<asio::steady_timer> timer;
        sleeper(timestamp d, std::shared_ptr<asio::steady_timer> t) : due{d}, timer{std::move(t)} {}
    };
    asio::any_io_executor ex_;
    timestamp now_{std::chrono::hours{24}};
    std::list<sleeper> sleepers_;

public:
    explicit still_clock(asio::any_io_executor ex) : ex_{std::move(ex)} {}
    timestamp now() const override { return now_; }
    double luck() override { return 0.5; }
    std::size_t sleeping() const { return sleepers_.size(); }

    awaitable<void> sleep(std::chrono::milliseconds time) override
    {
        const auto due = now_ + time;
        auto timer = std::make_shared<asio::steady_timer>(ex_, asio::steady_timer::time_point::max());
        const auto at = sleepers_.emplace(sleepers_.end(), due, timer);
        error_code ignored;
        co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        sleepers_.erase(at);
        if (now_ < due)
            throw boost::system::system_error{asio::error::operation_aborted};
    }

    void advance(std::chrono::milliseconds by)
    {
        now_ += by;
        for (auto& s : sleepers_)
            if (s.due <= now_)
                s.timer->cancel();
    }
};

class peer  // the server's end of one connection
{
public:
    tcp::socket socket;
    std::string read;  // not yet taken

    explicit peer(tcp::socket s) : socket{std::move(s)}
    {
        error_code ignored;
        socket.set_option(tcp::no_delay{true}, ignored);
    }

    awaitable<std::string> until(std::string token
    )  // what came up to and with it; what there is at the end of the stream
    {
        error_code e;
        const auto n = co_await asio::async_read_until(
            socket, asio::dynamic_buffer(read), token, asio::redirect_error(asio::use_awaitable, e)
        );
        auto out = read.substr(0, e ? read.size() : n);
        read.erase(0, out.size());
        co_return out;
    }
    awaitable<std::string> rest()  // till the client's FIN
    {
        error_code e;
        co_await asio::async_read(
            socket, asio::dynamic_buffer(read), asio::redirect_error(asio::use_awaitable, e)
        );
        co_return std::exchange(read, {});
    }
    awaitable<void> say(std::string text)
    {
        error_code ignored;
        co_await asio::async_write(
            socket, asio::buffer(text), asio::redirect_error(asio::use_awaitable, ignored)
        );
    }
    void reset()
    {
        error_code ignored;
        socket.set_option(asio::socket_base::linger{true, 0}, ignored);
        socket.close(ignored);
    }
};

struct wire : testing::Test
{
    asio::io_context io;
    still_clock time{io.get_executor()};
    tcp::acceptor acceptor{io, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
    bool failed = false;

    std::uint16_t port() const { return acceptor.local_endpoint().port(); }

    // Each connection is served by `script`; the socket closes when it returns.
    void serve(std::function<awaitable<void>(peer&)> script)
    {
        asio::co_spawn(
            io, [this, script]() -> awaitable<void> { return serving(script); }, [](std::exception_ptr) {}
        );
    }
    awaitable<void> serving(std::function<awaitable<void>(peer&)> script)
    {
        for (;;) {
            auto socket = co_await acceptor.async_accept(asio::use_awaitable);
            peer other{std::move(socket)};
            co_await script(other);
        }
    }
    // Runs `test` to its end; five seconds of real time are a hang.
    template <class F>
    void run(F test)
    {
        bool done = false;
        io.restart();
        asio::co_spawn(io, test, [&](std::exception_ptr e) {
            done = true;
            if (e)
                std::rethrow_exception(e);
        });
        const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{5};
        while (!done && std::chrono::steady_clock::now() < limit)
            io.run_one_for(std::chrono::milliseconds{100});
        ASSERT_TRUE(done) << "the test hangs";
    }
    awaitable<void> settle()  // until nothing more happens by itself; sockets included
    {
        for (int i = 0; i < 20; ++i) {
            asio::steady_timer soon{io, std::chrono::milliseconds{1}};
            co_await soon.async_wait(asio::use_awaitable);
        }
    }
    awaitable<void> until(std::function<bool()> true_now)  // two seconds of real time at most
    {
        for (int i = 0; i < 2000 && !true_now(); ++i) {
            asio::steady_timer soon{io, std::chrono::milliseconds{1}};
            co_await soon.async_wait(asio::use_awaitable);
        }
    }
    awaitable<void> pass(std::chrono::milliseconds by)
    {
        co_await settle();
        time.advance(by);
        co_await settle();
    }
};

}  // namespace rialto::xmpp
