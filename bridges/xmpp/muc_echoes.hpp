// bridges/xmpp/muc_echoes.hpp: which of our own messages a room has shown (docs/QUEUE.md). A MUC acknowledges
// by sending a message back to everybody; the listener's copy is the one that counts, and only when it comes
// from the occupant who said it: anybody can repeat an id. Pure. Bounded.
#pragma once

#include "bridges/xmpp/stanza_error.hpp"
#include "core/event.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace rialto::xmpp {

struct flight  // one message on its way
{
    enum class is
    {
        open,
        shown,
        refused,
        expired,
        lost
    };
    is what = is::open;
    std::string jid;  // of ours, who says it
    timestamp deadline{};
    message_id id;  // shown: what the room calls it
    stanza_error error;

    flight() = default;
};

class muc_echoes
{
    struct seen_as
    {
        std::string jid;
        message_id id;
        seen_as(std::string j, message_id i) : jid{std::move(j)}, id{std::move(i)} {}
    };
    std::map<std::string, flight, std::less<>> flights_;
    std::map<std::string, seen_as, std::less<>> seen_;
    std::deque<std::string> order_;

public:
    static constexpr std::size_t most_seen = 4'000;

    void expect(const std::string& wire_id, std::string jid, timestamp deadline);
    void saw(const std::string& wire_id, std::string_view jid, message_id id);
    void refused(std::string_view wire_id, stanza_error why);
    bool expire(timestamp now);
    void link_lost();
    const flight* find(std::string_view wire_id) const;
    void forget(std::string_view wire_id);
    std::optional<message_id> shown(std::string_view wire_id, std::string_view jid) const;
};

}  // namespace rialto::xmpp
