// tests/unit/reconcile/bridge_kit.hpp: the Matrix side of the bridge as the daemon wires it, over sockets
// against the fake homeserver, with a scripted network behind it. One life; the disk outlives it.
#pragma once

#include "appservice/commands.hpp"
#include "appservice/homeserver.hpp"
#include "appservice/http_listener.hpp"
#include "appservice/routes_service.hpp"
#include "appservice/transactions.hpp"
#include "appservice/watcher.hpp"
#include "core/asio_clock.hpp"
#include "core/net/curl_loop.hpp"
#include "tests/fakes/core_kit.hpp"
#include "tests/fakes/hs/homeserver.hpp"
#include "tests/fakes/memory_store.hpp"
#include "tests/unit/core/hub_kit.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace rialto::test {

using nlohmann::json;
inline const std::string server_name = "localhost";

inline names bridge_names()
{
    std::vector<named_network> nets;
    nets.emplace_back("a");
    return names{server_name, "_rialto_bot", "_rialto_", std::move(nets)};
}

inline fakes::hs::registration bridge_registration(std::uint16_t port)
{
    fakes::hs::registration r;
    r.id = "rialto";
    r.url = "http://127.0.0.1:" + std::to_string(port);
    r.as_token = "as-secret";
    r.hs_token = "hs-secret";
    r.sender_localpart = "_rialto_service";
    r.users.emplace_back("^@_rialto_[^:]*:localhost$", true);
    r.aliases.emplace_back("^#_rialto_[^:]*:localhost$", true);
    return r;
}

class bridge
{
public:
    asio_clock time;
    net::curl_loop web;
    names ours = bridge_names();
    memory_store disk;
    directory who{disk, ours};
    ram_media media;
    matrix::matrix_homeserver near;
    hub core;
    matrix::transaction_endpoint pushed;
    routes_service routes;
    bool workers;
    matrix::marker marks;
    matrix::watcher watch;
    std::unique_ptr<http::listener> door;
    fake_network* far = nullptr;

    bool is_ours(std::string_view mxid) const { return ours.is_ours(mxid); }
    static core_options options()
    {
        core_options out;
        out.server_name = server_name;
        out.bot = bridge_names().bot();
        out.chats_per_hour = 10'000;
        return out;
    }
    matrix::watch_rules rules()
    {
        matrix::watch_rules out;
        out.bot = ours.bot();
        out.prepare = [this](std::string mxid) { return near.ready(std::move(mxid)); };
        if (workers)
            out.set_mark = [this](std::string mxid) { return marks.put(std::move(mxid)); };
        core.on_wanted = [this] { watch.want(); };
        core.on_disconnected = [this](bool just_used) { watch.lost(just_used); };
        return out;
    }

    bridge(
        boost::asio::any_io_executor on, const std::string& url, std::shared_ptr<memory_tables> kept,
        bool several = false
    )
        : web{on},
          disk{on, std::move(kept)},
          near{
              on, web, disk, matrix::client_settings{url, "as-secret", server_name, ours.bot(), "rialto"},
              [this](std::string_view mxid) { return is_ours(mxid); }
          },
          core{on, disk, near, time, who, media, options()},
          pushed{core, time, [this](std::string_view mxid) { return is_ours(mxid); }, nullptr},
          routes{routes_service::parts{on, "hs-secret", ours, {}, core, pushed, time}},
          workers{several},
          marks{near, time, "_rialto_order"},
          watch{on, near.api(), core, time, [this](std::string_view mxid) { return is_ours(mxid); }, rules()}
    {
        core.add("a", [this](host& h) {
            auto made = std::make_unique<fake_network>(h);
            far = made.get();
            return made;
        });
    }
    void open(boost::asio::io_context& io, std::uint16_t port)
    {
        door = std::make_unique<http::listener>(io.get_executor(), "127.0.0.1", port, routes);
        boost::asio::co_spawn(io, door->run(), [](std::exception_ptr) {});
        boost::asio::co_spawn(io, core.run("a"), [](std::exception_ptr) {});
        boost::asio::co_spawn(io, watch.tend(), [](std::exception_ptr) {});
    }
};

struct Reconciliation : ::testing::Test
{
    boost::asio::io_context io{1};
    std::shared_ptr<memory_tables> kept = std::make_shared<memory_tables>();
    std::unique_ptr<fakes::hs::homeserver> hs;
    std::unique_ptr<bridge> it;
    std::vector<std::unique_ptr<bridge>> graves;
    std::uint16_t port = 0;
    bool workers = false;  // the homeserver is several processes
    int txn = 0;
    std::vector<event> delivered;  // in former lives
    const std::string alice = "@alice:localhost";

