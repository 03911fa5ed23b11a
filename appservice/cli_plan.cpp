// What of the configuration concerns the registration.
#include "appservice/cli_files.hpp"
#include "appservice/cli_registration.hpp"
#include "core/backend.hpp"
#include "core/yaml.hpp"

#include <algorithm>

namespace rialto::cli {

namespace {
std::string text_at(const yaml::node& root, const char* table, const char* key, const char* otherwise)
{
    const auto* in = root.find(table);
    const auto* found = in ? in->find(key) : nullptr;
    if (found && found->is == yaml::node::shape::scalar)
        return found->scalar;
    if (otherwise)
        return otherwise;
    throw config_error(std::string{table} + "." + key + " is missing in the configuration");
}
}  // namespace

registration_plan plan_of(const std::filesystem::path& config)
{
    const auto root = yaml::parsed(whole_file(config), config.string());
    std::vector<named_network> networks;
    std::vector<std::string> protocols;
    if (const auto* all = root.find("networks"))
        for (const auto& [name, about] : all->entries) {
            const auto* prefix = about.find("prefix");
            const auto* type = about.find("type");
            networks.emplace_back(name.scalar, prefix ? prefix->scalar : "");
            if (type && std::ranges::find(protocols, type->scalar) == protocols.end())
                protocols.push_back(type->scalar);
        }
    names ours{
        text_at(root, "homeserver", "server_name", nullptr),
        text_at(root, "appservice", "bot", "_rialto_bot"), text_at(root, "appservice", "prefix", "_rialto_"),
        std::move(networks)
    };
    const auto url = text_at(root, "appservice", "url", nullptr);
    const auto file = text_at(root, "appservice", "registration", "registration.yaml");
    return {registrations::setting{url, std::move(ours), std::move(protocols)}, config.parent_path() / file};
}

}  // namespace rialto::cli
