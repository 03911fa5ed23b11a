#include "appservice/rooms_content.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <limits>

namespace rialto::matrix {

namespace {

constexpr std::int64_t bot_power = 100, most_mirrored = 50;

bool starts_members_only(const room_plan& plan)
{
    return plan.is != kind::group || plan.info.members_only.value_or(false);
}

json power_levels(const room_plan& plan, const std::string& bot, const room_version& version)
{
    json users = json::object();
    if (version.creator_in_users)
        users[bot] = bot_power;
    if (plan.is == kind::direct)
        for (const auto& who : plan.invite)
            users[who] = bot_power;
    json levels = json::object();
    levels["users"] = std::move(users);
    levels["users_default"] = 0;
    levels["events_default"] = 0;
    levels["state_default"] = 50;
    levels["invite"] = plan.is == kind::direct ? 50 : 0;
    levels["kick"] = 50;
    levels["ban"] = 50;
    levels["redact"] = 50;
    return levels;
}

json state_event(const char* type, const std::string& state_key, json content)
{
    json event = json::object();
    event["type"] = type;
    event["state_key"] = state_key;
    event["content"] = std::move(content);
    return event;
}

json initial_state(const room_plan& plan, const std::string& bot)
{
    json all = json::array();
    if (!plan.network.empty())
        for (const char* type : {"m.bridge", "uk.half-shot.bridge"})
            all.push_back(state_event(type, bridge_state_key(plan), bridge_content(plan, bot)));
    // A members-only room shows nobody what was said before they came. What opened a chat was said to the one
    // who is invited, and must be there when they accept, days later perhaps.
    const bool open = plan.info.history_open.value_or(!starts_members_only(plan));
    json visibility = json::object();
    visibility["history_visibility"] = open ? "shared" : plan.is != kind::group ? "invited" : "joined";
    all.push_back(state_event("m.room.history_visibility", "", std::move(visibility)));
    if (plan.info.avatar && is_mxc(plan.info.avatar->value)) {
        json avatar = json::object();
        avatar["url"] = plan.info.avatar->value;
        all.push_back(state_event("m.room.avatar", "", std::move(avatar)));
    }
    return all;
}

int number_of(std::string_view version)
{
    int n = 0;
    for (const char c : version) {
        if (c < '0' || c > '9' || n > 1'000)
            return 0;
        n = n * 10 + (c - '0');
    }
    return n;
}

void read_levels(
    const json& content, near_room& into, std::vector<std::pair<std::string, std::int64_t>>& power
)
{
    into.state_default = integer(content, "state_default").value_or(50);
    for (const auto& [who, level] : inside(content, "users").items())
        if (level.is_number_integer())
            power.emplace_back(who, level.get<std::int64_t>());
}

void read_member(const json& event, const json& content, near_room& into)
{
    const auto who = text_or(event, "state_key", "");
    if (text(content, "membership") != "join" || !is_id(who, '@'))
        return;
    into.members.emplace_back(std::string{who}, std::string{text_or(content, "displayname", "")}, 0);
    if (flag(content, "is_direct"))
        into.direct = true;
}

}  // namespace

room_version choose_version(const json& capabilities)
{
    const json& versions = inside(inside(capabilities, "capabilities"), "m.room_versions");
    const json& available = inside(versions, "available");
    int best = 0;
    for (const auto& [name, stability] : available.items())
        if (const int n = number_of(name); n <= 11 && stability == "stable")
            best = std::max(best, n);
    if (best > 0)
        return {std::to_string(best), true};
    if (available.contains("12"))
        return {"12", false};
    return {"", true};
}

std::string creation_content(const room_plan& plan, const std::string& bot, const room_version& version)
{
    json body = json::object();
    const bool direct = plan.is == kind::direct, closed = starts_members_only(plan);
    body["preset"] = direct ? "trusted_private_chat" : closed ? "private_chat" : "public_chat";
    body["visibility"] = plan.info.listed.value_or(false) && !closed ? "public" : "private";
    body["is_direct"] = direct;
    if (!plan.alias.empty())
        body["room_alias_name"] = plan.alias;
    if (plan.info.title && !plan.info.title->empty())
        body["name"] = clipped(*plan.info.title, 255);
    if (plan.info.topic && !plan.info.topic->empty())
        body["topic"] = clipped(*plan.info.topic, 16 * 1024);
    if (!version.name.empty())
        body["room_version"] = version.name;
    body["invite"] = json::array();
    for (const auto& who : plan.invite)
        body["invite"].push_back(who);
    if (closed)  // ghosts join an open room without being asked
        for (const auto& who : plan.members)
            body["invite"].push_back(who);
    body["power_level_content_override"] = power_levels(plan, bot, version);
    body["initial_state"] = initial_state(plan, bot);
    return written(body);
}

std::string bridge_state_key(const room_plan& plan)
{
    return "chat.rialto://" + plan.network + "/" + plan.far_room;
}

json bridge_content(const room_plan& plan, const std::string& bot)
{
    json content = json::object();
    content["bridgebot"] = bot;
    content["protocol"]["id"] = plan.network;
    content["protocol"]["displayname"] = plan.network;
    content["network"]["id"] = plan.network;
    content["network"]["displayname"] = plan.network;
    content["channel"]["id"] = plan.far_room;
    content["channel"]["displayname"] = plan.far_name.empty() ? plan.far_room : plan.far_name;
    if (plan.is == kind::direct)
        content["com.beeper.room_type"] = "dm";
    return content;
}

profile read_profile(const json& answer) { return profile{std::string{text_or(answer, "displayname", "")}}; }

near_room read_room(const json& state)
{
    near_room room;
    std::vector<std::pair<std::string, std::int64_t>> power;
    std::int64_t others = 0;
    std::string creator;
    if (!state.is_array())
        return room;
    for (const auto& event : state) {
        const json& content = inside(event, "content");
        const auto type = text_or(event, "type", "");
        if (type == "m.room.member") {
            read_member(event, content, room);
            continue;
        }
        if (text(event, "state_key") != "")
            continue;
        if (type == "m.room.name")
            room.info.title = text_or(content, "name", "");
        else if (type == "m.room.topic")
            room.info.topic = text_or(content, "topic", "");
        else if (type == "m.room.encryption")
            room.encrypted = true;
        else if (type == "m.room.join_rules")
            room.public_join = text(content, "join_rule") == "public";
        else if (type == "m.room.create") {
            room.predecessor = text_or(inside(content, "predecessor"), "room_id", "");
            if (number_of(text_or(content, "room_version", "1")) >= 12)
                creator = text_or(event, "sender", "");
        } else if (type == "m.room.power_levels") {
            read_levels(content, room, power);
            others = integer(content, "users_default").value_or(0);
        }
    }
    room.info.members_only = !room.public_join;
    std::sort(power.begin(), power.end());
    for (auto& m : room.members) {
        const auto at = std::lower_bound(
            power.begin(), power.end(), std::pair{m.mxid, std::numeric_limits<std::int64_t>::min()}
        );
        m.power = at != power.end() && at->first == m.mxid ? at->second : others;
        if (m.mxid == creator)  // room version 12: more than any number
            m.power = std::numeric_limits<std::int64_t>::max();
    }
    return room;
}

std::int64_t power_of(const json& levels, std::string_view mxid)
{
    const auto own = integer(inside(levels, "users"), mxid);
    return own ? *own : integer(levels, "users_default").value_or(0);
}

std::optional<std::string> with_rank(
    const json& levels, const std::string& whom, rank is, const std::string& bot
)
{
    constexpr std::array<std::int64_t, 5> power{-1, 0, most_mirrored, most_mirrored, most_mirrored};
    const auto wanted = power[static_cast<std::size_t>(is)];
    const auto has = power_of(levels, whom), ours = power_of(levels, bot);
    // Who has as much as the bot was not made so by us.
    if (!levels.is_object() || whom == bot || has == wanted || has >= ours || wanted > ours)
        return {};
    json changed = levels;
    if (!changed.contains("users") || !changed["users"].is_object())
        changed["users"] = json::object();
    changed["users"][whom] = wanted;
    return written(changed);
}

std::string find_key(const json& page, std::string_view key, std::string_view sender)
{
    for (const auto& event : list(page, "chunk"))
        if (text(event, "sender") == sender && text(inside(event, "content"), key_field) == key)
            return std::string{text_or(event, "event_id", "")};
    return {};
}

}  // namespace rialto::matrix
