#include "registrations/load.hpp"

#include "core/backend.hpp"
#include "core/secrets.hpp"

#include <algorithm>

namespace rialto::registrations {

setting setting_of(const config& from)
{
    std::vector<std::string> protocols;
    for (const auto& each : from.networks)
        if (std::ranges::find(protocols, each.type) == protocols.end())
            protocols.push_back(each.type);
    return {from.appservice.url, names_of(from), std::move(protocols)};
}

loaded load(const config& from)
{
    const auto& file = from.appservice.registration;
    if (!std::filesystem::exists(file))
        throw config_error(
            file.string() + ": there is no registration yet: write it with `rialto registration --config " +
            from.file.string() + "` and give it to the homeserver"
        );
    auto all = read(read_private_file(file), file.string());
    auto found = std::move(all.findings);
    std::ranges::move(check(all.it, setting_of(from), std::nullopt), std::back_inserter(found));
    loaded out;
    std::vector<finding> wrong;
    for (auto& each : found)
        (each.fatal ? wrong : out.warnings).push_back(std::move(each));
    if (!wrong.empty())
        throw config_error(
            "the registration does not fit the configuration:\n" + shown(wrong, file.string())
        );
    out.it = std::move(all.it);
    return out;
}

}  // namespace rialto::registrations
