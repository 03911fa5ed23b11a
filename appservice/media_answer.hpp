// appservice/media_answer.hpp: how a stranger's file is shown to a stranger's browser without harming either:
// never as a page of our origin, never as anything its bytes are not, saved and not shown unless it is sound
// or picture (docs/SECURITY.md). Also how much of it was asked for (RFC 9110 §14). Pure.
#pragma once

#include "appservice/http_message.hpp"
#include "core/media_sniff.hpp"

namespace rialto::matrix {

struct byte_range
{
    enum class is
    {
        whole,
        part,
        beyond  // nothing of it is there: 416
    };
    is what = is::whole;
    std::uint64_t first = 0, length = 0;
    byte_range() = default;
    bool operator==(const byte_range&) const = default;
};
// What cannot be understood, and several ranges at once, mean the whole (RFC 9110 §14.2).
byte_range range_of(std::string_view header, std::uint64_t size);

http::response media_answer(
    std::shared_ptr<const net::body_source> bytes, const sniffed_kind& kind, std::string_view name,
    std::string_view range
);
http::response media_refusal(const failure& why);  // in words for a human

}  // namespace rialto::matrix
