#include "appservice/routes_service.hpp"

#include "core/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace rialto {

namespace asio = boost::asio;

namespace {
constexpr std::size_t most_doors = 1000;

struct door  // a room that is being opened, and those who wait for it
{
    asio::steady_timer done;
    std::optional<result<std::string>> said;
    explicit door(const asio::any_io_executor& on) : done{on, asio::steady_timer::time_point::max()} {}
};

http::response not_found(std::string_view why) { return http::refusal(404, "M_NOT_FOUND", why); }

http::response found_or(std::optional<std::string> body, std::string_view why)
{
    if (!body)
        return not_found(why);
    return {200, std::move(*body)};
}

std::string first(const http::request& of, const std::string& key)
{
    const auto it = of.query.find(key);
    return it == of.query.end() ? "" : it->second;
}
}  // namespace

struct routes_service::doors
{
    std::map<std::string, std::shared_ptr<door>> open;

    // Goes on when nobody waits any more, and outlives the service if it must.
    static awaitable<void> push(
        std::shared_ptr<doors> all, std::shared_ptr<door> one, std::string alias, intake& core, far_name to
    )
    {
        result<std::string> said;
        try {
            said = co_await core.open(to.network, to.address, std::string{});
        } catch (const std::exception& e) {
            log::error("opening a room failed", "network", to.network, "why", e.what());
            said = failure{verdict::give_up, cause::other, "internal error"};
        }
        one->said = std::move(said);
        all->open.erase(alias);
        one->done.cancel();
    }
};

routes_service::routes_service(parts p)
    : with_{std::move(p)},
      far_{with_.ours, with_.cards},
      doors_{std::make_shared<doors>()},
      connections_{metrics::level("rialto_appservice_connections", "TCP connections open to the listener.")},
      transaction_time_{
          metrics::spread("rialto_appservice_transaction_seconds", "From the last byte to the answer.")
      }
{
}

routes_service::~routes_service() = default;

void routes_service::opened(std::uint64_t connection)
{
    connections_.add(1);
    with_.transactions.opened(connection);
}

void routes_service::closed(std::uint64_t connection)
{
    connections_.add(-1);
    with_.transactions.closed(connection);
}

void routes_service::count(std::string_view endpoint, unsigned status)
{
    metrics::count(
        "rialto_appservice_requests_total", "Requests of the homeserver, by endpoint and status.",
        {{"endpoint", std::string{endpoint}}, {"status", std::to_string(status)}}
    ).add();
}

std::optional<http::response> routes_service::refuse(const http::request& head)
{
    const auto token = judge_token(head, with_.hs_token);
    if (token != token_verdict::right) {
        const bool none = token == token_verdict::missing;
        count(none ? "token_missing" : "token_wrong", 403);
        if (const auto times = strangers_.noted(with_.time.now()))
            log::warn(
                none ? "a request came without hs_token: check that it is the homeserver"
                     : "a request came with a wrong hs_token: the homeserver has another registration file",
                "times", *times
            );
        return http::refusal(403, "M_FORBIDDEN", "the hs_token is missing or wrong");
    }
    const auto where = route_of(head.method, head.path);
    if (where.to)
        return std::nullopt;
    count("unknown", where.known ? 405 : 404);
    if (where.known)
        return http::refusal(405, "M_UNRECOGNIZED", "this endpoint has no such method");
    return http::refusal(404, "M_UNRECOGNIZED", "there is no such endpoint");
}

awaitable<http::response> routes_service::answer(http::request whole)
{
    auto where = route_of(whole.method, whole.path);
    if (!where.to)
        co_return http::refusal(404, "M_UNRECOGNIZED", "there is no such endpoint");
    const auto to = where.to->to;
    const auto begun = std::chrono::steady_clock::now();
    auto said = co_await dispatch(std::move(*where.to), std::move(whole));
    count(name_of(to), said.status);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    if (to == hs_call::transaction)
        transaction_time_.observe(took.count());
    co_return said;
}

awaitable<http::response> routes_service::dispatch(route where, http::request whole)
{
    switch (where.to) {
        case hs_call::transaction:
            co_return co_await with_.transactions.on_transaction(
                std::move(where.argument), std::move(whole.body), whole.from
            );
        case hs_call::user: co_return user(where.argument);
        case hs_call::room: co_return co_await open_room(std::move(where.argument));
        case hs_call::protocol:
            co_return found_or(far_.protocol(where.argument), "no network speaks this protocol");
        case hs_call::far_users:
            co_return found_or(far_.users(where.argument, whole.query), "no user can have this address");
        case hs_call::far_locations:
            co_return found_or(far_.locations(where.argument, whole.query), "no room can have this address");
        case hs_call::user_behind:
            co_return found_or(far_.user_behind(first(whole, "userid")), "this user is not on a far network");
        case hs_call::room_behind:
            co_return found_or(far_.room_behind(first(whole, "alias")), "this room is not on a far network");
        case hs_call::ping: co_return http::response{};
    }
    co_return not_found("there is no such endpoint");
}

http::response routes_service::user(std::string_view mxid) const
{
    if (with_.ours.is_ours(mxid))
        return {};
    return not_found("this user is not ours");
}

awaitable<http::response> routes_service::open_room(std::string alias)
{
    auto far = with_.ours.behind_alias(alias);
    if (!far)
        co_return not_found("this alias names no room of a network that is configured here");
    auto& open = doors_->open;
    auto it = open.find(alias);  // the homeserver asks again for every join and every look at the alias
    const bool asked_before = it != open.end();
    if (!asked_before && open.size() >= most_doors)
        co_return not_found("too many rooms are being opened: try again in a minute");
    if (!asked_before)
        it = open.emplace(alias, std::make_shared<door>(with_.on)).first;
    const auto one = it->second;
    if (!asked_before)
        asio::co_spawn(
            with_.on, doors::push(doors_, one, alias, with_.core, std::move(*far)), asio::detached
        );

    asio::steady_timer limit{with_.on, with_.room_deadline};
    limit.async_wait([one](const boost::system::error_code& ec) {
        if (!ec)
            one->done.cancel();
    });
    while (!one->said && limit.expiry() > asio::steady_timer::clock_type::now())
        (void)co_await one->done.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!one->said)
        co_return not_found("the far room is slow to open: it is still being tried, try again in a minute");
    if (!*one->said)
        co_return not_found(one->said->error().why);
    co_return http::response{};
}

}  // namespace rialto
