// bridges/email/email_backend.hpp: one mail network: listens for the organisation's mail server (LMTP,
// ESMTP), hands mails to its smart host. Life cycle and I/O only; decisions are in reception.hpp, talk.hpp
// and the two machines. One io_context thread.
#pragma once

#include "core/backend.hpp"

#include <memory>

namespace rialto::email {

std::unique_ptr<backend> make(host& h, const nlohmann::json& config);  // throws config_error

}  // namespace rialto::email
