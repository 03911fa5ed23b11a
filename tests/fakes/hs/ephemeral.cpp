// Typing, receipts, presence (CS-API §Typing notifications, §Receipts).
#include "tests/fakes/hs/ephemeral.hpp"

#include "tests/fakes/hs/call.hpp"
#include "tests/fakes/hs/render.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace rialto::fakes::hs {

using nlohmann::json;

namespace {
std::string typing_event(const room& r, bool with_room)
{
    std::string out = "{\"content\":{\"user_ids\":[";
    for (const auto& [who, until] : r.typing)
        out += (out.back() == '[' ? "" : ",") + json_text(who);
    out += "]}";
    if (with_room)
        out += ",\"room_id\":" + json_text(r.id);
    return out + ",\"type\":\"m.typing\"}";
}

std::string receipt_event(const room& r, const receipt& one, bool with_room)
{
    std::string out = "{\"content\":{" + json_text(one.event) + ":{" + json_text(one.kind) + ":{" +
                      json_text(one.user) + ":{\"ts\":" + std::to_string(one.ts) + "}}}}";
    if (with_room)
        out += ",\"room_id\":" + json_text(r.id);
    return out + ",\"type\":\"m.receipt\"}";
}

void typing_changed(homeserver& hs, room& r)
{
    r.typing_serial = ++hs.data().ephemeral;
    hs.push_ephemeral(r, typing_event(r, true));
}

http_reply typing(call& c)
{
    room& r = c.joined_room(c.args[0]);
    if (c.args[1] != c.who->id)
        throw refusal{400, "M_UNKNOWN", "Cannot set another user's typing state"};
    const json& body = c.body();
    const bool on = body.value("typing", false);
    const bool was = r.typing.contains(c.who->id);
    if (!on) {
        r.typing.erase(c.who->id);
    } else {
        const auto until =
            c.now() + std::min<std::int64_t>(body.value("timeout", std::int64_t{30'000}), 120'000);
        r.typing[c.who->id] = until;
        c.hs.time().at(until - c.now(), [&hs = c.hs, &r, who = c.who->id, until] {
            const auto at = r.typing.find(who);
            if (at == r.typing.end() || at->second > until)
                return;
            r.typing.erase(at);
            typing_changed(hs, r);
        });
    }
    if (on != was)
        typing_changed(c.hs, r);
    return http_reply{"{}"};
}

void read_up_to(call& c, room& r, const std::string& kind, const std::string& event)
{
    const auto same = [&](const receipt& one) { return one.user == c.who->id && one.kind == kind; };
    std::erase_if(r.receipts, same);
    receipt mine;
    mine.user = c.who->id;
    mine.event = event;
    mine.kind = kind;
    mine.ts = c.now();
    mine.serial = ++c.data.ephemeral;
    r.receipts.push_back(mine);
    if (kind != "m.read.private")
        c.hs.push_ephemeral(r, receipt_event(r, mine, true));
}

http_reply post_receipt(call& c)
{
    read_up_to(c, c.joined_room(c.args[0]), c.args[1], c.args[2]);
    return http_reply{"{}"};
}

http_reply read_markers(call& c)
{
    room& r = c.joined_room(c.args[0]);
    for (const char* kind : {"m.read", "m.read.private"})
        if (const auto event = string_of(c.body(), kind); !event.empty())
            read_up_to(c, r, kind, event);
    return http_reply{"{}"};
}

http_reply nothing(call&) { return http_reply{"{}"}; }
}  // namespace

bool has_ephemeral(const room& r, std::int64_t since)
{
    return r.typing_serial > since || (!r.receipts.empty() && r.receipts.back().serial > since);
}

std::string ephemeral_of(const room& r, std::int64_t since)
{
    std::string out;
    if (r.typing_serial > since)
        out = typing_event(r, false);
    for (const auto& one : r.receipts)
        if (one.serial > since)
            out += (out.empty() ? "" : ",") + receipt_event(r, one, false);
    return out;
}

std::vector<route> ephemeral_routes()
{
    return {
        {"PUT", "rooms/{}/typing/{}", "typing", typing},
        {"POST", "rooms/{}/receipt/{}/{}", "receipt", post_receipt},
        {"POST", "rooms/{}/read_markers", "receipt", read_markers},
        {"PUT", "presence/{}/status", "presence", nothing},
    };
}

}  // namespace rialto::fakes::hs
