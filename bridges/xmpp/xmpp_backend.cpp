#include "bridges/xmpp/xmpp_backend.hpp"

#include "bridges/xmpp/address.hpp"
#include "bridges/xmpp/jid.hpp"
#include "bridges/xmpp/xmpp_config.hpp"
#include "bridges/xmpp/xmpp_world.hpp"
#include "core/asio_clock.hpp"

#include <boost/asio/this_coro.hpp>
#include <nlohmann/json.hpp>

namespace rialto::xmpp {
namespace {

class xmpp_backend final : public backend
{
    host& host_;
    xmpp_config config_;
    asio_clock time_;
    std::unique_ptr<xmpp_world> world_;  // made with the executor of whoever asks first

    awaitable<xmpp_world*> world()
    {
        auto ex = co_await boost::asio::this_coro::executor;
        if (!world_)
            world_ = std::make_unique<xmpp_world>(ex, host_, time_, config_);
        co_return world_.get();
    }

public:
    xmpp_backend(host& h, xmpp_config c) : host_{h}, config_{std::move(c)} {}

    awaitable<outcome> run(account_id account) override
    {
        auto* w = co_await world();
        co_return co_await w->run(std::move(account));
    }
    awaitable<result<sent>> deliver(event e) override
    {
        auto* w = co_await world();
        co_return co_await w->deliver(std::move(e));
    }
    awaitable<result<opened>> open(wish asked) override
    {
        auto* w = co_await world();
        co_return co_await w->open(std::move(asked));
    }
    awaitable<outcome> close(portal_id portal) override
    {
        auto* w = co_await world();
        co_return co_await w->close(std::move(portal));
    }

    awaitable<result<user_id>> address_of(native who) override
    {
        const char sigil = who.is == native::what::person ? '@' : '#';
        const matrix_name name{sigil, std::move(who.local), std::move(who.server)};
        co_return user_id{local_for(name) + "@" + config_.domain};
    }

    awaitable<result<native>> native_of(std::string address) override
    {
        failure unknown{verdict::give_up, cause::not_found, address + " is nobody on Matrix"};
        if (domain_of(address) != config_.domain)
            co_return unknown;
        const auto name = matrix_id_of(local_of(address));
        if (!name || name->sigil == '!')
            co_return unknown;
        const auto what = name->sigil == '@' ? native::what::person : native::what::room;
        native out{what, name->local, name->server};
        co_return out;
    }
};

}  // namespace

std::unique_ptr<backend> make(host& h, const nlohmann::json& config)
{
    return std::make_unique<xmpp_backend>(h, read_xmpp_config(config));
}

}  // namespace rialto::xmpp
