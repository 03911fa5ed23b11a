// The interface's first hard case: somebody joins a room that we host while others talk. They must see who is
// in it, then the past, then all that came since, each exactly once and in order; and whoever speaks hears
// their own words come back in Matrix's order.
#include "hub_kit.hpp"

#include "core/key.hpp"

namespace rialto::gateway_test {
namespace {

using namespace rialto::test;
using texts = std::vector<std::string>;

const portal_id orchard{room_id{"#orchard#hs@far"}};

// A backend that is the room: shows an occupant what deliver() brings once they are in.
class gateway final : public backend
{
    host& host_;

public:
    struct occupant
    {
        bool in = false;
        position since = 0;
        std::vector<event> meanwhile;
    };
    std::map<std::string, occupant> here;
    std::map<std::string, texts> seen;

    explicit gateway(host& h) : host_{h} {}
    void show(const std::string& who, const event& e)
    {
        seen[who].push_back(e.id.value + " " + text_of(e.what));
    }

    awaitable<void> join(std::string who)
    {
        here[who];
        person p{user_id{who}, who};
        event wanted{orchard, p, timestamp{}, message_id{}, membership{change::join, p.id}};
        auto joined = co_await host_.attempt(std::move(wanted));
        if (!joined) {
            seen[who].push_back("refused: " + joined.error().why);
            here.erase(who);
            co_return;
        }
        auto view = co_await host_.look(orchard);
        if (!view)
            co_return;
        extent last;
        last.asker = p.id;
        last.as_of = view->as_of;
        auto past = co_await host_.history(orchard, last);
        auto& me = here[who];
        for (const auto& m : view->members)
            seen[who].push_back("in: " + m.who.id.value);
        if (past)
            for (const auto& e : past->events)
                show(who, e);
        me.in = true;
        me.since = view->as_of;
        for (const auto& e : std::exchange(me.meanwhile, {}))
            if (e.lane > me.since)
                show(who, e);
    }
    awaitable<outcome> say(std::string who, std::string id, std::string text)
    {
        event said{
            orchard, person{user_id{who}, who}, timestamp{}, message_id{who + "#" + id},
            message{document{text}}
        };
        said.also.emplace_back(id);
        return host_.accept(std::move(said));
    }
    awaitable<outcome> run(account_id a) override
    {
        host_.link_up(a);
        boost::asio::steady_timer forever{
            co_await boost::asio::this_coro::executor, boost::asio::steady_timer::time_point::max()
        };
        co_await forever.async_wait(boost::asio::use_awaitable);
        co_return ok();
    }
    awaitable<result<sent>> deliver(event e) override
    {
        for (auto& [who, o] : here)
            if (!o.in)
                o.meanwhile.push_back(e);
            else if (e.lane > o.since)
                show(who, e);
        co_return sent{e.id};
    }
    awaitable<result<user_id>> address_of(native w) override
    {
        co_return user_id{w.local + "_" + w.server + "@far"};
    }
    awaitable<result<native>> native_of(std::string address) override
    {
        if (address != orchard.room.value)
            co_return failure{verdict::give_up, cause::not_found, "no such room name"};
        co_return native{native::what::room, "orchard", "hs"};
    }
};

struct Gateway : ::testing::Test
{
    world w;
    memory_store disk{w.io.get_executor()};
    life one{w, disk};
    gateway* rooms = nullptr;

    void SetUp() override
    {
        one.core.add("g", [&](host& h) {
            auto made = std::make_unique<gateway>(h);
            rooms = made.get();
            return made;
        });
        one.start();
        boost::asio::co_spawn(w.io, one.core.run("g"), [](std::exception_ptr) {});
        one.matrix.aliases["#orchard:hs"] = "!r";
        one.matrix.time = &w.time;
        one.matrix.view.members.emplace_back("@alice:hs", "Alice", 100);
        one.matrix.past.events.emplace_back(
            portal_id{}, person{user_id{"@alice:hs"}}, timestamp{}, message_id{"$old"},
            message{document{"old"}}
        );
        w.settle();
    }
    void join(const std::string& who)
    {
        boost::asio::co_spawn(w.io, rooms->join(who), [](std::exception_ptr) {});
    }
};

TEST_F(Gateway, ShowsAJoinerThePastThenAllThatCameMeanwhileOnce)
{
    join("early@x");
    w.pass(std::chrono::seconds{1});
    one.push(near_said("!r", "$1", "before"));
    w.settle();
    one.matrix.during_look = [&] {
        for (const std::string n : {"2", "3"}) {
            std::vector<near_event> live;
            live.push_back(near_said("!r", "$" + n, "live"));
            boost::asio::co_spawn(w.io, one.core.take_in(std::move(live)), [](std::exception_ptr, outcome) {
            });
        }
    };
    join("late@x");
    w.pass(std::chrono::seconds{1});
    EXPECT_EQ(rooms->seen["late@x"], (texts{"in: alice_hs@far", "$old old", "$2 live", "$3 live"}));
    EXPECT_EQ(rooms->seen["early@x"].back(), "$3 live");
}

TEST_F(Gateway, ReflectsWhatAnOccupantSaidOnlyWhenItComesBackFromMatrix)
{
    join("romeo@x");
    w.pass(std::chrono::seconds{1});
    rooms->seen.clear();
    ASSERT_TRUE(w.get(rooms->say("romeo@x", "m1", "hello")));
    ASSERT_TRUE(w.until([&] { return one.matrix.orders.size() == 2; }));
    EXPECT_TRUE(rooms->seen["romeo@x"].empty()) << "nothing is reflected on acceptance";
    near_event back = near_said("!r", "$m", "hello", "@_rialto_g_romeo=40x:hs");
    back.stamp = one.matrix.orders.back().key;
    one.push(std::move(back));
    ASSERT_TRUE(w.until([&] { return !rooms->seen["romeo@x"].empty(); }));
    EXPECT_EQ(rooms->seen["romeo@x"], (texts{"$m hello"}));
}

TEST_F(Gateway, TellsAJoinerWhyTheyMayNot)
{
    one.matrix.refuse.emplace_back(
        verdict::give_up, cause::members_only, "the room is for invited people only"
    );
    join("stranger@x");
    w.pass(std::chrono::seconds{1});
    EXPECT_EQ(rooms->seen["stranger@x"], (texts{"refused: the room is for invited people only"}));
}

}  // namespace
}  // namespace rialto::gateway_test
