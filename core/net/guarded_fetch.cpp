#include "core/net/guarded_fetch.hpp"

#include "core/net/public_address.hpp"

#include <algorithm>

namespace rialto::net {

namespace {

constexpr std::string_view secure = "https://", plain = "http://";
constexpr std::size_t longest_url = 4'096;

std::string_view scheme_of(std::string_view url)
{
    return url.starts_with(secure) ? secure : url.starts_with(plain) ? plain : std::string_view{};
}

bool is_trusted(std::string_view url, const origins& trusted)
{
    return !trusted.empty() && std::find(trusted.begin(), trusted.end(), origin_of(url)) != trusted.end();
}

bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

failure refused(const std::string& why) { return {verdict::give_up, cause::forbidden, why}; }

}  // namespace

std::string origin_of(std::string_view url)
{
    const auto scheme = scheme_of(url);
    if (scheme.empty())
        return {};
    std::string out{url.substr(0, std::min(url.find_first_of("/?#", scheme.size()), url.size()))};
    for (auto& c : out)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return out;
}

bool may_fetch(std::string_view url, const origins& trusted)
{
    const auto scheme = scheme_of(url);
    if (url.size() > longest_url || scheme.empty() || (scheme == plain && !is_trusted(url, trusted)))
        return false;
    const auto authority = url.substr(scheme.size(), url.substr(scheme.size()).find_first_of("/?#"));
    const bool clean =
        std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7F && c != '\\'; });
    return clean && !authority.empty() && authority.find('@') == std::string_view::npos &&
           !host_of(url).empty();
}

std::string redirect_target(
    std::string_view from, int status, std::string_view location, const origins& trusted
)
{
    if (!is_redirect(status) || location.empty())
        return {};
    std::string target;
    const auto scheme = scheme_of(from);
    const auto origin = from.substr(0, std::min(from.find_first_of("/?#", scheme.size()), from.size()));
    if (location.starts_with("//"))
        target = std::string{scheme.substr(0, scheme.size() - 2)} + std::string{location};
    else if (location.starts_with('/'))
        target = std::string{origin} + std::string{location};
    else
        target = location;  // absolute; other relative forms are refused with all that is not https
    return may_fetch(target, trusted) ? target : std::string{};
}

awaitable<result<http_reply>> guarded_fetch::get(
    std::string url, fetch_limits limits, std::shared_ptr<body_sink> into
)
{
    using time = std::chrono::steady_clock;
    const auto end = time::now() + limits.deadline;
    if (!may_fetch(url, trusted_))
        co_return refused("Only https addresses are fetched");
    for (int hop = 0; hop <= limits.redirects; ++hop) {
        http_request r{"GET", url};
        r.deadline = std::chrono::duration_cast<std::chrono::milliseconds>(end - time::now());
        if (r.deadline.count() <= 0)
            co_return failure{verdict::try_later, cause::away, std::string{host_of(url)} + " is too slow"};
        r.most = limits.bytes;
        r.into = into;
        auto* http = &http_;
        if (open_ != nullptr && is_trusted(url, trusted_))
            http = open_;
        auto got = co_await http->send(std::move(r));
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
        url = redirect_target(url, got->status, got->header("location"), trusted_);
        if (url.empty())
            co_return refused(host + " sends us where we do not go");
    }
    co_return refused("Too many redirects");
}

std::unique_ptr<http_client> guarded_client(boost::asio::any_io_executor on)
{
    curl_options options;
    options.connections_per_host = 4;
    options.may_connect = [](const boost::asio::ip::address& a) { return is_public(a); };
    return std::make_unique<curl_loop>(std::move(on), std::move(options));
}

}  // namespace rialto::net
