#include "bridges/xmpp/inviting.hpp"

#include "tests/unit/xmpp/fake_link.hpp"

#include <gmock/gmock.h>

namespace rialto::xmpp::inviting_test {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string alice = "alice_hs.org@bridge.example", orchard = "orchard@muc.example";

class Inviting : public Bench
{
protected:
    std::optional<failure> closed_door;
    std::vector<std::string> opened_with;  // room and password
    std::string shown_person;              // who the room shows inside
    std::shared_ptr<inviting> desk;

    void SetUp() override
    {
        around.config.invites_from.assign(1, "*");
        begin_life();
    }
    void begin_life()
    {
        desk = std::make_shared<inviting>(around, [this](wish w) { return door(std::move(w)); });
        EXPECT_TRUE(**start(desk->load()));
    }
    awaitable<result<inviting::entered>> door(wish w)
    {
        opened_with.push_back(w.addresses.front() + " " + w.secret);
        if (closed_door)
            co_return *closed_door;
        room state{kind::group};
        if (!shown_person.empty())
            state.members.emplace_back(person{user_id{shown_person}, "Romeo"}, rank::member, false);
        portal_id id{room_id{w.addresses.front()}};
        opened far{std::move(id), std::move(state)};
        inviting::entered out{std::move(far), !shown_person.empty()};
        co_return out;
    }
    void invite(const std::string& room = orchard, bool mediated = true, bool bridged = false)
    {
        heard h;
        h.from = mediated ? room : "romeo@montague.example/garden";
        h.to = alice;
        h.invited_to = room;
        h.invited_by = "romeo@montague.example/garden";
        h.why_invited = "come";
        h.room_secret = "rosebud";
        h.mediated = mediated;
        desk->on_message(h, bridged);
        run();
    }
    inviting::sequel answer(change what, std::string why = "")
    {
        const portal_id room{room_id{orchard}};
        return **start(desk->answered(room, alice, membership{what, user_id{alice}, std::move(why)}));
    }
    const std::string& book() { return core.notes["invitations"]; }
};

TEST_F(Inviting, OpensThePortalAndAsksMatrixInOneCommit)
{
    invite();
    EXPECT_EQ(opened_with, std::vector<std::string>(1, orchard + " rosebud"));
    ASSERT_EQ(core.accepted.size(), 2U);
    EXPECT_EQ(core.accepts, 1);
    EXPECT_TRUE(std::holds_alternative<room>(core.accepted[0].what));
    EXPECT_EQ(core.accepted[0].sender.id.value, "romeo@montague.example");
    const auto asked = core.all<membership>();
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0], (membership{change::invite, user_id{alice}, "invited by romeo: come"}));
    EXPECT_TRUE(core.accepted[1].sender.id.empty()) << "somebody the room does not show: the bot asks";
    EXPECT_THAT(book(), HasSubstr("\"told\":true"));
    EXPECT_THAT(book(), Not(HasSubstr("rosebud")));
}

TEST_F(Inviting, LetsAnOccupantAskAsThemselves)
{
    shown_person = "romeo@montague.example";
    invite();
    ASSERT_EQ(core.accepted.size(), 2U);
    EXPECT_EQ(core.accepted[1].sender.id.value, shown_person);
    EXPECT_EQ(core.all<membership>()[0].reason, "come");
}

TEST_F(Inviting, IsWrittenDownBeforeAnythingIsDone)
{
    closed_door = failure{verdict::try_later, cause::away, "the link was lost"};
    wire.is_up = false;
    invite();
    EXPECT_THAT(book(), HasSubstr("rosebud"));
    closed_door.reset();
    wire.is_up = true;
    begin_life();  // the process died meanwhile
    desk->link_up();
    run();
    EXPECT_EQ(core.all<membership>().size(), 1U);
    desk->link_up();
    run();
    EXPECT_EQ(core.all<membership>().size(), 1U) << "told once";
}

TEST_F(Inviting, SaysWhyTheBridgeCannotComeIn)
{
    closed_door = failure{verdict::give_up, cause::members_only, "it is for members only"};
    invite();
    EXPECT_TRUE(was_sent("<decline to='romeo@montague.example/garden'><reason>it is for members only"));
    EXPECT_TRUE(core.accepted.empty());
    EXPECT_EQ(book(), "");
}

TEST_F(Inviting, EntersNoRoomForNobody)
{
    core.unreachable = failure{verdict::give_up, cause::not_found, "there is nobody called @alice:hs.org"};
    invite(orchard, false);
    EXPECT_TRUE(opened_with.empty());
    EXPECT_TRUE(was_sent("was turned down: there is nobody called"));
}

TEST_F(Inviting, SaysWhenItCannotBeKept)
{
    core.refuse = failure{verdict::try_later, cause::full, "the bridge's journal is full"};
    invite();
    EXPECT_TRUE(
        was_sent("<reason>the bridge&apos;s journal is full") || was_sent("<reason>the bridge's journal")
    );
    EXPECT_EQ(book(), "");
}

TEST_F(Inviting, CapsAFlood)
{
    for (int n = 0; n < 200; ++n)
        invite("r" + std::to_string(n) + "@muc.example");
    EXPECT_EQ(opened_with.size(), around.config.invites_per_hour);
    EXPECT_EQ(times_sent("too many invitations"), 200 - around.config.invites_per_hour);
}

TEST_F(Inviting, TurnsDownWhomItDoesNotTrust)
{
    around.config.invites_from.assign(1, "capulet.example");
    invite();
    EXPECT_TRUE(opened_with.empty());
    EXPECT_TRUE(was_sent("takes no invitations from montague.example"));
}

TEST_F(Inviting, BringsInWhoAccepts)
{
    invite();
    EXPECT_EQ(answer(change::join), inviting::sequel::came);
    EXPECT_EQ(book(), "");
    EXPECT_EQ(answer(change::leave), inviting::sequel::none) << "a later leave is no refusal";
    EXPECT_FALSE(was_sent("<decline"));
}

TEST_F(Inviting, CarriesARefusalBackAndLeavesADesertedRoom)
{
    invite();
    EXPECT_EQ(answer(change::leave, "I am asleep"), inviting::sequel::deserted);
    EXPECT_TRUE(was_sent("<decline to='romeo@montague.example/garden'><reason>I am asleep"));
    EXPECT_EQ(answer(change::leave), inviting::sequel::none);
}

TEST_F(Inviting, StaysInARoomThatWasBridgedBefore)
{
    invite(orchard, true, true);
    EXPECT_EQ(answer(change::leave), inviting::sequel::declined);
}

TEST_F(Inviting, TellsTheInviterWhenMatrixRefuses)
{
    invite();
    report news{reference{core.accepted[1].id}, user_id{"romeo@montague.example"}, fate::failed};
    news.why = failure{verdict::give_up, cause::banned, "she is banned there"};
    boost::asio::co_spawn(io, desk->failed(news), [](std::exception_ptr) {});
    run();
    EXPECT_TRUE(was_sent("<reason>she is banned there"));
    EXPECT_EQ(book(), "");
}

}  // namespace
}  // namespace rialto::xmpp::inviting_test
