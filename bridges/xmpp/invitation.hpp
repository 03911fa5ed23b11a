// bridges/xmpp/invitation.hpp: people of XMPP ask people of Matrix into a MUC (XEP-0045 §7.8.2 by the room's
// hand, XEP-0249 directly). Which invitations are followed, which are outstanding, and the words in which one
// is turned down. Pure: stanzas and time in, decisions out. Bounded: `most` outstanding ones. A room's
// password travels in here and is never logged.
#pragma once

#include "bridges/xmpp/stanza.hpp"
#include "bridges/xmpp/xmpp_config.hpp"

namespace rialto::xmpp {

struct invitation
{
    std::string room, puppet;  // bare: where to, who is asked
    std::string inviter, id;   // as the stanza names them: full JID, or occupant
    std::string why, secret;   // the room's password, "" none
    bool mediated = false;     // by the room, which also carries the refusal
    bool opened = false;       // nobody on Matrix was in the room before
    bool told = false;         // Matrix knows; else it is still to be followed
    std::int64_t at_ms = 0;

    invitation() = default;
    bool operator==(const invitation&) const = default;
    message_id name() const;  // under which it goes to Matrix, also when it goes twice
};

std::optional<invitation> invitation_of(
    const heard& h, timestamp now
);  // nullopt: none that could be followed
// Why it is not followed; nullopt: it is. A room vouches for whom it names, so both must be trusted.
std::optional<failure> objection(const invitation& i, const xmpp_config& config);
// Whose invitations are counted together: the account, where it is shown, else the room.
std::string counted_as(const invitation& i);
std::string write_refusal(const invitation& i, std::string_view why);
// How Matrix is told who asks and why, when they are nobody in the room.
std::string in_words(const invitation& i, bool shows_people);

class invitation_book
{
    std::vector<invitation> all_;  // the oldest first

public:
    static constexpr std::size_t most = 500;
    enum class entry
    {
        taken,
        known,  // a client sends both kinds; impatient people ask twice
        full
    };
    entry add(invitation i);
    const invitation* find(std::string_view room, std::string_view puppet) const;
    const invitation* find(const message_id& name) const;
    void tell(std::string_view room, std::string_view puppet, bool told);
    void drop(std::string_view room, std::string_view puppet);
    std::vector<invitation> untold() const;
    bool others(std::string_view room, std::string_view puppet) const;  // asked into it, but for `puppet`
    std::size_t size() const noexcept { return all_.size(); }

    std::string to_text() const;
    void read(std::string_view text);  // what is not understood is left out
};

}  // namespace rialto::xmpp
