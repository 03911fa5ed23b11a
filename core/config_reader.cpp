#include "core/config_reader.hpp"

#include "core/backend.hpp"
#include "core/config_keys.hpp"
#include "core/json_keys.hpp"
#include "core/secrets.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace rialto {

namespace {

using shape = yaml::node::shape;
constexpr std::string_view of_networks = "networks.";

std::span<const config_key> keys_for(std::string_view table)
{
    if (table.starts_with(of_networks))
        return network_keys;
    return config_keys;
}

const config_key* key_at(std::string_view table, std::string_view name)
{
    for (const auto& k : keys_for(table))
        if (k.name == name && (k.table == table || table.starts_with(of_networks)))
            return &k;
    return nullptr;
}

std::vector<std::string> known_in(std::string_view table)
{
    std::vector<std::string> all;
    const auto add = [&](std::string_view name) {
        if (std::find(all.begin(), all.end(), name) == all.end())
            all.emplace_back(name);
    };
    for (const auto& k : config_keys) {
        if (k.table == table)
            add(k.name);
        else if (table.empty())
            add(k.table);
    }
    return all;
}

std::string without(std::string_view key, std::string_view ending)
{
    return std::string{key.substr(0, key.size() - ending.size())};
}

std::optional<std::string> value_of_secret(std::string_view key)
{
    for (const std::string_view ending : {"_file", "_env"})
        if (key.size() > ending.size() && key.ends_with(ending))
            return without(key, ending);
    return std::nullopt;
}

template <class N>
std::optional<N> number(const std::string& text)
{
    N n{};
    const auto* end = text.data() + text.size();
    const auto got = std::from_chars(text.data(), end, n);
    if (text.empty() || got.ec != std::errc{} || got.ptr != end)
        return std::nullopt;
    return n;
}

bool begins_like_a_number(const std::string& text)  // not "inf" and "nan", which from_chars reads too
{
    return !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9')) &&
           text.find_first_of("nN") == text.npos;
}

}  // namespace

config_reader::config_reader(const std::string& text, const std::filesystem::path& file)
    : file_{file}, root_{yaml::parsed(text, file.string())}
{
    if (root_.is != shape::map)
        refuse(0, "", "is empty: write one with `rialto init`");
    check_table(root_, "");
    for (const auto& [key, value] : root_.entries) {
        const auto is_its_table = [&](const config_key& k) { return k.table == key.scalar; };
        const bool is_table = std::any_of(std::begin(config_keys), std::end(config_keys), is_its_table);
        if (is_table && value.is != shape::map && value.is != shape::nothing)
            refuse(value.line, key.scalar, "must be a table of keys and values");
        if (is_table)
            check_table(value, key.scalar);
    }
}

void config_reader::check_table(const yaml::node& it, std::string_view name) const
{
    const auto known = known_in(name);
    for (const auto& [key, value] : it.entries) {
        const auto plain = value_of_secret(key.scalar);
        const auto is_known = [&](const std::string& k) {
            return std::find(known.begin(), known.end(), k) != known.end();
        };
        if (is_known(key.scalar) || (plain && key_at(name, *plain)))
            continue;
        refuse(key.line, path(name, key.scalar), "there is no such key; " + instead_of(key.scalar, known));
    }
}

void config_reader::refuse(int line, std::string_view path, const std::string& what) const
{
    auto where = file_.string();
    if (line > 0)
        where += ":" + std::to_string(line);
    if (!path.empty())
        where += ": " + std::string{path};
    throw config_error{where + ": " + what};
}

std::string config_reader::path(std::string_view table, std::string_view key)
{
    std::string out{table};
    if (!out.empty())
        out += ".";
    return out.append(key);
}

const yaml::node* config_reader::table(std::string_view name) const
{
    if (name.empty())
        return &root_;
    if (!name.starts_with(of_networks))
        return root_.find(name);
    const auto* all = root_.find("networks");
    return all ? all->find(name.substr(of_networks.size())) : nullptr;
}

const yaml::node* config_reader::find(std::string_view where, std::string_view key) const
{
    const auto* in = table(where);
    const auto* found = in ? in->find(key) : nullptr;
    return found && found->is != shape::nothing ? found : nullptr;
}

bool config_reader::has(std::string_view where, std::string_view key) const
{
    return find(where, key) != nullptr;
}

