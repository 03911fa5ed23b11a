// appservice/http_head.hpp: what a head says about the body to come, and whether we take such a body. Pure.
// Judged after the token, so that a stranger learns nothing from it.
#pragma once

#include "appservice/http_message.hpp"

namespace rialto::http {

struct body_facts
{
    std::optional<std::uint64_t> length;         // Content-Length
    std::vector<std::string> transfer_encoding;  // the header's values, as sent
    std::vector<std::string> content_encoding;
    std::vector<std::string> expect;

    body_facts() = default;
    bool comes() const { return length.value_or(0) > 0 || !transfer_encoding.empty(); }
};

// Why this body cannot be taken; nothing when it can.
std::optional<response> unacceptable(const body_facts& body, std::uint64_t most_bytes);

bool wants_continue(const body_facts& body);  // RFC 9110 §10.1.1: it waits for our 100 before it sends

}  // namespace rialto::http
