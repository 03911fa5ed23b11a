// registrations/registration.hpp: what a homeserver must be told about us (AS-API "Registration"): the model,
// how it is made from our names, and how it is written as the YAML that Synapse, Dendrite and the Conduit
// family (tuwunel, continuwuity) all take. Pure, but for fresh_token(). The reader and checker is check.hpp.
#pragma once

#include "core/names.hpp"

#include <filesystem>

namespace rialto::registrations {

struct claim  // a namespace
{
    std::string regex;
    bool exclusive = true;
    int line = 0;  // in the file it was read from

    claim(std::string r, bool e, int l = 0) : regex{std::move(r)}, exclusive{e}, line{l} {}
};

struct registration
{
    std::string id, url, as_token, hs_token, sender_localpart;
    std::vector<claim> users, aliases, rooms;
    std::vector<std::string> protocols;
    bool rate_limited = false;      // Synapse takes true when it is not said: 0.2 messages a second
    bool receive_ephemeral = true;  // typing and receipts

    registration() = default;
};

struct tokens
{
    std::string as_token, hs_token;
    tokens(std::string a, std::string h) : as_token{std::move(a)}, hs_token{std::move(h)} {}
};

// What the configuration says that matters here.
struct setting
{
    std::string id = "rialto";
    std::string url;  // where the homeserver reaches our listener
    names ours;
    std::vector<std::string> protocols;  // kinds of network, for /thirdparty

    setting(std::string u, names n, std::vector<std::string> p)
        : url{std::move(u)}, ours{std::move(n)}, protocols{std::move(p)}
    {
    }
};

registration made_for(const setting& from, tokens secret);

std::string yaml_of(const registration& it);

std::string fresh_token();  // 32 bytes of the system's randomness, as hexadecimal digits

// The text with every character that means something in a regex made to mean itself.
std::string regex_escaped(std::string_view text);

enum class homeserver
{
    synapse,
    dendrite,
    conduit
};
std::optional<homeserver> homeserver_named(std::string_view name
);  // tuwunel and continuwuity are of the Conduit family

// What to do with the file, as lines for a terminal.
std::string how_to_install(homeserver at, const std::filesystem::path& file, const registration& it);

}  // namespace rialto::registrations
