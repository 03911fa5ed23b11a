// bridges/email/unsubscribe.hpp: leaving a mailing list: by one click (RFC 8058) where the list offers it,
// else by what its List-Unsubscribe (RFC 2369) names, which is for people. Nothing is asked of anybody before
// somebody says so, and only over the fetcher that connects to public addresses alone.
#pragma once

#include "bridges/email/mime.hpp"

#include <boost/asio/awaitable.hpp>

namespace rialto::net {
class http_client;
}

namespace rialto::email {

struct list_exit
{
    static constexpr std::size_t longest = 2000;
    std::string url;         // "": none is known
    bool one_click = false;  // a POST will do
    list_exit() = default;
    list_exit(std::string u, bool o) : url{std::move(u)}, one_click{o} {}
    bool operator==(const list_exit&) const = default;
};

// `proven`: the mail is of whom it says; anybody could name a URL otherwise (RFC 8058 §4, §6).
list_exit list_exit_of(const parsed_mail& m, bool proven);

boost::asio::awaitable<outcome> leave_list(net::http_client& web, std::string url);

}  // namespace rialto::email
