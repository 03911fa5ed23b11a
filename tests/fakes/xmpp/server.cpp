#include "tests/fakes/xmpp/server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace rialto::fakes::xmpp {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

server::server(asio::any_io_executor ex, options o)
    : executor_{ex},
      options_{std::move(o)},
      time_{ex},
      luck_{options_.seed},
      http_{
          ex, time_, [this](http_request r) { return serve_upload(std::move(r)); },
          [](const http_request&) { return std::string_view{"upload"}; }
      },
      rooms_{*this}
{
    faults_.seed(options_.seed);
    if (options_.largest == 0)
        options_.largest = ejabberd() ? 10U << 20U : 512U << 10U;
}

server::~server()
{
    *alive_ = false;
    kill();
}

void server::start(std::uint16_t c2s, std::uint16_t component, std::uint16_t http)
{
    listen(c2s_, c2s, port::c2s);
    listen(component_, component, port::component);
    http_.listen(http);
}

void server::listen(listener& l, std::uint16_t at, xmpp::port kind)
{
    l.acceptor =
        std::make_shared<tcp::acceptor>(executor_, tcp::endpoint{asio::ip::address_v4::loopback(), at}, true);
    l.port = l.acceptor->local_endpoint().port();
    asio::co_spawn(executor_, accept_all(l.acceptor, kind), asio::detached);
}

awaitable<void> server::accept_all(std::shared_ptr<tcp::acceptor> at, xmpp::port kind)
{
    for (;;) {
        auto got = co_await at->async_accept(asio::as_tuple(asio::use_awaitable));
        auto& [ec, socket] = got;
        if (!at->is_open())
            co_return;
        if (ec)
            continue;
        link::owner* const us = this;
        auto l = std::make_shared<link>(std::move(socket), kind, us);
        l->parser().largest = options_.largest;
        links_.insert(l);
        l->start();
    }
}

void server::kill()
{
    boost::system::error_code ignored;
    for (listener* l : {&c2s_, &component_})
        if (l->acceptor) {
            l->acceptor->close(ignored);
            l->acceptor.reset();
        }
    http_.stop();
    for (const auto& l : links_)
        l->abandon();
    links_.clear();
    components_.clear();
    clients_.clear();
    rooms_.forget(options_.rooms_survive, options_.archive_survives);
}

void server::restart()
{
    const auto c2s = c2s_.port, component = component_.port, http = http_.port();
    kill();
    start(c2s, component, http);
}

void server::gone(link& l)
{
    if (l.kind == port::component) {
        auto at = components_.find(l.name);
        if (at != components_.end()) {
            std::erase(at->second, &l);
            if (at->second.empty())
                components_.erase(at);
        }
    } else if (l.ready) {
        leave_all(l);
    }
    const auto mine =
        std::find_if(links_.begin(), links_.end(), [&](const auto& other) { return other.get() == &l; });
    if (mine != links_.end())
        links_.erase(mine);
}

void server::cut_components(std::size_t after_bytes)
{
    for (const auto& l : links_)
        if (l->kind == port::component)
            l->cut(after_bytes);
}

void server::cut_clients(std::size_t after_bytes)
{
    for (const auto& l : links_)
        if (l->kind == port::c2s)
            l->cut(after_bytes);
}

void server::stall(bool on)
{
    for (const auto& l : links_)
        l->stall(on);
}

std::size_t server::components() const
{
    std::size_t n = 0;
    for (const auto& [domain, all] : components_)
        n += all.size();
    return n;
}

std::size_t server::clients() const
{
    std::size_t n = 0;
    for (const auto& [bare, all] : clients_)
        n += all.size();
    return n;
}

std::string server::fresh_id(std::size_t length)
{
    static constexpr char alphabet[] = "0123456789abcdef";
    std::string out;
    for (std::uint64_t bits = 0; out.size() < length; bits >>= 4U) {
        if (out.size() % 16 == 0)
            bits = luck_();
        out += alphabet[bits & 15U];
    }
    return out;
}

}  // namespace rialto::fakes::xmpp
