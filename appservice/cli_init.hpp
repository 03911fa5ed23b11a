// appservice/cli_init.hpp: `rialto init`: from a few flags to a configuration that a human can go on with.
// What will be written is decided here as plain texts; cli_files.hpp writes them. Pure.
#pragma once

#include "appservice/cli_network.hpp"

namespace rialto::cli {

struct network_type  // what backend_types() says, as far as it matters here
{
    std::string name, example;  // lines of `key: value  # what it is`
    network_type(std::string n, std::string e) : name{std::move(n)}, example{std::move(e)} {}
};

struct init_wish
{
    std::string homeserver, server_name;
    std::string listen = "127.0.0.1:29333", admin = "127.0.0.1:29334", media = "127.0.0.1:29335";
    std::string public_url;                // of `media`, as people outside reach it; "": no links to files
    std::vector<std::string> fetch_allow;  // origins
    std::string url;                       // where the homeserver reaches `listen`; "": at that address
    std::vector<std::string> networks;     // the flags as given

    init_wish() = default;
};

struct text_file
{
    std::string name, text;
    text_file(std::string n, std::string t) : name{std::move(n)}, text{std::move(t)} {}
};

// config.yaml first, then a file for each secret. Throws config_error when a flag makes no sense.
std::vector<text_file> files_of(const init_wish& wish, const std::vector<network_type>& types);

}  // namespace rialto::cli
