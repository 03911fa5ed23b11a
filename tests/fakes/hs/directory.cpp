// Aliases, the room directory and the application service's ping (CS-API §Room aliases; AS-API §Pinging).
#include "tests/fakes/hs/auth.hpp"
#include "tests/fakes/hs/call.hpp"
#include "tests/fakes/hs/render.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace rialto::fakes::hs {

using nlohmann::json;

awaitable<void> ask_for_alias(std::shared_ptr<call> c, std::string alias)
{
    if (c->data.aliases.contains(alias))
        co_return;
    for (std::size_t i = 0; i < c->hs.services(); ++i) {
        pusher& p = c->hs.service(i);
        if (!p.aliases().matches(alias) || p.about().url.empty())
            continue;
        co_await p.ask("GET", "/_matrix/app/v1/rooms/" + percent_encoded(alias, "/"), {});
        if (c->data.aliases.contains(alias))
            co_return;
    }
}

namespace {
awaitable<http_reply> get_alias(std::shared_ptr<call> c)
{
    const std::string alias = c->args[0];
    co_await ask_for_alias(c, alias);
    const auto at = c->data.aliases.find(alias);
    if (at == c->data.aliases.end())
        throw refusal{404, "M_NOT_FOUND", "Room alias " + alias + " not found"};
    co_return http_reply{
        "{\"room_id\":" + json_text(at->second->id) + ",\"servers\":[" + json_text(c->data.name) + "]}"
    };
}

http_reply put_alias(call& c)
{
    const std::string& alias = c.args[0];
    if (c.data.aliases.contains(alias))
        throw refusal{409, "M_UNKNOWN", "Room alias " + alias + " already exists"};
    for (std::size_t i = 0; i < c.hs.services(); ++i)
        if (c.hs.service(i).aliases().exclusive(alias) && &c.hs.service(i) != c.service)
            throw refusal{400, "M_EXCLUSIVE", "This alias is reserved by an application service."};
    room& r = c.the_room(string_of(c.body(), "room_id"));
    c.data.aliases[alias] = &r;
    r.aliases.push_back(alias);
    return http_reply{"{}"};
}

http_reply delete_alias(call& c)
{
    const auto at = c.data.aliases.find(c.args[0]);
    if (at == c.data.aliases.end())
        throw refusal{404, "M_NOT_FOUND", "Unknown room alias"};
    room& r = *at->second;
    if (!c.service && power_of(r, c.who->id) < power_needed(r, "m.room.canonical_alias", true))
        throw refusal{403, "M_FORBIDDEN", "You don't have permission to delete the alias."};
    std::erase(r.aliases, c.args[0]);
    c.data.aliases.erase(at);
    return http_reply{"{}"};
}

http_reply aliases(call& c) { return json_reply({{"aliases", c.joined_room(c.args[0]).aliases}}); }

http_reply public_rooms(call& c)
{
    json all = json::array();
    for (const auto& [id, r] : c.data.rooms) {
        const event* rules = r->find_state("m.room.join_rules");
        if (!rules || string_of(*rules->parsed, "join_rule") != "public")
            continue;
        json one{
            {"room_id", id},
            {"num_joined_members", r->joined.size()},
            {"world_readable", false},
            {"guest_can_join", false}
        };
        if (const event* name = r->find_state("m.room.name"))
            one["name"] = string_of(*name->parsed, "name");
        if (!r->aliases.empty())
            one["canonical_alias"] = r->aliases.front();
        all.push_back(one);
    }
    return json_reply({{"chunk", all}, {"total_room_count_estimate", all.size()}});
}

http_reply listed(call& c)
{
    if (c.http.method == "GET")
        return http_reply{R"({"visibility":"private"})"};
    return http_reply{"{}"};
}

awaitable<http_reply> ping(std::shared_ptr<call> c)
{
    if (!c->service || c->service->about().id != c->args[0])
        throw refusal{403, "M_FORBIDDEN", "Mismatching application service path"};
    pusher& p = *c->service;
    if (p.about().url.empty())
        throw refusal{400, "M_URL_NOT_SET", "The application service does not have a URL set"};
    const auto began = c->now();
    const auto alive = c->hs.alive();
    std::string body = c->body().contains("transaction_id") ? c->http.body : std::string{"{}"};
    const auto got = co_await p.ask("POST", "/_matrix/app/v1/ping", std::move(body));
    if (!*alive)
        co_return http_reply{"{}", 503};
    if (got.status == 0)
        throw refusal{502, "M_CONNECTION_FAILED", got.body};
    if (got.status / 100 != 2) {
        refusal no{502, "M_BAD_STATUS", "HTTP Error"};
        json more = json::parse(no.reply.body);
        more["status"] = got.status;
        more["body"] = got.body;
        no.reply.body = more.dump();
        co_return no.reply;
    }
    p.retry_now();
    co_return http_reply{"{\"duration_ms\":" + std::to_string(c->now() - began) + '}'};
}
}  // namespace

std::vector<route> directory_routes()
{
    return {
        {"GET", "directory/room/{}", "alias", get_alias},
        {"PUT", "directory/room/{}", "put_alias", put_alias},
        {"DELETE", "directory/room/{}", "delete_alias", delete_alias},
        {"GET", "rooms/{}/aliases", "alias", aliases},
        {"GET", "publicRooms", "publicRooms", public_rooms},
        {"POST", "publicRooms", "publicRooms", public_rooms},
        {"GET", "directory/list/room/{}", "list", listed},
        {"PUT", "directory/list/room/{}", "list", listed},
        {"PUT", "directory/list/appservice/{}/{}", "list", listed},
        {"POST", "appservice/{}/ping", "ping", ping},
    };
}

}  // namespace rialto::fakes::hs
