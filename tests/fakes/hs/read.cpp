// Reading rooms (CS-API §Getting events for a room). Pagination tokens are "s<order>_<ephemeral>", as in
// /sync.
#include "tests/fakes/hs/call.hpp"
#include "tests/fakes/hs/render.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

namespace rialto::fakes::hs {

using nlohmann::json;

namespace {
view viewing(const call& c) { return view{c.now(), view::of::client, c.owner()}; }

// Who has left still sees what was said until then.
std::int64_t sees_until(const room& r, const user& u)
{
    const auto at = r.members.find(u.id);
    if (at == r.members.end() || !at->second.was_joined)
        return 0;
    return at->second.membership == "join" ? std::numeric_limits<std::int64_t>::max() : at->second.since;
}

room& readable_room(call& c)
{
    room* r = c.data.find_room(c.args[0]);
    if (!r || sees_until(*r, *c.who) == 0)
        throw refusal{403, "M_FORBIDDEN", "User " + c.who->id + " not in room " + c.args[0]};
    return *r;
}

std::int64_t order_of(const std::string* token, std::int64_t otherwise)
{
    if (!token || token->size() < 2)
        return otherwise;
    return std::strtoll(token->c_str() + 1, nullptr, 10);
}

std::string token_of(std::int64_t order) { return 's' + std::to_string(order) + "_0"; }

void put_list(std::string& out, const std::vector<const event*>& events, const view& how)
{
    out += '[';
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (i > 0)
            out += ',';
        render(out, *events[i], how);
    }
    out += ']';
}

http_reply messages(call& c)
{
    const room& r = readable_room(c);
    const auto* dir = c.query("dir");
    const bool back = !dir || *dir == "b";
    const auto limit =
        static_cast<std::size_t>(std::clamp<std::int64_t>(c.query_number("limit", 10), 1, 1000));
    const auto last = sees_until(r, *c.who);
    const auto from = order_of(c.query("from"), back ? std::numeric_limits<std::int64_t>::max() : 0);
    const auto to = order_of(c.query("to"), back ? 0 : std::numeric_limits<std::int64_t>::max());
    // A token stands between events: after the one whose order it names.
    const auto after = [](std::int64_t order, const event* e) { return order < e->order; };
    auto at = std::upper_bound(r.timeline.begin(), r.timeline.end(), std::min(from, last), after);
    std::vector<const event*> chunk;
    std::int64_t end = from;
    bool more = false;
    if (back) {
        while (at != r.timeline.begin() && (*(at - 1))->order > to && chunk.size() < limit)
            chunk.push_back(*--at);
        more = at != r.timeline.begin() && (*(at - 1))->order > to;
        end = chunk.empty() ? from : chunk.back()->order - 1;
    } else {
        while (at != r.timeline.end() && (*at)->order <= std::min(to, last) && chunk.size() < limit)
            chunk.push_back(*at++);
        more = at != r.timeline.end() && (*at)->order <= std::min(to, last);
        end = chunk.empty() ? from : chunk.back()->order;
    }
    std::string out = "{\"chunk\":";
    put_list(out, chunk, viewing(c));
    if (more)
        out += ",\"end\":" + json_text(token_of(end));
    return http_reply{
        out + ",\"start\":" +
        json_text(token_of(std::min(from, static_cast<std::int64_t>(c.data.stream.size())))) + '}'
    };
}

const event& readable_event(call& c, const room& r)
{
    const auto at = c.data.by_id.find(c.args[1]);
    if (at == c.data.by_id.end() || at->second->in != &r || at->second->order > sees_until(r, *c.who))
        throw refusal{404, "M_NOT_FOUND", "Event not found."};
    return *at->second;
}

http_reply get_event(call& c)
{
    const room* r = c.data.find_room(c.args[0]);
    if (!r || sees_until(*r, *c.who) == 0)
        throw refusal{404, "M_NOT_FOUND", "Event not found."};
    return http_reply{render(readable_event(c, *r), viewing(c))};
}

http_reply context(call& c)
{
    const room& r = readable_room(c);
    const event& e = readable_event(c, r);
    const auto around = c.query_number("limit", 10) / 2;
    std::vector<const event*> before, after;
    for (const event* other : r.timeline) {
        if (other->order < e.order && other->order + 1'000'000 > e.order)
            before.insert(before.begin(), other);
        if (other->order > e.order && after.size() < static_cast<std::size_t>(around))
            after.push_back(other);
    }
    before.resize(std::min(before.size(), static_cast<std::size_t>(around)));
    std::string out = "{\"event\":" + render(e, viewing(c)) + ",\"events_before\":";
    put_list(out, before, viewing(c));
    out += ",\"events_after\":";
    put_list(out, after, viewing(c));
    const auto first = before.empty() ? e.order : before.back()->order;
    const auto last = after.empty() ? e.order : after.back()->order;
    return http_reply{
        out + ",\"start\":" + json_text(token_of(first - 1)) + ",\"end\":" + json_text(token_of(last)) +
        ",\"state\":[]}"
    };
}

http_reply state(call& c)
{
    const room& r = c.joined_room(c.args[0]);
    std::vector<const event*> all;
    for (const auto& [key, e] : r.state)
        all.push_back(e);
    std::string out;
    put_list(out, all, viewing(c));
    return http_reply{std::move(out)};
}

http_reply members(call& c)
{
    const room& r = readable_room(c);
    const auto* only = c.query("membership");
    const auto* never = c.query("not_membership");
    std::vector<const event*> all;
    for (const auto& [who, m] : r.members)
        if ((!only || m.membership == *only) && (!never || m.membership != *never))
            all.push_back(m.now);
    std::sort(all.begin(), all.end(), [](const auto* a, const auto* b) { return a->order < b->order; });
    std::string out = "{\"chunk\":";
    put_list(out, all, viewing(c));
    return http_reply{out + '}'};
}

http_reply joined_members(call& c)
{
    const room& r = c.joined_room(c.args[0]);
    json all = json::object();
    for (const auto& who : r.joined) {
        const json& content = *r.members.at(who).now->parsed;
        json& one = all[who];
        // Against the spec Synapse says null here.
        one["avatar_url"] = content.contains("avatar_url") ? content["avatar_url"] : json{};
        one["display_name"] = content.contains("displayname") ? content["displayname"] : json{};
    }
    return json_reply({{"joined", all}});
}

http_reply joined_rooms(call& c)
{
    json all = json::array();
    for (const room* r : c.who->rooms)
        if (r->membership(c.who->id) == "join")
            all.push_back(r->id);
    std::sort(all.begin(), all.end());
    return json_reply({{"joined_rooms", all}});
}

http_reply relations(call& c)
{
    const room& r = readable_room(c);
    std::vector<const event*> found;
    for (const event* e : r.timeline) {
        if (e->content.find(c.args[1]) == e->content.npos)
            continue;
        const json content = json::parse(e->content);
        const json to = content.value("m.relates_to", json::object());
        if (string_of(to, "event_id") != c.args[1])
            continue;
        if (c.args.size() < 3 || string_of(to, "rel_type") == c.args[2])
            found.insert(found.begin(), e);
    }
    std::string out = "{\"chunk\":";
    put_list(out, found, viewing(c));
    return http_reply{out + '}'};
}
}  // namespace

std::vector<route> read_routes()
{
    return {
        {"GET", "rooms/{}/messages", "messages", messages},
        {"GET", "rooms/{}/event/{}", "event", get_event},
        {"GET", "rooms/{}/context/{}", "context", context},
        {"GET", "rooms/{}/state", "state", state},
        {"GET", "rooms/{}/members", "members", members},
        {"GET", "rooms/{}/joined_members", "joined_members", joined_members},
        {"GET", "joined_rooms", "joined_rooms", joined_rooms},
        {"GET", "rooms/{}/relations/{}", "relations", relations},
        {"GET", "rooms/{}/relations/{}/{}", "relations", relations},
    };
}

}  // namespace rialto::fakes::hs
