// appservice/client.hpp: our homeserver's client-server API, called with the application service's token.
// Says what was answered (client_answers.hpp) and knows nothing of ghosts or lanes. One io_context thread.
// The http_client outlives it. Tokens and bodies are never logged.
#pragma once

#include "appservice/client_answers.hpp"
#include "appservice/client_requests.hpp"

namespace rialto::matrix {

using boost::asio::awaitable;

struct client_settings
{
    std::string url;          // http://127.0.0.1:8008, without a trailing slash
    std::string token;        // as_token
    std::string server_name;  // chat.example.org
    std::string bot;          // mxid: who acts when nobody else is named
    std::string appservice;   // id in the registration

    client_settings() = default;
    client_settings(std::string u, std::string t, std::string s, std::string b, std::string a)
        : url{std::move(u)},
          token{std::move(t)},
          server_name{std::move(s)},
          bot{std::move(b)},
          appservice{std::move(a)}
    {
    }
};

class client
{
    net::http_client& http_;
    client_settings settings_;

public:
    client(net::http_client& http, client_settings settings);

    const client_settings& settings() const { return settings_; }

    // A failure is try_later; what the homeserver refused is an answer.
    awaitable<result<answer>> ask(call c);
    // As ask(), with refusals as failures. `what` as in refusal().
    awaitable<result<answer>> must(call c, std::string what);

    // The mxc URL.
    awaitable<result<std::string>> upload(
        acting who, std::string name, std::string mime, std::shared_ptr<const net::body_source> bytes
    );
    // At most `most` bytes.
    awaitable<outcome> download(std::string mxc, std::size_t most, std::shared_ptr<net::body_sink> into);
    // AS-API "Pinging": the homeserver reaches us, and repeats what waits at once. Servers without it are
    // fine.
    awaitable<outcome> ping(std::string txn);
    // Is it there at all, and a homeserver?
    awaitable<outcome> reach();
};

}  // namespace rialto::matrix
