#include "tests/fakes/net/http.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>

namespace rialto::fakes {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

struct http_server::connection
{
    tcp::socket socket;
    std::uint64_t number;
    boost::beast::flat_buffer read;
    std::shared_ptr<bool> server_alive;
    connection(tcp::socket s, std::uint64_t n, std::shared_ptr<bool> a)
        : socket{std::move(s)}, number{n}, server_alive{std::move(a)}
    {
    }
};

http_server::http_server(asio::any_io_executor ex, fake_time& time, handler h, namer n)
    : executor_{std::move(ex)},
      time_{time},
      handler_{std::move(h)},
      namer_{std::move(n)},
      stalled_{make_bell(executor_)}
{
}

void http_server::listen(std::uint16_t port)
{
    const tcp::endpoint here{asio::ip::address_v4::loopback(), port};
    acceptor_ = std::make_shared<tcp::acceptor>(executor_, here, true);
    port_ = acceptor_->local_endpoint().port();
    alive_ = std::make_shared<bool>(true);
    asio::co_spawn(executor_, accept_all(acceptor_), asio::detached);
}

void http_server::stop()
{
    if (!acceptor_)
        return;
    boost::system::error_code ignored;
    acceptor_->close(ignored);
    acceptor_.reset();
    *alive_ = false;
    for (const auto& p : open_)
        p->socket.close(ignored);
    open_.clear();
    stalling_ = false;
    stalled_->cancel();
}

void http_server::stall(bool on)
{
    stalling_ = on;
    stalled_->cancel();
}

awaitable<void> http_server::accept_all(std::shared_ptr<tcp::acceptor> at)
{
    for (;;) {
        auto got = co_await at->async_accept(asio::as_tuple(asio::use_awaitable));
        auto& [ec, socket] = got;
        if (!at->is_open())
            co_return;
        if (ec)
            continue;
        socket.set_option(tcp::no_delay{true}, ec);
        auto p = std::make_shared<connection>(std::move(socket), ++serial_, alive_);
        open_.insert(p);
        asio::co_spawn(executor_, serve(p), asio::detached);
    }
}

awaitable<void> http_server::serve(peer p)
{
    const auto alive = p->server_alive;
    for (bool more = true; more && *alive;) {
        http::request_parser<http::string_body> parser;
        parser.body_limit(256U << 20U);
        auto got = co_await http::async_read(p->socket, p->read, parser, asio::as_tuple(asio::use_awaitable));
        while (*alive && stalling_)
            co_await stalled_->async_wait(asio::as_tuple(asio::use_awaitable));
        if (std::get<0>(got) || !*alive)
            break;
        auto& message = parser.get();
        http_request r;
        r.method = message.method_string();
        r.target = message.target();
        r.authorization = message[http::field::authorization];
        r.type = message[http::field::content_type];
        r.body = std::move(message.body());
        r.connection = p->number;
        ++requests_;
        more = co_await answer(p, std::move(r), message.keep_alive());
    }
    boost::system::error_code ignored;
    p->socket.close(ignored);
    if (*alive)
        open_.erase(p);
}

awaitable<bool> http_server::answer(peer p, http_request request, bool keep_alive)
{
    const auto alive = p->server_alive;
    std::optional<fault> spoilt;
    if (!faults.empty())
        spoilt = faults.hit(namer_(request));
    if (spoilt && spoilt->how == fault::act::delay) {
        if (!spoilt->after)
            co_await time_.sleep(spoilt->wait);
        if (!*alive)
            co_return false;
    }
    http_reply reply;
    const bool does = !spoilt || spoilt->after || spoilt->how == fault::act::delay;
    if (does)
        reply = co_await handler_(std::move(request));
    if (!*alive)
        co_return false;
    if (!spoilt)
        co_return co_await write(p, std::move(reply), keep_alive, nullptr);
    if (spoilt->how == fault::act::delay && spoilt->after)
        co_await time_.sleep(spoilt->wait);
    if (spoilt->how == fault::act::restart) {
        if (on_restart)
            asio::post(executor_, on_restart);
        co_return false;
    }
    if (spoilt->how == fault::act::hang) {
        char nothing = 0;  // resumes when the client has given up
        co_await p->socket.async_read_some(asio::buffer(&nothing, 1), asio::as_tuple(asio::use_awaitable));
        co_return false;
    }
    if (spoilt->how == fault::act::status) {
        reply = http_reply{spoilt->body, spoilt->status};
        if (reply.body.empty())
            reply.body = R"({"errcode":"M_UNKNOWN","error":"a fault was asked for"})";
    }
    co_return co_await write(p, std::move(reply), keep_alive, &*spoilt);
}

awaitable<bool> http_server::write(peer p, http_reply reply, bool keep_alive, const fault* spoilt)
{
    const auto alive = p->server_alive;
    std::string head = "HTTP/1.1 " + std::to_string(reply.status) + (reply.status < 300 ? " OK" : " No");
    head += "\r\nContent-Type: " + reply.type + "\r\nContent-Length: " + std::to_string(reply.body.size());
    for (const auto& [name, value] : reply.headers)
        head += "\r\n" + name + ": " + value;
    head += keep_alive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
    std::size_t most = head.size() + reply.body.size();
    const bool cut = spoilt && (spoilt->how == fault::act::drop || spoilt->how == fault::act::half);
    if (cut)
        most = std::min(most, spoilt->how == fault::act::half ? most / 2 : spoilt->bytes);
    const std::size_t of_head = std::min(most, head.size());
    const std::array<asio::const_buffer, 2> out{
        asio::buffer(head, of_head), asio::buffer(reply.body, most - of_head)
    };
    auto wrote = co_await asio::async_write(p->socket, out, asio::as_tuple(asio::use_awaitable));
    co_return *alive && !std::get<0>(wrote) && keep_alive && !cut;
}

}  // namespace rialto::fakes
