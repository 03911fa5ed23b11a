// tests/fakes/hs/world.hpp: what a fake homeserver knows. The world is its database and survives a restart;
// what Synapse keeps in memory only (txn cache, queued pushes) lives elsewhere. Values, no I/O.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace rialto::fakes::hs {

struct room;

struct event
{
    std::string id, type, sender;
    std::optional<std::string> state_key;
    std::string content = "{}";                    // JSON text
    std::shared_ptr<const nlohmann::json> parsed;  // of state events only
    std::string prev_content, replaces;            // of state events: what was there before
    std::string redacts, redacted_by;
    std::string invite_state;    // of invites: JSON array of stripped state
    std::string txn, txn_owner;  // shown to the device that sent it
    std::string target;          // of an annotation: what it is on, and its key
    room* in = nullptr;
    std::int64_t ts = 0;
    std::int64_t order = 0;  // in the stream
    event() = default;
};

struct power_levels
{
    std::map<std::string, std::int64_t, std::less<>> users, events;
    std::int64_t users_default = 0, events_default = 0, state_default = 0;
    std::int64_t invite = 0, kick = 50, ban = 50, redact = 50;
    power_levels() = default;
    explicit power_levels(const nlohmann::json& content);
};

struct member
{
    event* now = nullptr;
    std::string membership;   // "join", "invite", "leave", "ban", "knock"
    std::int64_t since = 0;   // stream order of the last change of membership
    bool was_joined = false;  // ever
    bool forgotten = false;
    member() = default;
};

struct receipt
{
    std::string user, event, kind;
    std::int64_t ts = 0, serial = 0;
    receipt() = default;
};

struct room
{
    std::string id, version = "11", creator;
    std::set<std::string> creators;  // v12: of infinite power
    std::vector<event*> timeline;
    std::map<std::pair<std::string, std::string>, event*> state;
    std::unordered_map<std::string, member> members;
    std::set<std::string> joined;
    std::optional<power_levels> powers;
    std::set<std::string> annotations;           // sender, target, key
    std::map<std::string, std::int64_t> typing;  // user, until
    std::int64_t typing_serial = 0;
    std::vector<receipt> receipts;
    std::vector<std::string> aliases;
    std::map<std::size_t, std::size_t>
        interested;  // per application service: how many of its users are joined
    room() = default;

    const event* find_state(const std::string& type, const std::string& key = {}) const;
    std::string membership(const std::string& user) const;
    bool v12() const { return version == "12"; }
};

struct device
{
    std::string id, name, token;
    device() = default;
};

struct user
{
    std::string id, name, avatar, password;
    std::map<std::string, device> devices;
    std::set<room*> rooms;  // of any membership
    std::map<std::string, std::string> filters, account_data, profile;
    user() = default;
};

struct world
{
    std::string name = "localhost";
    std::map<std::string, std::unique_ptr<user>, std::less<>> users;
    std::unordered_map<std::string, std::pair<user*, std::string>> tokens;  // access token: user, device id
    std::unordered_map<std::string, std::unique_ptr<room>> rooms;
    std::map<std::string, room*> aliases;
    std::unordered_map<std::string, event*> by_id;
    std::vector<std::unique_ptr<event>> stream;  // order n is at n - 1
    std::unordered_map<std::string, std::string>
        device_txns;  // room, user, device, txn: event id; 24 h in Synapse
    struct medium
    {
        std::string type, bytes, owner;
        bool there = false;
        medium() = default;
    };
    std::unordered_map<std::string, medium> media;
    std::int64_t ephemeral = 0;
    std::uint64_t ids = 0, seed = 1;
    world() = default;

    user* find_user(std::string_view id) const;
    room* find_room(const std::string& id) const;
    bool local(std::string_view id) const;  // ends in our name
    user& make_user(std::string id);
    device& make_device(user& u, std::string id, std::string display_name);
    std::string fresh(std::size_t length = 43);  // letters and digits, by seed and count
};

}  // namespace rialto::fakes::hs
