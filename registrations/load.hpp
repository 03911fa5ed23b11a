// registrations/load.hpp: the registration that a configuration names, as the daemon needs it: private, and
// fitting the configuration. Blocking, for the start of the program. Errors: config_error with every
// difference and its remedy.
#pragma once

#include "core/config.hpp"
#include "registrations/check.hpp"

namespace rialto::registrations {

setting setting_of(const config& from);

struct loaded
{
    registration it;
    std::vector<finding> warnings;  // it works, but not well: to be logged

    loaded() = default;
};

loaded load(const config& from);

}  // namespace rialto::registrations
