// core/names.hpp: the Matrix names that are ours, by grammar alone: ghosts `@<prefix><network>_<escaped
// address>:<server>`, rooms `#<prefix><network>_<escaped address>:<server>`. The common prefix covers
// networks added later, so that the homeserver need not be told; a network may have a prefix of its own,
// which then stands for prefix and network
// (`@_xmpp_juliet=40capulet.example:…`, as matrix-bifrost named its ghosts). Pure; any thread.
// Escaping: every byte outside [a-z0-9._-] is =xx, so each address has one name and each name one address.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rialto {

std::string escaped(std::string_view address);
std::optional<std::string> unescaped(std::string_view localpart
);  // nothing: not what escaped() would have made

bool is_network_name(std::string_view name);  // [a-z0-9]{1,16}

struct far_name
{
    std::string network, address;
    far_name(std::string n, std::string a) : network{std::move(n)}, address{std::move(a)} {}
    bool operator==(const far_name&) const = default;
};

struct named_network
{
    std::string name;
    std::string prefix;  // its own, "" for the common one
    named_network(std::string n, std::string p = {}) : name{std::move(n)}, prefix{std::move(p)} {}
};

class names
{
    std::string server_, bot_, prefix_;
    std::vector<named_network> networks_;

public:
    static constexpr std::size_t longest = 255;  // bytes of a user id or alias, sigil and server included

    names(std::string server, std::string bot, std::string prefix, std::vector<named_network> networks);

    const std::string& server() const { return server_; }
    const std::string& bot() const { return bot_; }  // mxid
    // Localpart of the registration's sender, who never acts: Synapse does not let that one /sync, and the
    // bot must.
    std::string sender() const { return prefix_ + "service"; }
    const std::string& prefix() const { return prefix_; }
    const std::vector<named_network>& networks() const { return networks_; }

    // Nothing: no such network, or longer than Matrix allows.
    std::optional<std::string> ghost(std::string_view network, std::string_view address) const;
    std::optional<std::string> alias(std::string_view network, std::string_view address) const;

    std::optional<far_name> behind_ghost(std::string_view mxid) const;
    std::optional<far_name> behind_alias(std::string_view room_alias) const;
    // In the namespace of one of our networks, whatever follows the prefix.
    bool is_ghost(std::string_view mxid) const;
    bool is_ours(std::string_view mxid) const { return mxid == bot_ || is_ghost(mxid); }

private:
    std::optional<std::string> made(char sigil, std::string_view network, std::string_view address) const;
    struct split
    {
        const named_network* of;
        std::string_view rest;
    };
    std::optional<split> taken_apart(char sigil, std::string_view id) const;
};

}  // namespace rialto
