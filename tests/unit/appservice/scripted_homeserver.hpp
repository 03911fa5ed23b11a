// tests/unit/appservice/scripted_homeserver.hpp: for tests of the client side: an http_client that answers by
// a rule and keeps what was asked, and a store that keeps notes. No sockets, one thread.
#pragma once

#include "core/net/http.hpp"
#include "core/store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <map>

namespace rialto::matrix {

struct scripted_http : net::http_client
{
    std::vector<net::http_request> asked;
    std::function<result<net::http_reply>(const net::http_request&)> rule = [](const net::http_request&) {
        return net::http_reply{200, "{}"};
    };

    awaitable<result<net::http_reply>> send(net::http_request r) override
    {
        asked.push_back(r);
        co_return rule(r);
    }
    // "PUT /path?query" without the beginning that all have in common, and without the bot, who does what
    // nobody else does.
    std::vector<std::string> lines() const
    {
        constexpr std::string_view common = "http://hs/_matrix/client/v3/", bot = "user_id=%40rialto%3Ahs";
        std::vector<std::string> out;
        for (const auto& r : asked) {
            auto line = r.method + " " + (r.url.starts_with(common) ? r.url.substr(common.size()) : r.url);
            if (const auto at = line.find(bot); at != line.npos) {
                line.erase(at, bot.size());
                if (at < line.size() && line[at] == '&')
                    line.erase(at, 1);
                else
                    line.erase(at - 1, 1);
            }
            out.push_back(std::move(line));
        }
        return out;
    }
};

inline net::http_reply refused(int status, const std::string& code, const std::string& words = "no")
{
    return {status, R"({"errcode":")" + code + R"(","error":")" + words + "\"}"};
}

struct notes_only : store
{
    std::map<std::string, std::string> notes;
    int commits = 0;

    awaitable<result<std::vector<std::int64_t>>> commit(std::vector<store_change> all) override
    {
        ++commits;
        for (auto& c : all)
            if (auto* n = std::get_if<put_note>(&c))
                notes[n->key] = n->value;
        co_return std::vector<std::int64_t>{};
    }
    awaitable<result<note_rows>> notes_of(std::string prefix, std::size_t) override
    {
        note_rows some;
        for (const auto& [key, value] : notes)
            if (key.starts_with(prefix))
                some.emplace_back(key, value);
        co_return some;
    }
    awaitable<result<std::string>> note(std::string key) override
    {
        const auto found = notes.find(key);
        co_return found == notes.end() ? std::string{} : found->second;
    }
    // clang-format off
    awaitable<result<std::optional<item>>> find(portal_key, side, std::string) override { co_return std::optional<item>{}; }
    awaitable<result<std::optional<item>>> get(position) override { co_return std::optional<item>{}; }
    awaitable<result<std::vector<item>>> waiting(position, std::size_t) override { co_return std::vector<item>{}; }
    awaitable<result<std::vector<item>>> dead(portal_key, std::size_t) override { co_return std::vector<item>{}; }
    awaitable<result<std::vector<item>>> untold(position, std::size_t) override { co_return std::vector<item>{}; }
    awaitable<result<std::vector<portal_row>>> portals() override { co_return std::vector<portal_row>{}; }
    awaitable<result<std::optional<person_row>>> person_by_far(std::string, user_id) override { co_return std::optional<person_row>{}; }
    awaitable<result<std::optional<person_row>>> person_by_mxid(std::string, std::string) override { co_return std::optional<person_row>{}; }
    awaitable<result<std::vector<reaction_row>>> reactions(portal_key, std::string, std::string) override { co_return std::vector<reaction_row>{}; }
    awaitable<result<std::optional<reaction_row>>> reaction(portal_key, std::string) override { co_return std::optional<reaction_row>{}; }
    // clang-format on
};

// Runs a coroutine to its end.
template <class T>
T run(awaitable<T> what)
{
    boost::asio::io_context io;
    std::optional<T> got;
    boost::asio::co_spawn(io, std::move(what), [&got](std::exception_ptr e, T value) {
        if (e)
            std::rethrow_exception(e);
        got.emplace(std::move(value));
    });
    io.run();
    return std::move(*got);
}

}  // namespace rialto::matrix
