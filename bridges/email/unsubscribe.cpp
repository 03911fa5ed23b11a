#include "bridges/email/unsubscribe.hpp"

#include "bridges/email/letters.hpp"
#include "core/net/guarded_fetch.hpp"

#include <algorithm>

namespace rialto::email {
namespace {

bool is_plain(std::string_view url)  // one word of visible ASCII
{
    return !url.empty() && url.size() <= list_exit::longest &&
           std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

list_exit list_exit_of(const parsed_mail& m, bool proven)
{
    list_exit by_hand;
    std::string_view rest{m.list_unsubscribe};
    for (auto begin = rest.find('<'); begin != rest.npos; begin = rest.find('<')) {
        rest.remove_prefix(begin + 1);
        const auto url = rest.substr(0, rest.find('>'));
        if (!is_plain(url))
            continue;
        const bool click = small(m.list_unsubscribe_post) == "list-unsubscribe=one-click";
        if (click && proven && net::may_fetch(url))
            return list_exit{std::string{url}, true};
        const bool for_people = url.starts_with("https://") || url.starts_with("mailto:");
        if (by_hand.url.empty() && for_people)
            by_hand.url = url;
    }
    return by_hand;
}

boost::asio::awaitable<outcome> leave_list(net::http_client& web, std::string url)
{
    if (!net::may_fetch(url))
        co_return failure{verdict::give_up, cause::forbidden, "this address is asked for nothing"};
    net::http_request r{"POST", std::move(url)};
    r.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    r.body = "List-Unsubscribe=One-Click";
    r.deadline = std::chrono::seconds{30};
    r.most = 64 * 1024;
    auto said = co_await web.send(std::move(r));
    if (!said)
        co_return said.error();
    if (said->status / 100 != 2)  // RFC 8058 §3.1: no redirects
        co_return failure{
            verdict::give_up, cause::other,
            "the list answered with the status " + std::to_string(said->status)
        };
    co_return ok();
}

}  // namespace rialto::email
