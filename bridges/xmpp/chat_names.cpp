#include "bridges/xmpp/chat_names.hpp"

namespace rialto::xmpp {

portal_id chat_portal(std::string_view puppet, std::string_view peer)
{
    return portal_id{room_id{std::string{puppet} + "|" + std::string{peer}}};
}

// A '|' may stand in a local part, but never in a domain: the one after ours is the divider.
std::optional<chat_name> chat_of(const portal_id& id, std::string_view domain)
{
    const auto& text = id.room.value;
    const std::string mark = "@" + std::string{domain} + "|";
    const auto at = text.find(mark);
    if (at == std::string::npos || at == 0)
        return std::nullopt;
    const auto end = at + mark.size() - 1;
    if (end + 1 >= text.size())
        return std::nullopt;
    return chat_name{text.substr(0, end), text.substr(end + 1)};
}

}  // namespace rialto::xmpp
