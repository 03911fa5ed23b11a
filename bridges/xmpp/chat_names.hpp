// bridges/xmpp/chat_names.hpp: what a chat is called in the core: "<puppet>|<peer>", both bare JIDs. Pure.
#pragma once

#include "core/event.hpp"

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

}  // namespace rialto::xmpp
