#include "appservice/cli_init.hpp"

#include "core/backend.hpp"
#include "core/yaml.hpp"

#include <algorithm>
#include <sstream>

namespace rialto::cli {

namespace {
void must_be_url(const std::string& flag, const std::string& url)
{
    for (const std::string_view scheme : {"http://", "https://"})
        if (url.starts_with(scheme) && url.size() > scheme.size() && url.find_first_of(" \t\n\"") == url.npos)
            return;
    throw config_error(flag + " '" + url + "' is no URL: give e.g. http://127.0.0.1:8008");
}

void must_be_server_name(const std::string& name)
{
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' ||
               c == '[' || c == ']';
    };
    if (name.empty() || name.size() > 200 || !std::ranges::all_of(name, good))
        throw config_error(
            "--server-name '" + name +
            "' is no Matrix server name: give what stands behind the colon of your user ids, "
            "e.g. example.org (in lower case, without http://)"
        );
}

void must_be_endpoint(const std::string& flag, const std::string& text)
{
    const auto colon = text.rfind(':');
    const auto port = colon == text.npos ? "" : text.substr(colon + 1);
    const bool digits =
        !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == port.npos;
    if (!digits || colon == 0 || std::stoul(port) > 65535)
        throw config_error(flag + " '" + text + "' is no address and port: give e.g. 127.0.0.1:29333");
}

std::string scalar(const std::string& value)
{
    const bool number =
        !value.empty() && value.size() <= 9 && value.find_first_not_of("0123456789") == value.npos;
    if (number || value == "true" || value == "false")
        return value;
    return yaml::quoted(value);
}

std::string secret_name(const network_flag& of, const std::string& key) { return of.name + "." + key; }

// The settings that were not given, each with its meaning, so that nobody must search for them.
std::string left_out(const network_flag& given, const std::string& example)
{
    std::string out, line;
    std::istringstream lines{example};
    while (std::getline(lines, line)) {
        const auto colon = line.find(':');
        if (colon != line.npos && !given.find(line.substr(0, colon)))
            out += "    # " + line + "\n";
    }
    return out;
}

std::string network_text(const network_flag& it, const std::string& example, std::vector<text_file>& secrets)
{
    std::string out = "  " + it.name + ":\n    type: " + it.type + "\n";
    for (const auto& [key, value] : it.options) {
        if (!is_secret(key) || value.empty()) {
            out += "    " + key + ": " + scalar(value) + "\n";
            continue;
        }
        out += "    " + key + "_file: " + yaml::quoted(secret_name(it, key)) + "\n";
        secrets.emplace_back(secret_name(it, key), value + "\n");
    }
    return out + left_out(it, example);
}

const network_type& type_of(const network_flag& it, const std::vector<network_type>& types)
{
    std::string known;
    for (const auto& each : types) {
        if (each.name == it.type)
            return each;
        known += (known.empty() ? "" : ", ") + each.name;
    }
    throw config_error("--network " + it.name + ": there is no type '" + it.type + "'; there are: " + known);
}

std::string list_of(const std::vector<std::string>& texts)
{
    std::string out;
    for (const auto& text : texts)
        out += (out.empty() ? "" : ", ") + yaml::quoted(text);
    return "[" + out + "]";
}

std::string head_of(const init_wish& wish)
{
    std::string out =
        "# Rialto's configuration. File names are relative to this file; nobody but Rialto's user may read "
        "it.\n"
        "# After a change restart Rialto; after a change of listen, url, bot or prefix also `rialto "
        "registration check`.\n\n";
    out += "homeserver:\n";
    out += "  url: " + yaml::quoted(wish.homeserver) + "  # where Rialto reaches it\n";
    out += "  server_name: " + yaml::quoted(wish.server_name) + "  # what user ids end in\n\n";
    out += "appservice:\n";
    out += "  listen: " + yaml::quoted(wish.listen) + "  # the homeserver calls us here\n";
    const auto url = wish.url.empty() ? "http://" + wish.listen : wish.url;
    out += "  url: " + yaml::quoted(url) + "  # the same as the homeserver sees it: another host, a proxy\n";
    out += "  registration: registration.yaml  # written by `rialto registration`; holds the tokens\n";
    out += "  bot: _rialto_bot\n";
    out += "  prefix: _rialto_  # of the names of bridged people and rooms; not to be changed once used\n";
    out += "  admin_listen: " + yaml::quoted(wish.admin) +
           "  # /health/live, /health/ready, /metrics; no token: keep it local\n\n";
    out +=
        "# Files. Without public_url they go to the XMPP server's upload service, where it lets "
        "us.\nmedia:\n";
    out += "  public_url: " + yaml::quoted(wish.public_url) +
           "  # https://files.example.org: a proxy passes it on to `listen`; links to files begin so\n";
    out += "  listen: " + yaml::quoted(wish.media) + "  # serves nothing but those links\n";
    out += "  link_days: 30  # a link ends then, or when its message is redacted\n";
    out += "  max_mb: 100  # larger files are not carried\n";
    out += "  fetch_allow: " + list_of(wish.fetch_allow) +
           "  # upload services at private addresses or without TLS, such as "
           "https://upload.example.org:5443\n\n";
    out += "database: rialto.db\n\n";
    out +=
        "# Patterns of Matrix ids. Without these lines everybody of this homeserver may talk across and "
        "bridge rooms.\n";
    out += "permissions:\n";
    out += "  use: [" + yaml::quoted("*:" + wish.server_name) + "]  # who may talk across\n";
    out += "  bridge: [" + yaml::quoted("*:" + wish.server_name) +
           "]  # who may bridge a room (with power in that room)\n";
    out += "  admin: []  # who may give commands about others\n\n";
    out += "log:\n  level: info  # debug, info, warn, error\n\n";
    return out;
}
}  // namespace

std::vector<text_file> files_of(const init_wish& wish, const std::vector<network_type>& types)
{
    must_be_url("--homeserver", wish.homeserver);
    must_be_server_name(wish.server_name);
    must_be_endpoint("--listen", wish.listen);
    must_be_endpoint("--admin-listen", wish.admin);
    must_be_endpoint("--media-listen", wish.media);
    if (!wish.public_url.empty())
        must_be_url("--public-url", wish.public_url);
    for (const auto& origin : wish.fetch_allow)
        must_be_url("--fetch-allow", origin);
    if (!wish.url.empty())
        must_be_url("--url", wish.url);
    if (wish.networks.empty())
        throw config_error("no --network: there would be nothing to bridge to");

    std::vector<text_file> out, secrets;
    auto text =
        head_of(wish) + "# One entry a network; its name becomes part of Matrix ids and stays.\nnetworks:\n";
    std::vector<std::string> seen;
    for (const auto& flag : wish.networks) {
        const auto it = parse_network(flag);
        if (std::ranges::find(seen, it.name) != seen.end())
            throw config_error("--network " + it.name + " is given twice");
        seen.push_back(it.name);
        text += network_text(it, type_of(it, types).example, secrets);
    }
    out.emplace_back("config.yaml", std::move(text));
    std::ranges::move(secrets, std::back_inserter(out));
    return out;
}

}  // namespace rialto::cli
