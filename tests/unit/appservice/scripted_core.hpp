// tests/unit/appservice/scripted_core.hpp: both sides of core/near.hpp, for tests of what stands between
// them.
#pragma once

#include "core/near.hpp"
#include "core/queue.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

namespace rialto::matrix {

struct scripted_near : homeserver
{
    near_room room;
    std::vector<std::string> notices, joined;
    std::optional<failure> mute;  // the bot may not speak

    // clang-format off
    awaitable<result<sent>> deliver(order) override { co_return sent{}; }
    awaitable<result<std::string>> make_room(room_plan) override { co_return std::string{"!new"}; }
    awaitable<result<std::string>> room_of_alias(std::string) override { co_return std::string{"!r"}; }
    awaitable<result<near_room>> look(std::string) override { co_return room; }
    awaitable<result<profile>> describe(std::string mxid) override { co_return profile{std::move(mxid)}; }
    awaitable<outcome> bot_join(std::string r) override { joined.push_back(std::move(r)); co_return ok(); }
    awaitable<outcome> ghost_join(std::string, std::string, profile) override { co_return ok(); }
    awaitable<outcome> describe_bridge(std::string, room_plan) override { co_return ok(); }
    awaitable<outcome> notice(std::string, std::string text, std::string) override { if (mute) co_return *mute; notices.push_back(std::move(text)); co_return ok(); }
    awaitable<outcome> status(std::string, std::string, fate, std::optional<failure>) override { co_return ok(); }
    awaitable<outcome> leave(std::string, std::vector<std::string>, std::string) override { co_return ok(); }
    awaitable<result<page>> history(std::string, std::string, extent) override { co_return page{}; }
    void hint(order) override {}
    // clang-format on
};

struct scripted_intake : intake
{
    std::vector<near_event> taken, hints;
    std::vector<std::string> calls;
    std::vector<near_place> there;
    outcome answer = ok();

    awaitable<outcome> take_in(std::vector<near_event> batch, arrival) override
    {
        if (answer)
            for (auto& e : batch)
                taken.push_back(std::move(e));
        co_return answer;
    }
    void hint(near_event e) override { hints.push_back(std::move(e)); }
    awaitable<result<std::string>> open(std::string, std::string, std::string) override
    {
        co_return std::string{};
    }
    awaitable<outcome> bridge(std::string room, std::string network, std::string address, std::string asker)
        override
    {
        calls.push_back("bridge " + room + " " + network + " " + address + " " + asker);
        co_return answer;
    }
    awaitable<outcome> unbridge(std::string room, std::string network, std::string address, std::string)
        override
    {
        calls.push_back("unbridge " + room + " " + network + " " + address);
        co_return answer;
    }
    awaitable<std::vector<near_place>> places(std::string) override { co_return there; }
    std::optional<std::string> ghost_of(std::string_view, std::string_view) const override { return {}; }

    std::string mail_words;  // of the network called mail; "": it takes no commands
    std::vector<near_request> asked;
    std::vector<std::string> told;  // otherwise than by the bot
    std::string commands_of(std::string_view network) const override
    {
        return network == "mail" ? mail_words : std::string{};
    }
    awaitable<result<std::string>> command(near_request r) override
    {
        asked.push_back(std::move(r));
        if (!answer)
            co_return answer.error();
        co_return std::string{"done"};
    }
    awaitable<outcome> tell(std::string, std::string text, std::string) override
    {
        told.push_back(std::move(text));
        co_return ok();
    }
};

struct scripted_queue : queue_keeper
{
    queue_view all;
    std::vector<std::string> calls;

    awaitable<result<queue_view>> list(std::string room) override
    {
        calls.push_back("list " + room);
        auto some = all;
        for (auto& one : some.dead)
            one.body.clear();
        co_return some;
    }
    awaitable<result<letter>> show(position seq, bool body) override
    {
        for (auto one : all.dead)
            if (one.seq == seq) {
                if (!body)
                    one.body.clear();
                co_return one;
            }
        co_return failure{verdict::give_up, cause::not_found, "there is no message"};
    }
    awaitable<result<std::size_t>> retry(std::vector<position> some) override
    {
        for (const auto seq : some)
            calls.push_back("retry " + std::to_string(seq));
        co_return some.size();
    }
    awaitable<outcome> drop(position seq, std::string by) override
    {
        calls.push_back("drop " + std::to_string(seq) + " " + by);
        co_return ok();
    }
};

inline letter dead_letter(position seq, std::string room, std::string author)
{
    letter d;
    d.seq = seq;
    d.of.network = "prosody";
    d.of.far_room = "orchard@muc";
    d.of.matrix_room = std::move(room);
    d.author = std::move(author);
    d.kind = "message";
    d.why = "you are banned there";
    d.tries = 2;
    d.body = "secret";
    return d;
}

}  // namespace rialto::matrix
