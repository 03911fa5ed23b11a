// bridges/email/wires.hpp: the sockets of one mail network, so that all end when the backend is told to; each
// wait on one has a deadline. One io_context thread.
#pragma once

#include "core/net/tls_server.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace rialto::email {

using boost::asio::awaitable;
using net::stream_socket;

class wires;

class wire : public std::enable_shared_from_this<wire>  // one connection
{
public:
    wire(std::shared_ptr<wires> all, stream_socket socket);
    ~wire();
    wire(const wire&) = delete;
    wire& operator=(const wire&) = delete;

    // From now on encrypted, with these files as they are now; false: the connection is over.
    awaitable<bool> encrypt(std::string certificate, std::string key, std::chrono::seconds patience);
    // False, "": the connection is over.
    awaitable<bool> send(std::string bytes, std::chrono::seconds patience);
    // `farewell` is said if close_all() comes meanwhile, as far as it fits into the socket.
    awaitable<std::string> read(std::chrono::seconds patience, std::string farewell = {});
    void close();

private:
    friend class wires;
    void expire(std::chrono::seconds patience);

    std::shared_ptr<wires> all_;
    stream_socket socket_;
    std::unique_ptr<net::tls_session> safe_;
    boost::asio::steady_timer deadline_;
    std::string farewell_;
    bool over_ = false;
};

// A word to one who is not waited for, as far as it fits into the socket.
void say_at_once(stream_socket& socket, std::string_view words);

class wires
{
    std::set<wire*> open_;
    friend class wire;

public:
    std::size_t count() const noexcept { return open_.size(); }
    void close_all();
};

}  // namespace rialto::email
