// appservice/cli_main.hpp: the command line: init, registration, run, queue, status, version. What only the
// daemon can do comes in as hooks, so that main.cpp stays a few lines. Blocking. Ends with sysexits' codes:
// 0, 64 usage, 69 not ready, 78 configuration, 75 another Rialto holds the database, 70 a fault of ours.
#pragma once

#include "appservice/cli_init.hpp"

#include <filesystem>
#include <functional>
#include <iosfwd>

namespace rialto::cli {

enum exit_code : int
{
    done = 0,
    usage = 64,
    unavailable = 69,
    fault = 70,
    held = 75,
    configuration = 78
};

struct run_options
{
    std::filesystem::path config;
    bool wait = true;  // for another Rialto to let go of the database; else end with `held`

    run_options() = default;
};

struct hooks
{
    std::function<int(run_options)> run;
    std::vector<network_type> types;  // what `init` may configure

    hooks() = default;
};

int run_cli(int argc, const char* const* argv, const hooks& with, std::ostream& out, std::ostream& err);
int run_cli(int argc, const char* const* argv, const hooks& with);  // with the standard streams

}  // namespace rialto::cli
