// core/net/guarded_fetch.hpp: fetches what a URL of a stranger points to, and nothing of our own house: https
// only, at most three redirects, each checked again; the address is checked where the socket opens, so that a
// name that changes its mind gains nothing; no proxy, no credentials, size and time bounded. One io_context
// thread.
#pragma once

#include "core/net/curl_loop.hpp"

namespace rialto::net {

struct fetch_limits
{
    std::size_t bytes = 50 * 1024 * 1024;
    std::chrono::milliseconds deadline{60'000};  // of each request
    int redirects = 3;

    fetch_limits() = default;
};

// Where an answer sends us: the absolute https URL, "" when it is none or must not be followed. Pure.
std::string redirect_target(std::string_view from, int status, std::string_view location);
bool may_fetch(std::string_view url);  // https, a host, no user, sane length. Pure

class guarded_fetch
{
    http_client& http_;

public:
    // REQUIRES of `http`: it connects only where is_public() says so (guarded_client).
    explicit guarded_fetch(http_client& http) : http_{http} {}
    // 200 and its body; everything else is a failure.
    awaitable<result<http_reply>> get(std::string url, fetch_limits limits);
};

// `except`: addresses and networks that the operator's configuration opens.
std::unique_ptr<http_client> guarded_client(
    boost::asio::any_io_executor on, std::function<bool(const boost::asio::ip::address&)> except = {}
);

}  // namespace rialto::net
