// appservice/http_message.hpp: an HTTP request and its answer as the routes see them: plain values, no
// library. Also the two ports between the listener (http_listener.hpp), which owns sockets and limits, and
// what answers. One io_context thread.
#pragma once

#include "core/net/http.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rialto::http {

using boost::asio::awaitable;

// The TCP connection that a request came on. Trust in the order of what was pushed is given to a connection,
// not to a request (notes in docs/QUEUE.md), and not at all when a proxy hides which connection it truly was.
struct connection
{
    std::uint64_t id = 0;  // never used twice in one process; grows with the time of opening
    bool proxied = false;  // Via, Forwarded or X-Forwarded-For was seen on it

    connection() = default;
    connection(std::uint64_t i, bool p) : id{i}, proxied{p} {}
};

struct request
{
    std::string method;  // as sent: "GET"
    std::string path;    // percent-decoded as a whole: a '/' may have been %2F or raw
    std::multimap<std::string, std::string> query;  // decoded
    std::vector<std::string> authorization;         // the header's values, as sent; never logged
    std::string range;                              // the header, as sent; "" none
    std::string body;                               // empty while only the head is judged
    connection from;

    request() = default;
};

struct response
{
    unsigned status = 200;
    std::string body = "{}";
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers;  // further ones; ours, so without line breaks
    std::shared_ptr<const net::body_source> file;  // instead of `body`: `length` bytes of it from `first` on
    std::uint64_t first = 0, length = 0;

    response() = default;
    response(unsigned s, std::string b) : status{s}, body{std::move(b)} {}
};

// A Matrix error: `{"errcode": …, "error": …}`.
response refusal(unsigned status, std::string_view errcode, std::string_view why);

// What the listener serves. It outlives the listener.
class service
{
public:
    virtual ~service() = default;
    // Judges the head, before a byte of the body is read. An answer here refuses the request.
    virtual std::optional<response> refuse(const request& head) = 0;
    // Answers what was not refused. An exception becomes a 500.
    virtual awaitable<response> answer(request whole) = 0;
    // A connection was accepted, or has gone. Every request of it falls between the two.
    virtual void opened(std::uint64_t /*connection*/) {}
    virtual void closed(std::uint64_t /*connection*/) {}
};

// Takes a transaction of the homeserver; its answer is sent as it is. `200 {}` promises that all of it is on
// disk.
class transaction_sink
{
public:
    virtual ~transaction_sink() = default;
    virtual awaitable<response> on_transaction(std::string txn, std::string body, connection from) = 0;
    virtual void opened(std::uint64_t /*connection*/) {}
    virtual void closed(std::uint64_t /*connection*/) {}
};

}  // namespace rialto::http
