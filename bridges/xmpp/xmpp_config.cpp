#include "bridges/xmpp/xmpp_config.hpp"

#include "bridges/xmpp/jid.hpp"
#include "bridges/xmpp/upload.hpp"
#include "core/backend.hpp"
#include "core/json_keys.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace rialto::xmpp {

const std::string_view xmpp_example_config =
    "host: localhost          # of the XMPP server's component port\n"
    "port: 5347               # Prosody component_ports; ejabberd: the port of an ejabberd_service listener\n"
    "domain: bridge.example   # the component's name over there\n"
    "secret: change me        # component_secret (Prosody), password (ejabberd)\n"
    "muc: muc.example         # where rooms without a server name are looked for\n"
    "upload: upload.example   # the server's upload service (XEP-0363), if it does not tell itself\n"
    "nick: rialto             # the bridge's own nick in rooms\n"
    "idle_leave: 1440         # minutes after which somebody silent leaves a room; 0: never\n"
    "max_puppets: 100         # Matrix people in one room at once\n"
    "joins: 10                # room joins in flight at once\n"
    "invites_per_hour: 20     # new chats one XMPP account may open, and invitations it may send\n"
    "invites_from: [montague.example]  # servers whose people may invite Matrix people into rooms; \"*\": "
    "any\n"
    "typing_limit: 20         # rooms with more people are told of no typing\n";

namespace {

[[noreturn]] void wrong(std::string_view key, std::string_view remedy)
{
    throw config_error{"xmpp: " + std::string{key} + ": " + std::string{remedy}};
}

std::string text(const nlohmann::json& config, const char* key, std::string otherwise, bool needed)
{
    const auto at = config.find(key);
    if (at == config.end() || at->is_null()) {
        if (needed)
            wrong(key, "is missing");
        return otherwise;
    }
    if (!at->is_string() || (needed && at->get_ref<const std::string&>().empty()))
        wrong(key, "must be a text that is not empty");
    return at->get<std::string>();
}

template <class N>
N number(const nlohmann::json& config, const char* key, N otherwise, std::int64_t least, std::int64_t most)
{
    const auto at = config.find(key);
    if (at == config.end() || at->is_null())
        return otherwise;
    if (!at->is_number_integer() || at->get<std::int64_t>() < least || at->get<std::int64_t>() > most)
        wrong(key, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return static_cast<N>(at->get<std::int64_t>());
}

std::string server_name(const std::string& value, const char* key)
{
    auto good = prepared_domain(value);
    if (!good || value.find_first_of("@/ ") != std::string::npos)
        wrong(key, "\"" + value + "\" is not a server name such as muc.example.org");
    return *good;
}

// Whose people may invite: those of the server whose component we are. A name of one label would be a whole
// country.
std::string_view inviting_server(std::string_view domain)
{
    const auto above = server_of(domain);
    return above.find('.') != above.npos || above == "localhost" ? above : std::string_view{};
}

std::vector<std::string> servers(const nlohmann::json& config, const char* key)
{
    std::vector<std::string> out;
    const auto at = config.find(key);
    if (at == config.end() || at->is_null())
        return out;
    if (!at->is_array())
        wrong(key, "must be a list of server names, such as [montague.example]");
    for (const auto& one : *at) {
        if (!one.is_string())
            wrong(key, "must be a list of server names, such as [montague.example]");
        const auto name = one.get<std::string>();
        out.push_back(name == "*" ? name : server_name(name, key));
    }
    return out;
}

void refuse_unknown(const nlohmann::json& config)
{
    static const std::vector<std::string> known{
        "host",        "port",  "domain",           "secret",       "muc",          "nick",  "idle_leave",
        "max_puppets", "joins", "invites_per_hour", "invites_from", "typing_limit", "upload"
    };
    for (const auto& [key, value] : config.items())
        if (std::ranges::find(known, key) == known.end())
            wrong(key, "there is no such key; " + instead_of(key, known));
}

}  // namespace

bool xmpp_config::may_invite(std::string_view server) const
{
    return std::ranges::any_of(invites_from, [server](const std::string& named) {
        return named == "*" || server == named ||
               (server.size() > named.size() && server.ends_with(named) &&
                server[server.size() - named.size() - 1] == '.');
    });
}

xmpp_config read_xmpp_config(const nlohmann::json& config)
{
    if (!config.is_object())
        throw config_error{"xmpp: the network's settings must be a table of keys and values"};
    refuse_unknown(config);
    xmpp_config out;
    out.host = text(config, "host", out.host, false);
    out.port = number<std::uint16_t>(config, "port", out.port, 1, 65535);
    out.domain = server_name(text(config, "domain", "", true), "domain");
    out.secret = text(config, "secret", "", true);
    out.muc = text(config, "muc", "", false);
    if (!out.muc.empty())
        out.muc = server_name(out.muc, "muc");
    if (out.muc == out.domain)
        wrong("muc", "is the component itself: name the server's own room service");
    out.upload = text(config, "upload", "", false);
    if (!out.upload.empty())
        out.upload = server_name(out.upload, "upload");
    out.nick = text(config, "nick", out.nick, false);
    if (!prepared_resource(out.nick))
        wrong("nick", "\"" + out.nick + "\" is not a nick that XMPP rooms take");
    out.idle_leave =
        std::chrono::minutes{number<std::int64_t>(config, "idle_leave", out.idle_leave.count(), 0, 525'600)};
    out.max_puppets = number<std::size_t>(config, "max_puppets", out.max_puppets, 1, 10'000);
    out.joins = number<std::size_t>(config, "joins", out.joins, 1, 1'000);
    out.invites_per_hour = number<std::size_t>(config, "invites_per_hour", out.invites_per_hour, 1, 100'000);
    out.invites_from = servers(config, "invites_from");
    if (config.find("invites_from") == config.end()) {
        for (const std::string_view own : {inviting_server(out.domain), std::string_view{out.muc}})
            if (!own.empty())
                out.invites_from.emplace_back(own);
    }
    out.typing_limit = number<std::size_t>(config, "typing_limit", out.typing_limit, 0, 1'000);
    return out;
}

}  // namespace rialto::xmpp
