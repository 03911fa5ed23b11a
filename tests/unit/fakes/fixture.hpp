// A fake homeserver with one service, driven on an io_context that runs only as long as a test waits.
#pragma once

#include "tests/fakes/hs/homeserver.hpp"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

namespace rialto::fakes {

using nlohmann::json;

// The application service: writes down what it is told and answers as it was told to.
struct listening_service
{
    boost::asio::io_context& io;
    fake_time time{io.get_executor()};
    std::vector<http_request> got;
    std::function<http_reply(const http_request&)> answer = [](const http_request&) {
        return http_reply{"{}"};
    };
    http_server server;

    explicit listening_service(boost::asio::io_context& i)
        : io{i},
          server{
              i.get_executor(), time, [this](http_request r) { return handle(std::move(r)); },
              [](const http_request&) { return std::string_view{"any"}; }
          }
    {
        server.listen(0);
    }
    awaitable<http_reply> handle(http_request r)
    {
        got.push_back(std::move(r));
        co_return answer(got.back());
    }
    std::vector<std::string> bodies() const  // of the messages, in the order they came
    {
        std::vector<std::string> out;
        for (const auto& r : got) {
            if (r.target.find("/transactions/") == r.target.npos)
                continue;
            const json body = json::parse(r.body);
            for (const auto& e : body["events"])
                if (e["type"] == "m.room.message")
                    out.push_back(e["content"].value("body", "(redacted)"));
        }
        return out;
    }
    std::vector<std::string> paths() const
    {
        std::vector<std::string> out;
        for (const auto& r : got)
            out.push_back(r.target);
        return out;
    }
};

struct Homeserver : testing::Test
{
    boost::asio::io_context io{1};
    listening_service as{io};
    hs::homeserver server{io.get_executor(), options()};
    std::string alice = "@alice:localhost", bob = "@bob:localhost", ghost = "@_x_romeo:localhost";
    std::string as_token = "as-secret";
    bool started = false;

    static hs::options options() { return {}; }

    void SetUp() override
    {
        hs::registration r;
        r.id = "rialto";
        r.url = "http://127.0.0.1:" + std::to_string(as.server.port());
        r.as_token = as_token;
        r.hs_token = "hs-secret";
        r.sender_localpart = "_x_bot";
        r.users.emplace_back("^@_x_[^:]*:localhost$", true);
        r.aliases.emplace_back("^#_x_[^:]*:localhost$", true);
        r.receive_ephemeral = true;
        server.add(r);
        server.make_user("alice", "pw");
        server.make_user("bob", "pw");
        server.start();
    }

    template <class Ready>
    bool run_until(Ready ready)
    {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        while (!ready() && std::chrono::steady_clock::now() < end)
            io.run_one_for(std::chrono::milliseconds{50});
        return ready();
    }
    void settle()  // all that can be done without further time
    {
        while (io.poll() > 0) {
        }
        io.run_one_for(std::chrono::milliseconds{5});
        while (io.poll() > 0) {
        }
    }

    http_reply wait_for(awaitable<http_reply> work)
    {
        std::optional<http_reply> out;
        boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr e, http_reply r) {
            if (e)
                std::rethrow_exception(e);
            out = std::move(r);
        });
        run_until([&] { return out.has_value(); });
        return out ? *out : http_reply{"no answer", 0};
    }

    http_reply ask(
        const std::string& who, const std::string& method, const std::string& path, const json& body = {}
    )
    {
        return wait_for(server.ask(who, method, path, body.is_null() ? "" : body.dump()));
    }
    json get(const std::string& who, const std::string& path)
    {
        return json::parse(ask(who, "GET", path).body);
    }

    // As the service, over HTTP.
    http_reply http(const std::string& method, const std::string& path, const json& body = {})
    {
        http_client client{io.get_executor(), server.time(), server.url()};
        http_client::asking what{method, "/_matrix/client/v3" + path, body.is_null() ? "" : body.dump()};
        what.headers.emplace_back("Authorization", "Bearer " + as_token);
        return wait_for(client.ask(std::move(what)));
    }
    std::string id_of(const http_reply& r, const char* key)
    {
        const json j = json::parse(r.body, nullptr, false);
        return j.is_object() && j.contains(key) ? j[key].get<std::string>() : "(" + r.body + ")";
    }
    std::string make_room(const std::string& who, const json& how = {{"preset", "public_chat"}})
    {
        return id_of(ask(who, "POST", "/createRoom", how), "room_id");
    }
    std::string say(const std::string& who, const std::string& room, const std::string& text)
    {
        const json content{{"msgtype", "m.text"}, {"body", text}};
        return id_of(
            ask(who, "PUT", "/rooms/" + room + "/send/m.room.message/t" + std::to_string(++txn), content),
            "event_id"
        );
    }
    void register_ghost(const std::string& localpart)
    {
        http(
            "POST", "/register",
            {{"type", "m.login.application_service"}, {"username", localpart}, {"inhibit_login", true}}
        );
    }
    std::string room_with_ghost()
    {
        register_ghost("_x_romeo");
        const auto room = make_room(alice);
        http("POST", "/rooms/" + room + "/join?user_id=" + ghost);
        run_until([&] { return server.service(0).queued() == 0 && server.service(0).disk().unsent.empty(); });
        as.got.clear();
        return room;
    }
    static std::string code(const http_reply& r)
    {
        const json j = json::parse(r.body, nullptr, false);
        return std::to_string(r.status) + ' ' + (j.is_object() ? j.value("errcode", "") : r.body);
    }
    int txn = 0;
};

}  // namespace rialto::fakes
