// bridges/xmpp/iq_state.hpp: what an iq_router knows, for iq*.cpp alone.
#pragma once

#include "bridges/xmpp/iq.hpp"

#include <unordered_map>

namespace rialto::xmpp {

struct question  // of ours, waiting for its answer
{
    std::string asker, whom;  // normal addresses
    timestamp due;
    iq_router::taker then;
    question(std::string a, std::string w, timestamp d, iq_router::taker t)
        : asker{std::move(a)}, whom{std::move(w)}, due{d}, then{std::move(t)}
    {
    }
};

struct iq_handler
{
    std::string ns, element;
    iq_router::quick answer;  // one of both
    iq_router::slow answer_slowly;
    iq_handler(std::string n, std::string e, iq_router::quick q, iq_router::slow s)
        : ns{std::move(n)}, element{std::move(e)}, answer{std::move(q)}, answer_slowly{std::move(s)}
    {
    }
    bool fits(const iq_query& q) const { return q.payload.root().is(element, ns); }
};

struct iq_router::state : std::enable_shared_from_this<iq_router::state>
{
    using table = std::unordered_map<std::string, question>;

    boost::asio::any_io_executor ex;
    clock& time;
    const std::string domain;
    sender send;  // empty once the router is gone
    const self_description about;
    table open;
    std::vector<iq_handler> handlers;
    std::size_t slow_now = 0;
    std::optional<timestamp> sweep_at;
    unsigned sweeps = 0;

    state(boost::asio::any_io_executor e, clock& t, std::string d, sender s, self_description a)
        : ex{std::move(e)}, time{t}, domain{std::move(d)}, send{std::move(s)}, about{std::move(a)}
    {
    }

    // "" when it failed at once: then has been called.
    std::string ask(
        std::string from, std::string to, iq_type type, const std::string& payload,
        std::chrono::milliseconds timeout, taker then
    );
    void take_answer(const node& iq);
    void settle(table::iterator at, result<reply> with);
    void sweep_at_last(timestamp due);  // lets what is due fail
    static awaitable<void> sweep(std::weak_ptr<state> weak, unsigned which, std::chrono::milliseconds wait);

    void take_question(const node& iq);
    void ask_handlers(std::shared_ptr<iq_query> q);
    void think_about(std::shared_ptr<iq_query> q, std::size_t handlers_left);
    static awaitable<void> think(
        std::shared_ptr<state> self, std::shared_ptr<iq_query> q, std::size_t handlers_left
    );
    void answer(const iq_query& q, const iq_answer& a);
    bool asks_for_card(const iq_query& q) const;
};

// What is said about us when no handler knows better. Pure.
iq_answer standard_answer(const iq_query& q, const self_description& about, std::string_view domain);
iq_answer card_answer(const std::string& name);  // vcard-temp (XEP-0054)

}  // namespace rialto::xmpp
