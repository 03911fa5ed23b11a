#include "bridges/email/wires.hpp"

#include "core/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace rialto::email {

namespace asio = boost::asio;
using boost::system::error_code;

wire::wire(std::shared_ptr<wires> all, stream_socket socket)
    : all_{std::move(all)}, socket_{std::move(socket)}, deadline_{socket_.get_executor()}
{
    all_->open_.insert(this);
}

wire::~wire() { all_->open_.erase(this); }

void wire::close()
{
    over_ = true;
    error_code ignored;
    socket_.close(ignored);
}

void wire::expire(std::chrono::seconds patience)
{
    deadline_.expires_after(patience);
    deadline_.async_wait([me = weak_from_this()](error_code e) {
        const auto self = me.lock();
        // One that has run out may be told so after it was set anew.
        if (!e && self && self->deadline_.expiry() <= asio::steady_timer::clock_type::now())
            self->close();
    });
}

awaitable<bool> wire::encrypt(std::string certificate, std::string key, std::chrono::seconds patience)
{
    if (over_)
        co_return false;
    auto begun = net::serve_tls(socket_, certificate, key);
    if (!begun) {
        log::error("no TLS for a mail server", "error", begun.error().why);
        co_return false;
    }
    safe_ = std::move(*begun);
    expire(patience);
    const bool agreed = co_await safe_->begin();
    deadline_.cancel();
    co_return agreed && !over_;
}

awaitable<bool> wire::send(std::string bytes, std::chrono::seconds patience)
{
    if (over_)
        co_return false;
    expire(patience);
    if (safe_) {
        const bool went = co_await safe_->send(std::move(bytes));
        deadline_.cancel();
        co_return went && !over_;
    }
    auto [error, n] =
        co_await asio::async_write(socket_, asio::buffer(bytes), asio::as_tuple(asio::use_awaitable));
    deadline_.cancel();
    co_return !error && !over_ && n == bytes.size();
}

awaitable<std::string> wire::read(std::chrono::seconds patience, std::string farewell)
{
    if (over_)
        co_return std::string{};
    expire(patience);
    if (safe_) {
        auto said = co_await safe_->read();
        deadline_.cancel();
        co_return over_ ? std::string{} : std::move(said);
    }
    farewell_ = std::move(farewell);
    std::string some(64 * 1024, '\0');
    auto [error, n] =
        co_await socket_.async_read_some(asio::buffer(some), asio::as_tuple(asio::use_awaitable));
    deadline_.cancel();
    farewell_.clear();
    if (error || over_)
        co_return std::string{};
    some.resize(n);
    co_return some;
}

void say_at_once(stream_socket& socket, std::string_view words)
{
    if (words.empty())
        return;
    error_code bad;
    socket.non_blocking(true, bad);
    if (!bad)
        socket.write_some(asio::buffer(words), bad);
}

void wires::close_all()
{
    for (auto* one : open_) {
        say_at_once(one->socket_, one->over_ ? std::string_view{} : one->farewell_);
        one->close();
    }
}

}  // namespace rialto::email
