#include "tests/fakes/net/http.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
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

namespace {
constexpr std::int64_t idle_at_most = 120'000;
}

struct http_client::link
{
    tcp::socket socket;
    std::int64_t used = 0;
    boost::beast::flat_buffer read;
    explicit link(asio::any_io_executor ex) : socket{std::move(ex)} {}
    void close()
    {
        boost::system::error_code ignored;
        socket.close(ignored);
    }
};

http_client::http_client(asio::any_io_executor ex, fake_time& time, std::string url)
    : executor_{std::move(ex)}, time_{time}
{
    const std::size_t scheme = url.find("://");
    std::string rest = scheme == url.npos ? url : url.substr(scheme + 3);
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    prefix_ = rest.substr(slash);
    if (prefix_ == "/")
        prefix_.clear();
    rest.resize(slash);
    const std::size_t colon = rest.rfind(':');
    host_ = rest.substr(0, colon);
    port_ = colon == rest.npos ? "80" : rest.substr(colon + 1);
}

void http_client::close()
{
    for (const auto& l : all_)
        l->close();
    all_.clear();
    idle_.clear();
}

awaitable<http_client::held> http_client::connect()
{
    auto fresh = std::make_shared<link>(executor_);
    all_.insert(fresh);
    tcp::resolver resolver{executor_};
    auto found = co_await resolver.async_resolve(host_, port_, asio::as_tuple(asio::use_awaitable));
    auto& [ec, places] = found;
    if (!ec) {
        auto done = co_await asio::async_connect(fresh->socket, places, asio::as_tuple(asio::use_awaitable));
        ec = std::get<0>(done);
    }
    if (ec) {
        fresh->close();
        co_return held{};
    }
    fresh->socket.set_option(tcp::no_delay{true}, ec);
    co_return fresh;
}

awaitable<http_reply> http_client::ask(asking what)
{
    while (!idle_.empty()) {
        auto l = std::move(idle_.back());
        idle_.pop_back();
        if (time_.now() - l->used > idle_at_most) {
            l->close();
            all_.erase(l);
            continue;
        }
        // What an idle connection has to read is its end.
        boost::system::error_code ec;
        l->socket.non_blocking(true, ec);
        char probe = 0;
        l->socket.receive(asio::buffer(&probe, 1), tcp::socket::message_peek, ec);
        if (ec == asio::error::would_block)
            co_return co_await exchange(std::move(l), what);
        l->close();
        all_.erase(l);
    }
    auto l = co_await connect();
    if (!l)
        co_return http_reply{"cannot connect to " + host_ + ':' + port_, 0};
    co_return co_await exchange(std::move(l), what);
}

awaitable<http_reply> http_client::exchange(held l, asking& what)
{
    std::string out = what.method + ' ' + prefix_ + what.target + " HTTP/1.1\r\nHost: " + host_ + ':' + port_;
    for (const auto& [name, value] : what.headers)
        out += "\r\n" + name + ": " + value;
    if (!what.body.empty() || what.method != "GET")
        out += "\r\nContent-Length: " + std::to_string(what.body.size());
    out += "\r\n\r\n";
    out += what.body;
    const bool cut = what.cut_after < out.size();
    if (cut)
        out.resize(what.cut_after);
    auto wrote =
        co_await asio::async_write(l->socket, asio::buffer(out), asio::as_tuple(asio::use_awaitable));
    if (cut || std::get<0>(wrote)) {
        l->close();
        all_.erase(l);
        co_return http_reply{"the link broke", 0};
    }
    std::function<void()> give_up = [l] { l->close(); };
    const auto deadline = time_.at(what.headers_within, std::move(give_up));
    http::response_parser<http::string_body> parser;
    parser.body_limit(256U << 20U);
    auto head =
        co_await http::async_read_header(l->socket, l->read, parser, asio::as_tuple(asio::use_awaitable));
    auto ec = std::get<0>(head);
    time_.cancel(deadline);
    if (!ec) {
        auto rest =
            co_await http::async_read(l->socket, l->read, parser, asio::as_tuple(asio::use_awaitable));
        ec = std::get<0>(rest);
    }
    if (ec) {
        l->close();
        all_.erase(l);
        co_return http_reply{ec.message(), 0};
    }
    auto& got = parser.get();
    http_reply reply{std::move(got.body()), got.result_int()};
    reply.type = got[http::field::content_type];
    for (const auto& f : got)
        reply.headers.emplace_back(f.name_string(), f.value());
    l->used = time_.now();
    if (got.keep_alive())
        idle_.push_back(l);
    else {
        l->close();
        all_.erase(l);
    }
    co_return reply;
}

std::string percent_decoded(std::string_view s)
{
    std::string out;
    out.reserve(s.size());
    const auto value = [](char c) {
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
    };
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (s[i] == '%' && i + 2 < s.size() && value(s[i + 1]) >= 0 && value(s[i + 2]) >= 0) {
            out += static_cast<char>(value(s[i + 1]) * 16 + value(s[i + 2]));
            i += 2;
        } else {
            out += s[i];
        }
    }
    return out;
}

std::string percent_encoded(std::string_view s, std::string_view also_plain)
{
    static constexpr char hex[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : s) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           c == '-' || c == '_' || c == '.' || c == '~' ||
                           also_plain.find(c) != also_plain.npos;
        if (plain) {
            out += c;
        } else {
            const auto u = static_cast<unsigned char>(c);
            out += '%';
            out += hex[u / 16];
            out += hex[u % 16];
        }
    }
    return out;
}

}  // namespace rialto::fakes
