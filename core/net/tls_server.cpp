#include "core/net/tls_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/impl/src.hpp>  // compiled once, as in asio.cpp
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace rialto::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

class session final : public tls_session
{
    asio::ssl::context with_;
    asio::ssl::stream<stream_socket&> stream_;

public:
    session(stream_socket& socket, asio::ssl::context with) : with_{std::move(with)}, stream_{socket, with_}
    {
    }

    asio::awaitable<bool> begin() override
    {
        auto [error] = co_await stream_.async_handshake(
            asio::ssl::stream_base::server, asio::as_tuple(asio::use_awaitable)
        );
        co_return !error;
    }
    asio::awaitable<bool> send(std::string bytes) override
    {
        auto [error, n] =
            co_await asio::async_write(stream_, asio::buffer(bytes), asio::as_tuple(asio::use_awaitable));
        co_return !error && n == bytes.size();
    }
    asio::awaitable<std::string> read() override
    {
        std::string some(16 * 1024, '\0');
        auto [error, n] =
            co_await stream_.async_read_some(asio::buffer(some), asio::as_tuple(asio::use_awaitable));
        some.resize(error ? 0 : n);
        co_return some;
    }
};

result<asio::ssl::context> context_of(const std::string& certificate, const std::string& key)
{
    asio::ssl::context with{asio::ssl::context::tls_server};
    error_code bad;
    with.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, bad);
    if (!bad)
        with.use_certificate_chain_file(certificate, bad);
    if (bad)
        return failure{
            verdict::try_later, cause::malformed,
            "the certificate " + certificate + " cannot be used: " + bad.message()
        };
    with.use_private_key_file(key, asio::ssl::context::pem, bad);
    if (bad)
        return failure{
            verdict::try_later, cause::malformed, "the key " + key + " cannot be used: " + bad.message()
        };
    return with;
}

}  // namespace

result<std::unique_ptr<tls_session>> serve_tls(
    stream_socket& socket, const std::string& certificate, const std::string& key
)
{
    auto with = context_of(certificate, key);
    if (!with)
        return with.error();
    return std::unique_ptr<tls_session>{std::make_unique<session>(socket, std::move(*with))};
}

outcome check_tls(const std::string& certificate, const std::string& key)
{
    const auto with = context_of(certificate, key);
    if (!with)
        return with.error();
    return ok();
}

}  // namespace rialto::net
