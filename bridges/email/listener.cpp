#include "bridges/email/listener.hpp"

#include "core/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <filesystem>

namespace rialto::email {

namespace asio = boost::asio;
using boost::system::error_code;
using generic = asio::generic::stream_protocol;

result<generic::endpoint> listener::place() const
{
    if (config_->listen_path.empty()) {
        error_code bad;
        const auto ip = asio::ip::make_address(config_->listen_host, bad);
        if (bad)
            return failure{verdict::give_up, cause::malformed, config_->listen_host + " is no address"};
        return generic::endpoint{asio::ip::tcp::endpoint{ip, config_->listen_port}};
    }
    std::error_code gone;  // one that a former life left behind; the lease on the database says it is over
    if (std::filesystem::is_socket(config_->listen_path, gone))
        std::filesystem::remove(config_->listen_path, gone);
    return generic::endpoint{asio::local::stream_protocol::endpoint{config_->listen_path}};
}

// This machine's own, and those that are named. A unix socket is guarded by its folder.
bool listener::welcome(const stream_socket& s) const
{
    error_code bad;
    const auto from = s.remote_endpoint(bad);
    if (bad)
        return false;
    if (!config_->listen_path.empty())
        return true;
    asio::ip::tcp::endpoint peer;
    if (from.size() > peer.capacity())
        return false;
    std::copy_n(
        reinterpret_cast<const char*>(from.data()), from.size(), reinterpret_cast<char*>(peer.data())
    );
    peer.resize(from.size());
    auto ip = peer.address();
    if (ip.is_v6() && ip.to_v6().is_v4_mapped())
        ip = asio::ip::make_address_v4(asio::ip::v4_mapped, ip.to_v6());
    return ip.is_loopback() || std::ranges::find(config_->mta, ip.to_string()) != config_->mta.end();
}

awaitable<outcome> listener::run(std::function<void()> on_up)
{
    auto ex = co_await asio::this_coro::executor;
    auto at = place();
    if (!at)
        co_return at.error();
    if (!config_->certificate.empty()) {
        auto usable = net::check_tls(config_->certificate, config_->key);
        if (!usable)
            co_return usable;
    }
    acceptor door{ex};
    error_code bad;
    door.open(at->protocol(), bad);
    if (!bad && config_->listen_path.empty())
        door.set_option(asio::socket_base::reuse_address{true}, bad);
    if (!bad)
        door.bind(*at, bad);
    if (!bad)
        door.listen(asio::socket_base::max_listen_connections, bad);
    if (bad)
        co_return failure{verdict::try_later, cause::away, "cannot listen for mail: " + bad.message()};
    on_up();
    for (;;) {
        auto [error, socket] = co_await door.async_accept(asio::as_tuple(asio::use_awaitable));
        if (error)
            co_return failure{verdict::try_later, cause::away, "cannot take connections: " + error.message()};
        if (!welcome(socket))
            continue;  // the socket closes
        if (wires_->count() >= most_sessions) {
            say_at_once(socket, "421 4.3.2 too many connections, try again later\r\n");
            continue;
        }
        auto link = std::make_shared<wire>(wires_, std::move(socket));
        asio::co_spawn(ex, serve(office_, std::move(link), config_), [](std::exception_ptr e) {
            if (e)
                log::error("a mail session failed");
        });
    }
}

awaitable<void> listener::serve(
    std::shared_ptr<post_office> office, std::shared_ptr<wire> link,
    std::shared_ptr<const email_config> config
)
{
    session_limits limits;
    limits.mail = config->max_mb * 1024 * 1024;
    limits.tls = !config->certificate.empty();
    smtp_session session{config->speaks, config->domain, limits};
    for (;;) {
        const auto wanted = session.next();
        auto out = session.output();
        const bool sent = out.empty() || co_await link->send(std::move(out), patience);
        if (!sent)
            co_return;
        switch (wanted) {
            case smtp_session::wish::check: {
                auto said = co_await office->check(session.recipient(), !session.mail().sender);
                session.answer_recipient(said);
                break;
            }
            case smtp_session::wish::mail: {
                auto all = co_await office->take(session.mail(), session.take_body());
                session.answer_mail(all);
                break;
            }
            case smtp_session::wish::encrypt: {
                const bool agreed = co_await link->encrypt(config->certificate, config->key, patience);
                if (!agreed)
                    co_return;
                session.encrypted();
                break;
            }
            case smtp_session::wish::close: link->close(); co_return;
            case smtp_session::wish::read: {
                auto some = co_await link->read(patience, session.farewell());
                if (some.empty())
                    co_return;
                session.feed(some);
                break;
            }
        }
    }
}

}  // namespace rialto::email
