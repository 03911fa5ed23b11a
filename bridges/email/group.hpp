// bridges/email/group.hpp: a mail to several people is a room of its own: the Matrix people among them are
// asked into it, the others are its ghosts. A mail comes into the room of a conversation only when everybody
// there got it: what was written to fewer people is a talk, or another room, so that no answer goes to whom
// the author left out. Pure; any thread.
#pragma once

#include "bridges/email/thread.hpp"

namespace rialto::email {

struct group_name  // of its portal: "group/" and a digest of its first mail's Message-ID
{
    static portal_id portal_of(std::string_view message_id);
    static bool is(const portal_id& id);
};
inline constexpr std::string_view group_root = "group";  // for thread_key(): a group is one thread
std::string grouped_key(std::string_view message_id);    // the note that says to which group a mail belongs

// From, To and Cc, each once.
std::vector<mail_person> audience_of(const parsed_mail& m);
// It was written to this person and to others beside its author, by a person, not to a list.
bool is_group_mail(const parsed_mail& m, const address& puppet);
// Everybody of the conversation got this mail, and its author is of them.
bool fits_group(const parsed_mail& m, const address& puppet, const talk_state& group);

// `opens`: the group has no portal yet.
// Who got it is asked in before it is shown: what was said before an invitation cannot be read there.
std::vector<event> group_events(
    const arrival& in, const portal_id& portal, const std::vector<address>& puppets, const talk_state& before,
    bool opens, timestamp now, std::uint64_t most
);
// The Matrix people among them who got it in this piece, that one first.
std::vector<address> puppets_of(const arrival& in, const address& puppet);
// Who is in it after this mail: the author first, Matrix people only who got it.
void join_group(talk_state& state, const parsed_mail& m, const std::vector<address>& puppets);
bool is_in(const talk_state& group, const address& who);

// To all but the author. REQUIRES: somebody else is in it.
outgoing_mail group_letter(const event& e, const message& said, const address& from, const talk_state& state);

// Somebody came or went on Matrix. True: the state is another one; `enters`: a ghost that has to show itself.
bool change_group(talk_state& state, const membership& m, std::optional<address>& enters);

}  // namespace rialto::email
