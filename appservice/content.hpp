// appservice/content.hpp: an order of the core as the Matrix events that carry it (CS-API "Instant
// Messaging", "Event replacements", "Rich replies", "Threading", "User and room mentions"). Every content has
// our own key field, by which the event is found again after a crash. Pure; any thread.
#pragma once

#include "core/near.hpp"

#include <nlohmann/json_fwd.hpp>

namespace rialto::matrix {

// One request that makes one event.
struct matrix_send
{
    enum class by
    {
        message,    // PUT send/{type}/{txn}
        state,      // PUT state/{type}/{state key}
        redaction,  // PUT redact/{target}/{txn}
    };
    by how = by::message;
    std::string type, state_key, target;
    std::string content;  // JSON, at most longest_content bytes

    matrix_send() = default;
    matrix_send(by h, std::string t, std::string c) : how{h}, type{std::move(t)}, content{std::move(c)} {}
};

// CS-API "Size limits": an event is at most 65,536 bytes; the rest is for what the homeserver adds.
inline constexpr std::size_t longest_content = 60'000;

// Several for room_info only; empty for what makes no event by sending (membership, hints, people).
std::vector<matrix_send> sends_of(const order& o);

// A message's content within `most` bytes: the formatting goes first, then the end of the text.
nlohmann::json message_content(const message& m, std::size_t most = longest_content);

// com.beeper.message_send_status: what became of a Matrix event on the far side.
std::string status_content(const std::string& event, fate is, const std::optional<failure>& why);

}  // namespace rialto::matrix
