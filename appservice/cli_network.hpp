// appservice/cli_network.hpp: one --network of the command line, `name=type,key=value,…`. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rialto::cli {

struct network_flag
{
    std::string name, type;
    std::vector<std::pair<std::string, std::string>> options;  // in the order given

    network_flag() = default;
    const std::string* find(std::string_view key) const;
};

// Throws config_error naming what is wrong and how it is written. A comma in a value is written as `\,`.
network_flag parse_network(std::string_view text);

// A key whose value must not stand in the configuration: secret, password, token and what ends in them.
bool is_secret(std::string_view key);

}  // namespace rialto::cli
