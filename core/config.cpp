#include "core/config.hpp"

#include "core/backend.hpp"
#include "core/config_keys.hpp"
#include "core/config_reader.hpp"
#include "core/json_keys.hpp"
#include "core/net/guarded_fetch.hpp"
#include "core/secrets.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace rialto {

namespace fs = std::filesystem;

namespace {

endpoint endpoint_at(const config_reader& in, std::string_view table, std::string_view key)
{
    const auto said = in.text(table, key);
    const auto colon = said.text.rfind(':');
    const auto digits = colon == std::string::npos ? "" : said.text.substr(colon + 1);
    const bool number =
        !digits.empty() && digits.size() <= 5 && digits.find_first_not_of("0123456789") == digits.npos;
    auto host = said.text.substr(0, number ? colon : 0);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    else if (host.find_first_of(":[]") != host.npos)
        host.clear();  // an IPv6 address without brackets: where would its port begin?
    const int port = number ? std::stoi(digits) : 0;
    if (host.empty() || port < 1 || port > 65535)
        in.refuse(
            said.line, in.path(table, key),
            "'" + said.text + "' is no address and port: such as 127.0.0.1:29470 or [::1]:29470"
        );
    return {host, static_cast<std::uint16_t>(port)};
}

std::string url_at(const config_reader& in, std::string_view table, std::string_view key)
{
    auto said = in.text(table, key);
    const auto begins = [&](std::string_view with) {
        return said.text.starts_with(with) && said.text.size() > with.size();
    };
    if (!begins("http://") && !begins("https://"))
        in.refuse(
            said.line, in.path(table, key), "'" + said.text + "' is no URL: such as http://127.0.0.1:8008"
        );
    while (said.text.back() == '/')
        said.text.pop_back();
    return said.text;
}

std::uint32_t number_at(
    const config_reader& in, std::string_view table, std::string_view key, std::uint32_t most
)
{
    const auto said = in.text(table, key);
    const bool digits = !said.text.empty() && said.text.size() <= 9 &&
                        said.text.find_first_not_of("0123456789") == said.text.npos;
    const auto n = digits ? std::stoul(said.text) : 0;
    if (n < 1 || n > most)
        in.refuse(
            said.line, in.path(table, key),
            "'" + said.text + "' is no whole number from 1 to " + std::to_string(most)
        );
    return static_cast<std::uint32_t>(n);
}

// RFC 6454 §6.2: https://upload.example:5443, and nothing behind it.
std::vector<std::string> origins_at(const config_reader& in, std::string_view table, std::string_view key)
{
    std::vector<std::string> all;
    for (const auto& said : in.texts(table, key)) {
        const auto origin = net::origin_of(said.text);
        if (origin.empty() || origin.size() != said.text.size() || net::host_of(origin).empty())
            in.refuse(
                said.line, in.path(table, key),
                "'" + said.text + "' is no origin: such as https://upload.example.org:5443, without a path"
            );
        all.push_back(origin);
    }
    return all;
}

media_config media_at(const config_reader& in)
{
    media_config c;
    if (!in.text("media", "public_url").text.empty())
        c.public_url = url_at(in, "media", "public_url");
    c.listen = endpoint_at(in, "media", "listen");
    c.link_lasts = std::chrono::days{number_at(in, "media", "link_days", 3650)};
    c.most = std::uint64_t{number_at(in, "media", "max_mb", 4096)} * 1024 * 1024;
    c.fetch_allow = origins_at(in, "media", "fetch_allow");
    return c;
}

// Matrix spec, "Historical user IDs" aside: what a localpart may hold.
std::string localpart_at(const config_reader& in, std::string_view table, std::string_view key)
{
    const auto said = in.text(table, key);
    if (said.text.empty() ||
        said.text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._=-/+") != said.text.npos)
        in.refuse(said.line, in.path(table, key), "'" + said.text + "' may hold a-z 0-9 . _ = - / + only");
    return said.text;
}

log::level level_at(const config_reader& in)
{
    const auto said = in.text("log", "level");
    constexpr std::pair<std::string_view, log::level> words[] = {
        {"debug", log::level::debug},
        {"info", log::level::info},
        {"warn", log::level::warn},
        {"error", log::level::error}
    };
    std::vector<std::string> known;
    for (const auto& [word, level] : words) {
        if (said.text == word)
            return level;
        known.emplace_back(word);
    }
    in.refuse(said.line, "log.level", "'" + said.text + "' is unknown; " + instead_of(said.text, known));
}

std::vector<std::string> patterns_at(
    const config_reader& in, std::string_view key, std::vector<std::string> otherwise
)
{
    if (!in.has("permissions", key))
        return otherwise;
    std::vector<std::string> all;
    for (const auto& said : in.texts("permissions", key)) {
        if (said.text != "*" && said.text.find(':') == said.text.npos)
            in.refuse(
                said.line, in.path("permissions", key),
                "'" + said.text + "' fits no Matrix id: such as \"*:" + said.text +
                    "\" or \"@alice:example.org\""
            );
        all.push_back(said.text);
    }
    return all;
}

std::string server_name_at(const config_reader& in)
{
    const auto said = in.text("homeserver", "server_name");
    const auto bad = said.text.find_first_of("@/ #!");
    if (said.text.empty() || bad != said.text.npos)
        in.refuse(
            said.line, "homeserver.server_name", "'" + said.text + "' is no server name: such as example.org"
        );
    return said.text;
}

std::string order_at(const config_reader& in)
{
    const auto said = in.text("homeserver", "order");
    if (said.text != "connection" && said.text != "sync" && said.text != "workers")
        in.refuse(
            said.line, "homeserver.order", "'" + said.text + "' is no order: connection, sync or workers"
        );
    return said.text;
}

std::chrono::seconds span_at(const config_reader& in, std::string_view table, std::string_view key)
{
    const auto said = in.text(table, key);
    const auto digits = said.text.substr(0, said.text.find_first_not_of("0123456789"));
    const auto unit = said.text.substr(digits.size());
    const int each = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
    if (digits.empty() || digits.size() > 5 || each == 0 || std::stoi(digits) == 0)
        in.refuse(said.line, in.path(table, key), "'" + said.text + "' is no time: such as 30s, 5m or 1h");
    return std::chrono::seconds{std::stoi(digits) * each};
}

canary_rules canary_at(const config_reader& in)
{
    canary_rules out;
    const auto every = in.text("canary", "every").text;
    out.every = every == "off" || every == "false" ? std::chrono::seconds{0} : span_at(in, "canary", "every");
    out.limit = span_at(in, "canary", "limit");
    if (out.limit <= out.every)
        in.refuse(in.text("canary", "limit").line, "canary.limit", "it must be longer than canary.every");
    return out;
}

// One namespace inside another: a name could belong to two networks.
void must_be_apart(const config_reader& in, const config& c)
{
    std::vector<std::pair<std::string, int>> taken{{c.appservice.prefix, 0}};
    for (const auto& net : c.networks) {
        if (net.prefix.empty())
            continue;
        for (const auto& [other, line] : taken)
            if (net.prefix.starts_with(other) || other.starts_with(net.prefix))
                in.refuse(
                    net.line, "networks." + net.name + ".prefix",
                    "'" + net.prefix + "' and '" + other +
                        "' begin with one another: choose a prefix that does not"
                );
        taken.emplace_back(net.prefix, net.line);
    }
    auto nobody = c;
    nobody.appservice.bot.clear();  // names never take their own bot for a ghost
    if (names_of(nobody).is_ghost("@" + c.appservice.bot + ":" + c.homeserver.server_name))
        in.refuse(
            0, "appservice.bot",
            "'" + c.appservice.bot + "' is a name that a bridged person could have: choose another"
        );
}

network_config network_at(const config_reader& in, const config_reader::place& name)
{
    network_config net;
    net.name = name.text;
    net.line = name.line;
    const auto table = "networks." + net.name;
    if (!is_network_name(net.name))
        in.refuse(name.line, table, "a network's name is 1 to 16 of a-z and 0-9");
    if (net.name == canary::network)
        in.refuse(name.line, table, "this name is the bridge's own: choose another");
    net.type = in.text(table, "type").text;
    if (in.has(table, "prefix"))
        net.prefix = localpart_at(in, table, "prefix");
    for (const auto& said : in.texts(table, "allow"))
        net.allow.push_back(said.text);
    net.settings = std::make_shared<const nlohmann::json>(in.settings(net.name));
    return net;
}

bool fits(std::string_view pattern, std::string_view text)
{
    std::size_t p = 0, t = 0, star = pattern.npos, mark = 0;
    while (t < text.size()) {
        if (p < pattern.size() && (pattern[p] == '?' || (pattern[p] == text[t] && pattern[p] != '*'))) {
            ++p, ++t;
        } else if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            mark = t;
        } else if (star != pattern.npos) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == pattern.npos;
}

}  // namespace

config parse_config(const std::string& text, const fs::path& file)
{
    const config_reader in{text, file};
    const auto here = [&](const std::string& path) {
        return path.empty() ? fs::path{} : file.parent_path() / path;
    };
    config c;
    c.file = file;
    c.homeserver.url = url_at(in, "homeserver", "url");
    c.homeserver.server_name = server_name_at(in);
    const auto order = order_at(in);
    c.homeserver.order_by_sync = order == "sync";
    c.homeserver.workers = order == "workers";
    c.appservice.listen = endpoint_at(in, "appservice", "listen");
    c.appservice.admin = endpoint_at(in, "appservice", "admin_listen");
    c.appservice.url = in.text("appservice", "url").text.empty()
                           ? "http://" + in.text("appservice", "listen").text
                           : url_at(in, "appservice", "url");
    c.appservice.registration = here(in.text("appservice", "registration").text);
    c.appservice.bot = localpart_at(in, "appservice", "bot");
    c.appservice.prefix = localpart_at(in, "appservice", "prefix");
    c.media = media_at(in);
    c.database = here(in.text("", "database").text);
    c.log.least = level_at(in);
    c.log.file = here(in.text("log", "file").text).string();
    const std::vector<std::string> ours(1, "*:" + c.homeserver.server_name);
    c.permissions.use = patterns_at(in, "use", ours);
    c.permissions.bridge = patterns_at(in, "bridge", ours);
    c.permissions.admin = patterns_at(in, "admin", {});
    c.canary = canary_at(in);
    for (const auto& name : in.networks())
        c.networks.push_back(network_at(in, name));
    must_be_apart(in, c);
    return c;
}

config load_config(const fs::path& file) { return parse_config(read_private_file(file), file); }

names names_of(const config& c)
{
    std::vector<named_network> networks;
    for (const auto& net : c.networks)
        networks.emplace_back(net.name, net.prefix);
    return names{c.homeserver.server_name, c.appservice.bot, c.appservice.prefix, std::move(networks)};
}

bool matches(const std::vector<std::string>& patterns, std::string_view mxid)
{
    return std::any_of(patterns.begin(), patterns.end(), [&](const auto& p) { return fits(p, mxid); });
}

}  // namespace rialto
