#include "appservice/http_listener.hpp"

#include "appservice/auth.hpp"
#include "appservice/http_session.hpp"
#include "core/backend.hpp"
#include "core/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <set>

namespace rialto::http {

namespace asio = boost::asio;
using asio::ip::tcp;

struct listener::state
{
    asio::any_io_executor on;
    tcp::acceptor acceptor;
    asio::steady_timer one_less;  // cancelled whenever a connection ends
    service& what;
    limits within;
    std::set<std::shared_ptr<session>> sessions;
    std::uint64_t last_id = 0;
    bool stopped = false, forsaken = false;  // forsaken: the listener is gone, and `what` may be
    log_throttle crowded{std::chrono::seconds{30}};

    state(asio::any_io_executor e, service& s, const limits& l)
        : on{e}, acceptor{e}, one_less{e}, what{s}, within{l}
    {
        one_less.expires_at(asio::steady_timer::time_point::max());
    }
};

namespace {
// A connection ends when its session does, however that was; only then may its id be forgotten.
class attendance
{
    std::shared_ptr<listener::state> in_;
    std::shared_ptr<session> whom_;
    std::uint64_t id_;

public:
    attendance(std::shared_ptr<listener::state> in, std::shared_ptr<session> whom, std::uint64_t id)
        : in_{std::move(in)}, whom_{std::move(whom)}, id_{id}
    {
        in_->sessions.insert(whom_);
        in_->what.opened(id_);
    }
    attendance(const attendance&) = delete;
    attendance& operator=(const attendance&) = delete;
    ~attendance()
    {
        in_->sessions.erase(whom_);
        if (!in_->forsaken)
            in_->what.closed(id_);
        in_->one_less.cancel();
    }
};

awaitable<void> attend(std::shared_ptr<listener::state> in, std::shared_ptr<session> whom, std::uint64_t id)
{
    const attendance here{in, whom, id};
    try {
        co_await whom->run();
    } catch (const std::exception& e) {
        log::warn("a connection was dropped", "why", e.what());
    }
}

tcp::endpoint endpoint_of(const std::string& address, std::uint16_t port)
{
    boost::system::error_code ec;
    const auto at = asio::ip::make_address(address == "localhost" ? "127.0.0.1" : address, ec);
    if (ec)
        throw config_error("cannot listen on '" + address + "': give an IP address, e.g. 127.0.0.1");
    return {at, port};
}

void bind(listener::state& it, const tcp::endpoint& at)
{
    boost::system::error_code ec;
    it.acceptor.open(at.protocol(), ec);
    if (!ec)
        it.acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec)
        it.acceptor.bind(at, ec);
    if (!ec)
        it.acceptor.listen(asio::socket_base::max_listen_connections, ec);
    if (!ec)
        return;
    const std::string remedy =
        ec == asio::error::address_in_use ? "; another program has this port: stop it or choose another" : "";
    throw config_error(
        "cannot listen on " + at.address().to_string() + " port " + std::to_string(at.port()) + ": " +
        ec.message() + remedy
    );
}
}  // namespace

listener::listener(
    asio::any_io_executor on, const std::string& address, std::uint16_t port, service& what, limits within
)
    : state_{std::make_shared<state>(on, what, within)}
{
    bind(*state_, endpoint_of(address, port));
}

listener::~listener()
{
    abort();
    state_->forsaken = true;
}

std::uint16_t listener::port() const
{
    boost::system::error_code ignored;
    return state_->acceptor.local_endpoint(ignored).port();
}

void listener::stop()
{
    state_->stopped = true;
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
    state_->one_less.cancel();
    const auto now = state_->sessions;  // finish() may end some
    for (const auto& each : now)
        each->finish();
}

void listener::abort()
{
    stop();
    const auto now = state_->sessions;
    for (const auto& each : now)
        each->close();
}

awaitable<void> listener::run()
{
    const auto it = state_;
    while (!it->stopped) {
        if (it->sessions.size() >= it->within.connections) {
            if (const auto times = it->crowded.noted(std::chrono::system_clock::now()))
                log::warn(
                    "all connections are taken: new ones wait", "connections", it->sessions.size(), "times",
                    *times
                );
            (void)co_await it->one_less.async_wait(nothrow);
            continue;
        }
        auto taken = co_await it->acceptor.async_accept(nothrow);
        const auto ec = std::get<0>(taken);
        if (!ec) {
            const auto id = ++it->last_id;
            auto one = make_session(std::move(std::get<1>(taken)), id, it->what, it->within);
            asio::co_spawn(it->on, attend(it, std::move(one), id), asio::detached);
            continue;
        }
        const auto cancelled = co_await asio::this_coro::cancellation_state;
        if (it->stopped || cancelled.cancelled() != asio::cancellation_type::none)
            break;
        log::warn("cannot accept a connection", "why", ec.message());  // out of descriptors: they come back
        asio::steady_timer pause{it->on, std::chrono::milliseconds{100}};
        (void)co_await pause.async_wait(nothrow);
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    stop();
    while (!it->sessions.empty())
        (void)co_await it->one_less.async_wait(nothrow);
}

}  // namespace rialto::http
