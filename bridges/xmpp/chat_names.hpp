// bridges/xmpp/chat_names.hpp: what a chat is called in the core: "<puppet>|<peer>", both bare JIDs, and how
// many new ones an account may open. Pure.
#pragma once

#include "core/event.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace rialto::xmpp {

struct chat_name
{
    std::string puppet, peer;
    chat_name(std::string a, std::string b) : puppet{std::move(a)}, peer{std::move(b)} {}
    bool operator==(const chat_name&) const = default;
};
portal_id chat_portal(std::string_view puppet, std::string_view peer);
// nullopt: not a chat of `domain` (then it is a room).
std::optional<chat_name> chat_of(const portal_id& id, std::string_view domain);

class opening_limit  // sliding hour; bounded: the oldest accounts are forgotten first
{
    std::map<std::string, std::deque<timestamp>, std::less<>> by_account_;
    std::size_t most_;

public:
    static constexpr std::size_t most_accounts = 10'000;
    explicit opening_limit(std::size_t most) : most_{most} {}
    bool allow(std::string_view account, timestamp now);  // counts it when it is allowed
};

}  // namespace rialto::xmpp
