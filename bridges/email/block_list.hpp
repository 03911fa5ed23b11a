// bridges/email/block_list.hpp: whose mail somebody (a Matrix person, a room with a mailbox) does not take:
// addresses and domains, a domain with all below it. Kept as a note of the core. Pure; any thread. Bounded.
#pragma once

#include "bridges/email/address.hpp"

#include <vector>

namespace rialto::email {

class block_list
{
    std::vector<std::string> all_;

public:
    static constexpr std::size_t most = 200;

    static block_list from_note(std::string_view text);
    static std::string key(const address& whose);
    // As it is kept: "carol@ext.example", "ext.example"; "" for what is neither.
    static std::string pattern_in(std::string_view word);

    std::string note() const;
    bool add(std::string pattern);  // false: it is full
    bool remove(std::string_view pattern);
    bool blocks(const address& sender) const;
    const std::vector<std::string>& all() const noexcept { return all_; }
};

}  // namespace rialto::email
