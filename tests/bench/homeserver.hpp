// tests/bench/homeserver.hpp: a lean homeserver: says yes to all that an application service asks (users,
// devices, joins, sends) and pushes transactions to it. It keeps nothing. A delay can be set that every
// request of a send takes, as a distant homeserver's would. One io_context thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rialto::bench {

class lean_homeserver
{
public:
    explicit lean_homeserver(boost::asio::io_context& io);
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    static std::string room(std::size_t number) { return "!r" + std::to_string(number) + ":near.test"; }

    std::function<void(std::string_view body)> sent;  // the content of each event that is sent
    std::chrono::milliseconds round_trip{0};          // of every send
    std::size_t pings = 0, requests = 0;

    // One transaction; resumes with its answer's status. One at a time, as a homeserver does. 0: no answer.
    boost::asio::awaitable<unsigned> push(std::string events);
    void push_to(std::uint16_t port, std::string token);
    // One event of a person in a room, as a homeserver spells it.
    static std::string event(std::size_t room, std::size_t person, std::string_view text, std::size_t number);

private:
    struct request
    {
        std::string_view method, path, body;
        request() = default;
    };
    boost::asio::awaitable<void> accept_all();
    boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket);
    static std::optional<request> cut(std::string_view bytes, std::size_t& used);
    std::string answer(const request& r, bool& is_send);

    boost::asio::io_context& io_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_, service_port_ = 0;
    boost::asio::ip::tcp::socket service_;
    std::string token_;
    std::size_t transactions_ = 0, events_ = 0;
};

}  // namespace rialto::bench
