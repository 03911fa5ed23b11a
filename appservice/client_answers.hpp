// appservice/client_answers.hpp: what an answer of the homeserver means for the sender (CS-API "Standard
// error response", "Rate limiting"): done, refused for good, or to be repeated. Pure; any thread.
#pragma once

#include "core/net/http.hpp"

namespace rialto::matrix {

struct answer  // from the homeserver itself, 2xx or 4xx
{
    int status = 200;
    std::string errcode, error;  // Matrix's words
    std::string body;            // of a success

    answer() = default;
    bool done() const { return status < 300; }
    bool forbidden() const { return status == 403; }
    bool is(std::string_view code) const { return errcode == code; }
    // COMPAT Synapse: ORG.MATRIX.MSC4326.M_UNKNOWN_DEVICE
    bool unknown_device() const { return errcode.ends_with("M_UNKNOWN_DEVICE"); }
};

// A failure is always try_later: rate limits with the server's delay, 5xx, a wrong token, or someone between
// us and the homeserver who speaks no Matrix.
result<answer> read_answer(net::http_reply r, bool is_json = true);

// Of an answer that is not done: give_up with its cause. `what` completes "The homeserver refused …".
failure refusal(const answer& a, std::string_view what);

// A field of the answer's body; "": none.
std::string field(const answer& a, std::string_view key);

}  // namespace rialto::matrix
