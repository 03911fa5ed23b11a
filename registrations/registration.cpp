#include "registrations/registration.hpp"

#include "core/yaml.hpp"

#include <sys/random.h>

#include <array>
#include <stdexcept>

namespace rialto::registrations {

namespace {
// Synapse calls Python's re.match, which binds the start only; Dendrite and Conduit search anywhere: bind
// both ends.
std::string whole(char sigil, std::string_view start, std::string_view server)
{
    return std::string{"^"} + sigil + regex_escaped(start) + "[^:]*:" + regex_escaped(server) + "$";
}

std::string one(std::string_view mxid) { return "^" + regex_escaped(mxid) + "$"; }

// Single quotes: a backslash means itself.
std::string single_quoted(std::string_view text)
{
    std::string out = "'";
    for (const char c : text) {
        out += c;
        if (c == '\'')
            out += c;
    }
    return out + "'";
}

void write(std::string& out, const char* name, const std::vector<claim>& all)
{
    out += std::string{"  "} + name + ":";
    out += all.empty() ? " []\n" : "\n";
    for (const auto& each : all) {
        out += "    - regex: " + single_quoted(each.regex) + "\n";
        out += std::string{"      exclusive: "} + (each.exclusive ? "true" : "false") + "\n";
    }
}
}  // namespace

std::string regex_escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (std::string_view{".^$*+?()[]{}|\\"}.find(c) != std::string_view::npos)
            out += '\\';
        out += c;
    }
    return out;
}

registration made_for(const setting& from, tokens secret)
{
    registration out;
    out.id = from.id;
    out.url = from.url;
    out.as_token = std::move(secret.as_token);
    out.hs_token = std::move(secret.hs_token);
    const auto& bot = from.ours.bot();
    const auto bots = bot.substr(1, bot.find(':') - 1);
    out.sender_localpart = from.ours.sender();
    out.protocols = from.protocols;

    const auto& server = from.ours.server();
    std::vector<std::string> starts(1, from.ours.prefix());
    for (const auto& each : from.ours.networks())
        if (!each.prefix.empty())
            starts.push_back(each.prefix);
    bool bot_is_covered = false;
    for (const auto& start : starts) {
        out.users.emplace_back(whole('@', start, server), true);
        out.aliases.emplace_back(whole('#', start, server), true);
        bot_is_covered = bot_is_covered || bots.starts_with(start);
    }
    if (!bot_is_covered)
        out.users.emplace_back(one(bot), true);
    return out;
}

std::string yaml_of(const registration& it)
{
    const auto yes_or_no = [](bool b) { return std::string{b ? "true" : "false"}; };
    std::string out =
        "# Rialto's registration with the homeserver. It holds the two tokens: nobody but the homeserver and "
        "Rialto\n"
        "# may read it. `rialto registration check` compares it with Rialto's configuration.\n";
    out += "id: " + yaml::quoted(it.id) + "\n";
    out += "# Where the homeserver reaches Rialto.\n";
    out += "url: " + yaml::quoted(it.url) + "\n";
    out += "# What Rialto shows to the homeserver, and the homeserver to Rialto.\n";
    out += "as_token: " + yaml::quoted(it.as_token) + "\n";
    out += "hs_token: " + yaml::quoted(it.hs_token) + "\n";
    out +=
        "# Nobody acts under this name: whom a registration names here cannot /sync, and Rialto's bot "
        "must.\n";
    out += "sender_localpart: " + yaml::quoted(it.sender_localpart) + "\n";
    out += "# Without this line Synapse holds each bridged person to one message in five seconds.\n";
    out += "rate_limited: " + yes_or_no(it.rate_limited) + "\n";
    out += "# Typing and read receipts; the second name is for servers from before Matrix 1.13.\n";
    out += "receive_ephemeral: " + yes_or_no(it.receive_ephemeral) + "\n";
    out += "de.sorunome.msc2409.push_ephemeral: " + yes_or_no(it.receive_ephemeral) + "\n";
    out +=
        "# These users and aliases are Rialto's alone. The first of each covers networks that are added "
        "later.\n";
    out += "namespaces:\n";
    write(out, "users", it.users);
    write(out, "aliases", it.aliases);
    write(out, "rooms", it.rooms);
    if (!it.protocols.empty()) {
        out += "protocols:\n";
        for (const auto& each : it.protocols)
            out += "  - " + yaml::quoted(each) + "\n";
    }
    return out;
}

std::string fresh_token()
{
    std::array<unsigned char, 32> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        throw std::runtime_error("the system gives no randomness");
    std::string out;
    for (const auto byte : bytes) {
        out += "0123456789abcdef"[byte >> 4];
        out += "0123456789abcdef"[byte & 15];
    }
    return out;
}

std::optional<homeserver> homeserver_named(std::string_view name)
{
    if (name == "synapse")
        return homeserver::synapse;
    if (name == "dendrite")
        return homeserver::dendrite;
    if (name == "conduit" || name == "tuwunel" || name == "continuwuity" || name == "conduwuit")
        return homeserver::conduit;
    return std::nullopt;
}

std::string how_to_install(homeserver at, const std::filesystem::path& file, const registration& it)
{
    const auto name = file.string();
    switch (at) {
        case homeserver::synapse:
            return "Tell Synapse: in homeserver.yaml\n"
                   "    app_service_config_files:\n"
                   "      - " +
                   name +
                   "\n"
                   "let Synapse's user read the file and nobody else, then restart Synapse.\n";
        case homeserver::dendrite:
            return "Tell Dendrite: in dendrite.yaml\n"
                   "    app_service_api:\n"
                   "      config_files:\n"
                   "        - " +
                   name +
                   "\n"
                   "let Dendrite's user read the file and nobody else, then restart Dendrite. Dendrite has "
                   "no typing and\n"
                   "receipts for application services.\n";
        case homeserver::conduit:
            return "Tell the server (no restart): as an admin, send to the admin room\n"
                   "    !admin appservices register\n"
                   "    ```\n"
                   "    (the whole of " +
                   name +
                   ")\n"
                   "    ```\n"
                   "in one message; the same id replaces what was registered before. `!admin appservices "
                   "list` shows\n"
                   "\"" +
                   it.id + "\" then. Delete that message afterwards: it holds the tokens.\n";
    }
    return {};
}

}  // namespace rialto::registrations
