#include "tests/fakes/hs/render.hpp"

#include <nlohmann/json.hpp>

namespace rialto::fakes::hs {

using nlohmann::json;

std::string json_text(std::string_view s)
{
    std::string out = "\"";
    out.reserve(s.size() + 2);
    for (const char c : s) {
        if (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\')
            return json(std::string{s}).dump(-1, ' ', false, json::error_handler_t::replace);
        out += c;
    }
    return out + '"';
}

namespace {
void put(std::string& out, std::string_view key, std::string_view value)
{
    out += out.back() == '{' ? "\"" : ",\"";
    out.append(key).append("\":").append(value);
}

std::string unsigned_of(const event& e, const view& how)
{
    std::string out = "{";
    put(out, "age", std::to_string(how.now - e.ts));
    if (!e.invite_state.empty() && how.whom == view::of::application_service)
        put(out, "invite_room_state", e.invite_state);
    if (!e.prev_content.empty()) {
        put(out, "prev_content", e.prev_content);
        put(out, "replaces_state", json_text(e.replaces));
    }
    if (!e.redacted_by.empty())
        put(out, "redacted_by", json_text(e.redacted_by));
    if (!e.txn.empty() && how.whom == view::of::client && how.owner == e.txn_owner)
        put(out, "transaction_id", json_text(e.txn));
    return out + '}';
}
}  // namespace

void render(std::string& out, const event& e, const view& how)
{
    out += '{';
    const bool stripped = how.whom == view::of::stripped, pushed = how.whom == view::of::application_service;
    // Synapse's legacy fields stand beside `unsigned` in what it pushes.
    if (pushed)
        put(out, "age", std::to_string(how.now - e.ts));
    put(out, "content", e.content);
    if (!stripped) {
        put(out, "event_id", json_text(e.id));
        put(out, "origin_server_ts", std::to_string(e.ts));
        if (!e.redacts.empty())
            put(out, "redacts", json_text(e.redacts));
        put(out, "room_id", json_text(e.in->id));
    }
    put(out, "sender", json_text(e.sender));
    if (e.state_key)
        put(out, "state_key", json_text(*e.state_key));
    put(out, "type", json_text(e.type));
    if (!stripped)
        put(out, "unsigned", unsigned_of(e, how));
    if (pushed)
        put(out, "user_id", json_text(e.sender));
    out += '}';
}

std::string render(const event& e, const view& how)
{
    std::string out;
    out.reserve(e.content.size() + 400);
    render(out, e, how);
    return out;
}

std::string redacted_content(const event& e)
{
    if (!e.parsed)
        return "{}";
    json kept = json::object();
    const auto keep = [&](std::initializer_list<const char*> keys) {
        for (const char* key : keys)
            if (const auto at = e.parsed->find(key); at != e.parsed->end())
                kept[key] = *at;
    };
    if (e.type == "m.room.create")
        return e.content;
    if (e.type == "m.room.member")
        keep({"membership", "join_authorised_via_users_server"});
    if (e.type == "m.room.join_rules")
        keep({"join_rule", "allow"});
    if (e.type == "m.room.power_levels")
        keep(
            {"ban", "events", "events_default", "invite", "kick", "redact", "state_default", "users",
             "users_default"}
        );
    if (e.type == "m.room.history_visibility")
        keep({"history_visibility"});
    return kept.dump();
}

}  // namespace rialto::fakes::hs
