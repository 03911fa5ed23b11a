// GET /sync (CS-API §Syncing). Cost follows what is new in the stream, not the number of rooms.
#include "tests/fakes/hs/call.hpp"
#include "tests/fakes/hs/ephemeral.hpp"
#include "tests/fakes/hs/render.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace rialto::fakes::hs {

using nlohmann::json;

namespace {
struct wish
{
    std::int64_t since = 0, ephemeral_since = 0, limit = 10;
    std::int64_t horizon = -1;  // of the stream, as far as a stalled worker knows
    bool initial = true, full_state = false;
};

wish wish_of(call& c)
{
    wish w;
    auto& worker = c.hs.volatile_state();
    if (worker.worker_stays > 0) {
        --worker.worker_stays;
        w.horizon = worker.worker_at;
    }
    if (const auto* token = c.query("since")) {
        char* end = nullptr;
        w.since = token->empty() ? -1 : std::strtoll(token->c_str() + 1, &end, 10);
        if (token->empty() || (*token)[0] != 's' || w.since < 0)
            throw refusal{400, "M_UNKNOWN", "Invalid stream token"};
        if (*end == '_')
            w.ephemeral_since = std::strtoll(end + 1, nullptr, 10);
        w.initial = false;
    }
    const auto* full = c.query("full_state");
    w.full_state = w.initial || (full && *full == "true");
    const auto* filter = c.query("filter");
    json f = json::object();
    if (filter && filter->starts_with('{'))
        f = json::parse(*filter);
    else if (filter && c.who->filters.contains(*filter))
        f = json::parse(c.who->filters[*filter]);
    w.limit = f.value(json::json_pointer{"/room/timeline/limit"}, w.limit);
    return w;
}

class answer
{
public:
    answer(const call& c, const wish& w)
        : user_{*c.who},
          data_{c.data},
          how_{c.now(), view::of::client, c.owner()},
          wish_{w},
          horizon_{w.horizon < 0 ? static_cast<std::int64_t>(c.data.stream.size()) : w.horizon}
    {
        if (w.initial) {
            for (const room* r : user_.rooms)
                look_at(*r);
            return;
        }
        std::set<const room*> touched;
        for (auto i = static_cast<std::size_t>(w.since); i < static_cast<std::size_t>(horizon_); ++i)
            if (data_.stream[i]->in->members.contains(user_.id))
                touched.insert(data_.stream[i]->in);
        for (const room* r : user_.rooms)
            if (touched.contains(r) || (news_of(*r) && r->membership(user_.id) == "join"))
                look_at(*r);
    }

    bool empty() const { return join_.empty() && invite_.empty() && leave_.empty(); }

    std::string text() const
    {
        const auto next =
            's' + std::to_string(std::max(wish_.since, horizon_)) + '_' + std::to_string(data_.ephemeral);
        return "{\"account_data\":{\"events\":[]},\"next_batch\":\"" + next +
               "\",\"presence\":{\"events\":[]}," + "\"rooms\":{\"invite\":{" + invite_ + "},\"join\":{" +
               join_ + "},\"leave\":{" + leave_ + "}},\"to_device\":{\"events\":[]}}";
    }

private:
    bool news_of(const room& r) const { return has_ephemeral(r, wish_.ephemeral_since); }

    void look_at(const room& r)
    {
        const auto& m = r.members.at(user_.id);
        if (m.since > horizon_)
            return;
        if (m.membership == "join") {
            const bool anew = wish_.full_state || m.since > wish_.since;
            put(join_, r, body_of(r, anew ? 0 : wish_.since, last_of(r), anew));
        } else if (m.membership == "invite") {
            if (m.since > wish_.since || wish_.initial)
                put(invite_, r, "{\"invite_state\":{\"events\":" + invite_state(m) + "}}");
        } else if (!wish_.initial && m.since > wish_.since) {
            put(leave_, r, body_of(r, m.was_joined ? wish_.since : m.since - 1, m.since, false));
        }
    }

    std::int64_t last_of(const room& r) const
    {
        return std::min(r.timeline.empty() ? 0 : r.timeline.back()->order, horizon_);
    }

    std::string invite_state(const member& m) const
    {
        std::string all = m.now->invite_state.empty() ? "[" : m.now->invite_state;
        if (all.back() == ']')
            all.pop_back();
        if (all.size() > 1)
            all += ',';
        render(all, *m.now, how_);
        return all + ']';
    }

    static void put(std::string& into, const room& r, const std::string& body)
    {
        if (!into.empty())
            into += ',';
        into += json_text(r.id) + ':' + body;
    }

    // The events after `since` up to `until`, at most `limit` of the newest; before them the state they stand
    // on.
    std::string body_of(const room& r, std::int64_t since, std::int64_t until, bool whole_state) const
    {
        const auto after = [](std::int64_t order, const event* e) { return order < e->order; };
        const auto first = std::upper_bound(r.timeline.begin(), r.timeline.end(), since, after);
        const auto end = std::upper_bound(r.timeline.begin(), r.timeline.end(), until, after);
        const bool limited = end - first > wish_.limit;
        const auto from = limited ? end - wish_.limit : first;
        std::map<std::pair<std::string, std::string>, const event*> state;
        for (auto e = whole_state ? r.timeline.begin() : first; e != from; ++e)
            if ((*e)->state_key)
                state[{(*e)->type, *(*e)->state_key}] = *e;
        const auto prev = from == end ? until : (*from)->order - 1;
        std::string out = "{\"account_data\":{\"events\":[]},\"ephemeral\":{\"events\":[" +
                          ephemeral_of(r, wish_.ephemeral_since) + "]},\"state\":{\"events\":[";
        for (const auto& [key, e] : state)
            put_event(out, *e);
        out += "]},\"summary\":{},\"timeline\":{\"events\":[";
        for (auto e = from; e != end; ++e)
            put_event(out, **e);
        out += "],\"limited\":";
        out += limited ? "true" : "false";
        return out + ",\"prev_batch\":\"s" + std::to_string(prev) + "_0\"},\"unread_notifications\":{}}";
    }

    void put_event(std::string& out, const event& e) const
    {
        if (out.back() != '[')
            out += ',';
        render(out, e, how_);
    }

    const user& user_;
    const world& data_;
    view how_;
    const wish& wish_;
    std::int64_t horizon_;
    std::string join_, invite_, leave_;
};

awaitable<http_reply> sync(std::shared_ptr<call> c)
{
    // Synapse 1.160: NotImplementedError for the sender itself; a ghost may.
    if (c->service && c->who->id == c->hs.sender_of(*c->service))
        throw refusal{500, "M_UNKNOWN", "Internal server error"};
    const wish w = wish_of(*c);
    const auto until = c->now() + std::min<std::int64_t>(c->query_number("timeout", 0), 300'000);
    const auto alive = c->hs.alive();
    auto& waiting = c->hs.volatile_state().waiting;
    auto mine = make_bell(co_await boost::asio::this_coro::executor);
    for (;;) {
        const answer now{*c, w};
        const auto left = until - c->now();
        if (!now.empty() || w.initial || left <= 0)
            co_return http_reply{now.text()};
        waiting.emplace_back(c->who, mine);
        co_await c->hs.time().sleep(left, mine);
        if (!*alive)
            co_return http_reply{"{}", 503};
        std::erase_if(waiting, [&](const auto& one) { return one.wake == mine; });
    }
}
}  // namespace

std::vector<route> sync_routes() { return {{"GET", "sync", "sync", sync}}; }

}  // namespace rialto::fakes::hs
