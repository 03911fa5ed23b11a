// core/net/line_channel.hpp: a TLS connection to a mail server, begun by libcurl: it connects, does STARTTLS
// or TLS at once, verifies the certificate, logs in (SASL). What is said on it then is the caller's.
// Beginning blocks a thread of its own for `patience` at most; all else is on the one io_context thread.
// Errors: try_later, with what curl says; passwords are in none.
#pragma once

#include "core/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace rialto::net {

struct channel_place
{
    std::string url;             // smtp://host:port (STARTTLS, which must be there) or smtps://host:port
    std::string our_name;        // for EHLO
    std::string user, password;  // "": no login
    std::string ca_file;         // whose certificates are believed; "": the machine's
    std::chrono::seconds patience{30};
    channel_place() = default;
};

class line_channel
{
public:
    virtual ~line_channel() = default;
    // False, "": the connection is over.
    virtual boost::asio::awaitable<bool> send(std::string bytes, std::chrono::seconds patience) = 0;
    virtual boost::asio::awaitable<std::string> read(std::chrono::seconds patience) = 0;
    virtual void close() = 0;  // ends what waits
};

boost::asio::awaitable<result<std::shared_ptr<line_channel>>> open_channel(channel_place place);

}  // namespace rialto::net
