// The table of backends: one line each.
#include "bridges/echo/echo.hpp"
#include "bridges/email/email_backend.hpp"
#include "bridges/email/email_config.hpp"
#include "bridges/xmpp/xmpp_backend.hpp"
#include "bridges/xmpp/xmpp_config.hpp"

namespace rialto {

std::span<const backend_type> backend_types()
{
    static const backend_type all[] = {
        {"echo", "# echo needs nothing", &echo::make},
        {"email", email::email_example_config, &email::make},
        {"xmpp", xmpp::xmpp_example_config, &xmpp::make},
    };
    return all;
}

}  // namespace rialto
