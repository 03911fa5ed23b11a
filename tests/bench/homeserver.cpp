#include "tests/bench/homeserver.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <charconv>

namespace rialto::bench {

namespace asio = boost::asio;
using boost::asio::awaitable;
using tcp = asio::ip::tcp;

namespace {

constexpr std::string_view head_end = "\r\n\r\n";

std::size_t length_of(std::string_view head)
{
    for (const std::string_view name : {"\r\nContent-Length: ", "\r\ncontent-length: "}) {
        const auto at = head.find(name);
        std::size_t length = 0;
        if (at == head.npos)
            continue;
        std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
        return length;
    }
    return 0;
}

std::string reply(std::string_view json)
{
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(json.size()) + "\r\n\r\n" + std::string{json};
}

}  // namespace

lean_homeserver::lean_homeserver(asio::io_context& io)
    : io_{io},
      acceptor_{io, {asio::ip::address_v4::loopback(), 0}},
      port_{acceptor_.local_endpoint().port()},
      service_{io}
{
    asio::co_spawn(io_, [this] { return accept_all(); }, asio::detached);
}

awaitable<void> lean_homeserver::accept_all()
{
    for (;;) {
        auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
        socket.set_option(tcp::no_delay{true});
        auto s = std::make_shared<tcp::socket>(std::move(socket));
        asio::co_spawn(io_, [this, s] { return serve(std::move(*s)); }, asio::detached);
    }
}

std::optional<lean_homeserver::request> lean_homeserver::cut(std::string_view bytes, std::size_t& used)
{
    const auto end = bytes.find(head_end);
    if (end == bytes.npos)
        return {};
    const auto head = bytes.substr(0, end);
    const auto length = length_of(head), body = end + head_end.size();
    if (bytes.size() < body + length)
        return {};
    request r;
    const auto space = head.find(' ');
    r.method = head.substr(0, space);
    r.path = head.substr(space + 1);
    r.path = r.path.substr(0, r.path.find(' '));
    r.body = bytes.substr(body, length);
    used = body + length;
    return r;
}

awaitable<void> lean_homeserver::serve(tcp::socket socket)
{
    std::string in, out;
    std::vector<char> room(64 * 1024);
    asio::steady_timer timer{io_};
    boost::system::error_code ec;
    for (;;) {
        const auto n = co_await socket.async_read_some(
            asio::buffer(room), asio::redirect_error(asio::use_awaitable, ec)
        );
        if (ec)
            co_return;
        in.append(room.data(), n);
        bool is_send = false;
        for (std::size_t used = 0;;) {
            const auto r = cut(in, used);
            if (!r)
                break;
            out += answer(*r, is_send);
            in.erase(0, used);
        }
        if (out.empty())
            continue;
        if (is_send && round_trip.count() > 0) {
            timer.expires_after(round_trip);
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        }
        const auto now = std::exchange(out, {});
        co_await asio::async_write(socket, asio::buffer(now), asio::redirect_error(asio::use_awaitable, ec));
        if (ec)
            co_return;
    }
}

std::string lean_homeserver::answer(const request& r, bool& is_send)
{
    ++requests;
    const auto has = [&](std::string_view part) { return r.path.find(part) != r.path.npos; };
    if (r.method == "PUT" && (has("/send/") || has("/redact/"))) {
        is_send = true;
        if (sent)
            sent(r.body);
        return reply(
            R"({"event_id":"$sent-)" + std::to_string(++events_) + R"(-abcdefghijklmnopqrstuvwxyz"})"
        );
    }
    if (has("/sync"))
        return reply(R"({"next_batch":"s1"})");
    if (has("/ping"))
        ++pings;
    if (has("/register"))
        return reply(R"({"user_id":"@somebody:near.test"})");
    if (has("/joined_rooms"))
        return reply(R"({"joined_rooms":[]})");
    if (has("/profile/"))
        return reply(R"({"displayname":"Antonio"})");
    if (has("/state/"))
        return reply(R"({"event_id":"$state"})");
    return reply("{}");
}

void lean_homeserver::push_to(std::uint16_t port, std::string token)
{
    service_port_ = port;
    token_ = std::move(token);
    boost::system::error_code ignored;
    service_.close(ignored);
}

awaitable<unsigned> lean_homeserver::push(std::string events)
{
    boost::system::error_code ec;
    if (!service_.is_open()) {
        const tcp::endpoint at{asio::ip::address_v4::loopback(), service_port_};
        co_await service_.async_connect(at, asio::redirect_error(asio::use_awaitable, ec));
        if (ec)
            co_return 0;
        service_.set_option(tcp::no_delay{true});
    }
    const std::string body = R"({"events":[)" + events + "]}";
    const std::string all =
        "PUT /_matrix/app/v1/transactions/b" + std::to_string(++transactions_) +
        " HTTP/1.1\r\nHost: rialto\r\nAuthorization: Bearer " + token_ +
        "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
        body;
    co_await asio::async_write(service_, asio::buffer(all), asio::redirect_error(asio::use_awaitable, ec));
    std::string in;
    std::vector<char> room(4096);
    while (!ec) {
        const auto n = co_await service_.async_read_some(
            asio::buffer(room), asio::redirect_error(asio::use_awaitable, ec)
        );
        in.append(room.data(), n);
        const auto end = in.find(head_end);
        if (end == in.npos || in.size() < end + head_end.size() + length_of(in))
            continue;
        unsigned status = 0;
        std::from_chars(in.data() + 9, in.data() + 12, status);
        co_return status;
    }
    service_.close(ec);
    co_return 0;
}

std::string lean_homeserver::event(
    std::size_t room, std::size_t person, std::string_view text, std::size_t number
)
{
    const auto n = std::to_string(number);
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch()
    )
                         .count();
    return R"({"type":"m.room.message","room_id":")" + lean_homeserver::room(room) +
           R"(","sender":"@person)" + std::to_string(person) + R"(:near.test","event_id":"$)" + n +
           R"(-PdBYL4q3TfQAOc5OzUIGbKsQ","origin_server_ts":)" + std::to_string(now) +
           R"(,"content":{"msgtype":"m.text","body":")" + std::string{text} +
           R"(","m.mentions":{}},"unsigned":{"age":12},"user_id":"@person:near.test","age":12})";
}

}  // namespace rialto::bench
