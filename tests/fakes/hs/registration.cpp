#include "tests/fakes/hs/registration.hpp"

#include <yaml-cpp/yaml.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace rialto::fakes::hs {

namespace {
std::vector<name_space> spaces(const YAML::Node& all, const char* which)
{
    std::vector<name_space> out;
    if (!all.IsDefined() || !all[which].IsDefined())
        return out;
    for (const auto& one : all[which])
        out.emplace_back(one["regex"].as<std::string>(), one["exclusive"].as<bool>(false));
    return out;
}
}  // namespace

registration registration_from_text(const std::string& yaml)
{
    const YAML::Node doc = YAML::Load(yaml);
    registration r;
    for (const auto& [key, into] :
         {std::pair{"id", &r.id}, std::pair{"as_token", &r.as_token}, std::pair{"hs_token", &r.hs_token},
          std::pair{"sender_localpart", &r.sender_localpart}}) {
        if (!doc[key].IsDefined())
            throw std::runtime_error{std::string{"registration without "} + key};
        *into = doc[key].as<std::string>();
    }
    // Synapse: must be there, may be null.
    if (!doc["url"].IsDefined())
        throw std::runtime_error{"registration without url"};
    if (!doc["url"].IsNull())
        r.url = doc["url"].as<std::string>();
    r.users = spaces(doc["namespaces"], "users");
    r.aliases = spaces(doc["namespaces"], "aliases");
    r.rooms = spaces(doc["namespaces"], "rooms");
    r.receive_ephemeral =
        doc["receive_ephemeral"].as<bool>(false) || doc["de.sorunome.msc2409.push_ephemeral"].as<bool>(false);
    return r;
}

registration registration_from_file(const std::string& path)
{
    std::ifstream in{path};
    if (!in)
        throw std::runtime_error{"cannot read " + path};
    std::ostringstream text;
    text << in.rdbuf();
    return registration_from_text(text.str());
}

matcher::matcher(const std::vector<name_space>& of)
{
    for (const auto& one : of)
        all_.emplace_back(
            std::regex{one.pattern, std::regex::ECMAScript | std::regex::optimize}, one.exclusive
        );
}

char matcher::look(const std::string& name) const
{
    const auto at = known_.find(name);
    if (at != known_.end())
        return at->second;
    char found = no;
    for (const auto& [pattern, exclusive] : all_)
        if (std::regex_search(name, pattern, std::regex_constants::match_continuous))
            found = std::max<char>(found, exclusive ? exclusively : shared);
    known_.emplace(name, found);
    return found;
}

bool matcher::matches(const std::string& name) const { return look(name) != no; }
bool matcher::exclusive(const std::string& name) const { return look(name) == exclusively; }

}  // namespace rialto::fakes::hs
