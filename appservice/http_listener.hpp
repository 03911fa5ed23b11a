// appservice/http_listener.hpp: the one HTTP/1.1 listener, used for the homeserver (AS-API) and again for the
// operator (health, metrics). It owns sockets, limits and time-outs; what is asked and answered is the
// service's. Requests of a connection are answered in order, one at a time; pipelining, chunked bodies and
// 100-continue work. One io_context thread; the service must outlive the last connection.
#pragma once

#include "appservice/http_message.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <memory>

namespace rialto::http {

struct limits
{
    std::uint32_t head_bytes = 16 * 1024;
    std::uint64_t body_bytes =
        64 * 1024 * 1024;           // AS-API has no bound; 100 events, EDUs and to-device are some 25 MB
    std::size_t connections = 256;  // more wait in the system's backlog
    std::chrono::milliseconds head =
        std::chrono::seconds{10};  // from the first byte of a request (or from accept)
    std::chrono::milliseconds body = std::chrono::seconds{60};  // without a byte of it
    std::chrono::milliseconds idle =
        std::chrono::seconds{180};  // between requests; Synapse pools its own for 120 s
    std::chrono::milliseconds write = std::chrono::seconds{60};

    limits() = default;
};

class listener
{
public:
    struct state;

    // Binds at once; port 0 takes a free one. Throws config_error saying why it cannot.
    listener(
        boost::asio::any_io_executor on, const std::string& address, std::uint16_t port, service& what,
        limits within = {}
    );
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;
    ~listener();

    std::uint16_t port() const;
    awaitable<void> run();  // until stop(), abort() or cancellation, and the last connection's end
    void stop();            // no new requests; those begun are answered
    void abort();           // those begun are dropped too

private:
    std::shared_ptr<state> state_;
};

}  // namespace rialto::http
