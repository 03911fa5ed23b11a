// core/net/http.hpp: one HTTP request and its answer, and the port to whoever sends it (curl_loop.hpp; tests
// have their own). Values only. A reply of any status is a success here: it is for the caller to judge. A
// failure is try_later when nobody answered; `certain` is false when the request may have arrived all the
// same.
#pragma once

#include "core/result.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace rialto::net {

using boost::asio::awaitable;
using http_headers = std::vector<std::pair<std::string, std::string>>;

// Bodies too large for memory: where the bytes of a 200 go as they come, and where those of a request come
// from.
class body_sink
{
public:
    virtual ~body_sink() = default;
    virtual bool take(std::string_view piece) = 0;  // false: no place; the transfer ends
};
class body_source
{
public:
    virtual ~body_source() = default;
    virtual std::uint64_t size() const = 0;
    virtual std::string read(std::uint64_t from, std::size_t most)
        const = 0;  // "" at the end, or on an error
};

struct http_request
{
    std::string method, url;  // http or https
    http_headers headers;
    std::string body;
    std::shared_ptr<const body_source> from;     // instead of `body`
    std::shared_ptr<body_sink> into;             // of a 200; what else is answered stands in reply.body
    std::chrono::milliseconds deadline{60'000};  // of all of it
    std::size_t most = 16 * 1024 * 1024;         // bytes of the reply's body, wherever it goes

    http_request() = default;
    http_request(std::string m, std::string u) : method{std::move(m)}, url{std::move(u)} {}
};

struct http_reply
{
    int status = 0;
    http_headers headers;  // names in lower case
    std::string body;

    http_reply() = default;
    http_reply(int s, std::string b) : status{s}, body{std::move(b)} {}
    std::string_view header(std::string_view lower_name) const;  // "": none
};

class http_client
{
public:
    virtual ~http_client() = default;
    // Cancelling the waiting coroutine ends the request.
    virtual awaitable<result<http_reply>> send(http_request r) = 0;
};

std::string_view host_of(std::string_view url);         // without port and user, for messages
std::string percent_encoded(std::string_view segment);  // all but the unreserved of RFC 3986 §2.3

}  // namespace rialto::net
