// bridges/email/listener.hpp: where the mail server hands in mail: a TCP port or a unix socket, one session a
// connection. One io_context thread. Bounded: connections, waits (RFC 5321 §4.5.3.2.7).
#pragma once

#include "bridges/email/post_office.hpp"
#include "bridges/email/wires.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>

namespace rialto::email {

class listener
{
public:
    static constexpr std::size_t most_sessions = 100;
    static constexpr std::chrono::minutes patience{5};

    listener(
        std::shared_ptr<post_office> office, std::shared_ptr<wires> all,
        std::shared_ptr<const email_config> config
    )
        : office_{std::move(office)}, wires_{std::move(all)}, config_{std::move(config)}
    {
    }
    // Accepts until it fails or is cancelled; on_up when the port is ours.
    awaitable<outcome> run(std::function<void()> on_up);

private:
    using acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;
    result<boost::asio::generic::stream_protocol::endpoint> place() const;
    bool welcome(const stream_socket& s) const;
    static awaitable<void> serve(
        std::shared_ptr<post_office> office, std::shared_ptr<wire> link,
        std::shared_ptr<const email_config> config
    );

    std::shared_ptr<post_office> office_;  // shared with the sessions, which may end later than the backend
    std::shared_ptr<wires> wires_;
    std::shared_ptr<const email_config> config_;
};

}  // namespace rialto::email
