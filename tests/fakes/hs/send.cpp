// Sending, redacting and state (CS-API §Sending events to a room). The traps of transaction ids are Synapse's
// own: its memory cache is keyed by path and, for a service, by the service (#2937); only a device's ids are
// kept on disk.
#include "tests/fakes/hs/auth.hpp"
#include "tests/fakes/hs/call.hpp"
#include "tests/fakes/hs/render.hpp"

#include <nlohmann/json.hpp>

namespace rialto::fakes::hs {

using nlohmann::json;

namespace {
http_reply event_reply(const std::string& id) { return http_reply{"{\"event_id\":" + json_text(id) + '}'}; }

std::string cache_key(const call& c)
{
    const std::string owner = c.service ? "as|" + c.service->about().id : c.owner();
    return std::string{c.raw_path} + '|' + owner;
}

std::string device_key(const call& c, const room& r, const std::string& txn)
{
    return r.id + '|' + c.owner() + '|' + txn;
}

// What Synapse's validator refuses although the spec would let it pass.
void check_content(const std::string& type, const json& content, bool state)
{
    const auto no_floats = [](const json& j, const auto& again, int depth) -> void {
        if (j.is_number_float())
            throw refusal{400, "M_BAD_JSON", "Bad JSON value: float"};
        const std::int64_t most = (std::int64_t{1} << 53) - 1;
        if (j.is_number_integer() && (j.get<std::int64_t>() > most || j.get<std::int64_t>() < -most))
            throw refusal{400, "M_BAD_JSON", "JSON integer out of range"};
        if (depth > 120)
            throw refusal{400, "M_BAD_JSON", "Too deeply nested"};
        if (j.is_structured())
            for (const auto& inner : j)
                again(inner, again, depth + 1);
    };
    no_floats(content, no_floats, 0);
    if (type != "m.room.message" || state)
        return;
    for (const char* key : {"body", "msgtype"})
        if (!content.contains(key) || !content[key].is_string())
            throw refusal{400, "M_UNKNOWN", std::string{"'"} + key + "' not in content"};
}

void check_relation(call& c, const room& r, event& e, const json& content)
{
    const auto at = content.find("m.relates_to");
    if (at == content.end() || !at->is_object())
        return;
    const std::string how = string_of(*at, "rel_type"), target = string_of(*at, "event_id");
    if (how == "m.replace" && !c.data.by_id.contains(target))
        throw refusal{400, "M_UNKNOWN", "Can't send an edit of an unknown event"};
    if (how != "m.annotation")
        return;
    e.target = c.who->id + '|' + target + '|' + string_of(*at, "key");
    if (r.annotations.contains(e.target))
        throw refusal{400, "M_DUPLICATE_ANNOTATION", "Can't send same reaction twice"};
}

void redact_known(call& c, event& by)
{
    const auto at = c.data.by_id.find(by.redacts);
    if (at != c.data.by_id.end() && at->second->in == by.in)
        c.hs.redact(*at->second, by);
}

void check_redaction(call& c, const room& r, const std::string& target)
{
    const auto at = c.data.by_id.find(target);
    if (at == c.data.by_id.end() || at->second->in != &r)
        throw refusal{404, "M_NOT_FOUND", "Could not find event " + target};
    if (r.membership(c.who->id) == "join" && !may_redact(r, c.who->id, *at->second))
        throw refusal{403, "M_FORBIDDEN", "You don't have permission to redact events"};
}

std::string post(call& c, room& r, std::unique_ptr<event> e, const std::string& txn)
{
    const std::string annotation = e->target;
    e->txn = txn;
    e->txn_owner = c.owner();
    event& kept = c.hs.append(std::move(e));
    if (!annotation.empty())
        r.annotations.insert(annotation);
    if (!kept.redacts.empty())
        redact_known(c, kept);
    return kept.id;
}

http_reply once(
    call& c, room& r, const std::string& txn, std::string (*make)(call&, room&, const std::string&)
)
{
    auto& cache = c.hs.volatile_state().txns;
    const std::string key = cache_key(c);
    if (const auto at = cache.find(key); at != cache.end())
        return http_reply{at->second};
    const std::string durable = c.device.empty() ? std::string{} : device_key(c, r, txn);
    std::string id;
    if (const auto at = c.data.device_txns.find(durable); !durable.empty() && at != c.data.device_txns.end())
        id = at->second;
    else
        id = make(c, r, txn);
    if (!durable.empty())
        c.data.device_txns.emplace(durable, id);
    auto reply = event_reply(id);
    cache.emplace(key, reply.body);
    return reply;
}

std::string make_message(call& c, room& r, const std::string& txn)
{
    const std::string& type = c.args[1];
    const json& content = c.body();
    check_content(type, content, false);
    auto e = draft(c, r, type, content);
    if (type == "m.room.redaction") {
        e->redacts = string_of(content, "redacts");
        check_redaction(c, r, e->redacts);
    }
    check_relation(c, r, *e, content);
    return post(c, r, std::move(e), txn);
}

// An unknown room is one that the sender is not in.
room& sending_room(call& c)
{
    room* r = c.data.find_room(c.args[0]);
    if (!r)
        throw refusal{403, "M_FORBIDDEN", "User " + c.who->id + " not in room " + c.args[0]};
    return *r;
}

http_reply send(call& c) { return once(c, sending_room(c), c.args[2], make_message); }

std::string make_redaction(call& c, room& r, const std::string& txn)
{
    json content = json::object();
    if (const auto reason = string_of(c.body(), "reason"); !reason.empty())
        content["reason"] = reason;
    content["redacts"] = c.args[1];
    check_redaction(c, r, c.args[1]);
    auto e = draft(c, r, "m.room.redaction", content);
    e->redacts = c.args[1];
    return post(c, r, std::move(e), txn);
}

http_reply redact(call& c) { return once(c, sending_room(c), c.args[2], make_redaction); }

http_reply put_state(call& c)
{
    room& r = sending_room(c);
    const std::string key = c.args.size() > 2 ? c.args[2] : "";
    json content = c.body();
    check_content(c.args[1], content, true);
    const event* now = r.find_state(c.args[1], key);
    if (now && *now->parsed == content && now->sender == c.who->id)
        return event_reply(now->id);  // Synapse: the same again is no new event
    auto e = draft(c, r, c.args[1], content);
    e->state_key = key;
    if (r.v12() && c.args[1] == "m.room.power_levels")
        for (const auto& creator : r.creators)
            if (content.value("users", json::object()).contains(creator))
                throw refusal{
                    400, "M_BAD_JSON", "Creator user " + creator + " must not appear in content.users"
                };
    if (c.args[1] == "m.room.member" && string_of(content, "membership") == "invite")
        return event_reply(
            invite_to(c, r, key, content.value("is_direct", false), string_of(content, "reason")).id
        );
    return event_reply(c.hs.append(std::move(e)).id);
}

http_reply get_state(call& c)
{
    room& r = c.joined_room(c.args[0]);
    const event* e = r.find_state(c.args[1], c.args.size() > 2 ? c.args[2] : "");
    if (!e)
        throw refusal{404, "M_NOT_FOUND", "Event not found."};
    const auto* format = c.query("format");
    if (format && *format == "event")
        return http_reply{render(*e, view{c.now(), view::of::client})};
    return http_reply{e->content};
}
}  // namespace

std::vector<route> send_routes()
{
    return {
        {"PUT", "rooms/{}/send/{}/{}", "send", send},
        {"PUT", "rooms/{}/redact/{}/{}", "redact", redact},
        {"PUT", "rooms/{}/state/{}", "put_state", put_state},
        {"PUT", "rooms/{}/state/{}/{}", "put_state", put_state},
        {"GET", "rooms/{}/state/{}", "state", get_state},
        {"GET", "rooms/{}/state/{}/{}", "state", get_state},
    };
}

}  // namespace rialto::fakes::hs
