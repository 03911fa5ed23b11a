#include "appservice/client_answers.hpp"

#include "appservice/matrix_event_fields.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace rialto::matrix {

namespace {

constexpr std::chrono::seconds longest_wait{3'600};

// retry_after_ms is deprecated since CS-API 1.10 for the header, which may also be a date: then our own
// back-off.
std::chrono::seconds server_delay(const net::http_reply& r, const json& body)
{
    std::int64_t seconds = 0;
    const auto header = r.header("retry-after");
    std::from_chars(header.data(), header.data() + header.size(), seconds);
    if (const auto ms = integer(body, "retry_after_ms"); ms && *ms > 0)
        seconds = std::max(seconds, *ms / 1'000 + (*ms % 1'000 > 0 ? 1 : 0));
    return std::clamp(std::chrono::seconds{seconds}, std::chrono::seconds{0}, longest_wait);
}

failure later(cause kind, std::string why, std::chrono::seconds after, bool certain)
{
    failure f{verdict::try_later, kind, std::move(why)};
    f.after = after;
    f.certain = certain;
    return f;
}

}  // namespace

result<answer> read_answer(net::http_reply r, bool is_json)
{
    answer a;
    a.status = r.status;
    const bool good = r.status >= 200 && r.status < 300;
    if (good && !is_json) {
        a.body = std::move(r.body);
        return a;
    }
    const auto body = parse(r.body).value_or(json{});
    a.errcode = clipped(text_or(body, "errcode", ""), 128);
    a.error = clipped(text_or(body, "error", ""), 512);
    if (good && body.is_object()) {
        a.body = std::move(r.body);
        return a;
    }
    if (good && body.is_array()) {  // all state of a room
        a.body = std::move(r.body);
        return a;
    }
    const auto number = std::to_string(r.status);
    const auto words = a.error.empty() ? std::string{} : ": " + a.error;
    if (r.status == 429)
        return later(cause::too_many, "The homeserver asks us to slow down", server_delay(r, body), true);
    if (r.status >= 500)
        return later(
            cause::away, "The homeserver failed with " + number + words, server_delay(r, body), false
        );
    if (r.status == 401)
        return later(
            cause::forbidden,
            "The homeserver does not know our token: install the registration and restart it" + words,
            std::chrono::seconds{30}, true
        );
    if (a.is("M_RESOURCE_LIMIT_EXCEEDED"))
        return later(cause::full, "The homeserver is over its limit" + words, std::chrono::minutes{5}, true);
    if (r.status == 413)  // also from a proxy that speaks no Matrix
        a.errcode = "M_TOO_LARGE";
    if (a.errcode.empty())
        return later(
            cause::away, "Someone who is no homeserver answered with " + number, std::chrono::seconds{0},
            r.status >= 400
        );
    return a;
}

failure refusal(const answer& a, std::string_view what)
{
    auto kind = cause::other;
    if (a.forbidden())
        kind = a.error.find("banned") == std::string::npos ? cause::forbidden : cause::banned;
    else if (a.status == 404)
        kind = cause::not_found;
    else if (a.is("M_TOO_LARGE"))
        kind = cause::too_large;
    else if (a.errcode.ends_with("_IN_USE"))
        kind = cause::conflict;
    else if (a.errcode.starts_with("M_BAD_") || a.errcode.starts_with("M_INVALID_") || a.is("M_NOT_JSON"))
        kind = cause::malformed;
    auto why = "The homeserver refused " + std::string{what} + ": ";
    why += a.error.empty() ? a.errcode : a.error + " (" + a.errcode + ")";
    return {verdict::give_up, kind, std::move(why)};
}

std::string field(const answer& a, std::string_view key)
{
    const auto body = parse(a.body);
    return body ? std::string{text_or(*body, key, "")} : std::string{};
}

}  // namespace rialto::matrix
