// bridges/email/thread.hpp: a room's mailbox: `support@chat.example.org` is one portal, each conversation by
// mail a thread of that room. Which thread a mail belongs to, who gets what is said in it. Pure; any thread.
#pragma once

#include "bridges/email/reception.hpp"

namespace rialto::email {

struct mailbox_name  // of its portal: the address
{
    address at;
    explicit mailbox_name(address a) : at{std::move(a)} {}
    portal_id portal() const { return portal_id{room_id{at.text()}}; }
    static std::optional<mailbox_name> of(const portal_id& id, std::string_view domain);
};
// Why a room cannot have this name in front of the "@"; "": it can.
std::string objection_to_mailbox(std::string_view local);
room mailbox_room(const address& box, std::uint64_t most);

// A thread is known by the Message-ID of its first mail; its state and where each mail belongs are notes.
std::string thread_key(const portal_id& portal, std::string_view root);
std::string belongs_key(const portal_id& portal, std::string_view message_id);

// The mails that this one may answer: In-Reply-To, then References, the newest first.
std::vector<std::string> ancestors_of(const parsed_mail& m);
// Of a mail that answers none: its Message-ID; one of ours where it has none.
std::string root_of(const arrival& in, std::string_view our_domain);
// Of a message that was said in a thread; "": in none that mail began.
std::string root_in(const message& said);

// Everybody whom an answer to all goes to: the author first; nobody of our own domain.
void meet_everybody(talk_state& state, const parsed_mail& m, std::string_view our_domain);

// `first`: it begins the thread.
std::vector<event> thread_events(
    const arrival& in, const address& box, std::string_view root, bool first, const talk_state& before,
    timestamp now
);

// To all but ourselves. REQUIRES: state.people is not empty.
outgoing_mail thread_letter(const event& e, const message& said, const address& box, const talk_state& state);

}  // namespace rialto::email
