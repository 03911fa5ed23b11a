// appservice/thirdparty.hpp: what clients' room directories and "start a chat" dialogues ask about far
// networks (AS-API "Third-party networks"). A protocol is a kind of network ("xmpp"), its instances are the
// networks configured. Answers come from the grammar of our names alone. Pure; JSON texts.
#pragma once

#include "core/names.hpp"

#include <map>

namespace rialto {

struct network_card  // what a person is shown of a network
{
    std::string network, protocol, title;
    std::string user_example = "someone@example.org", room_example = "room@rooms.example.org";
    std::string address_regexp = R"([^@\s]+@[^@\s]+)";  // of a user or room; coarse, for clients

    network_card(std::string n, std::string p, std::string t)
        : network{std::move(n)}, protocol{std::move(p)}, title{std::move(t)}
    {
    }
};

class third_parties
{
    const names& names_;
    std::vector<network_card> cards_;

public:
    using fields = std::multimap<std::string, std::string>;

    third_parties(const names& n, std::vector<network_card> cards) : names_{n}, cards_{std::move(cards)} {}

    // Nothing: there is none such, which is 404 M_NOT_FOUND.
    std::optional<std::string> protocol(std::string_view name) const;
    std::optional<std::string> users(std::string_view protocol, const fields& asked)
        const;  // network, address
    std::optional<std::string> locations(std::string_view protocol, const fields& asked)
        const;  // network, room
    std::optional<std::string> user_behind(std::string_view mxid) const;
    std::optional<std::string> room_behind(std::string_view alias) const;

private:
    const network_card* card(std::string_view network) const;
};

}  // namespace rialto
