// appservice/daemon.hpp: the running bridge: builds every part from the configuration, starts them in the
// order that the promise asks for, and stops them as a drain. The only place, with main.cpp, that sees all of
// them.
#pragma once

#include "appservice/cli_main.hpp"

namespace rialto {

// Blocks until SIGTERM or SIGINT. Returns an exit code of cli::exit_code. Throws config_error before anything
// runs.
int run_daemon(const cli::run_options& options);

}  // namespace rialto
