#include "tests/fakes/hs/auth.hpp"

#include <nlohmann/json.hpp>

#include <limits>

namespace rialto::fakes::hs {

namespace {
using nlohmann::json;

std::string text_of(const json& j, const char* key)
{
    const auto at = j.find(key);
    return at != j.end() && at->is_string() ? at->get<std::string>() : std::string{};
}

std::string join_rule(const room& r)
{
    const event* rules = r.find_state("m.room.join_rules");
    return rules ? text_of(*rules->parsed, "join_rule") : "invite";
}

power_levels levels(const room& r) { return r.powers ? *r.powers : power_levels{}; }

std::string why_no_join(const room& r, const event& e, const std::string& now)
{
    if (*e.state_key != e.sender)
        return "Cannot force another user to join.";
    if (now == "ban")
        return "You are banned from this room";
    if (now == "join" || now == "invite" || join_rule(r) == "public" || r.timeline.size() == 1)
        return {};
    return "You are not invited to this room.";
}

std::string why_no_invite(const room& r, const event& e, const std::string& now)
{
    if (r.membership(e.sender) != "join")
        return "User " + e.sender + " not in room " + r.id + " (None)";
    if (now == "ban")
        return "User " + *e.state_key + " is banned";
    if (now == "join")
        return *e.state_key + " is already in the room.";
    if (power_of(r, e.sender) < levels(r).invite)
        return "You don't have permission to invite users";
    return {};
}

std::string why_no_removal(const room& r, const event& e, const std::string& to, const std::string& now)
{
    if (*e.state_key == e.sender && to == "leave") {
        if (now == "join" || now == "invite" || now == "knock")
            return {};
        return "User " + e.sender + " not in room " + r.id;
    }
    if (r.membership(e.sender) != "join")
        return "User " + e.sender + " not in room " + r.id;
    const auto mine = power_of(r, e.sender);
    const auto level = levels(r);
    if (to == "leave" && now == "ban" && mine < level.ban)
        return "You cannot unban user " + *e.state_key + ".";
    if (to == "leave" && (mine < level.kick || mine <= power_of(r, *e.state_key)))
        return "You cannot kick user " + *e.state_key + ".";
    if (to == "ban" && (mine < level.ban || mine <= power_of(r, *e.state_key)))
        return "You don't have permission to ban";
    return {};
}

std::string why_not_member(const room& r, const event& e)
{
    const std::string to = text_of(*e.parsed, "membership");
    const std::string now = r.membership(*e.state_key);
    if (to == "join")
        return why_no_join(r, e, now);
    if (to == "invite")
        return why_no_invite(r, e, now);
    if (to == "leave" || to == "ban")
        return why_no_removal(r, e, to, now);
    if (to == "knock")
        return join_rule(r) == "knock" && now != "ban" ? "" : "You don't have permission to knock";
    return "Unknown membership " + to;
}

// No level may be raised above one's own, none of those above (or, for users, at) it changed.
std::string why_not_powers(const room& r, const event& e)
{
    if (!r.powers)
        return {};
    const auto mine = power_of(r, e.sender);
    const power_levels to{*e.parsed};
    const auto changed = [&](const auto& from, const auto& into, bool users) {
        auto all = from;
        all.insert(into.begin(), into.end());
        for (const auto& [key, ignored] : all) {
            const auto old_at = from.find(key), new_at = into.find(key);
            const auto missing = users ? r.powers->users_default : 0;
            const auto was = old_at == from.end() ? missing : old_at->second;
            const auto will = new_at == into.end() ? missing : new_at->second;
            if (was != will && (will > mine || was > mine || (users && key != e.sender && was == mine)))
                return true;
        }
        return false;
    };
    if (changed(r.powers->users, to.users, true) || changed(r.powers->events, to.events, false))
        return "You don't have permission to add ops level greater than your own";
    return {};
}
}  // namespace

std::int64_t power_of(const room& r, const std::string& user)
{
    if (r.v12() && r.creators.contains(user))
        return std::numeric_limits<std::int64_t>::max();
    if (!r.powers)
        return user == r.creator ? 100 : 0;
    const auto at = r.powers->users.find(user);
    return at == r.powers->users.end() ? r.powers->users_default : at->second;
}

std::int64_t power_needed(const room& r, const std::string& type, bool state)
{
    if (!r.powers)
        return 0;
    const auto at = r.powers->events.find(type);
    if (at != r.powers->events.end())
        return at->second;
    return state ? r.powers->state_default : r.powers->events_default;
}

bool may_redact(const room& r, const std::string& user, const event& target)
{
    return target.sender == user || power_of(r, user) >= levels(r).redact;
}

std::string why_not(const room& r, const event& e)
{
    if (e.type == "m.room.create")
        return r.timeline.empty() ? "" : "This room has been made already";
    if (e.type == "m.room.member" && e.state_key)
        return why_not_member(r, e);
    if (r.membership(e.sender) != "join")
        return "User " + e.sender + " not in room " + r.id;
    const auto mine = power_of(r, e.sender);
    const auto needed = power_needed(r, e.type, e.state_key.has_value());
    if (mine < needed)
        return "You don't have permission to post that to the room. user_level (" + std::to_string(mine) +
               ") < send_level (" + std::to_string(needed) + ")";
    if (e.state_key && e.state_key->starts_with('@') && *e.state_key != e.sender)
        return "You are not allowed to set others state";
    if (e.type == "m.room.power_levels")
        return why_not_powers(r, e);
    return {};
}

}  // namespace rialto::fakes::hs
