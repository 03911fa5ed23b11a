#include "appservice/admin.hpp"

#include "core/metrics.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace rialto {

namespace {
constexpr std::string_view live = "/health/live", ready = "/health/ready", metrics_path = "/metrics";
}

http::response readiness(const std::vector<component>& all)
{
    const bool good = std::ranges::all_of(all, &component::ready);
    nlohmann::json parts = nlohmann::json::array();
    for (const auto& each : all)
        parts.push_back({{"name", each.name}, {"ready", each.ready}, {"reason", each.reason}});
    const nlohmann::json said{{"ready", good}, {"components", parts}};
    return {good ? 200u : 503u, said.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"};
}

std::optional<http::response> admin_service::refuse(const http::request& head)
{
    if (queue_ && queue_endpoint::serves(head.path))
        return queue_->refuse(head);
    if (head.path != live && head.path != ready && head.path != metrics_path)
        return http::refusal(404, "M_UNRECOGNIZED", "there are /health/live, /health/ready and /metrics");
    if (head.method != "GET")
        return http::refusal(405, "M_UNRECOGNIZED", "use GET");
    return std::nullopt;
}

http::awaitable<http::response> admin_service::answer(http::request whole)
{
    if (queue_ && queue_endpoint::serves(whole.path))
        co_return co_await queue_->answer(std::move(whole));
    if (whole.path == ready)
        co_return readiness(components_());
    http::response said{200, "{\"live\": true}\n"};
    if (whole.path == metrics_path) {
        said.body = metrics::exposition();
        said.content_type = "text/plain; version=0.0.4; charset=utf-8";
    }
    co_return said;
}

}  // namespace rialto
