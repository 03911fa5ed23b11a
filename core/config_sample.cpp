// The sample configuration, printed from the table of keys.
#include "core/config.hpp"

#include "core/config_keys.hpp"
#include "core/yaml.hpp"

namespace rialto {

namespace {

bool is_list(const config_key& k)
{
    return k.table == "permissions" || k.name == "allow" || k.name == "fetch_allow";
}

std::string value_of(const config_key& k)
{
    if (is_list(k))
        return k.name == "admin" || k.name == "fetch_allow" ? "[]" : "[\"*:example.org\"]";
    return yaml::quoted(k.value);
}

}  // namespace

std::string sample_config()
{
    std::string out =
        "# Rialto's configuration. Paths are relative to this file, and nobody but Rialto's user may read "
        "it.\n"
        "# For `key: value` there may stand `key_file: path` or `key_env: VARIABLE` instead.\n";
    std::string_view table = "-";
    for (const auto& k : config_keys) {
        if (k.table != table) {
            table = k.table;
            out.append(table.empty() ? "\n" : "\n" + std::string{table} + ":\n");
        }
        const std::string indent(table.empty() ? 0 : 2, ' ');
        out.append(indent).append("# ").append(k.says).append("\n").append(indent).append(k.name).append(":");
        if (k.name != "networks")
            out.append(" ").append(value_of(k));
        out.append("\n");
    }
    out.append("  prosody:\n");
    for (const auto& k : network_keys) {
        const bool on = k.needed;
        out.append("    # ")
            .append(k.says)
            .append("\n    ")
            .append(on ? "" : "# ")
            .append(k.name)
            .append(": ");
        out.append(on ? std::string{k.value} : is_list(k) ? "[]" : "\"\"").append("\n");
    }
    return out;
}

}  // namespace rialto
