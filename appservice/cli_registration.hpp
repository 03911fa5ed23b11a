// appservice/cli_registration.hpp: `rialto registration` and `rialto registration check`. Blocking. Errors:
// config_error.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>

namespace rialto::cli {

struct registration_wish
{
    std::filesystem::path config, output;  // output "": where the configuration says
    std::string homeserver = "synapse";
    bool force = false;   // replace a file that is there, with fresh tokens
    bool update = false;  // replace it and keep its tokens
    bool print = false;   // to `out` instead of a file

    registration_wish() = default;
};

void write_registration(const registration_wish& wish, std::ostream& out);

// Whether all is well. Without `file` it is the one that the configuration names.
bool check_registration(
    const std::filesystem::path& config, const std::filesystem::path& file, std::ostream& out
);

}  // namespace rialto::cli
