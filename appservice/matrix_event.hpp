// appservice/matrix_event.hpp: a Matrix room event (CS-API "Room events", as the AS-API pushes it) as
// something that happened. Whatever a stranger may write in an event, a wrong part costs only itself. Pure;
// nothing throws.
#pragma once

#include "appservice/matrix_event_fields.hpp"
#include "core/near.hpp"

#include <functional>

namespace rialto::matrix {

// Is this mxid one of our ghosts or the bot? By namespace alone; only their content keys are believed.
using is_ours = std::function<bool(std::string_view mxid)>;

// Our own content field: which order (order::key) made the event.
inline constexpr std::string_view key_field = "chat.rialto.key";

// Has type, sender, room id and event id: without them nothing can be said about it (it is put into
// quarantine).
bool has_envelope(const json& event);

// nullopt: nothing that concerns a bridge (other types, redacted content, a change that changed nothing).
// Media carry their mxc URL in file::bytes, avatars in profile::avatar_hash or room_info::avatar.
std::optional<near_event> read_event(const json& event, const is_ours& ours);

// The content of an m.room.message or m.sticker; nullopt when it has no text and no media.
std::optional<message> read_message(const json& content, bool sticker = false);

// The mxids whose pills or names the text carries, in order, each once.
void add_mentions(const document& body, std::vector<user_id>& to);

// "> <@alice:hs> …" before a reply's own text (CS-API 1.12 and before), taken away. Unchanged when there is
// none.
std::string_view without_quoted_reply(std::string_view body);

}  // namespace rialto::matrix
