// core/net/tls_server.hpp: the server's side of TLS on a connection that was begun in the clear (STARTTLS).
// TLS 1.2 or newer, nothing of the peer's is verified. One io_context thread. Deadlines are the caller's: a
// socket that is closed ends what waits.
#pragma once

#include "core/result.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <memory>
#include <string>

namespace rialto::net {

using stream_socket = boost::asio::generic::stream_protocol::socket;

class tls_session  // on a socket that outlives it
{
public:
    virtual ~tls_session() = default;
    virtual boost::asio::awaitable<bool> begin() = 0;  // false: no agreement, or the connection is over
    virtual boost::asio::awaitable<bool> send(std::string bytes) = 0;
    virtual boost::asio::awaitable<std::string> read() = 0;  // "": the connection is over
};

// With the certificate (a chain in PEM, our own first) and its key as the files are now. The failure names
// the file.
result<std::unique_ptr<tls_session>> serve_tls(
    stream_socket& socket, const std::string& certificate, const std::string& key
);
// Whether they could be used.
outcome check_tls(const std::string& certificate, const std::string& key);

}  // namespace rialto::net
