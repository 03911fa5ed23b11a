// appservice/http_session.hpp: one TCP connection of http_listener.hpp, from accept to close. One io_context
// thread; whoever awaits run() keeps the session alive.
#pragma once

#include "appservice/http_listener.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace rialto::http {

inline constexpr auto nothrow = boost::asio::as_tuple(boost::asio::use_awaitable);

class session
{
public:
    virtual ~session() = default;
    virtual awaitable<void> run() = 0;  // throws only when cancelled
    virtual void finish() = 0;          // ends now when between two requests, else after the answer
    virtual void close() = 0;           // ends now
};

std::shared_ptr<session> make_session(
    boost::asio::ip::tcp::socket socket, std::uint64_t id, service& what, const limits& within
);

}  // namespace rialto::http
