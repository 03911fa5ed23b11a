// bridges/xmpp/stanza_time.hpp: times as XEP-0082 writes them ("2026-11-23T03:20:00.125Z"). Pure.
#pragma once

#include "core/event.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rialto::xmpp {

std::optional<timestamp> read_time(std::string_view text) noexcept;  // nullopt: not one; offsets are honoured
std::string write_time(timestamp at);                                // UTC, milliseconds

}  // namespace rialto::xmpp
