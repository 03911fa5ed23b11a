// bridges/echo/echo.hpp: a backend without a network, to copy and to test with.
#pragma once

#include "core/backend.hpp"

namespace rialto::echo {

std::unique_ptr<backend> make(host& h, const nlohmann::json& config);

}  // namespace rialto::echo
