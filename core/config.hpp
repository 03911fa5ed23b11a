// core/config.hpp: what the operator says, as values. Read once, before anything runs. Errors: config_error
// with file, line, key, and what was probably meant; a file that others can read is refused. A text may stand
// in a file or in the environment instead: `x_file: path` or `x_env: NAME` for `x`, anywhere. Paths are
// relative to the folder of the configuration.
#pragma once

#include "core/canary.hpp"
#include "core/log.hpp"
#include "core/names.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rialto {

struct endpoint
{
    std::string host;  // a name or an address; IPv6 without its brackets
    std::uint16_t port = 0;

    endpoint() = default;
    endpoint(std::string h, std::uint16_t p) : host{std::move(h)}, port{p} {}
    bool operator==(const endpoint&) const = default;
};

struct homeserver_config
{
    std::string url;  // without a slash at its end
    std::string server_name;
    bool order_by_sync = false;  // its connections tell nothing of it
    bool workers = false;        // its /sync may be behind
    homeserver_config() = default;
};

struct appservice_config
{
    endpoint listen, admin;  // for the homeserver; for health and metrics
    std::string url;         // of `listen`, as the homeserver reaches it
    std::filesystem::path registration;
    std::string bot, prefix;  // localparts
    appservice_config() = default;
};

struct media_config
{
    std::string public_url;  // without a slash at its end; "": none
    endpoint listen;
    std::chrono::hours link_lasts{0};
    std::uint64_t most = 0;                // bytes
    std::vector<std::string> fetch_allow;  // origins, in lower case
    media_config() = default;
};

struct log_config
{
    log::level least = log::level::info;
    std::string file;  // "": standard error
    log_config() = default;
};

// Patterns over Matrix ids; '*' is any text, '?' one byte.
struct permissions_config
{
    std::vector<std::string> use, bridge, admin;
    permissions_config() = default;
};

struct network_config
{
    std::string name, type;
    std::string prefix;  // of its ghosts; "": the common prefix and its name
    std::vector<std::string>
        allow;  // far hosts or addresses that may reach us; the backend knows its default
    std::shared_ptr<const nlohmann::json> settings;  // an object: what is left is the backend's to check
    int line = 0;
    network_config() = default;
};

struct config
{
    std::filesystem::path file, database;
    homeserver_config homeserver;
    appservice_config appservice;
    media_config media;
    log_config log;
    permissions_config permissions;
    canary_rules canary;
    std::vector<network_config> networks;  // in the order of the file
    config() = default;
};

config load_config(const std::filesystem::path& file);
config parse_config(
    const std::string& text, const std::filesystem::path& file
);  // `file` for paths and messages

names names_of(const config& c);

bool matches(const std::vector<std::string>& patterns, std::string_view mxid);

// A configuration to start from, with a comment for every key. Its values are the defaults; example.org is
// not.
std::string sample_config();

}  // namespace rialto
