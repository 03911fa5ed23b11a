#include "core/net/guarded_fetch.hpp"

#include "core/net/public_address.hpp"

#include <algorithm>

namespace rialto::net {

namespace {

constexpr std::string_view scheme = "https://";
constexpr std::size_t longest_url = 4'096;

bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

failure refused(const std::string& why) { return {verdict::give_up, cause::forbidden, why}; }

}  // namespace

bool may_fetch(std::string_view url)
{
    if (url.size() > longest_url || !url.starts_with(scheme))
        return false;
    const auto authority = url.substr(scheme.size(), url.substr(scheme.size()).find_first_of("/?#"));
    const bool clean =
        std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7F && c != '\\'; });
    return clean && !authority.empty() && authority.find('@') == std::string_view::npos &&
           !host_of(url).empty();
}

std::string redirect_target(std::string_view from, int status, std::string_view location)
{
    if (!is_redirect(status) || location.empty())
        return {};
    std::string target;
    const auto path = from.find('/', scheme.size());
    const auto origin = from.substr(0, std::min(path, from.find_first_of("?#", scheme.size())));
    if (location.starts_with("//"))
        target = "https:" + std::string{location};
    else if (location.starts_with('/'))
        target = std::string{origin} + std::string{location};
    else
        target = location;  // absolute; other relative forms are refused with all that is not https
    return may_fetch(target) ? target : std::string{};
}

awaitable<result<http_reply>> guarded_fetch::get(std::string url, fetch_limits limits)
{
    if (!may_fetch(url))
        co_return refused("Only https addresses are fetched");
    for (int hop = 0; hop <= limits.redirects; ++hop) {
        http_request r{"GET", url};
        r.deadline = limits.deadline;
        r.most = limits.bytes;
        auto got = co_await http_.send(std::move(r));
        if (!got)
            co_return got.error();
        if (got->status == 200)
            co_return got;
        const std::string host{host_of(url)};
        if (got->status == 429 || got->status >= 500)
            co_return failure{
                verdict::try_later, cause::away, host + " answered with " + std::to_string(got->status)
            };
        if (!is_redirect(got->status))
            co_return failure{
                verdict::give_up, cause::not_found, host + " answered with " + std::to_string(got->status)
            };
        url = redirect_target(url, got->status, got->header("location"));
        if (url.empty())
            co_return refused(host + " sends us where we do not go");
    }
    co_return refused("Too many redirects");
}

std::unique_ptr<http_client> guarded_client(
    boost::asio::any_io_executor on, std::function<bool(const boost::asio::ip::address&)> except
)
{
    curl_options options;
    options.connections_per_host = 4;
    options.may_connect = [except = std::move(except)](const boost::asio::ip::address& a) {
        return is_public(a) || (except && except(a));
    };
    return std::make_unique<curl_loop>(std::move(on), std::move(options));
}

}  // namespace rialto::net
