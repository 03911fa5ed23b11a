// tests/fakes/hs/homeserver.hpp: a homeserver that behaves towards clients and application services as
// Synapse 1.160 was measured to, with room for accidents: faults in answers and pushes, kill and restart, a
// clock by hand. Usable in-process (ask() needs no socket) or over HTTP. One io_context thread.
//
//     fakes::hs::homeserver hs{io.get_executor()};
//     hs.add(registration_from_text(yaml));
//     hs.start();                                     // hs.url() says where
//     const auto token = hs.make_user("alice", "pw");
//     auto made = co_await hs.ask("@alice:localhost", "POST", "/createRoom", R"({"preset":"public_chat"})");
//     hs.faults().add({"send", fault::act::drop});    // the next answer to a send is lost …
//     hs.restart();                                   // … and Synapse forgets what it has only in memory
#pragma once

#include "tests/fakes/hs/push.hpp"
#include "tests/fakes/hs/world.hpp"
#include "tests/fakes/net/http.hpp"

#include <nlohmann/json_fwd.hpp>

namespace rialto::fakes::hs {

struct options
{
    std::string name = "localhost", room_version = "11";
    std::uint64_t seed = 1;
    options() = default;
};

class homeserver
{
public:
    explicit homeserver(boost::asio::any_io_executor ex, options o = {});
    ~homeserver() { kill(); }
    homeserver(const homeserver&) = delete;
    homeserver& operator=(const homeserver&) = delete;

    void add(registration r);  // as Synapse, before start(); later ones count from the next start() on
    void start(std::uint16_t port = 0);
    void kill();     // SIGKILL; SIGTERM loses the same
    void restart();  // on the same port
    std::uint16_t port() const { return server_.port(); }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }

    fake_time& time() { return time_; }
    fault_plan& faults() { return server_.faults; }
    http_server& server() { return server_; }
    pusher& service(std::size_t n) { return *services_.at(n); }
    std::size_t services() const { return services_.size(); }
    world& data() { return world_; }

    std::string make_user(const std::string& localpart, const std::string& password);  // an access token
    // As over HTTP, without a socket and without faults; path without "/_matrix/client/v3".
    awaitable<http_reply> ask(std::string user, std::string method, std::string path, std::string body);
    nlohmann::json control(const nlohmann::json& order);  // docs at the definition; throws std::exception

    // For the routes.
    struct memory  // what a restart forgets
    {
        std::unordered_map<std::string, std::string> txns;  // path and owner: the answer
        struct waiter
        {
            user* who;
            bell wake;
            waiter(user* u, bell b) : who{u}, wake{std::move(b)} {}
        };
        std::vector<waiter> waiting;  // in /sync
        // A worker that is behind: so many /sync more are answered as if the stream ended there.
        std::int64_t worker_at = 0;
        int worker_stays = 0;
        memory() = default;
    };
    memory& volatile_state() { return memory_; }
    void stall_sync(int answers)
    {
        memory_.worker_at = static_cast<std::int64_t>(world_.stream.size());
        memory_.worker_stays = answers;
    }
    event& append(std::unique_ptr<event> e);  // throws refusal when the rules say no
    void redact(event& target, event& by);
    void wake(const room& r);
    void push_ephemeral(const room& r, const std::string& edu);
    pusher* service_of_token(std::string_view token);
    pusher* service_of_user(const std::string& id, bool exclusive_only);
    std::string sender_of(const pusher& p) const
    {
        return '@' + p.about().sender_localpart + ':' + world_.name;
    }
    std::shared_ptr<bool> alive() const { return alive_; }
    const options& settings() const { return options_; }

private:
    awaitable<http_reply> handle(http_request r);
    void take_state(event& e);
    void take_membership(event& e);
    void pump();  // hands new events to the services
    awaitable<void> query_then_pump(std::shared_ptr<bool> alive);
    pusher* must_ask(const event& e, std::string& whom);
    bool wants(const pusher& p, std::size_t index, const event& e) const;

    boost::asio::any_io_executor executor_;
    options options_;
    fake_time time_;
    world world_;
    memory memory_;
    std::vector<std::unique_ptr<pusher>> services_;
    std::size_t handed_on_ = 0;  // of the stream; Synapse's appservice_stream_position
    bool querying_ = false;
    std::set<std::string> asked_;
    std::shared_ptr<bool> alive_;
    http_server server_;
};

}  // namespace rialto::fakes::hs
