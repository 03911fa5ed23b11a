// bridges/xmpp/xmpp_backend.hpp: one XMPP network: the component's link, the rooms and the chats on it.
// Dispatch and life cycle only; rooms are in portal.hpp, conversations of two in chat.hpp. One io_context
// thread.
#pragma once

#include "core/backend.hpp"

#include <memory>

namespace rialto {
class clock;
}

namespace rialto::xmpp {

std::unique_ptr<backend> make(host& h, const nlohmann::json& config);  // throws config_error

}  // namespace rialto::xmpp
