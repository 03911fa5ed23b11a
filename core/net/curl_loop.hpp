// core/net/curl_loop.hpp: the HTTP client of the process: libcurl's multi interface driven by Asio, so that
// all requests share one thread with everything else. Keeps connections alive, bounds their number, verifies
// TLS, follows no redirect, uses no proxy. HTTP/1.1 on purpose: HTTP/2 with prior knowledge fails on its
// second request in the curl of Debian 12, and gains nothing on a loopback. One io_context thread.
#pragma once

#include "core/net/http.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>

#include <functional>
#include <memory>

namespace rialto::net {

struct curl_options
{
    // A distant homeserver answers a lane's send after 100 ms: what all lanes together can do is this many
    // times ten a second.
    long connections_per_host = 128, connections = 256;
    // Asked where the socket is opened, after the name was resolved: rebinding a name gains nothing. Empty:
    // all.
    std::function<bool(const boost::asio::ip::address&)> may_connect;

    curl_options() = default;
};

class curl_multi;

class curl_loop : public http_client
{
    std::shared_ptr<curl_multi> multi_;

public:
    explicit curl_loop(boost::asio::any_io_executor on, curl_options options = curl_options{});
    awaitable<result<http_reply>> send(http_request r) override;
};

}  // namespace rialto::net
