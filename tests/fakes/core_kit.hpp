// tests/fakes/core_kit.hpp: the two borders of the core, scripted: a Matrix side that records orders and a
// backend that records deliveries; both fail on demand. Deterministic; for tests of the hub, the relay and
// the contract.
#pragma once

#include "core/hub.hpp"
#include "tests/fakes/sim.hpp"

#include <deque>

namespace rialto::test {

class fake_matrix final : public homeserver
{
public:
    std::vector<order> orders;
    std::vector<std::pair<std::string, std::string>> notices, statuses;  // room or event, text or fate
    std::vector<room_plan> made;
    std::vector<std::string> left, joined;
    std::deque<failure> refuse, refuse_notices, refuse_joins;  // the next ones
    std::map<std::string, std::string> by_key,
        aliases;  // content key -> event id: a repeat is the same event
    near_room view;
    page past;
    clock* time = nullptr;  // each delivery takes a moment, so that others can overtake
    std::function<void()> during_look;
    bool away = false;             // who exists cannot be told
    std::set<std::string> nobody;  // of all others somebody is told of
    int numbers = 0;
    std::uint32_t device = 0;  // generation of every ghost's

    std::uint32_t generation(const std::string&) const override { return device; }
    awaitable<void> pause()
    {
        if (time)
            co_await time->sleep(std::chrono::milliseconds{1});
    }
    awaitable<result<sent>> deliver(order o) override
    {
        co_await pause();
        if (!refuse.empty()) {
            auto f = refuse.front();
            refuse.pop_front();
            co_return f;
        }
        auto& id = by_key[o.key.empty() ? "#" + std::to_string(++numbers) : o.key];
        if (id.empty()) {
            id = "$near" + std::to_string(++numbers);
            orders.push_back(std::move(o));
        }
        co_return sent{message_id{id}};
    }
    awaitable<result<std::string>> make_room(room_plan plan) override
    {
        co_await pause();
        auto& room = aliases[plan.alias];
        if (room.empty()) {
            room = "!made" + std::to_string(++numbers);
            made.push_back(std::move(plan));
        }
        co_return room;
    }
    awaitable<result<std::string>> room_of_alias(std::string alias) override
    {
        co_await pause();
        const auto at = aliases.find(alias);
        if (at == aliases.end())
            co_return failure{verdict::give_up, cause::not_found, "no such alias"};
        co_return at->second;
    }
    awaitable<result<near_room>> look(std::string) override
    {
        auto now = view;
        if (during_look)
            during_look();
        co_await pause();
        co_return now;
    }
    awaitable<result<profile>> describe(std::string mxid) override
    {
        if (away)
            co_return failure{verdict::try_later, cause::away, "the homeserver does not answer"};
        if (nobody.contains(mxid))
            co_return failure{verdict::give_up, cause::not_found, "there is nobody of this name"};
        const auto colon = mxid.find(':');
        co_return profile{"the " + mxid.substr(1, colon - 1)};
    }
    awaitable<outcome> bot_join(std::string room) override
    {
        if (!refuse_joins.empty()) {
            auto f = refuse_joins.front();
            refuse_joins.pop_front();
            co_return f;
        }
        joined.push_back(std::move(room));
        co_return ok();
    }
    awaitable<outcome> ghost_join(std::string room, std::string mxid, profile) override
    {
        joined.push_back(mxid + " " + room);
        co_return ok();
    }
    awaitable<outcome> describe_bridge(std::string, room_plan) override { co_return ok(); }
    awaitable<outcome> notice(std::string room, std::string text, std::string) override
    {
        if (!refuse_notices.empty()) {
            auto f = refuse_notices.front();
            refuse_notices.pop_front();
            co_return f;
        }
        notices.emplace_back(std::move(room), std::move(text));
        co_return ok();
    }
    awaitable<outcome> status(std::string, std::string event, fate is, std::optional<failure>) override
    {
        const char* shown = is == fate::failed ? "failed" : is == fate::delivered ? "delivered" : "pending";
        statuses.emplace_back(std::move(event), shown);
        co_return ok();
    }
    awaitable<outcome> leave(std::string, std::vector<std::string> who, std::string) override
    {
        left.insert(left.end(), who.begin(), who.end());
        co_return ok();
    }
    awaitable<result<page>> history(std::string, std::string, extent) override { co_return past; }
    void hint(order o) override { orders.push_back(std::move(o)); }
};

class fake_network final : public backend
{
public:
    host& core;
    std::vector<event> delivered;
    std::vector<std::string> closed;
    std::deque<failure> refuse;  // the next deliveries
    clock* time = nullptr;
    abilities able;
    room_info info;  // of the rooms that are opened
    int runs = 0, numbers = 0;
    int fail_at = 0;  // the delivery that fails, counted from now
    failure fail_with{verdict::try_later, cause::away, "the link dropped"};
    bool up = true;

    explicit fake_network(host& h) : core{h}
    {
        able.html = able.files = able.edits = able.retractions = able.reactions = able.replies = able.typing =
            true;
    }
    awaitable<outcome> run(account_id account) override
    {
        ++runs;
        if (up)
            core.link_up(account);
        boost::asio::steady_timer forever{
            co_await boost::asio::this_coro::executor, boost::asio::steady_timer::time_point::max()
        };
        co_await forever.async_wait(boost::asio::use_awaitable);
        co_return ok();
    }
    awaitable<result<sent>> deliver(event e) override
    {
        if (time)
            co_await time->sleep(std::chrono::milliseconds{1});
        if (!refuse.empty()) {
            auto f = refuse.front();
            refuse.pop_front();
            co_return f;
        }
        if (--fail_at == 0)
            co_return fail_with;
        delivered.push_back(std::move(e));
        co_return sent{message_id{"far" + std::to_string(++numbers)}};
    }
    awaitable<result<user_id>> address_of(native who) override
    {
        co_return user_id{who.local + "_" + who.server + "@far"};
    }
    awaitable<result<opened>> open(wish w) override
    {
        room state{w.is};
        state.able = able;
        state.info = info;
        const auto id =
            w.is == kind::direct ? w.asker.id.value + "|" + w.addresses.front() : w.addresses.front();
        co_return opened{portal_id{room_id{id}}, std::move(state)};
    }
    awaitable<outcome> close(portal_id portal) override
    {
        closed.push_back(portal.room.value);
        co_return ok();
    }
    awaitable<result<native>> native_of(std::string address) override  // local_server@far
    {
        const auto cut = address.rfind('_'), end = address.rfind("@far");
        if (cut == address.npos || end == address.npos)
            co_return failure{verdict::give_up, cause::not_found, "nobody on Matrix"};
        co_return native{
            native::what::person, address.substr(0, cut), address.substr(cut + 1, end - cut - 1)
        };
    }
};

}  // namespace rialto::test
