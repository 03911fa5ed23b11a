// appservice/routes_service.hpp: answers the homeserver (AS-API) behind the listener: who may ask, what was
// asked, and the ports that know the answer. /users is answered at once from the grammar of our names,
// because a slow answer holds up every application service of that homeserver. One io_context thread; all it
// refers to outlives it.
#pragma once

#include "appservice/auth.hpp"
#include "appservice/routes.hpp"
#include "appservice/thirdparty.hpp"
#include "core/clock.hpp"
#include "core/metrics.hpp"
#include "core/near.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace rialto {

class routes_service final : public http::service
{
public:
    struct parts
    {
        boost::asio::any_io_executor on;
        std::string hs_token;
        const names& ours;
        std::vector<network_card> cards;
        intake& core;
        http::transaction_sink& transactions;
        const clock& time;
        // The homeserver gives up after 60 s. What is slower goes on, and its result is told in the room.
        std::chrono::milliseconds room_deadline = std::chrono::seconds{55};

        parts(
            boost::asio::any_io_executor e, std::string token, const names& n, std::vector<network_card> c,
            intake& i, http::transaction_sink& t, const clock& at
        )
            : on{std::move(e)},
              hs_token{std::move(token)},
              ours{n},
              cards{std::move(c)},
              core{i},
              transactions{t},
              time{at}
        {
        }
    };

    explicit routes_service(parts p);
    ~routes_service() override;

    std::optional<http::response> refuse(const http::request& head) override;
    awaitable<http::response> answer(http::request whole) override;
    void opened(std::uint64_t connection) override;
    void closed(std::uint64_t connection) override;

private:
    struct doors;  // rooms being opened now

    awaitable<http::response> dispatch(route where, http::request whole);
    awaitable<http::response> open_room(std::string alias);
    http::response user(std::string_view mxid) const;
    void count(std::string_view endpoint, unsigned status);

    parts with_;
    third_parties far_;
    std::shared_ptr<doors> doors_;
    log_throttle strangers_{std::chrono::seconds{30}};
    metrics::gauge connections_;
    metrics::histogram transaction_time_;
};

}  // namespace rialto
