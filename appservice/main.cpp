// The command `rialto`. What it does is said in `rialto --help`.
#include "appservice/daemon.hpp"

#include "core/backend.hpp"

int main(int argc, char** argv)
{
    rialto::cli::hooks with;
    with.run = [](const rialto::cli::run_options& options) { return rialto::run_daemon(options); };
    for (const auto& type : rialto::backend_types())
        with.types.emplace_back(std::string{type.name}, std::string{type.example_config});
    return rialto::cli::run_cli(argc, argv, with);
}
