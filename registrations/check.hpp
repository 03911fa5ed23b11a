// registrations/check.hpp: reads a registration file, ours or the homeserver's copy, and names each way in
// which it does not fit the configuration, with the remedy: what otherwise shows as "M_UNKNOWN_TOKEN", as
// silence, or as one message in five seconds. Pure; the file's own mode is the caller's to add. Namespaces
// are judged by what they match, not by how they are spelled.
#pragma once

#include "registrations/registration.hpp"

namespace rialto::registrations {

struct finding
{
    bool fatal = true;  // false: it works, but not well
    int line = 0;       // 0: of the file as a whole
    std::string what, remedy;

    finding(bool f, int l, std::string w, std::string r)
        : fatal{f}, line{l}, what{std::move(w)}, remedy{std::move(r)}
    {
    }
};

struct reading
{
    registration it;
    std::vector<finding> findings;  // keys missing, of the wrong kind, unknown

    reading() = default;
};

// Throws config_error when it is no YAML at all.
reading read(const std::string& text, const std::string& file);

// `ours`: the tokens that Rialto itself uses, when it is the homeserver's copy that is looked at.
std::vector<finding> check(const registration& found, const setting& want, const std::optional<tokens>& ours);

std::string shown(const std::vector<finding>& all, const std::string& file);  // for a terminal

}  // namespace rialto::registrations
