// tests/unit/xmpp/fake_link.hpp: a stream without a server, a core without a disk, a clock that stands still:
// what a room or a chat needs around it. Everything runs when `run()` is called, until nothing is left to do.
#pragma once

#include "bridges/xmpp/link.hpp"
#include "bridges/xmpp/portal_joins.hpp"
#include "tests/unit/xmpp/tree.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <deque>
#include <functional>
#include <map>

namespace rialto::xmpp {

class bench_clock final : public clock
{
public:
    timestamp time{std::chrono::hours{480'000}};
    timestamp now() const override { return time; }
    awaitable<void> sleep(std::chrono::milliseconds) override { co_return; }
    double luck() override { return 0; }
};

class fake_core final : public host, public media_store
{
public:
    std::vector<event> accepted;
    std::vector<event> hints;
    std::map<std::string, std::string> notes;
    std::optional<failure> refuse, refuse_notes;
    std::shared_ptr<boost::asio::steady_timer> slow_notes;
    std::string refuse_word;  // a batch with this word in a message is refused for good
    int accepts = 0;

    using host::accept;
    awaitable<outcome> accept(std::vector<event> batch, note cursor) override
    {
        ++accepts;
        if (refuse)
            co_return *refuse;
        for (const auto& e : batch)
            if (const auto* m = std::get_if<message>(&e.what);
                m != nullptr && !refuse_word.empty() &&
                m->body.plain().find(refuse_word) != std::string::npos) {
                failure poison{verdict::give_up, cause::malformed, "it cannot be taken"};
                co_return poison;
            }
        for (auto& e : batch)
            accepted.push_back(std::move(e));
        if (!cursor.key.empty())
            notes[cursor.key] = cursor.value;
        co_return ok();
    }
    awaitable<result<message_id>> attempt(event) override { co_return message_id{"$a"}; }
    void hint(event e) override { hints.push_back(std::move(e)); }
    awaitable<result<room>> look(portal_id) override { co_return room{kind::group}; }
    awaitable<result<page>> history(portal_id, extent) override { co_return page{}; }
    listing mine;
    awaitable<result<listing>> find(query) override
    {
        auto out = mine;
        co_return out;
    }
    awaitable<result<profile>> describe(user_id) override { co_return profile{"Alice"}; }
    std::optional<failure> unreachable;
    awaitable<outcome> reachable(user_id) override
    {
        if (unreachable)
            co_return *unreachable;
        co_return ok();
    }
    awaitable<result<std::string>> command(person, std::string) override { co_return std::string{}; }
    awaitable<outcome> remember(note n) override
    {
        if (slow_notes) {  // until it is cancelled
            const auto disk = slow_notes;
            boost::system::error_code ignored;
            co_await disk->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
        }
        if (refuse_notes)
            co_return *refuse_notes;
        notes[n.key] = n.value;
        co_return ok();
    }
    awaitable<result<std::string>> recall(std::string key) override { co_return notes[key]; }
    void link_up(account_id) override {}
    media_store& media() override { return *this; }

    awaitable<result<file>> stat(media_id id) override
    {
        file f{"", "image/gif", std::move(id)};
        f.size = 12;
        co_return f;
    }
    awaitable<result<std::string>> read(media_id, std::uint64_t, std::size_t) override
    {
        co_return std::string{};
    }
    awaitable<result<media_id>> create(file) override { co_return media_id{"m"}; }
    awaitable<outcome> append(media_id, std::string) override { co_return ok(); }
    awaitable<result<file>> finish(media_id) override { co_return file{"m", "", media_id{"m"}}; }
    std::vector<std::string> pushed;  // "<id> <url> <header>=<value> ..."
    std::optional<failure> no_push;
    awaitable<outcome> push(media_id id, std::string url, std::vector<note> headers) override
    {
        std::string line = id.value + " " + url;
        for (const auto& h : headers)
            line += " " + h.key + "=" + h.value;
        pushed.push_back(std::move(line));
        if (no_push)
            co_return *no_push;
        co_return ok();
    }
    std::optional<failure> no_links;
    awaitable<result<std::string>> link(file f) override
    {
        if (no_links)
            co_return *no_links;
        co_return "https://media.example/" + f.bytes.value;
    }

    template <class T>
    std::vector<T> all() const  // of one kind, in order
    {
        std::vector<T> out;
        for (const auto& e : accepted)
            if (const auto* what = std::get_if<T>(&e.what))
                out.push_back(*what);
        return out;
    }
};

class fake_link final : public link
{
public:
    bool is_up = true;
    std::vector<std::string> stanzas;
    std::vector<std::string> asked;  // "<to> <payload>"
    // Answers a question with the inside of <iq type='result'>; "!condition" refuses; nullopt: nobody
    // answers.
    std::function<std::optional<std::string>(const std::string& to, const std::string& payload)> answer;
    std::function<void(const std::string& stanza)> on_send;

    bool up() const noexcept override { return is_up; }
    bool send(std::string stanza) override
    {
        if (!is_up)
            return false;
        stanzas.push_back(stanza);
        if (on_send)
            on_send(stanzas.back());
        return true;
    }
    awaitable<result<reply>> ask(std::string, std::string to, iq_type, std::string payload) override
    {
        asked.push_back(to + " " + payload);
        const auto said = answer ? answer(to, payload) : std::nullopt;
        if (!said) {
            failure silence{verdict::try_later, cause::away, "no answer"};
            silence.certain = false;
            co_return silence;
        }
        reply out;
        if (said->starts_with('!')) {
            out.error = stanza_error{"cancel", said->substr(1)};
            co_return out;
        }
        out.stanza = parse("<iq type='result'>" + *said + "</iq>");
        co_return out;
    }
};

class Bench : public testing::Test  // one portal or chat and all around it
{
protected:
    boost::asio::io_context io;
    bench_clock time;
    fake_core core;
    fake_link wire;
    join_queue joins{io.get_executor(), 4};
    surroundings around{io.get_executor(), core, time, wire, joins, settings()};

    static xmpp_config settings()
    {
        xmpp_config out;
        out.domain = "bridge.example";
        out.secret = "s";
        return out;
    }
    void run()
    {
        io.restart();
        io.poll();
    }
    template <class T>
    std::shared_ptr<std::optional<T>> start(awaitable<T> work)  // its result, once there is one
    {
        auto out = std::make_shared<std::optional<T>>();
        boost::asio::co_spawn(io, std::move(work), [out](std::exception_ptr broken, T value) {
            if (broken)
                std::rethrow_exception(broken);
            *out = std::move(value);
        });
        run();
        return out;
    }
    bool was_asked(std::string_view piece) const
    {
        for (const auto& s : wire.asked)
            if (s.find(piece) != std::string::npos)
                return true;
        return false;
    }
    std::size_t times_sent(std::string_view piece) const
    {
        std::size_t n = 0;
        for (const auto& s : wire.stanzas)
            n += s.find(piece) != std::string::npos;
        return n;
    }
    bool was_sent(std::string_view piece) const
    {
        for (const auto& s : wire.stanzas)
            if (s.find(piece) != std::string::npos)
                return true;
        return false;
    }
};

}  // namespace rialto::xmpp
