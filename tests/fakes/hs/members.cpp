// Joining, inviting, leaving, kicking, banning (CS-API §Room membership).
#include "tests/fakes/hs/call.hpp"
#include "tests/fakes/hs/render.hpp"

#include <nlohmann/json.hpp>

namespace rialto::fakes::hs {

using nlohmann::json;

json membership_of(const user& u, const std::string& to)
{
    json content{{"membership", to}};
    if (!u.name.empty())
        content["displayname"] = u.name;
    if (!u.avatar.empty())
        content["avatar_url"] = u.avatar;
    return content;
}

namespace {
void change(call& c, room& r, const std::string& whom, json content)
{
    const auto reason = string_of(c.body(), "reason");
    if (!reason.empty())
        content["reason"] = reason;
    auto e = draft(c, r, "m.room.member", content);
    e->state_key = whom;
    c.hs.append(std::move(e));
}

std::string stripped_state(const room& r, const std::string& inviter)
{
    std::string out = "[";
    const view how{0, view::of::stripped};
    const auto put = [&](const event* e) {
        if (!e)
            return;
        if (out.size() > 1)
            out += ',';
        render(out, *e, how);
    };
    for (const char* type :
         {"m.room.create", "m.room.join_rules", "m.room.canonical_alias", "m.room.avatar",
          "m.room.encryption", "m.room.name", "m.room.topic"})
        put(r.find_state(type));
    put(r.find_state("m.room.member", inviter));
    return out + ']';
}

std::string target_of(call& c)
{
    std::string whom = string_of(c.body(), "user_id");
    if (!whom.starts_with('@') || whom.find(':') == whom.npos)
        throw refusal{400, "M_INVALID_PARAM", "Expected UserID string to start with '@'"};
    return whom;
}

void join(call& c, room& r)
{
    if (r.membership(c.who->id) == "join")
        return;  // Synapse makes no second event
    change(c, r, c.who->id, membership_of(*c.who));
}

http_reply joined(const room& r) { return http_reply{"{\"room_id\":" + json_text(r.id) + '}'}; }

awaitable<http_reply> join_by_name(std::shared_ptr<call> c)
{
    const std::string name = c->args[0];
    if (name.starts_with('#'))
        co_await ask_for_alias(c, name);
    room* r = nullptr;
    if (name.starts_with('#')) {
        const auto at = c->data.aliases.find(name);
        r = at == c->data.aliases.end() ? nullptr : at->second;
    } else {
        r = c->data.find_room(name);
    }
    if (!r)
        throw refusal{
            404, "M_NOT_FOUND",
            name.starts_with('#')
                ? "Room alias " + name + " not found"
                : "Can't join remote room because no servers that are in the room have been provided."
        };
    join(*c, *r);
    co_return joined(*r);
}

http_reply join_by_id(call& c)
{
    room& r = c.the_room(c.args[0]);
    join(c, r);
    return joined(r);
}

http_reply invite(call& c)
{
    room& r = c.the_room(c.args[0]);
    invite_to(c, r, target_of(c), false, string_of(c.body(), "reason"));
    return http_reply{"{}"};
}

http_reply leave(call& c)
{
    room& r = c.the_room(c.args[0]);
    if (r.membership(c.who->id) != "leave")
        change(c, r, c.who->id, {{"membership", "leave"}});
    return http_reply{"{}"};
}

http_reply kick(call& c)
{
    room& r = c.the_room(c.args[0]);
    const std::string whom = target_of(c);
    const std::string now = r.membership(whom);
    if (now != "join" && now != "invite" && now != "knock")
        throw refusal{403, "M_FORBIDDEN", "The target user_id is not a member of the room"};
    change(c, r, whom, {{"membership", "leave"}});
    return http_reply{"{}"};
}

http_reply ban(call& c)
{
    change(c, c.the_room(c.args[0]), target_of(c), {{"membership", "ban"}});
    return http_reply{"{}"};
}

http_reply unban(call& c)
{
    room& r = c.the_room(c.args[0]);
    const std::string whom = target_of(c);
    if (r.membership(whom) != "ban")
        throw refusal{403, "M_BAD_STATE", "Cannot unban user who was not banned"};
    change(c, r, whom, {{"membership", "leave"}});
    return http_reply{"{}"};
}

http_reply knock(call& c)
{
    room& r = c.the_room(c.args[0]);
    change(c, r, c.who->id, membership_of(*c.who, "knock"));
    return joined(r);
}

http_reply forget(call& c)
{
    room& r = c.the_room(c.args[0]);
    const std::string now = r.membership(c.who->id);
    if (now == "join" || now == "invite")
        throw refusal{400, "M_UNKNOWN", "User " + c.who->id + " is in room " + r.id};
    r.members[c.who->id].forgotten = true;
    c.who->rooms.erase(&r);
    return http_reply{"{}"};
}
}  // namespace

event& invite_to(call& c, room& r, const std::string& whom, bool direct, const std::string& reason)
{
    const user* u = c.data.find_user(whom);
    json content = u ? membership_of(*u, "invite") : json{{"membership", "invite"}};
    if (direct)
        content["is_direct"] = true;
    if (!reason.empty())
        content["reason"] = reason;
    auto e = draft(c, r, "m.room.member", content);
    e->state_key = whom;
    e->invite_state = stripped_state(r, c.who->id);
    return c.hs.append(std::move(e));
}

std::vector<route> member_routes()
{
    return {
        {"POST", "join/{}", "join", join_by_name},     {"POST", "rooms/{}/join", "join", join_by_id},
        {"POST", "rooms/{}/invite", "invite", invite}, {"POST", "rooms/{}/leave", "leave", leave},
        {"POST", "rooms/{}/kick", "kick", kick},       {"POST", "rooms/{}/ban", "ban", ban},
        {"POST", "rooms/{}/unban", "unban", unban},    {"POST", "knock/{}", "knock", knock},
        {"POST", "rooms/{}/forget", "forget", forget},
    };
}

}  // namespace rialto::fakes::hs
