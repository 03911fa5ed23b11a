// tests/fakes/net/http.hpp: a small HTTP/1.1 server and client for the fakes and their tests; loopback, no
// TLS. The server spoils its answers as its fault plan says. One io_context thread. Times are fake.
#pragma once

#include "tests/fakes/net/fake_time.hpp"
#include "tests/fakes/net/fault.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rialto::fakes {

using header = std::pair<std::string, std::string>;

struct http_request
{
    std::string method, target, authorization, type, body;
    std::uint64_t connection = 0;  // which one it came on
    http_request() = default;
};

struct http_reply
{
    unsigned status = 200;  // 0: the client got no answer; `body` says why
    std::string body, type = "application/json";
    std::vector<header> headers;
    http_reply() = default;
    explicit http_reply(std::string b, unsigned s = 200) : status{s}, body{std::move(b)} {}
};

class http_server
{
public:
    using handler = std::function<awaitable<http_reply>(http_request)>;
    using namer = std::function<std::string_view(const http_request&)>;  // the kind a fault plan knows it by

    http_server(boost::asio::any_io_executor ex, fake_time& time, handler h, namer n);
    ~http_server() { stop(); }
    http_server(const http_server&) = delete;
    http_server& operator=(const http_server&) = delete;

    void listen(std::uint16_t port);  // 0: any. Throws boost::system::system_error
    void stop();                      // closes all at once, as SIGKILL does
    std::uint16_t port() const { return port_; }
    void stall(bool on);  // no further request is taken until it is off
    std::size_t connections() const { return open_.size(); }
    std::uint64_t requests() const { return requests_; }
    fault_plan faults;
    std::function<void()> on_restart;  // what a restart fault calls

private:
    struct connection;
    using peer = std::shared_ptr<connection>;
    awaitable<void> accept_all(std::shared_ptr<boost::asio::ip::tcp::acceptor> at);
    awaitable<void> serve(peer p);
    awaitable<bool> answer(peer p, http_request request, bool keep_alive);
    awaitable<bool> write(peer p, http_reply reply, bool keep_alive, const fault* spoilt);

    boost::asio::any_io_executor executor_;
    fake_time& time_;
    handler handler_;
    namer namer_;
    std::shared_ptr<boost::asio::ip::tcp::acceptor> acceptor_;
    std::set<peer> open_;
    bell stalled_;
    bool stalling_ = false;
    std::uint16_t port_ = 0;
    std::uint64_t serial_ = 0, requests_ = 0;
    std::shared_ptr<bool> alive_;
};

// Keep-alive connections to one origin, as Synapse's pool: an idle one is used again within 120 s.
class http_client
{
public:
    http_client(boost::asio::any_io_executor ex, fake_time& time, std::string url);
    ~http_client() { close(); }
    http_client(const http_client&) = delete;
    http_client& operator=(const http_client&) = delete;

    struct asking
    {
        std::string method, target, body;
        std::vector<header> headers;
        std::int64_t headers_within = 60'000;  // ms; Synapse has no deadline for the body
        std::size_t cut_after =
            std::string::npos;  // a fault: so many bytes are written, then the link is closed
        asking(std::string m, std::string t, std::string b = {})
            : method{std::move(m)}, target{std::move(t)}, body{std::move(b)}
        {
        }
    };
    awaitable<http_reply> ask(asking what);
    void close();  // those in use too

private:
    struct link;
    using held = std::shared_ptr<link>;
    awaitable<held> connect();
    awaitable<http_reply> exchange(held l, asking& what);

    boost::asio::any_io_executor executor_;
    fake_time& time_;
    std::string host_, port_, prefix_;
    std::vector<held> idle_;
    std::set<held> all_;
};

std::string percent_decoded(std::string_view s);
std::string percent_encoded(std::string_view s, std::string_view also_plain = {});

}  // namespace rialto::fakes
