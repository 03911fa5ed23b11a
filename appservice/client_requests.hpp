// appservice/client_requests.hpp: the client-server requests that a bridge makes (CS-API; as whom: AS-API
// "Identity assertion"), as values: ids percent-encoded, bodies written. Pure; any thread.
#pragma once

#include "core/event.hpp"
#include "core/net/http.hpp"

#include <string>
#include <string_view>

namespace rialto::matrix {

struct call
{
    std::string method, path, query, body;  // query without '?'
    std::string content_type = "application/json";
    std::chrono::seconds deadline{60};
    std::size_t most = 16 * 1024 * 1024;           // bytes of the answer
    std::shared_ptr<const net::body_source> from;  // instead of `body`
    std::shared_ptr<net::body_sink> into;          // of a 200, which is no JSON then
    bool by_nobody = false;                        // else by the bot, when the query names no user_id

    call() = default;
    call(std::string m, std::string p, std::string q = {}, std::string b = {})
        : method{std::move(m)}, path{std::move(p)}, query{std::move(q)}, body{std::move(b)}
    {
    }
};

// On whose behalf. `device` makes a send repeatable for a day instead of half an hour; `at` gives it its old
// time.
struct acting
{
    std::string mxid, device;  // mxid "": the bot
    std::int64_t at_ms = 0;    // 0: now

    acting() = default;
    explicit acting(std::string m, std::string d = {}, std::int64_t at = 0)
        : mxid{std::move(m)}, device{std::move(d)}, at_ms{at}
    {
    }
};

namespace calls {
call enroll(std::string_view localpart);
call make_device(const acting& who, std::string_view device);
call set_name(const acting& who, std::string_view name);
call join(const acting& who, std::string_view room);
call leave(const acting& who, std::string_view room, std::string_view why);
// verb: invite, kick, ban, unban
call member(
    const acting& who, std::string_view room, std::string_view verb, std::string_view whom,
    std::string_view why
);
call send(
    const acting& who, std::string_view room, std::string_view type, std::string_view txn, std::string content
);
call redact(
    const acting& who, std::string_view room, std::string_view event, std::string_view txn,
    std::string content
);
call put_state(
    const acting& who, std::string_view room, std::string_view type, std::string_view key, std::string content
);
call get_state(const acting& who, std::string_view room, std::string_view type, std::string_view key);
call all_state(const acting& who, std::string_view room);
call create_room(std::string content);
call room_of_alias(std::string_view alias);
call delete_alias(std::string_view alias);
call get_profile(std::string_view mxid);
call joined_members(const acting& who, std::string_view room);
call messages(
    const acting& who, std::string_view room, std::string_view from, std::size_t limit
);  // backwards
call context(const acting& who, std::string_view room, std::string_view event);
call typing(const acting& who, std::string_view room, bool active);
call receipt(const acting& who, std::string_view room, std::string_view event);
call upload(
    const acting& who, std::string_view name, std::string_view mime,
    std::shared_ptr<const net::body_source> bytes
);
call download(
    std::string_view mxc, std::size_t most, std::shared_ptr<net::body_sink> into
);  // REQUIRES is_mxc
call capabilities();
call versions();
call ping(std::string_view appservice, std::string_view txn);
}  // namespace calls

}  // namespace rialto::matrix
