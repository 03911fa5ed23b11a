// appservice/cli_running.hpp: asks the Rialto that runs, through its admin listener, with the token that
// registration.yaml gives. Blocking. Errors: config_error when there is no registration; a failure when
// nobody answers.
#pragma once

#include "core/config.hpp"
#include "core/net/curl_loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <optional>
#include <string>

namespace rialto::cli {

template <class T>
T run_to_end(boost::asio::io_context& io, boost::asio::awaitable<T> what)
{
    std::optional<T> got;
    boost::asio::co_spawn(io, std::move(what), [&got](std::exception_ptr e, T value) {
        if (e)
            std::rethrow_exception(e);
        got.emplace(std::move(value));
    });
    io.restart();
    io.run();
    return std::move(got.value());
}

class running_rialto
{
    boost::asio::io_context io_;
    net::curl_loop http_;
    std::string url_, bearer_;

public:
    explicit running_rialto(const config& c);
    result<net::http_reply> ask(net::http_request r);  // `url`: the path alone
    static std::string url_of(const endpoint& at);
};

std::string refusal_in(const net::http_reply& reply);  // why it did not do so

}  // namespace rialto::cli
