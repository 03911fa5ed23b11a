#include "appservice/http_head.hpp"

#include <algorithm>

namespace rialto::http {

namespace {
bool same_word(std::string_view a, std::string_view lower)
{
    return std::ranges::equal(a, lower, [](char x, char y) {
        return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y;
    });
}
}  // namespace

std::optional<response> unacceptable(const body_facts& body, std::uint64_t most_bytes)
{
    // Anything but plain "chunked" would leave open where the body ends and the next request begins.
    if (body.transfer_encoding.size() > 1 ||
        (body.transfer_encoding.size() == 1 && !same_word(body.transfer_encoding[0], "chunked")))
        return refusal(501, "M_UNKNOWN", "the only Transfer-Encoding taken here is chunked");
    if (body.length.value_or(0) > most_bytes)
        return refusal(
            413, "M_TOO_LARGE", "the body is larger than " + std::to_string(most_bytes) + " bytes"
        );
    for (const auto& coding : body.content_encoding)
        if (!same_word(coding, "identity"))
            return refusal(
                415, "M_UNKNOWN", "compressed bodies are not taken here: send it without Content-Encoding"
            );
    for (const auto& wish : body.expect)
        if (!same_word(wish, "100-continue"))
            return refusal(417, "M_UNKNOWN", "the only expectation met here is 100-continue");
    return std::nullopt;
}

bool wants_continue(const body_facts& body) { return body.comes() && !body.expect.empty(); }

}  // namespace rialto::http
