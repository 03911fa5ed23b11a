// core/config_keys.hpp: every key of the configuration, once: for reading, for messages and for the sample.
#pragma once

#include <span>
#include <string_view>

namespace rialto {

struct config_key
{
    std::string_view table, name;  // table "": of the file itself
    bool needed;
    std::string_view value;  // the default, or an example of a needed one
    std::string_view says;
};

inline constexpr config_key config_keys[] = {
    {"homeserver", "url", true, "http://127.0.0.1:8008",
     "where Rialto reaches the homeserver's client-server API"},
    {"homeserver", "server_name", true, "example.org", "what its user ids end in"},
    {"homeserver", "order", false, "connection",
     "connection: what it pushes on one connection is in order; workers: so too, but it is several "
     "processes, "
     "whose /sync may be behind; sync: a proxy between us hides its restarts"},
    {"appservice", "listen", false, "127.0.0.1:29470", "the homeserver calls us here"},
    {"appservice", "url", false, "",
     "the same as the homeserver reaches it, if that differs (another host, a proxy)"},
    {"appservice", "registration", false, "registration.yaml",
     "written by `rialto registration`; holds the tokens"},
    {"appservice", "bot", false, "_rialto_bot", "who answers commands; its localpart"},
    {"appservice", "prefix", false, "_rialto_",
     "how the names of bridged people and rooms begin; not to be changed once used"},
    {"appservice", "admin_listen", false, "127.0.0.1:29471",
     "/health/live, /health/ready, /metrics; no token: keep it local"},
    {"media", "public_url", false, "",
     "where people outside get files from: https://files.example.org, which a proxy passes on to `listen`; "
     "\"\": no "
     "such links, files go to the far server's upload service instead"},
    {"media", "listen", false, "127.0.0.1:29472", "our own server for those links, behind that proxy"},
    {"media", "link_days", false, "30",
     "how long such a link works; it ends earlier when its message is redacted"},
    {"media", "max_mb", false, "100", "larger files are not carried, either way"},
    {"media", "fetch_allow", false, "",
     "upload services of your own at private addresses or without TLS, that files may be fetched from"},
    {"", "database", false, "rialto.db", "made when it is missing; of one Rialto at a time"},
    {"log", "level", false, "info", "debug, info, warn, error"},
    {"log", "file", false, "", "\"\": standard error"},
    {"permissions", "use", false, "",
     "who may talk across: patterns of Matrix ids; default: everybody of this homeserver"},
    {"permissions", "bridge", false, "",
     "who may bridge a room (with power in that room); default: everybody of this homeserver"},
    {"permissions", "admin", false, "", "who may give commands about others"},
    {"canary", "every", false, "5m",
     "how often a message of our own goes round through the homeserver, to notice a silent end; off: never"},
    {"canary", "limit", false, "15m", "when none has come round for so long, /health/ready says so"},
    {"", "networks", true, "", "one entry a network; its name becomes part of Matrix ids and stays"},
};

// Of one network; all other keys are its backend's.
inline constexpr config_key network_keys[] = {
    {"networks.NAME", "type", true, "xmpp", "which backend"},
    {"networks.NAME", "prefix", false, "",
     "how the names of its people begin, instead of prefix + NAME_ (needs a namespace line of its own)"},
    {"networks.NAME", "allow", false, "",
     "whose messages are taken from over there; the backend knows its default"},
};

}  // namespace rialto
