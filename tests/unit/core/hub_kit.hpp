// tests/unit/core/hub_kit.hpp: a hub between a scripted Matrix side and scripted networks, with one portal to
// start from.
#pragma once

#include "core/media_link.hpp"
#include "tests/fakes/core_kit.hpp"
#include "tests/fakes/memory_store.hpp"

#include <boost/asio/detached.hpp>

#include <gtest/gtest.h>

namespace rialto::test {

class ram_media final : public media_store
{
    // By the address on the homeserver; the core gives out claims.
    static std::string place(const media_id& id)
    {
        const auto claim = read_claim(id);
        return claim ? claim->source : id.value;
    }
    static failure none() { return {verdict::unsupported, cause::other, "no media here"}; }

public:
    std::map<std::string, file> known;
    std::map<std::string, std::string> bytes;
    std::optional<failure> refuse;  // what finish() says

    awaitable<result<file>> stat(media_id id) override
    {
        const auto at = known.find(place(id));
        if (at == known.end())
            co_return none();
        co_return at->second;
    }
    awaitable<result<std::string>> read(media_id id, std::uint64_t from, std::size_t most) override
    {
        const auto at = bytes.find(place(id));
        if (at == bytes.end())
            co_return none();
        co_return at->second.substr(std::min<std::size_t>(from, at->second.size()), most);
    }
    awaitable<result<media_id>> create(file about) override
    {
        about.bytes = media_id{"mxc://hs/" + std::to_string(known.size() + 1)};
        known[about.bytes.value] = about;
        co_return about.bytes;
    }
    awaitable<outcome> append(media_id id, std::string piece) override
    {
        bytes[id.value] += piece;
        known[id.value].size += piece.size();
        co_return ok();
    }
    awaitable<result<file>> finish(media_id id) override
    {
        if (refuse)
            co_return *refuse;
        co_return known[id.value];
    }
    awaitable<outcome> push(media_id, std::string, std::vector<note>) override { co_return none(); }
    awaitable<result<std::string>> link(file) override { co_return none(); }
};

inline names test_names()
{
    std::vector<named_network> nets;
    nets.emplace_back("a");
    nets.emplace_back("b");
    nets.emplace_back("g");
    return names{"hs", "@bot:hs", "_rialto_", std::move(nets)};
}

inline near_event near_said(std::string room, std::string id, std::string text, std::string by = "@alice:hs")
{
    near_event e{std::move(room), std::move(id), std::move(by), message{document{text}}};
    e.sender_name = "Alice";
    return e;
}

inline event far_said(std::string far_room, std::string id, std::string text, std::string by = "romeo@x")
{
    return event{
        portal_id{room_id{std::move(far_room)}}, person{user_id{std::move(by)}, "Romeo"}, timestamp{},
        message_id{std::move(id)}, message{document{text}}
    };
}

inline std::string text_of(const happening& what)
{
    if (const auto* m = std::get_if<message>(&what))
        return m->body.plain();
    if (const auto* e = std::get_if<edit>(&what))
        return "edit:" + e->now.body.plain();
    return "";
}

// One life of the core over a store that may outlive it.
class life
{
public:
    world& w;
    fake_matrix matrix;
    ram_media media;
    directory who;
    hub core;
    std::map<std::string, fake_network*> nets;
    std::map<std::string, std::vector<near_event>> history;  // of rooms that are unread

    life(world& in, store& disk, core_options options = core_options{})
        : w{in},
          who{disk, test_names()},
          core{in.io.get_executor(), disk, matrix, in.time, who, media, with(options)}
    {
        for (const std::string name : {"a", "b"})
            core.add(name, [&](host& h) {
                auto made = std::make_unique<fake_network>(h);
                nets[name] = made.get();
                return made;
            });
        core.on_wanted = [this] { boost::asio::co_spawn(w.io, watch(), boost::asio::detached); };
    }
    static core_options with(core_options o)
    {
        o.server_name = "hs";
        o.bot = "@bot:hs";
        return o;
    }
    // What the watcher does, at a homeserver that lost nothing: `history` is all that it has to tell.
    awaitable<void> read_unread()
    {
        while (auto u = core.unread("")) {
            reading whole;
            whole.unread = u->room;
            whole.last = true;
            whole.events = std::exchange(history[u->room], {});
            (void)co_await core.catch_up(std::move(whole));
        }
    }
    awaitable<void> watch()
    {
        co_await read_unread();
        const auto waits = core.wanted();
        if (waits.empty())
            co_return;
        reading nothing{core.begin_round(waits), std::vector<near_event>{}};
        nothing.last = true;
        (void)co_await core.catch_up(std::move(nothing));
    }
    void start()
    {
        EXPECT_TRUE(w.get(core.load()));
        for (const std::string name : {"a", "b"})
            boost::asio::co_spawn(w.io, core.run(name), [](std::exception_ptr) {});
        w.settle();
    }
    void bridge(const std::string& room, const std::string& network, const std::string& far)
    {
        auto done = w.get(core.bridge(room, network, far, "@alice:hs"));
        EXPECT_TRUE(done) << done.error().why;
    }
    void push(near_event e)
    {
        std::vector<near_event> all;
        all.push_back(std::move(e));
        EXPECT_TRUE(w.get(core.take_in(std::move(all))));
    }
    std::vector<std::string> heard(const std::string& network)
    {
        std::vector<std::string> out;
        for (const auto& e : nets[network]->delivered)
            out.push_back(text_of(e.what));
        return out;
    }
    std::vector<std::string> shown()
    {
        std::vector<std::string> out;
        for (const auto& o : matrix.orders)
            out.push_back(o.as + ": " + text_of(o.what));
        return out;
    }
};

}  // namespace rialto::test
