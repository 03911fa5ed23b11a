// bridges/xmpp/muc.hpp: the words of XEP-0045: what a room says of itself (XEP-0030), joins, leaves,
// administration (§8.2, §9), invitations (XEP-0249), moderation (XEP-0425), self-pings (XEP-0410), and what
// its refusals mean. Pure: text of stanzas, sense of answers.
#pragma once

#include "bridges/xmpp/stanza_error.hpp"
#include "core/event.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rialto::xmpp {

struct muc_traits
{
    bool is_muc = false, archive = false, stanza_ids = false, occupant_ids = false, shows_people = false;
    bool members_only = false, hidden = false, password = false, moderated = false;
    int moderation = -1;  // version of XEP-0425's namespace; -1: none
    std::string title;

    muc_traits() = default;
    bool operator==(const muc_traits&) const = default;
    room_info info() const;
};
muc_traits read_traits(const node* query);  // of disco#info
std::string disco_query();

std::string write_join(
    std::string_view from, std::string_view room, std::string_view nick, std::string_view shown_as,
    std::optional<timestamp> history_since, std::string_view secret = {}
);
std::string write_nick_change(std::string_view from, std::string_view room, std::string_view nick);
std::string write_leave(
    std::string_view from, std::string_view room, std::string_view nick, std::string_view why
);
std::string write_invite(
    std::string_view from, std::string_view to, std::string_view room, std::string_view why,
    std::string_view secret = {}
);
std::string write_decline(  // §7.8.2, by the room's hand
    std::string_view from, std::string_view room, std::string_view to, std::string_view why
);

// Payloads of <iq type='set'/> to the room.
std::string write_kick(std::string_view nick, std::string_view why);
std::string write_affiliation(std::string_view jid, std::string_view affiliation, std::string_view why);
std::string write_moderation(int version, std::string_view stanza_id, std::string_view why);
std::string ping_payload();

failure join_failure(const stanza_error& e, std::string_view room, std::string_view who);
failure send_failure(const stanza_error& e, std::string_view who);
failure admin_failure(const stanza_error& e, std::string_view listener);
// The server merely lost the sender: coming in again and saying it again will do.
bool wants_rejoin(const stanza_error& e) noexcept;

enum class presence_truth
{
    in,
    out,
    unknown
};
presence_truth after_self_ping(const std::optional<stanza_error>& answer) noexcept;  // XEP-0410 §3

}  // namespace rialto::xmpp
