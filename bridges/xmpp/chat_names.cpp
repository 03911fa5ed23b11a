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

bool opening_limit::allow(std::string_view account, timestamp now)
{
    auto found = by_account_.find(account);
    if (found == by_account_.end()) {
        if (by_account_.size() >= most_accounts)
            by_account_.erase(by_account_.begin());
        found = by_account_.emplace(std::string{account}, std::deque<timestamp>{}).first;
    }
    auto& times = found->second;
    while (!times.empty() && now - times.front() >= std::chrono::hours{1})
        times.pop_front();
    if (times.size() >= most_)
        return false;
    times.push_back(now);
    return true;
}

}  // namespace rialto::xmpp
