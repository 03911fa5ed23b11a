// bridges/xmpp/chat.hpp, what was read (XEP-0333): told only to whom asked for it, and never backwards.
#include "bridges/xmpp/chat.hpp"
#include "bridges/xmpp/ids.hpp"
#include "bridges/xmpp/muc_puppets.hpp"

#include <algorithm>

namespace rialto::xmpp {

void chats::may_be_marked(const std::string& portal, const std::string& id)
{
    constexpr std::size_t most_markable = 100;
    if (markable_.size() >= most_recent)
        markable_.clear();
    auto& ids = markable_[portal];
    ids.push_back(id);
    if (ids.size() > most_markable)
        ids.pop_front();
}

void chats::show_read(const chat_name& who, const std::string& portal, const reference& up_to)
{
    const auto open = markable_.find(portal);
    const auto id = name_in_chat(up_to);
    if (open == markable_.end() || id.empty())
        return;
    auto& ids = open->second;
    const auto at = std::find(ids.begin(), ids.end(), id);
    if (at == ids.end())
        return;
    ids.erase(ids.begin(), at + 1);
    const auto from = who.puppet + "/" + std::string{muc_puppets::resource};
    around_.wire.send(write_displayed(from, who.peer, id));
}

}  // namespace rialto::xmpp
