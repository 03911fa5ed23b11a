#include "appservice/cli_status.hpp"

#include "appservice/cli_main.hpp"
#include "appservice/cli_running.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <ostream>

namespace rialto::cli {

namespace {
using nlohmann::json;

std::string one_line(std::string text)
{
    std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    return text;
}

std::string waiting_text(const json& queue)
{
    std::size_t waiting = 0;
    for (const auto& lane : queue.value("lanes", json::array()))
        waiting += lane.value("waiting", std::size_t{0});
    const auto dead = queue.value("dead", json::array()).size();
    std::string out =
        "queue: " + std::to_string(waiting) + (waiting == 1 ? " message waits, " : " messages wait, ");
    out += std::to_string(dead) + (queue.value("more_dead", false) ? " or more" : "") +
           " could not be delivered";
    if (waiting + dead > 0)
        out += " (rialto queue list)";
    return out + "\n";
}
}  // namespace

std::string status_text(std::string_view ready_json, std::string_view queue_json)
{
    const auto ready = json::parse(ready_json, nullptr, false),
               queue = json::parse(queue_json, nullptr, false);
    if (!ready.is_object() || !queue.is_object())
        return {};
    try {
        std::string out;
        for (const auto& part : ready.at("components")) {
            const auto why = one_line(part.at("reason").get<std::string>());
            out += one_line(part.at("name").get<std::string>()) + ": ";
            out += part.at("ready").get<bool>() ? (why.empty() ? "ready" : why) : "NOT READY: " + why;
            out += "\n";
        }
        return out + waiting_text(queue);
    } catch (const json::exception&) {
        return {};
    }
}

int run_status(const std::filesystem::path& config, std::ostream& out, std::ostream& err)
{
    const auto settings = load_config(config);
    running_rialto other{settings};
    net::http_request health, waiting;
    health.method = waiting.method = "GET";
    health.url = "/health/ready";
    waiting.url = "/queue";
    const auto ready = other.ask(std::move(health));
    if (!ready) {
        err << "rialto: no Rialto runs at " << running_rialto::url_of(settings.appservice.admin) << " ("
            << ready.error().why << ")\n";
        return unavailable;
    }
    const auto queue = other.ask(std::move(waiting));
    if (!queue || queue->status != 200) {
        err << "rialto: " << (queue ? refusal_in(*queue) : queue.error().why) << "\n";
        return unavailable;
    }
    const auto text = status_text(ready->body, queue->body);
    if (text.empty()) {
        err << "rialto: who answers at " << running_rialto::url_of(settings.appservice.admin)
            << " is no Rialto: check appservice.admin\n";
        return unavailable;
    }
    out << text;
    return ready->status == 200 ? done : unavailable;
}

}  // namespace rialto::cli
