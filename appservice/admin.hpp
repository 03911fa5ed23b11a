// appservice/admin.hpp: what the operator's tools ask, on a listener of its own (loopback by default, no
// token): is it alive, is it ready and if not why, and the metrics in Prometheus' text format. Says nothing
// about people or rooms, but for the queue, which asks for a token (admin_queue.hpp). One io_context thread.
#pragma once

#include "appservice/admin_queue.hpp"
#include "appservice/http_message.hpp"

#include <functional>

namespace rialto {

struct component  // a part that must work for all to work: "homeserver", "database", a network
{
    std::string name;
    bool ready = false;
    std::string reason;  // why not, or since when; "" is fine

    component(std::string n, bool r, std::string why) : name{std::move(n)}, ready{r}, reason{std::move(why)}
    {
    }
};

http::response readiness(const std::vector<component>& all);  // 200, or 503 when one is not ready

class admin_service final : public http::service
{
    std::function<std::vector<component>()> components_;
    std::optional<queue_endpoint> queue_;

public:
    explicit admin_service(
        std::function<std::vector<component>()> components, std::optional<queue_endpoint> queue = std::nullopt
    )
        : components_{std::move(components)}, queue_{std::move(queue)}
    {
    }

    std::optional<http::response> refuse(const http::request& head) override;
    http::awaitable<http::response> answer(http::request whole) override;
};

}  // namespace rialto
