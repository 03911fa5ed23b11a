// core/config_reader.hpp: the configuration as text at (table, key), with its line; knows the keys of
// config_keys.hpp and refuses all others. Errors: config_error "file:line: key: what". Used by config.cpp
// alone.
#pragma once

#include "core/yaml.hpp"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rialto {

class config_reader
{
    std::filesystem::path file_;
    yaml::node root_;

public:
    struct place
    {
        std::string text;
        int line;  // 0: not in the file, a default
        place(std::string t, int l) : text{std::move(t)}, line{l} {}
    };

    config_reader(const std::string& text, const std::filesystem::path& file);

    bool has(std::string_view table, std::string_view key) const;
    place text(std::string_view table, std::string_view key) const;  // or the default
    std::vector<place> texts(std::string_view table, std::string_view key) const;
    std::vector<place> networks() const;
    nlohmann::json settings(const std::string& network) const;  // what is the backend's

    static std::string path(std::string_view table, std::string_view key);
    [[noreturn]] void refuse(int line, std::string_view path, const std::string& what) const;

private:
    const yaml::node* table(std::string_view name) const;
    const yaml::node* find(std::string_view table, std::string_view key) const;
    void check_table(const yaml::node& it, std::string_view name) const;
    place scalar(const yaml::node& it, const std::string& path) const;
    place secret(const yaml::node& it, const std::string& path, bool in_file) const;
    nlohmann::json to_json(const yaml::node& it, const std::string& path) const;
    nlohmann::json object(const yaml::node& it, const std::string& path, bool of_network) const;
};

}  // namespace rialto
