#include "tests/fakes/hs/call.hpp"

#include "tests/fakes/hs/render.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

namespace rialto::fakes::hs {

using nlohmann::json;

refusal::refusal(unsigned status, std::string_view code, std::string_view why)
    : reply{"{\"errcode\":" + json_text(code) + ",\"error\":" + json_text(why) + '}', status}
{
}

call::call(homeserver& h, http_request r) : hs{h}, data{h.data()}, http{std::move(r)}
{
    const std::string_view target = http.target;
    const std::size_t mark = std::min(target.find('?'), target.size());
    raw_path = target.substr(0, mark);
    path = percent_decoded(raw_path);
    for (std::size_t at = mark + 1; at < target.size();) {
        const std::size_t end = std::min(target.find('&', at), target.size());
        std::string pair{target.substr(at, end - at)};
        at = end + 1;
        for (char& ch : pair)
            if (ch == '+')
                ch = ' ';
        const std::size_t equals = std::min(pair.find('='), pair.size());
        query_.emplace_back(
            percent_decoded(pair.substr(0, equals)),
            equals == pair.size() ? std::string{} : percent_decoded(pair.substr(equals + 1))
        );
    }
}

call::~call() = default;

const std::string* call::query(std::string_view key) const
{
    for (const auto& [k, v] : query_)
        if (k == key)
            return &v;
    return nullptr;
}

std::int64_t call::query_number(std::string_view key, std::int64_t otherwise) const
{
    const auto* text = query(key);
    if (!text)
        return otherwise;
    std::int64_t value = 0;
    const auto [end, ec] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (ec != std::errc{} || end != text->data() + text->size() || value < 0)
        throw refusal{400, "M_INVALID_PARAM", "Query parameter '" + std::string{key} + "' must be a number"};
    return value;
}

const json& call::body()
{
    if (body_)
        return *body_;
    body_ = std::make_unique<json>(json::parse(http.body.empty() ? "{}" : http.body, nullptr, false));
    if (body_->is_discarded())
        throw refusal{400, "M_NOT_JSON", "Content not JSON."};
    if (!body_->is_object())
        throw refusal{400, "M_BAD_JSON", "Content must be a JSON object."};
    return *body_;
}

void call::authenticate()
{
    std::string token;
    if (http.authorization.starts_with("Bearer "))
        token = http.authorization.substr(7);
    else if (const auto* t = query("access_token"))
        token = *t;
    if (token.empty())
        throw refusal{401, "M_MISSING_TOKEN", "Missing access token"};
    service = hs.service_of_token(token);
    if (service) {
        masquerade();
        return;
    }
    const auto at = data.tokens.find(token);
    if (at == data.tokens.end())
        throw refusal{401, "M_UNKNOWN_TOKEN", "Invalid access token passed."};
    who = at->second.first;
    device = at->second.second;
}

// AS-API §Identity assertion; MSC4326 for device_id. The sender needs no registration, its ghosts do.
void call::masquerade()
{
    const std::string sender = hs.sender_of(*service);
    const auto* as = query("user_id");
    const std::string id = as ? *as : sender;
    if (id != sender && !service->users().matches(id))
        throw refusal{403, "M_FORBIDDEN", "Application service cannot masquerade as this user (" + id + ")."};
    who = data.find_user(id);
    if (!who && id == sender)
        who = &data.make_user(id);
    if (!who)
        throw refusal{403, "M_FORBIDDEN", "Application service has not registered this user (" + id + ")"};
    const auto* with = query("device_id");
    if (!with)
        with = query("org.matrix.msc3202.device_id");
    if (!with)
        return;
    if (!who->devices.contains(*with))
        throw refusal{
            400, "ORG.MATRIX.MSC4326.M_UNKNOWN_DEVICE",
            "Application service trying to use a device that doesn't exist ('" + *with + "' for " + id + ")"
        };
    device = *with;
}

room& call::the_room(const std::string& id)
{
    room* r = data.find_room(id);
    if (!r)
        throw refusal{404, "M_NOT_FOUND", "Unknown room"};
    return *r;
}

room& call::joined_room(const std::string& id)
{
    room* r = data.find_room(id);
    if (!r || r->membership(who->id) != "join")
        throw refusal{
            403, "M_FORBIDDEN", "User " + who->id + " not in room " + id + ", and room previews are disabled"
        };
    return *r;
}

std::int64_t call::timestamp() const { return service ? query_number("ts", now()) : now(); }

http_reply json_reply(const json& j)
{
    return http_reply{j.dump(-1, ' ', false, json::error_handler_t::replace)};
}

std::string string_of(const json& j, std::string_view key, std::string_view otherwise)
{
    const auto at = j.find(key);
    return std::string{at != j.end() && at->is_string() ? at->get_ref<const std::string&>() : otherwise};
}

std::unique_ptr<event> draft(call& c, room& r, std::string type, const json& content)
{
    auto e = std::make_unique<event>();
    e->in = &r;
    e->type = std::move(type);
    e->sender = c.who->id;
    e->content = content.dump();
    e->ts = c.timestamp();
    return e;
}

namespace {
struct known_route
{
    route is;
    std::vector<std::string_view> parts;
};

std::vector<std::string_view> split(std::string_view s)
{
    std::vector<std::string_view> out;
    for (std::size_t at = 0; at <= s.size();) {
        const std::size_t end = std::min(s.find('/', at), s.size());
        out.push_back(s.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

const std::vector<known_route>& all_routes()
{
    static const auto all = [] {
        std::vector<known_route> out;
        for (const auto& part :
             {account_routes(), create_routes(), member_routes(), send_routes(), read_routes(), sync_routes(),
              ephemeral_routes(), directory_routes(), media_routes()})
            for (const auto& r : part)
                out.push_back({r, split(r.pattern)});
        return out;
    }();
    return all;
}

// Takes off "/_matrix/client/v3/"; media routes keep a mark, since their names are used twice.
std::vector<std::string_view> parts_of(std::string_view target)
{
    target = target.substr(0, std::min(target.find('?'), target.size()));
    auto parts = split(target);
    if (parts.size() < 4 || parts[1] != "_matrix")
        return {};
    const bool media = parts[2] == "media";
    if (!media && parts[2] != "client")
        return {};
    std::size_t skip = 4;
    if (parts[3] == "versions")
        skip = 3;
    else if (parts[3] == "unstable")
        skip = 5;
    parts.erase(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(std::min(skip, parts.size())));
    if (media)
        parts.insert(parts.begin(), "@media");
    return parts;
}

bool fits(const known_route& r, const std::vector<std::string_view>& parts)
{
    if (r.parts.size() != parts.size())
        return false;
    for (std::size_t i = 0; i < parts.size(); ++i)
        if (r.parts[i] != "{}" && r.parts[i] != parts[i])
            return false;
    return true;
}
}  // namespace

const route* find_route(std::string_view method, std::string_view target, std::vector<std::string>* args)
{
    const auto parts = parts_of(target);
    for (const auto& r : all_routes()) {
        if (r.is.method != method || !fits(r, parts))
            continue;
        for (std::size_t i = 0; args && i < parts.size(); ++i)
            if (r.parts[i] == "{}")
                args->push_back(percent_decoded(parts[i]));
        return &r.is;
    }
    return nullptr;
}

}  // namespace rialto::fakes::hs
