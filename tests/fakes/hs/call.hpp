// tests/fakes/hs/call.hpp: one request to a client-server route: who asks, with what. Routes throw a refusal
// where Synapse answers with an error; the dispatcher turns it into the reply.
#pragma once

#include "tests/fakes/hs/homeserver.hpp"

#include <nlohmann/json_fwd.hpp>

namespace rialto::fakes::hs {

struct refusal
{
    http_reply reply;
    refusal(unsigned status, std::string_view code, std::string_view why);
};

class call
{
public:
    call(homeserver& h, http_request r);
    ~call();
    call(const call&) = delete;
    call& operator=(const call&) = delete;

    homeserver& hs;
    world& data;
    const http_request http;
    std::string_view kind;  // the route's name
    std::string path;       // decoded, without version and query
    std::string_view raw_path;
    std::vector<std::string> args;  // the {} of the pattern
    user* who = nullptr;
    std::string device;         // id, or ""
    pusher* service = nullptr;  // when an application service asks

    const nlohmann::json& body();  // throws a 400 when it is no object
    const std::string* query(std::string_view key) const;
    std::int64_t query_number(std::string_view key, std::int64_t otherwise) const;
    void authenticate();
    room& the_room(const std::string& id);     // or 404
    room& joined_room(const std::string& id);  // or 403
    std::int64_t now() const { return hs.time().now(); }
    std::int64_t timestamp() const;  // ?ts= of an application service, else now
    std::string owner() const { return who->id + '|' + device; }

private:
    void masquerade();
    std::vector<std::pair<std::string, std::string>> query_;
    std::unique_ptr<nlohmann::json> body_;
};

http_reply json_reply(const nlohmann::json& j);
std::unique_ptr<event> draft(call& c, room& r, std::string type, const nlohmann::json& content);
// When nobody has the alias and it lies in a service's namespace, the service is asked to make it (AS-API
// §Querying).
awaitable<void> ask_for_alias(std::shared_ptr<call> c, std::string alias);
nlohmann::json membership_of(const user& u, const std::string& to = "join");
event& invite_to(call& c, room& r, const std::string& whom, bool direct, const std::string& reason);
std::string string_of(const nlohmann::json& j, std::string_view key, std::string_view otherwise = {});

struct route
{
    std::string_view method, pattern, kind;
    http_reply (*now)(call&) = nullptr;
    awaitable<http_reply> (*later)(std::shared_ptr<call>) = nullptr;
    bool open = false;  // needs no token
    route(std::string_view m, std::string_view p, std::string_view k, http_reply (*f)(call&), bool o = false)
        : method{m}, pattern{p}, kind{k}, now{f}, open{o}
    {
    }
    route(
        std::string_view m, std::string_view p, std::string_view k,
        awaitable<http_reply> (*f)(std::shared_ptr<call>)
    )
        : method{m}, pattern{p}, kind{k}, later{f}
    {
    }
};
const route* find_route(std::string_view method, std::string_view target, std::vector<std::string>* args);

std::vector<route> account_routes();
std::vector<route> create_routes();
std::vector<route> member_routes();
std::vector<route> send_routes();
std::vector<route> read_routes();
std::vector<route> sync_routes();
std::vector<route> ephemeral_routes();
std::vector<route> directory_routes();
std::vector<route> media_routes();

}  // namespace rialto::fakes::hs
