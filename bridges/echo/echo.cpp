// The smallest backend: every room has one inhabitant, who repeats what is said.
// Copy this directory to start your own.
#include "bridges/echo/echo.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace rialto::echo {

class echo_backend final : public backend
{
    host& host_;

public:
    explicit echo_backend(host& h) : host_{h} {}

    awaitable<result<user_id>> address_of(native who) override
    {
        co_return user_id{who.local + "@" + who.server};
    }

    awaitable<outcome> run(account_id account) override  // no link to lose: wait to be cancelled
    {
        using boost::asio::steady_timer;
        host_.link_up(account);
        steady_timer forever{co_await boost::asio::this_coro::executor, steady_timer::time_point::max()};
        co_await forever.async_wait(boost::asio::use_awaitable);
        co_return ok();
    }

    awaitable<result<opened>> open(wish w) override
    {
        room state{w.is};
        state.able.html = true;
        co_return opened{
            portal_id{room_id{w.addresses.empty() ? "echo" : w.addresses.front()}}, std::move(state)
        };
    }

    awaitable<result<sent>> deliver(event e) override
    {
        const auto* said = std::get_if<message>(&e.what);
        if (!said)
            co_return no("such happening");
        message_id id{e.id.value + "/echo"};
        event reply{e.portal, person{user_id{"echo"}, "Echo"}, e.at, id, message{said->body}};
        auto accepted = co_await host_.accept(std::move(reply));
        if (!accepted)
            co_return accepted.error();
        co_return sent{e.id};
    }
};

std::unique_ptr<backend> make(host& h, const nlohmann::json&) { return std::make_unique<echo_backend>(h); }

}  // namespace rialto::echo
