// appservice/auth.hpp: is it the homeserver that asks? Pure. AS-API "Authorization": the hs_token comes as a
// Bearer token and, from older homeservers, as ?access_token=; when both are there, both must be right. What
// was sent never leaves this file.
#pragma once

#include "appservice/http_message.hpp"
#include "core/event.hpp"

namespace rialto {

// Takes equally long wherever the two differ; says nothing about `ours` but its length.
bool same_secret(std::string_view given, std::string_view ours);

enum class token_verdict
{
    right,
    missing,
    wrong
};
token_verdict judge_token(const http::request& head, std::string_view ours);

// Lets one line through in a while and says how many facts it stands for.
class log_throttle
{
    std::chrono::seconds every_;
    timestamp next_{};
    std::uint64_t held_back_ = 0;

public:
    explicit log_throttle(std::chrono::seconds every) : every_{every} {}
    std::optional<std::uint64_t> noted(timestamp now);
};

}  // namespace rialto
