// Users, devices, profiles and filters (CS-API §Account registration, §Login, §Device management, §Profiles).
#include "tests/fakes/hs/call.hpp"
#include "tests/fakes/hs/render.hpp"

#include <nlohmann/json.hpp>

namespace rialto::fakes::hs {

using nlohmann::json;

namespace {
http_reply versions(call&)
{
    // Synapse stops here although it does more: probe by behaviour.
    return http_reply{
        R"({"unstable_features":{"org.matrix.msc3916.stable":true},"versions":["v1.1","v1.5","v1.9","v1.11","v1.12"]})"
    };
}

http_reply capabilities(call& c)
{
    return json_reply(
        {{"capabilities",
          {{"m.room_versions",
            {{"default", c.hs.settings().room_version},
             {"available", {{"10", "stable"}, {"11", "stable"}, {"12", "stable"}}}}}}}}
    );
}

json session(call& c, user& u, const json& body)
{
    json out{{"user_id", u.id}, {"home_server", c.data.name}};
    if (body.value("inhibit_login", false))
        return out;
    auto& d = c.data.make_device(
        u, string_of(body, "device_id", c.data.fresh(10)), string_of(body, "initial_device_display_name")
    );
    if (!d.token.empty())
        c.data.tokens.erase(d.token);
    d.token = "syt_" + c.data.fresh(30);
    c.data.tokens[d.token] = {&u, d.id};
    out["access_token"] = d.token;
    out["device_id"] = d.id;
    return out;
}

pusher* asking_service(call& c)
{
    if (c.http.authorization.starts_with("Bearer "))
        return c.hs.service_of_token(std::string_view{c.http.authorization}.substr(7));
    const auto* token = c.query("access_token");
    return token ? c.hs.service_of_token(*token) : nullptr;
}

// Synapse checks no grammar for a service's users: upper case, spaces and '/' are taken.
http_reply register_user(call& c)
{
    const json& body = c.body();
    pusher* p = asking_service(c);
    std::string type = string_of(body, "type");
    if (p && type != "m.login.application_service")
        throw refusal{400, "M_INVALID_PARAM", "An application service must register with its own type"};
    if (!p && type == "m.login.application_service")
        throw refusal{401, "M_MISSING_TOKEN", "Missing access token"};
    if (!p && !body.contains("auth"))
        return http_reply{
            R"({"flows":[{"stages":["m.login.dummy"]}],"params":{},"session":")" + c.data.fresh(24) + "\"}",
            401
        };
    std::string localpart = string_of(body, "username");
    if (localpart.empty())
        localpart = c.data.fresh(12);
    const std::string id = '@' + localpart + ':' + c.data.name;
    if (p && !p->users().matches(id) && id != c.hs.sender_of(*p))
        throw refusal{400, "M_EXCLUSIVE", "Invalid user localpart for this application service."};
    if (!p && c.hs.service_of_user(id, true))
        throw refusal{400, "M_EXCLUSIVE", "This user ID is reserved by an application service."};
    if (c.data.find_user(id) && !(p && id == c.hs.sender_of(*p) && !c.data.find_user(id)))
        throw refusal{400, "M_USER_IN_USE", "User ID already taken."};
    user& u = c.data.make_user(id);
    u.password = string_of(body, "password");
    u.name = localpart;
    return json_reply(session(c, u, body));
}

http_reply login_flows(call&)
{
    return http_reply{R"({"flows":[{"type":"m.login.password"},{"type":"m.login.application_service"}]})"};
}

http_reply login(call& c)
{
    const json& body = c.body();
    const json identifier = body.value("identifier", json::object());
    std::string name = string_of(identifier, "user", string_of(body, "user"));
    if (!name.starts_with('@'))
        name = '@' + name + ':' + c.data.name;
    user* u = c.data.find_user(name);
    const bool by_service = string_of(body, "type") == "m.login.application_service";
    pusher* p = by_service ? asking_service(c) : nullptr;
    if (by_service && (!p || (!p->users().matches(name) && name != c.hs.sender_of(*p))))
        throw refusal{403, "M_FORBIDDEN", "Invalid user for this application service"};
    if (!u || (!by_service && (u->password.empty() || u->password != string_of(body, "password"))))
        throw refusal{403, "M_FORBIDDEN", "Invalid username or password"};
    return json_reply(session(c, *u, body));
}

http_reply logout(call& c)
{
    const std::string token = c.who->devices[c.device].token;
    c.data.tokens.erase(token);
    c.who->devices.erase(c.device);
    return http_reply{"{}"};
}

http_reply whoami(call& c)
{
    std::string out = "{\"is_guest\":false,\"user_id\":" + json_text(c.who->id);
    if (!c.device.empty())
        out += ",\"device_id\":" + json_text(c.device);
    return http_reply{out + '}'};
}

json device_json(const user& u, const device& d)
{
    return {{"device_id", d.id}, {"display_name", d.name}, {"user_id", u.id}};
}

http_reply devices(call& c)
{
    json all = json::array();
    for (const auto& [id, d] : c.who->devices)
        all.push_back(device_json(*c.who, d));
    return json_reply({{"devices", all}});
}

http_reply get_device(call& c)
{
    const auto at = c.who->devices.find(c.args[0]);
    if (at == c.who->devices.end())
        throw refusal{404, "M_NOT_FOUND", "No device found"};
    return json_reply(device_json(*c.who, at->second));
}

// MSC4190: an application service makes devices by naming them; for others it is an update only.
http_reply put_device(call& c)
{
    const std::string name = string_of(c.body(), "display_name");
    const bool known = c.who->devices.contains(c.args[0]);
    if (!known && !c.service)
        throw refusal{404, "M_NOT_FOUND", "No device found"};
    c.data.make_device(*c.who, c.args[0], name);
    return http_reply{"{}", known ? 200U : 201U};
}

// The transactions sent by a device go with it (FK ON DELETE CASCADE).
http_reply delete_device(call& c)
{
    const auto at = c.who->devices.find(c.args[0]);
    if (at == c.who->devices.end())
        return http_reply{"{}"};
    c.data.tokens.erase(at->second.token);
    c.who->devices.erase(at);
    const std::string owner = '|' + c.who->id + '|' + c.args[0] + '|';
    std::erase_if(c.data.device_txns, [&](const auto& t) {
        return t.first.find(owner) != std::string::npos;
    });
    return http_reply{"{}"};
}

user& whose(call& c)
{
    user* u = c.data.find_user(c.args[0]);
    if (!u)
        throw refusal{404, "M_NOT_FOUND", "Profile was not found"};
    return *u;
}

http_reply get_profile(call& c)
{
    const user& u = whose(c);
    json out = json::object();
    if (!u.name.empty())
        out["displayname"] = u.name;
    if (!u.avatar.empty())
        out["avatar_url"] = u.avatar;
    for (const auto& [key, value] : u.profile)
        out[key] = json::parse(value);
    if (c.args.size() < 2)
        return json_reply(out);
    if (!out.contains(c.args[1]))
        throw refusal{404, "M_NOT_FOUND", "No row found"};
    return json_reply({{c.args[1], out[c.args[1]]}});
}

// A new name makes a member event in every joined room, as it does in Synapse.
void show_profile(call& c, const user& u)
{
    for (room* r : u.rooms) {
        if (r->membership(u.id) != "join")
            continue;
        json content = *r->find_state("m.room.member", u.id)->parsed;
        content["displayname"] = u.name.empty() ? json{} : json(u.name);
        if (!u.avatar.empty())
            content["avatar_url"] = u.avatar;
        auto e = draft(c, *r, "m.room.member", content);
        e->sender = u.id;
        e->state_key = u.id;
        c.hs.append(std::move(e));
    }
}

http_reply put_profile(call& c)
{
    user& u = whose(c);
    if (&u != c.who)
        throw refusal{403, "M_FORBIDDEN", "Cannot set another user's profile"};
    const auto& body = c.body();
    const std::string& key = c.args[1];
    if (!body.contains(key))
        throw refusal{400, "M_MISSING_PARAM", "Missing key '" + key + "'"};
    const json& value = body[key];
    if (key != "displayname" && key != "avatar_url") {
        u.profile[key] = value.dump();
        return http_reply{"{}"};
    }
    if (!value.is_string() ||
        value.get_ref<const std::string&>().size() > (key == "displayname" ? 256U : 1000U))
        throw refusal{400, "M_INVALID_PARAM", "Value must be a string and not too long"};
    std::string& field = key == "displayname" ? u.name : u.avatar;
    const bool changed = field != value.get_ref<const std::string&>();
    field = value.get<std::string>();
    if (changed)
        show_profile(c, u);
    return http_reply{"{}"};
}

http_reply put_filter(call& c)
{
    const std::string id = std::to_string(c.who->filters.size());
    c.who->filters[id] = c.body().dump();
    return json_reply({{"filter_id", id}});
}

http_reply get_filter(call& c)
{
    const auto at = c.who->filters.find(c.args[1]);
    if (at == c.who->filters.end())
        throw refusal{404, "M_NOT_FOUND", "No such filter"};
    return http_reply{at->second};
}

http_reply put_account_data(call& c)
{
    c.who->account_data[c.args.back() + '|' + (c.args.size() > 2 ? c.args[1] : "")] = c.body().dump();
    return http_reply{"{}"};
}

http_reply get_account_data(call& c)
{
    const auto at = c.who->account_data.find(c.args.back() + '|' + (c.args.size() > 2 ? c.args[1] : ""));
    if (at == c.who->account_data.end())
        throw refusal{404, "M_NOT_FOUND", "Account data not found"};
    return http_reply{at->second};
}

http_reply no_keys(call&)
{
    return http_reply{R"({"one_time_key_counts":{},"device_keys":{},"failures":{}})"};
}
}  // namespace

