#include "hub_kit.hpp"

#include "core/key.hpp"

namespace rialto::hub_test {
namespace {

using namespace rialto::test;
using texts = std::vector<std::string>;

class Hub : public ::testing::Test
{
protected:
    world w;
    memory_store disk{w.io.get_executor()};
    life one{w, disk};

    void SetUp() override
    {
        one.start();
        one.bridge("!r", "a", "orchard@muc");
    }
};

TEST_F(Hub, CarriesAMatrixMessageToTheFarRoomUnderThePuppetsName)
{
    one.push(near_said("!r", "$1", "But soft!"));
    ASSERT_TRUE(w.until([&] { return one.nets["a"]->delivered.size() == 1; }));
    const auto& e = one.nets["a"]->delivered.front();
    EXPECT_EQ(e.sender.id.value, "alice_hs@far");
    EXPECT_EQ(e.id.value, "$1");
    EXPECT_EQ(e.portal.room.value, "orchard@muc");
    EXPECT_EQ(text_of(e.what), "But soft!");
}

TEST_F(Hub, CarriesAFarMessageToTheMatrixRoomUnderTheGhostsName)
{
    ASSERT_TRUE(w.get(one.nets["a"]->core.accept(far_said("orchard@muc", "m1", "Ay me"))));
    ASSERT_TRUE(w.until([&] { return one.matrix.orders.size() == 1; }));
    EXPECT_EQ(one.shown(), (texts{"@_rialto_a_romeo=40x:hs: Ay me"}));
    EXPECT_EQ(one.matrix.orders[0].room, "!r");
    EXPECT_EQ(one.matrix.orders[0].shown.shown_as, "Romeo");
}

TEST_F(Hub, TakesARepeatedMessageOnlyOnce)
{
    for (int i = 0; i < 3; ++i) {
        one.push(near_said("!r", "$1", "once"));
        ASSERT_TRUE(w.get(one.nets["a"]->core.accept(far_said("orchard@muc", "m1", "once"))));
    }
    w.pass(std::chrono::minutes{1});
    EXPECT_EQ(one.heard("a"), (texts{"once"}));
    EXPECT_EQ(one.matrix.orders.size(), 1u);
}

TEST_F(Hub, KeepsOrderWithinARoomWhenADeliveryFails)
{
    one.nets["a"]->refuse.emplace_back(verdict::try_later, cause::away, "link dropped");
    for (const std::string n : {"1", "2", "3"})
        one.push(near_said("!r", "$" + n, n));
    ASSERT_TRUE(w.until([&] { return one.nets["a"]->delivered.size() == 3; }));
    EXPECT_EQ(one.heard("a"), (texts{"1", "2", "3"}));
}

TEST_F(Hub, LetsAllNetworksOfARoomHearEachOtherButNotThemselves)
{
    one.bridge("!r", "b", "garden@muc");
    near_event echo = near_said("!r", "$e", "Ay me", "@_rialto_a_romeo=40x:hs");
    echo.stamp = content_key(portal_tag("a", portal_id{room_id{"orchard@muc"}}), "romeo@x", "m1");
    one.push(std::move(echo));
    ASSERT_TRUE(w.until([&] { return one.nets["b"]->delivered.size() == 1; }));
    EXPECT_EQ(one.nets["b"]->delivered[0].sender.id.value, "_rialto_a_romeo=40x_hs@far");
    EXPECT_TRUE(one.nets["a"]->delivered.empty()) << "it was said there already";
}

TEST_F(Hub, TellsTheAuthorWhyAMessageWasRefusedAndGoesOn)
{
    one.nets["a"]->refuse.emplace_back(verdict::give_up, cause::banned, "you are banned there");
    one.push(near_said("!r", "$1", "never"));
    one.push(near_said("!r", "$2", "later"));
    ASSERT_TRUE(w.until([&] { return !one.nets["a"]->delivered.empty() && !one.matrix.notices.empty(); }));
    EXPECT_EQ(one.heard("a"), (texts{"later"}));
    EXPECT_EQ(one.matrix.notices[0].second.rfind("you are banned there", 0), 0u) << "the reason comes first";
    EXPECT_EQ(one.matrix.statuses[0], (std::pair<std::string, std::string>{"$1", "failed"}));
}

TEST_F(Hub, TellsAModeratorThatAKickCouldNotBeDoneOverThere)
{
    one.nets["a"]->refuse.emplace_back(
        verdict::give_up, cause::forbidden, "the bridge is no moderator there"
    );
    one.push(near_event{"!r", "$1", "@alice:hs", membership{change::kick, user_id{"@_rialto_a_romeo=40x:hs"}}}
    );
    ASSERT_TRUE(w.until([&] { return !one.matrix.notices.empty(); }));
    EXPECT_NE(one.matrix.notices[0].second.find("this kick was not delivered"), std::string::npos);
}

TEST_F(Hub, TellsTheRoomOfAFarKickThatCouldNotBeDoneHere)
{
    one.matrix.refuse.emplace_back(verdict::give_up, cause::forbidden, "the bot has no power here");
    event kick{
        portal_id{room_id{"orchard@muc"}}, person{user_id{"dan@x"}, "Dan"}, timestamp{}, message_id{},
        membership{change::kick, user_id{"alice_hs@far"}, "spam"}
    };
    ASSERT_TRUE(w.get(one.nets["a"]->core.accept(std::move(kick))));
    ASSERT_TRUE(w.until([&] { return !one.matrix.notices.empty(); }));
    EXPECT_NE(one.matrix.notices[0].second.find("Dan kicked @alice:hs (spam)"), std::string::npos);
}

TEST_F(Hub, ReportsARefusalToTheFarAuthor)
{
    one.matrix.refuse.emplace_back(verdict::give_up, cause::forbidden, "the room is read-only");
    ASSERT_TRUE(w.get(one.nets["a"]->core.accept(far_said("orchard@muc", "m1", "Ay me"))));
    ASSERT_TRUE(w.until([&] { return one.nets["a"]->delivered.size() == 1; }));
    const auto* news = std::get_if<report>(&one.nets["a"]->delivered[0].what);
    ASSERT_TRUE(news);
    EXPECT_EQ(news->about.id.value, "m1");
    EXPECT_EQ(news->why->why, "the room is read-only");
}

TEST_F(Hub, ShowsAfterHalfAMinuteThatAMessageWaits)
{
    one.nets["a"]->refuse.assign(100, failure{verdict::try_later, cause::away, "down"});
    boost::asio::co_spawn(w.io, one.core.tend(), [](std::exception_ptr) {});
    one.push(near_said("!r", "$1", "wait"));
    w.pass(std::chrono::seconds{29});
    EXPECT_TRUE(one.matrix.statuses.empty());
    w.pass(std::chrono::seconds{10});
    EXPECT_EQ(one.matrix.statuses, (std::vector<std::pair<std::string, std::string>>{{"$1", "pending"}}));
}

TEST_F(Hub, GivesUpAfterADayAndSaysSo)
{
    one.nets["a"]->refuse.assign(10'000, failure{verdict::try_later, cause::away, "down"});
    boost::asio::co_spawn(w.io, one.core.tend(), [](std::exception_ptr) {});
    one.push(near_said("!r", "$1", "old"));
    ASSERT_TRUE(w.until([&] { return !one.matrix.notices.empty(); }, std::chrono::hours{25}));
    EXPECT_NE(one.matrix.notices[0].second.find("too long"), std::string::npos);
}

TEST_F(Hub, SendsAnEditOfAnEarlierMessageWithTheFarSidesName)
{
    one.push(near_said("!r", "$1", "helo"));
    near_event fix{"!r", "$2", "@alice:hs", edit{reference{message_id{"$1"}}, message{document{"hello"}}}};
    one.push(std::move(fix));
    near_event again{"!r", "$3", "@alice:hs", edit{reference{message_id{"$2"}}, message{document{"hello!"}}}};
    one.push(std::move(again));
    ASSERT_TRUE(w.until([&] { return one.nets["a"]->delivered.size() == 3; }));
    EXPECT_EQ(std::get<edit>(one.nets["a"]->delivered[1].what).target.id.value, "far1");
    EXPECT_EQ(std::get<edit>(one.nets["a"]->delivered[2].what).target.id.value, "far1")
        << "always the first one";
}

TEST_F(Hub, RedactsWhatStillWaitsBeforeItLeaves)
{
    one.nets["a"]->time = &w.time;
    one.push(near_said("!r", "$1", "first"));
    one.push(near_said("!r", "$2", "slip"));
    one.push(near_event{"!r", "$3", "@alice:hs", retraction{reference{message_id{"$2"}}}});
    one.push(near_said("!r", "$4", "last"));
    ASSERT_TRUE(w.until([&] { return one.nets["a"]->delivered.size() == 2; }));
    w.pass(std::chrono::minutes{1});
    EXPECT_EQ(one.heard("a"), (texts{"first", "last"}));
    EXPECT_EQ(one.core.waiting(), 0u);
}

TEST_F(Hub, CarriesReactionsAsTheSetThatAPersonHas)
{
    one.push(near_said("!r", "$1", "hi"));
    const auto annotate = [&](std::string id, std::string key) {
        one.push(near_event{"!r", id, "@bob:hs", reactions{reference{message_id{"$1"}}, {key}}});
    };
    annotate("$2", "A");
    annotate("$3", "B");
    one.push(near_event{"!r", "$4", "@bob:hs", retraction{reference{message_id{"$2"}}}});
    ASSERT_TRUE(w.until([&] { return one.nets["a"]->delivered.size() == 4; }));
    std::vector<texts> sets;
    for (const auto& e : one.nets["a"]->delivered)
        if (const auto* r = std::get_if<reactions>(&e.what))
            sets.push_back(r->set);
    EXPECT_EQ(sets, (std::vector<texts>{{"A"}, {"A", "B"}, {"B"}}));
}

TEST_F(Hub, TurnsAFarReactionSetIntoWhatChanged)
{
    auto& far = one.nets["a"]->core;
    ASSERT_TRUE(w.get(far.accept(far_said("orchard@muc", "m1", "hi"))));
    const auto react = [&](std::string id, texts set) {
        event e{
            portal_id{room_id{"orchard@muc"}}, person{user_id{"juliet@x"}}, timestamp{}, message_id{id},
            reactions{reference{message_id{"m1"}}, set}
        };
        ASSERT_TRUE(w.get(far.accept(std::move(e))));
    };
    react("m2", {"A", "B"});
    react("m3", {"B"});
    ASSERT_TRUE(w.until([&] { return one.core.waiting() == 0; }));
    ASSERT_EQ(one.matrix.orders.size(), 4u);
    EXPECT_EQ(std::get<reactions>(one.matrix.orders[1].what).set, (texts{"A"}));
    EXPECT_EQ(std::get<reactions>(one.matrix.orders[2].what).set, (texts{"B"}));
    EXPECT_EQ(std::get<retraction>(one.matrix.orders[3].what).target.id.value, "$near2");
}

TEST_F(Hub, OpensAChatThatAFarPersonBegins)
{
    const portal_id chat{room_id{"alice_hs@far|romeo@x"}};
    room state{kind::direct};
    state.members.emplace_back(person{user_id{"alice_hs@far"}}, rank::member, true);
    state.members.emplace_back(person{user_id{"romeo@x"}, "Romeo"}, rank::member, false);
    std::vector<event> batch;
    batch.emplace_back(
        chat, person{user_id{"romeo@x"}, "Romeo"}, timestamp{}, message_id{}, std::move(state)
    );
    batch.emplace_back(
        chat, person{user_id{"romeo@x"}, "Romeo"}, timestamp{}, message_id{"m1"}, message{document{"psst"}}
    );
    ASSERT_TRUE(w.get(one.nets["a"]->core.accept(std::move(batch), note{})));
    ASSERT_TRUE(w.until([&] { return one.core.waiting() == 0; }));
    ASSERT_EQ(one.matrix.made.size(), 1u);
    EXPECT_EQ(one.matrix.made[0].invite, (texts{"@alice:hs"}));
    EXPECT_EQ(one.matrix.made[0].members, (texts{"@_rialto_a_romeo=40x:hs"}));
    EXPECT_EQ(one.shown().back(), "@_rialto_a_romeo=40x:hs: psst");
}

TEST_F(Hub, OpensAChatWhenAMatrixPersonInvitesAGhost)
{
    near_event invite{
        "!dm", "$i", "@alice:hs", membership{change::invite, user_id{"@_rialto_a_romeo=40x:hs"}}
    };
    one.push(std::move(invite));
    ASSERT_TRUE(w.until([&] { return one.core.portal_count() == 2; }));
    EXPECT_EQ(one.matrix.joined, (texts{"@_rialto_a_romeo=40x:hs !dm"}));
    one.push(near_said("!dm", "$1", "psst"));
    ASSERT_TRUE(w.until([&] { return one.nets["a"]->delivered.size() == 1; }));
    EXPECT_EQ(one.nets["a"]->delivered[0].portal.room.value, "alice_hs@far|romeo@x");
}

// A MUC whose people ask somebody of Matrix into it.
class Invited : public Hub
{
protected:
    const portal_id garden{room_id{"garden@muc"}};
    fake_network& a() { return *one.nets["a"]; }
    void invite(bool hidden)
    {
        room state{kind::group};
        state.info.listed = !hidden;
        const person romeo{user_id{"romeo@x"}, "Romeo"};
        std::vector<event> batch;
        batch.emplace_back(garden, romeo, timestamp{}, message_id{}, std::move(state));
        membership wanted{change::invite, user_id{"bob_hs@far"}, "come"};
        batch.emplace_back(garden, romeo, timestamp{}, message_id{"i1"}, std::move(wanted));
        ASSERT_TRUE(w.get(a().core.accept(std::move(batch), note{})));
        ASSERT_TRUE(w.until([&] { return one.core.waiting() == 0; }));
    }
};

TEST_F(Invited, GetARoomUnderTheAliasByWhichOthersAskForIt)
{
    invite(true);
    ASSERT_EQ(one.matrix.made.size(), 1u);
    EXPECT_EQ(one.matrix.made[0].alias, "_rialto_a_garden=40muc");
    EXPECT_EQ(one.matrix.made[0].info.members_only, true);
    EXPECT_TRUE(one.matrix.made[0].invite.empty()) << "the person who asks does, with their reason";
    ASSERT_FALSE(one.matrix.orders.empty());
    const auto& asked = one.matrix.orders.back();
    EXPECT_EQ(asked.as, "@_rialto_a_romeo=40x:hs");
    EXPECT_EQ(std::get<membership>(asked.what), (membership{change::invite, user_id{"@bob:hs"}, "come"}));
}

TEST_F(Invited, AreReportedToTheInviterWhenMatrixRefuses)
{
    invite(false);
    one.matrix.refuse.emplace_back(verdict::give_up, cause::banned, "bob is banned");
    membership wanted{change::invite, user_id{"bob_hs@far"}, "again"};
    event again{garden, person{user_id{"romeo@x"}}, timestamp{}, message_id{"i2"}, std::move(wanted)};
    ASSERT_TRUE(w.get(a().core.accept(std::move(again))));
    ASSERT_TRUE(w.until([&] { return !a().delivered.empty(); }));
    const auto& news = std::get<report>(a().delivered.back().what);
    EXPECT_EQ(news.about.id.value, "i2");
    EXPECT_EQ(news.why->why, "bob is banned");
}

TEST_F(Invited, AreAskedForOnlyWhereTheyExistAndMayBeReached)
{
    EXPECT_TRUE(w.get(a().core.reachable(user_id{"bob_hs@far"})));
    EXPECT_FALSE(w.get(a().core.reachable(user_id{"romeo@x"}))) << "a ghost is nobody's account";
    core_options strict;
    strict.may_use = [](std::string_view mxid) { return mxid == "@alice:hs"; };
    memory_store other{w.io.get_executor()};
    life closed{w, other, strict};
    closed.start();
    EXPECT_FALSE(w.get(closed.nets["a"]->core.reachable(user_id{"bob_hs@far"})));
}

TEST_F(Invited, AreToldWhenTheirOwnInvitationFails)
{
    a().refuse.emplace_back(verdict::give_up, cause::forbidden, "an owner must make the bridge an admin");
    one.push(near_event{
        "!r", "$i", "@alice:hs", membership{change::invite, user_id{"@_rialto_a_juliet=40x:hs"}, "come"}
    });
    ASSERT_TRUE(w.until([&] { return !one.matrix.notices.empty(); }));
    EXPECT_EQ(
        one.matrix.notices[0].second,
        "an owner must make the bridge an admin - this invitation was not delivered to a (orchard@muc). "
        "`!rialto queue retry 1` tries it again."
    );
}

TEST_F(Hub, AnAliasOpensNoPrivateRoom)
{
    one.nets["a"]->info.members_only = true;
    const auto made = w.get(one.core.open("a", "cellar@muc", ""));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().why, "cellar@muc is private: ask somebody in it for an invitation");
    EXPECT_EQ(one.nets["a"]->closed.back(), "cellar@muc") << "the bridge does not stay there";
    EXPECT_TRUE(one.matrix.made.empty());
    (void)w.get(one.core.open("a", "orchard@muc", ""));
    EXPECT_EQ(one.nets["a"]->closed.back(), "cellar@muc") << "a room that is bridged stays so";
}

TEST_F(Hub, UnbridgesBehindWhatWasSaidBefore)
{
    one.push(near_said("!r", "$1", "last words"));
    ASSERT_TRUE(w.get(one.core.unbridge("!r", "a", "", "enough")));
    one.push(near_said("!r", "$2", "too late"));
    ASSERT_TRUE(w.until([&] { return one.core.portal_count() == 0; }));
    EXPECT_EQ(one.heard("a"), (texts{"last words"}));
    EXPECT_EQ(one.nets["a"]->closed, (texts{"orchard@muc"}));
}

TEST_F(Hub, SaysThatAFarRoomIsGoneAndClosesBehindWhatWaits)
{
    one.matrix.view.members.emplace_back("@alice:hs", "Alice", 100);
    event bye{
        portal_id{room_id{"orchard@muc"}}, person{}, timestamp{}, message_id{}, gone{"the play is over"}
    };
    std::vector<event> batch(1, bye);
    ASSERT_TRUE(w.get(one.nets["a"]->core.accept(std::move(batch), note{})));
    ASSERT_TRUE(w.until([&] { return one.core.portal_count() == 0; }));
    ASSERT_EQ(one.matrix.notices.size(), 1u);
    EXPECT_EQ(one.matrix.notices[0].second.rfind("the play is over", 0), 0u) << one.matrix.notices[0].second;
    EXPECT_EQ(one.nets["a"]->closed, (texts{"orchard@muc"}));
}

TEST_F(Hub, SaysNothingToAnEmptyRoom)
{
    one.matrix.view.members.emplace_back("@bot:hs", "", 100);
    one.matrix.view.members.emplace_back("@_rialto_a_romeo=40x:hs", "Romeo", 0);
    event bye{portal_id{room_id{"orchard@muc"}}, person{}, timestamp{}, message_id{}, gone{"nobody is left"}};
    ASSERT_TRUE(w.get(one.nets["a"]->core.accept(std::move(bye))));
    ASSERT_TRUE(w.until([&] { return one.core.portal_count() == 0; }));
    EXPECT_TRUE(one.matrix.notices.empty());
}

TEST_F(Hub, TellsTheAuthorWhatCameBackLate)
{
    one.push(near_said("!r", "$1", "anybody there?"));
    ASSERT_TRUE(w.until([&] { return one.nets["a"]->delivered.size() == 1; }));
    w.settle();
    const auto portals = w.get(disk.portals());
    ASSERT_TRUE(portals && portals->size() == 1);
    const auto sent = w.get(disk.find(portals->front().key, side::matrix, "$1"));
    ASSERT_TRUE(sent && *sent);
    report news{reference{message_id{(*sent)->far_id}}, user_id{"romeo@x"}, fate::failed};
    news.why = failure{verdict::give_up, cause::not_found, "nobody has this address"};
    std::vector<event> batch;
    batch.emplace_back(
        portal_id{room_id{"orchard@muc"}}, person{user_id{"romeo@x"}}, timestamp{}, message_id{},
        std::move(news)
    );
    ASSERT_TRUE(w.get(one.nets["a"]->core.accept(std::move(batch), note{})));
    ASSERT_TRUE(w.until([&] { return !one.matrix.notices.empty(); }));
    EXPECT_EQ(one.matrix.notices[0].second.rfind("nobody has this address", 0), 0u);
    EXPECT_EQ(one.matrix.statuses.back(), (std::pair<std::string, std::string>{"$1", "failed"}));
}

TEST_F(Hub, DeclinesChatsOfWhoBeginsTooMany)
{
    core_options few;
    few.chats_per_hour = 1;
    memory_store other{w.io.get_executor()};
    life strict{w, other, few};
    strict.start();
    for (const std::string who : {"romeo", "juliet"})
        strict.push(near_event{
            "!" + who, "$" + who, "@alice:hs",
            membership{change::invite, user_id{"@_rialto_a_" + who + "=40x:hs"}}
        });
    ASSERT_TRUE(w.until([&] { return !strict.matrix.left.empty(); }));
    EXPECT_EQ(strict.matrix.joined, (texts{"@_rialto_a_romeo=40x:hs !romeo"}));
}

TEST_F(Hub, SaysOnceThatAnEncryptedRoomCannotBeRead)
{
    for (const std::string id : {"$1", "$2"}) {
        near_event e{"!r", id, "@alice:hs", message{}};
        e.encrypted = true;
        one.push(std::move(e));
    }
    w.settle();
    EXPECT_EQ(one.matrix.notices.size(), 1u);
    EXPECT_EQ(one.matrix.statuses.size(), 2u);
    EXPECT_TRUE(one.nets["a"]->delivered.empty());
}

TEST_F(Hub, RefusesASecondMatrixRoomForTheSameFarRoom)
{
    auto second = w.get(one.core.bridge("!other", "a", "orchard@muc", "@alice:hs"));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, cause::conflict);
    EXPECT_TRUE(w.get(one.core.bridge("!r", "a", "orchard@muc", "@alice:hs"))) << "asking again is harmless";
}

TEST_F(Hub, TellsTheAuthorOfWhatComesToAFullLane)
{
    core_options narrow;
    narrow.lanes.length = 1;
    memory_store other{w.io.get_executor()};
    life full{w, other, narrow};
    full.start();
    full.bridge("!r", "a", "x");
    full.nets["a"]->refuse.assign(100, failure{verdict::try_later, cause::away, "down"});
    full.push(near_said("!r", "$1", "1"));
    full.push(near_said("!r", "$2", "2"));
    ASSERT_TRUE(w.until([&] { return !full.matrix.notices.empty(); }));
    w.settle();
    EXPECT_NE(full.matrix.notices[0].second.find("too many messages wait"), std::string::npos);
    EXPECT_EQ(full.matrix.statuses.back(), (std::pair<std::string, std::string>{"$2", "failed"}));
    EXPECT_EQ(full.core.waiting(), 1u);
}

TEST_F(Hub, StopsTakingInWhenTheJournalIsFull)
{
    core_options small;
    small.journal_length = 2;
    memory_store other{w.io.get_executor()};
    life full{w, other, small};
    full.start();
    full.bridge("!r", "a", "x");
    full.nets["a"]->refuse.assign(100, failure{verdict::try_later, cause::away, "down"});
    full.push(near_said("!r", "$1", "1"));
    full.push(near_said("!r", "$2", "2"));
    std::vector<near_event> third;
    third.push_back(near_said("!r", "$3", "3"));
    auto taken = w.get(full.core.take_in(std::move(third)));
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind, cause::full);
    auto far = w.get(full.nets["a"]->core.accept(far_said("x", "m1", "1")));
    EXPECT_FALSE(far);
}

}  // namespace
}  // namespace rialto::hub_test
