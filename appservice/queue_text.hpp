// appservice/queue_text.hpp: the queue (core/queue.hpp) as JSON, for `rialto queue --json` and between the
// command line and the daemon, and as lines for people. Pure. What cannot be read as such JSON becomes no
// line.
#pragma once

#include "core/queue.hpp"

#include <string>
#include <string_view>

namespace rialto {

std::string queue_json(const queue_view& all, std::int64_t now_ms);
std::string letter_json(const letter& one, std::int64_t now_ms);

std::string queue_text(std::string_view queue_json);
std::string letter_text(std::string_view letter_json);

std::string span_text(std::int64_t ms);  // "4 min"

}  // namespace rialto
