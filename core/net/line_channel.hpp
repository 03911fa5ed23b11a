// core/net/line_channel.hpp: a connection to a mail server, begun by libcurl: it connects, does STARTTLS
// or TLS at once, verifies the certificate, logs in (SASL). What is said on it then is the caller's; what the
// server said together with its last word on the login is lost.
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
    std::string url;  // smtp:// or imap://host:port (STARTTLS, which must be there), smtps:// or imaps://
    std::string our_name;        // for EHLO
    std::string user, password;  // "": no login
    std::string bearer;          // of OAuth 2 (RFC 7628), instead of a password
    bool clear = false;          // without TLS
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
    // Is there something for read(), or the end? False: not within `patience`, or somebody called nudge().
    // The connection stays. Not while something else is awaited here.
    virtual boost::asio::awaitable<bool> readable(std::chrono::seconds patience) = 0;
    virtual void nudge() = 0;  // ends readable(), if it waits
    virtual void close() = 0;  // ends what waits
};

boost::asio::awaitable<result<std::shared_ptr<line_channel>>> open_channel(channel_place place);

}  // namespace rialto::net