std::vector<route> account_routes()
{
    return {
        {"GET", "versions", "versions", versions, true},
        {"GET", "capabilities", "capabilities", capabilities},
        {"POST", "register", "register", register_user, true},
        {"GET", "login", "login_flows", login_flows, true},
        {"POST", "login", "login", login, true},
        {"POST", "logout", "logout", logout},
        {"GET", "account/whoami", "whoami", whoami},
        {"GET", "devices", "devices", devices},
        {"GET", "devices/{}", "device", get_device},
        {"PUT", "devices/{}", "put_device", put_device},
        {"DELETE", "devices/{}", "delete_device", delete_device},
        {"GET", "profile/{}", "profile", get_profile, true},
        {"GET", "profile/{}/{}", "profile", get_profile, true},
        {"PUT", "profile/{}/{}", "put_profile", put_profile},
        {"POST", "user/{}/filter", "filter", put_filter},
        {"GET", "user/{}/filter/{}", "filter", get_filter},
        {"PUT", "user/{}/account_data/{}", "account_data", put_account_data},
        {"GET", "user/{}/account_data/{}", "account_data", get_account_data},
        {"PUT", "user/{}/rooms/{}/account_data/{}", "account_data", put_account_data},
        {"GET", "user/{}/rooms/{}/account_data/{}", "account_data", get_account_data},
        {"POST", "keys/upload", "keys", no_keys},
        {"POST", "keys/query", "keys", no_keys},
    };
}

}  // namespace rialto::fakes::hs
