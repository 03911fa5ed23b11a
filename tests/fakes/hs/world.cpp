#include "tests/fakes/hs/world.hpp"

#include <nlohmann/json.hpp>

namespace rialto::fakes::hs {

namespace {
std::int64_t number(const nlohmann::json& j, const char* key, std::int64_t otherwise)
{
    const auto at = j.find(key);
    return at != j.end() && at->is_number_integer() ? at->get<std::int64_t>() : otherwise;
}
}  // namespace

power_levels::power_levels(const nlohmann::json& content)
{
    for (const auto& [key, into] : {std::pair{"users", &users}, std::pair{"events", &events}})
        if (const auto at = content.find(key); at != content.end() && at->is_object())
            for (const auto& [name, level] : at->items())
                if (level.is_number_integer())
                    into->emplace(name, level.get<std::int64_t>());
    users_default = number(content, "users_default", 0);
    events_default = number(content, "events_default", 0);
    state_default = number(content, "state_default", 50);
    invite = number(content, "invite", 0);
    kick = number(content, "kick", 50);
    ban = number(content, "ban", 50);
    redact = number(content, "redact", 50);
}

const event* room::find_state(const std::string& type, const std::string& key) const
{
    const auto at = state.find({type, key});
    return at == state.end() ? nullptr : at->second;
}

std::string room::membership(const std::string& user) const
{
    const auto at = members.find(user);
    return at == members.end() ? std::string{} : at->second.membership;
}

user* world::find_user(std::string_view id) const
{
    const auto at = users.find(id);
    return at == users.end() ? nullptr : at->second.get();
}

room* world::find_room(const std::string& id) const
{
    const auto at = rooms.find(id);
    return at == rooms.end() ? nullptr : at->second.get();
}

bool world::local(std::string_view id) const
{
    return id.size() > name.size() && id.ends_with(name) && id[id.size() - name.size() - 1] == ':';
}

user& world::make_user(std::string id)
{
    auto& slot = users[id];
    if (!slot) {
        slot = std::make_unique<user>();
        slot->id = std::move(id);
    }
    return *slot;
}

device& world::make_device(user& u, std::string id, std::string display_name)
{
    auto& d = u.devices[id];
    d.id = std::move(id);
    d.name = std::move(display_name);
    return d;
}

std::string world::fresh(std::size_t length)
{
    static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string out;
    out.reserve(length);
    std::uint64_t state = seed * 0x9e3779b97f4a7c15U + ++ids * 0xd1342543de82ef95U;
    while (out.size() < length) {
        state += 0x9e3779b97f4a7c15U;
        std::uint64_t z = state;
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        z ^= z >> 31U;
        for (int i = 0; i < 10 && out.size() < length; ++i, z >>= 6U)
            out += alphabet[z & 63U];
    }
    return out;
}

}  // namespace rialto::fakes::hs
