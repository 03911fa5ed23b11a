// bridges/xmpp/link.hpp: the component's stream as rooms and chats see it, and what they share. One
// io_context thread. The session behind it comes and goes; `up()` and `epoch()` say so.
#pragma once

#include "bridges/xmpp/iq.hpp"
#include "bridges/xmpp/portal_joins.hpp"
#include "bridges/xmpp/upload.hpp"
#include "bridges/xmpp/xmpp_config.hpp"
#include "core/backend.hpp"
#include "core/clock.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace rialto::xmpp {

class link
{
public:
    virtual ~link() = default;
    virtual bool up() const noexcept = 0;
    virtual bool send(std::string stanza) = 0;  // false: the link is down, nothing went out
    virtual awaitable<result<reply>> ask(
        std::string from, std::string to, iq_type type, std::string payload
    ) = 0;
};

struct surroundings  // owned by the backend, outlives all rooms and chats
{
    boost::asio::any_io_executor ex;
    host& core;
    clock& time;
    link& wire;
    join_queue& joins;
    join_queue arrivals;  // rooms that come up: before they join, they ask
    xmpp_config config;
    upload_memory uploads;

    surroundings(boost::asio::any_io_executor e, host& h, clock& t, link& l, join_queue& j, xmpp_config c)
        : ex{std::move(e)}, core{h}, time{t}, wire{l}, joins{j}, arrivals{ex, 1'000}, config{std::move(c)}
    {
    }
};

}  // namespace rialto::xmpp
