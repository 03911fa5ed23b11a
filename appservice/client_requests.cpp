#include "appservice/client_requests.hpp"

#include "appservice/matrix_event_fields.hpp"
#include "core/net/http.hpp"

#include <nlohmann/json.hpp>

#include <initializer_list>

namespace rialto::matrix::calls {

namespace {

// The first part is ours, every other one an id of strangers.
std::string path(std::initializer_list<std::string_view> parts)
{
    std::string out = "/_matrix/client/v3";
    bool ours = true;
    for (const auto part : parts) {
        out += '/';
        out += ours ? std::string{part} : net::percent_encoded(part);
        ours = false;
    }
    return out;
}

void add(std::string& query, std::string_view key, std::string_view value)
{
    if (value.empty())
        return;
    if (!query.empty())
        query += '&';
    query += key;
    query += '=';
    query += net::percent_encoded(value);
}

std::string query_of(const acting& who, bool timed = false)
{
    std::string q;
    add(q, "user_id", who.mxid);
    add(q, "device_id", who.device);
    if (timed && who.at_ms > 0)
        add(q, "ts", std::to_string(who.at_ms));
    return q;
}

std::string as_only(const acting& who)
{
    std::string q;
    add(q, "user_id", who.mxid);
    return q;
}

}  // namespace

call enroll(std::string_view localpart)
{
    json body = json::object();
    body["type"] = "m.login.application_service";
    body["username"] = localpart;
    body["inhibit_login"] = true;
    call c{"POST", path({"register"}), "kind=user", written(body)};
    c.by_nobody = true;
    return c;
}

call make_device(const acting& who, std::string_view device)
{
    return {"PUT", path({"devices", device}), as_only(who), R"({"display_name":"Rialto"})"};
}

call set_name(const acting& who, std::string_view name)
{
    json body = json::object();
    body["displayname"] = clipped(name, 255);
    return {"PUT", path({"profile", who.mxid, "displayname"}), as_only(who), written(body)};
}

call join(const acting& who, std::string_view room)
{
    return {"POST", path({"join", room}), as_only(who), "{}"};
}

call leave(const acting& who, std::string_view room, std::string_view why)
{
    json body = json::object();
    if (!why.empty())
        body["reason"] = clipped(why, 1'000);
    return {"POST", path({"rooms", room, "leave"}), as_only(who), written(body)};
}

call member(
    const acting& who, std::string_view room, std::string_view verb, std::string_view whom,
    std::string_view why
)
{
    json body = json::object();
    body["user_id"] = whom;
    if (!why.empty())
        body["reason"] = clipped(why, 1'000);
    return {"POST", path({"rooms", room, verb}), as_only(who), written(body)};
}

call send(
    const acting& who, std::string_view room, std::string_view type, std::string_view txn, std::string content
)
{
    return {"PUT", path({"rooms", room, "send", type, txn}), query_of(who, true), std::move(content)};
}

call redact(
    const acting& who, std::string_view room, std::string_view event, std::string_view txn,
    std::string content
)
{
    return {"PUT", path({"rooms", room, "redact", event, txn}), query_of(who, true), std::move(content)};
}

call put_state(
    const acting& who, std::string_view room, std::string_view type, std::string_view key, std::string content
)
{
    return {"PUT", path({"rooms", room, "state", type, key}), query_of(who, true), std::move(content)};
}

call get_state(const acting& who, std::string_view room, std::string_view type, std::string_view key)
{
    return {"GET", path({"rooms", room, "state", type, key}), as_only(who)};
}

call all_state(const acting& who, std::string_view room)
{
    call c{"GET", path({"rooms", room, "state"}), as_only(who)};
    c.most = 64 * 1024 * 1024;  // a room of 100,000 members
    return c;
}

call create_room(std::string content) { return {"POST", path({"createRoom"}), "", std::move(content)}; }
call room_of_alias(std::string_view alias) { return {"GET", path({"directory/room", alias})}; }
call delete_alias(std::string_view alias) { return {"DELETE", path({"directory/room", alias})}; }

call get_profile(std::string_view mxid) { return {"GET", path({"profile", mxid})}; }

call joined_members(const acting& who, std::string_view room)
{
    return {"GET", path({"rooms", room, "joined_members"}), as_only(who)};
}

call messages(const acting& who, std::string_view room, std::string_view from, std::size_t limit)
{
    auto q = as_only(who);
    add(q, "dir", "b");
    add(q, "from", from);
    add(q, "limit", std::to_string(limit));
    return {"GET", path({"rooms", room, "messages"}), std::move(q)};
}

call context(const acting& who, std::string_view room, std::string_view event)
{
    auto q = as_only(who);
    add(q, "limit", "0");
    return {"GET", path({"rooms", room, "context", event}), std::move(q)};
}

call typing(const acting& who, std::string_view room, bool active)
{
    return {
        "PUT", path({"rooms", room, "typing", who.mxid}), as_only(who),
        active ? R"({"typing":true,"timeout":30000})" : R"({"typing":false})"
    };
}

call receipt(const acting& who, std::string_view room, std::string_view event)
{
    return {"POST", path({"rooms", room, "receipt", "m.read", event}), as_only(who), "{}"};
}

call upload(
    const acting& who, std::string_view name, std::string_view mime,
    std::shared_ptr<const net::body_source> bytes
)
{
    auto q = as_only(who);
    add(q, "filename", name);
    call c{"POST", "/_matrix/media/v3/upload", std::move(q)};
    c.from = std::move(bytes);
    c.content_type = mime.empty() ? "application/octet-stream" : std::string{mime};
    c.deadline = std::chrono::minutes{5};
    return c;
}

// CS-API 1.11: media is fetched with our token, from our own homeserver only.
call download(std::string_view mxc, std::size_t most, std::shared_ptr<net::body_sink> into)
{
    mxc.remove_prefix(std::string_view{"mxc://"}.size());
    const auto slash = mxc.find('/');
    call c{
        "GET", "/_matrix/client/v1/media/download/" + net::percent_encoded(mxc.substr(0, slash)) + "/" +
                   net::percent_encoded(mxc.substr(slash + 1))
    };
    c.deadline = std::chrono::minutes{5};
    c.most = most;
    c.into = std::move(into);
    return c;
}

call capabilities() { return {"GET", path({"capabilities"})}; }
call versions()
{
    call c{"GET", "/_matrix/client/versions"};
    c.by_nobody = true;
    return c;
}

call ping(std::string_view appservice, std::string_view txn)
{
    json body = json::object();
    body["transaction_id"] = txn;
    call c{
        "POST", "/_matrix/client/v1/appservice/" + net::percent_encoded(appservice) + "/ping", "",
        written(body)
    };
    c.by_nobody = true;
    return c;
}

}  // namespace rialto::matrix::calls