config_reader::place config_reader::scalar(const yaml::node& it, const std::string& at) const
{
    if (it.is != shape::scalar)
        refuse(it.line, at, "must be a text");
    return {it.scalar, it.line};
}

config_reader::place config_reader::secret(const yaml::node& it, const std::string& at, bool in_file) const
{
    const auto source = scalar(it, at);
    try {
        if (in_file)
            return {secret_from_file(file_.parent_path() / source.text), source.line};
        return {secret_from_environment(source.text), source.line};
    } catch (const config_error& e) {
        refuse(source.line, at, e.what());
    }
}

config_reader::place config_reader::text(std::string_view where, std::string_view key) const
{
    const auto* plain = find(where, key);
    const auto name = std::string{key};
    const auto* in_file = find(where, name + "_file");
    const auto* in_environment = find(where, name + "_env");
    const auto* last = in_environment ? in_environment : in_file;
    if ((plain ? 1 : 0) + (in_file ? 1 : 0) + (in_environment ? 1 : 0) > 1)
        refuse(
            last->line, path(where, key),
            "is given twice: keep one of " + name + ", " + name + "_file and " + name + "_env"
        );
    if (in_file)
        return secret(*in_file, path(where, name + "_file"), true);
    if (in_environment)
        return secret(*in_environment, path(where, name + "_env"), false);
    if (plain)
        return scalar(*plain, path(where, key));
    const auto* about = key_at(where, key);
    if (about && about->needed) {
        const auto* in = table(where);
        refuse(in ? in->line : 0, path(where, key), "is missing: " + std::string{about->says});
    }
    return {about ? std::string{about->value} : "", 0};
}

std::vector<config_reader::place> config_reader::texts(std::string_view where, std::string_view key) const
{
    std::vector<place> all;
    const auto* found = find(where, key);
    if (!found)
        return all;
    if (found->is != shape::list)
        refuse(found->line, path(where, key), "must be a list, such as [\"a\", \"b\"]");
    for (const auto& each : found->items)
        all.push_back(scalar(each, path(where, key)));
    return all;
}

std::vector<config_reader::place> config_reader::networks() const
{
    const auto* all = find("", "networks");
    if (!all)
        refuse(0, "networks", "is missing: there is nothing to bridge to");
    if (all->is != shape::map || all->entries.empty())
        refuse(all->line, "networks", "must name networks, such as `prosody: {type: xmpp, ...}`");
    std::vector<place> names;
    for (const auto& [key, value] : all->entries) {
        if (value.is != shape::map)
            refuse(key.line, path("networks", key.scalar), "must be a table of keys and values");
        names.emplace_back(key.scalar, key.line);
    }
    return names;
}

nlohmann::json config_reader::settings(const std::string& network) const
{
    const auto where = path("networks", network);
    return object(*table(where), where, true);
}

nlohmann::json config_reader::object(const yaml::node& it, const std::string& at, bool of_network) const
{
    auto out = nlohmann::json::object();
    for (const auto& [key, value] : it.entries) {
        if (of_network && key_at(of_networks, key.scalar))
            continue;
        const auto plain = value_of_secret(key.scalar);
        const auto& name = plain ? *plain : key.scalar;
        const auto here = path(at, key.scalar);
        if (out.contains(name))
            refuse(
                key.line, path(at, name),
                "is given twice: keep one of " + name + ", " + name + "_file and " + name + "_env"
            );
        if (plain)
            out[name] = secret(value, here, key.scalar.ends_with("_file")).text;
        else
            out[name] = to_json(value, here);
    }
    return out;
}

nlohmann::json config_reader::to_json(const yaml::node& it, const std::string& at) const
{
    if (it.is == shape::nothing)
        return nullptr;
    if (it.is == shape::map)
        return object(it, at, false);
    if (it.is == shape::list) {
        auto all = nlohmann::json::array();
        for (const auto& each : it.items)
            all.push_back(to_json(each, at));
        return all;
    }
    if (it.quoted)
        return it.scalar;
    if (it.scalar == "true" || it.scalar == "false")
        return it.scalar == "true";
    if (const auto n = number<std::int64_t>(it.scalar))
        return *n;
    if (begins_like_a_number(it.scalar))
        if (const auto n = number<double>(it.scalar))
            return *n;
    return it.scalar;
}

}  // namespace rialto
