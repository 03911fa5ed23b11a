// tests/fakes/hs/registration.hpp: one application service as a homeserver is told of it, and what its
// namespaces match. Read with yaml-cpp, as Synapse reads it: regexes match from the start, the end is open.
#pragma once

#include <regex>
#include <string>
#include <unordered_map>
#include <vector>

namespace rialto::fakes::hs {

struct name_space
{
    std::string pattern;
    bool exclusive = false;
    name_space() = default;
    name_space(std::string p, bool e) : pattern{std::move(p)}, exclusive{e} {}
};

struct registration
{
    std::string id, url, as_token, hs_token, sender_localpart;
    std::vector<name_space> users, aliases, rooms;
    bool receive_ephemeral = false;
    registration() = default;
};

registration registration_from_file(const std::string& path);  // throws std::runtime_error
registration registration_from_text(const std::string& yaml);

// Remembers each answer: std::regex is slow and a benchmark asks for every event.
class matcher
{
public:
    explicit matcher(const std::vector<name_space>& of);
    bool matches(const std::string& name) const;
    bool exclusive(const std::string& name) const;

private:
    enum : char
    {
        no = 0,
        shared = 1,
        exclusively = 2
    };
    char look(const std::string& name) const;
    std::vector<std::pair<std::regex, bool>> all_;
    mutable std::unordered_map<std::string, char> known_;
};

}  // namespace rialto::fakes::hs
