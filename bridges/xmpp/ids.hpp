// bridges/xmpp/ids.hpp: what messages are called, on the wire and in the core (docs/QUEUE.md). Pure.
//
//   from Matrix      wire id = origin-id = hash(event id)                 the same however often it is sent
//   in a room        id   = the room's stanza-id (XEP-0359)               unique in the room
//                    also = <sender>#<the sender's own message id>        XEP-0308 speaks of it so; ids of
//                    two people
//                                                                         never meet
//   room without     id   = "~" + hash(sender, message id, content)
//   stanza-ids
//   in a chat        id   = "~" + hash(sender's bare JID, origin-id or message id, content)
//                    also = the message id                                all XEPs speak of it so there
#pragma once

#include "bridges/xmpp/stanza.hpp"

namespace rialto::xmpp {

std::string wire_id(const message_id& born);  // of what came from Matrix

message_id room_message_id(const heard& m, const user_id& sender);
message_id chat_message_id(const heard& m);
bool is_invented(const message_id& id) noexcept;  // no name that the far side knows

// The sender's own name for a message, and back: nullopt when it is somebody else's.
message_id own_name(const user_id& sender, std::string_view raw);
std::optional<std::string> raw_name(const message_id& name, const user_id& sender);

// An edit (and a retraction by origin-id) speaks of the sender's own message by the sender's own id.
void qualify(heard& m, const user_id& sender);

// In a room: what `target` is called there by somebody who edits (`own`, by the message id) or reacts,
// replies and retracts (by the stanza-id). "": it has no name there.
std::string name_in_room(const reference& target, const user_id& sender, bool own);
std::string name_in_chat(const reference& target);

// What the further pieces of a message of ours are called, by those who retract it. None of anybody else's.
std::vector<std::string> pieces_in_room(const reference& target);
std::vector<std::string> pieces_in_chat(const reference& target);

}  // namespace rialto::xmpp
