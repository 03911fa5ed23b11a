// core/net/guarded_fetch.hpp: fetches what a URL of a stranger points to, and nothing of our own house: https
// only, at most three redirects, each checked again; the address is checked where the socket opens, so that a
// name that changes its mind gains nothing; no proxy, no credentials, size and time bounded. Exceptions are
// whole origins (RFC 6454) that the operator trusts by name, such as the upload service of the own XMPP
// server: not addresses, which anybody's name could point to. One io_context thread.
#pragma once

#include "core/net/curl_loop.hpp"

namespace rialto::net {

struct fetch_limits
{
    std::size_t bytes = 50 * 1024 * 1024;
    std::chrono::milliseconds deadline{60'000};  // of all of it
    int redirects = 3;

    fetch_limits() = default;
};

using origins = std::vector<std::string>;  // "https://upload.example:5443", in lower case

std::string origin_of(std::string_view url);  // "" when there is none

// Where an answer sends us: the absolute URL, "" when it is none or must not be followed. Pure.
std::string redirect_target(
    std::string_view from, int status, std::string_view location, const origins& trusted = {}
);
// https or of a trusted origin, a host, no user, sane length. Pure
bool may_fetch(std::string_view url, const origins& trusted = {});

class guarded_fetch
{
    http_client& http_;
    http_client* open_ = nullptr;
    origins trusted_;

public:
    // REQUIRES of `http`: it connects only where is_public() says so (guarded_client). `open` may connect
    // anywhere and is used for trusted origins alone.
    explicit guarded_fetch(http_client& http) : http_{http} {}
    guarded_fetch(http_client& http, http_client& open, origins trusted)
        : http_{http}, open_{&open}, trusted_{std::move(trusted)}
    {
    }
    // 200 and its body, which goes into `into` if there is one; everything else is a failure.
    awaitable<result<http_reply>> get(
        std::string url, fetch_limits limits, std::shared_ptr<body_sink> into = {}
    );
};

std::unique_ptr<http_client> guarded_client(boost::asio::any_io_executor on);

}  // namespace rialto::net
