// bridges/xmpp/portal_joins.hpp: how many joins are in flight at once, over all rooms: after a server's
// restart hundreds want in, and a room answers each with a presence of every occupant. A wider one bounds how
// many rooms are asked about themselves at once. One thread; first come, first served.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>

namespace rialto::xmpp {

class join_queue
{
    struct state;
    struct ticket;
    std::shared_ptr<state> state_;

public:
    class slot  // held while a join is in flight
    {
        std::shared_ptr<state> of_;

    public:
        slot() = default;
        explicit slot(std::shared_ptr<state> of) : of_{std::move(of)} {}
        slot(slot&&) noexcept = default;
        slot(const slot&) = delete;
        slot& operator=(const slot&) = delete;
        ~slot();
    };

    join_queue(const boost::asio::any_io_executor& ex, std::size_t most);
    boost::asio::awaitable<slot> enter();
    std::size_t in_flight() const noexcept;
};

}  // namespace rialto::xmpp
