// tests/fakes/net/control.hpp: the small port through which another process scripts a fake: POST /control
// {...}.
#pragma once

#include "tests/fakes/net/http.hpp"

#include <nlohmann/json_fwd.hpp>

namespace rialto::fakes {

class control_port
{
public:
    using obey = std::function<nlohmann::json(const nlohmann::json&)>;
    control_port(boost::asio::any_io_executor ex, obey o);
    void listen(std::uint16_t port) { server_.listen(port); }
    std::uint16_t port() const { return server_.port(); }

private:
    obey obey_;
    fake_time time_;
    http_server server_;
};

}  // namespace rialto::fakes