    void SetUp() override
    {
        hs = std::make_unique<fakes::hs::homeserver>(io.get_executor());
        port = free_port();
        hs->add(bridge_registration(port));
        hs->make_user("alice", "pw");
        hs->start();
        live();
    }
    std::uint16_t free_port()
    {
        boost::asio::ip::tcp::acceptor some{io, {boost::asio::ip::make_address("127.0.0.1"), 0}};
        return some.local_endpoint().port();
    }
    void live()
    {
        it = std::make_unique<bridge>(io.get_executor(), hs->url(), kept, workers);
        EXPECT_TRUE(get(it->core.load()));
        EXPECT_TRUE(get(it->near.ready("")));
        it->open(io, port);
        until([this] { return it->far != nullptr && it->watch.idle(); });
    }
    void die()  // what it holds only in memory is never seen again
    {
        it->door->abort();
        it->disk.hold();  // nothing that it still does comes to anything
        it->far->refuse.assign(1'000'000, failure{verdict::try_later, cause::away, "dead"});
        delivered.insert(delivered.end(), it->far->delivered.begin(), it->far->delivered.end());
        graves.push_back(std::move(it));
        settle();
    }

    bool until(const std::function<bool()>& so, std::chrono::seconds most = std::chrono::seconds{30})
    {
        const auto end = std::chrono::steady_clock::now() + most;
        while (!so() && std::chrono::steady_clock::now() < end)
            io.run_one_for(std::chrono::milliseconds{20});
        return so();
    }
    void settle(std::chrono::milliseconds span = std::chrono::milliseconds{100}) { io.run_for(span); }
    template <class T>
    T get(awaitable<T> work)
    {
        std::optional<T> out;
        boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr e, T value) {
            if (e)
                std::rethrow_exception(e);
            out.emplace(std::move(value));
        });
        until([&] { return out.has_value(); });
        return std::move(out.value());
    }
    json ask(
        const std::string& who, const std::string& method, const std::string& path,
        const json& body = json::object()
    )
    {
        std::optional<fakes::http_reply> out;
        boost::asio::co_spawn(
            io, hs->ask(who, method, path, method == "GET" ? "" : body.dump()),
            [&](std::exception_ptr, fakes::http_reply r) { out = std::move(r); }
        );
        until([&] { return out.has_value(); });
        return json::parse(out->body, nullptr, false);
    }
    std::string make_room(const json& how = {{"preset", "public_chat"}})
    {
        return ask(alice, "POST", "/createRoom", how).value("room_id", "");
    }
    void say(const std::string& room, const std::string& text)
    {
        const auto said =
            ask(alice, "PUT", "/rooms/" + room + "/send/m.room.message/t" + std::to_string(++txn),
                {{"msgtype", "m.text"}, {"body", text}});
        EXPECT_TRUE(said.contains("event_id")) << said;
    }
    std::string bridged_room(const std::string& far)
    {
        const auto room = make_room();
        EXPECT_TRUE(get(it->near.bot_join(room)));
        const auto done = get(it->core.bridge(room, "a", far, alice));
        EXPECT_TRUE(done) << done.error().why;
        return room;
    }
    std::string chat_with(const std::string& name)
    {
        const auto ghost = *it->ours.ghost("a", name);
        const json how{{"preset", "trusted_private_chat"}, {"is_direct", true}, {"invite", {ghost}}};
        return make_room(how);
    }
    // What the far side was given of one room, in the order in which it was.
    std::vector<std::string> heard(const std::string& far_room) const
    {
        std::vector<std::string> out;
        const auto add = [&](const std::vector<event>& all) {
            for (const auto& e : all)
                if (e.portal.room.value.find(far_room) != std::string::npos &&
                    std::holds_alternative<message>(e.what))
                    out.push_back(text_of(e.what));
        };
        add(delivered);
        if (it)
            add(it->far->delivered);
        return out;
    }
    void stop_pushing()  // the next one hangs, the others wait behind it in the homeserver's memory
    {
        fakes::fault slow{"push", fakes::fault::act::delay};
        slow.wait = 3'600'000;
        hs->service(0).faults.add(slow);
    }
};

}  // namespace rialto::test
