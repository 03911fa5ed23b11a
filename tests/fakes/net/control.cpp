#include "tests/fakes/net/control.hpp"

#include <nlohmann/json.hpp>

namespace rialto::fakes {

namespace {
awaitable<http_reply> handle(control_port::obey obey, http_request r)
{
    try {
        if (r.method != "POST" || r.target != "/control")
            co_return http_reply{R"({"error":"POST /control"})", 404};
        const auto answer = obey(nlohmann::json::parse(r.body));
        co_return http_reply{answer.dump()};
    } catch (const std::exception& e) {
        nlohmann::json no;
        no["error"] = e.what();
        co_return http_reply{no.dump(), 400};
    }
}
}  // namespace

control_port::control_port(boost::asio::any_io_executor ex, obey o)
    : obey_{std::move(o)},
      time_{ex},
      server_{
          ex, time_, [this](http_request r) { return handle(obey_, std::move(r)); },
          [](const http_request&) { return std::string_view{"control"}; }
      }
{
}

}  // namespace rialto::fakes
