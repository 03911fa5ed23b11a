// appservice/cli_status.hpp: `rialto status`: is the Rialto that runs able to work, and if not why; which
// rooms a crash of the homeserver costs nothing; how much waits. Blocking. Errors: config_error.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <string_view>

namespace rialto::cli {

// What /health/ready and /queue said, for people; one line a part. "": they said nothing that can be read.
std::string status_text(std::string_view ready_json, std::string_view queue_json);

// 0 when all is ready, 69 (EX_UNAVAILABLE) when something is not or when none runs.
int run_status(const std::filesystem::path& config, std::ostream& out, std::ostream& err);

}  // namespace rialto::cli
