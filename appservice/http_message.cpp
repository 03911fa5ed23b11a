#include "appservice/http_message.hpp"

#include <nlohmann/json.hpp>

namespace rialto::http {

response refusal(unsigned status, std::string_view errcode, std::string_view why)
{
    const nlohmann::json said{{"errcode", errcode}, {"error", why}};
    return {status, said.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

}  // namespace rialto::http
