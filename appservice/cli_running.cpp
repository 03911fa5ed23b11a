#include "appservice/cli_running.hpp"

#include "appservice/admin_queue.hpp"
#include "registrations/load.hpp"

#include <nlohmann/json.hpp>

namespace rialto::cli {

running_rialto::running_rialto(const config& c) : http_{io_.get_executor()}, url_{url_of(c.appservice.admin)}
{
    const auto registration = registrations::load(c).it;
    bearer_ = "Bearer " + admin_token(registration.as_token, registration.hs_token);
}

result<net::http_reply> running_rialto::ask(net::http_request r)
{
    r.url = url_ + r.url;
    r.deadline = std::chrono::seconds{30};
    r.headers.emplace_back("Authorization", bearer_);
    r.headers.emplace_back("Content-Type", "application/json");
    return run_to_end(io_, http_.send(std::move(r)));
}

std::string running_rialto::url_of(const endpoint& at)
{
    const bool six = at.host.find(':') != std::string::npos;
    return "http://" + (six ? "[" + at.host + "]" : at.host) + ":" + std::to_string(at.port);
}

std::string refusal_in(const net::http_reply& reply)
{
    const auto said = nlohmann::json::parse(reply.body, nullptr, false);
    if (said.is_object() && said.contains("error") && said["error"].is_string())
        return said["error"].get<std::string>();
    return "it answered with " + std::to_string(reply.status);
}

}  // namespace rialto::cli
