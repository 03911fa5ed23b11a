// What is said in a room before the portal stands there is neither lost nor overtaken.
#include "hub_kit.hpp"

namespace rialto::hub_upgrade_test {
namespace {

using namespace rialto::test;
using texts = std::vector<std::string>;
const std::string bot = "@bot:hs", juliet = "@_rialto_a_juliet=40x:hs";
const failure away{verdict::try_later, cause::away, "the homeserver is away"};
const failure shut{verdict::give_up, cause::forbidden, "The bot is not invited"};

struct HubUpgrade : ::testing::Test
{
    world w;
    std::shared_ptr<memory_tables> kept = std::make_shared<memory_tables>();
    std::vector<std::unique_ptr<memory_store>> disks;
    std::vector<std::unique_ptr<life>> lives;
    life* one = nullptr;
    std::uint64_t connection = 0;

    void SetUp() override
    {
        begin();
        one->bridge("!r", "a", "orchard@muc");
        settle_in();
    }
    void begin()  // or again, after a crash
    {
        if (one)
            one->nets["a"]->refuse.assign(100'000, away);  // its coroutines do nothing any more
        disks.push_back(std::make_unique<memory_store>(w.io.get_executor(), kept));
        lives.push_back(std::make_unique<life>(w, *disks.back()));
        one = lives.back().get();
        one->matrix.view.predecessor = "!r";
    }
    void settle_in()
    {
        if (one->nets["a"]->runs == 0)
            one->start();
        one->core.connected(++connection);
        (void)w.get(one->core.catch_up(round()));  // from here on the connection is believed
    }
    reading round(std::vector<near_event> events = {})
    {
        reading all{one->core.begin_round(bot), std::move(events)};
        all.last = true;
        return all;
    }
    static near_event tombstone(const std::string& id = "$t", const std::string& to = "!new")
    {
        gone bye{"upgraded"};
        bye.moved_to = room_id{to};
        return near_event{"!r", id, "@alice:hs", std::move(bye)};
    }
    void push(near_event e)
    {
        std::vector<near_event> all;
        all.push_back(std::move(e));
        EXPECT_TRUE(w.get(one->core.take_in(std::move(all), arrival{connection, false})));
    }
    texts heard()
    {
        w.pass(std::chrono::seconds{30});
        return one->heard("a");
    }
    void says(const std::string& room, const std::string& n)
    {
        one->history[room].push_back(near_said(room, "$" + n, n));
    }
};

TEST_F(HubUpgrade, GoesOnInTheSuccessor)
{
    push(tombstone());
    EXPECT_EQ(heard(), texts{});
    EXPECT_EQ(one->matrix.joined, (texts{"!new"}));
    push(near_said("!new", "$1", "1"));
    EXPECT_EQ(heard(), (texts{"1"}));
    EXPECT_TRUE(w.get(disks.back()->notes_of("u", 10))->empty()) << "nothing is left to be done";
}

TEST_F(HubUpgrade, CarriesWhatWasSaidInTheSuccessorBeforeTheBotCame)
{
    says("!new", "1");
    says("!new", "2");
    push(near_said("!r", "$0", "0"));
    push(tombstone());
    push(near_said("!new", "$2", "2"));  // pushed before the portal has moved
    EXPECT_EQ(heard(), (texts{"0", "1", "2"}));
    push(near_said("!new", "$2", "2"));
    push(near_said("!new", "$3", "3"));
    EXPECT_EQ(heard(), (texts{"0", "1", "2", "3"}));
}

TEST_F(HubUpgrade, LetsNothingThatIsPushedOvertakeWhatIsStillUnread)
{
    one->core.on_wanted = [] {};
    push(tombstone());
    w.pass(std::chrono::seconds{1});
    (void)w.get(one->core.catch_up(round()));
    w.pass(std::chrono::seconds{1});
    const auto unread = one->core.unread("");
    ASSERT_TRUE(unread);
    EXPECT_EQ(unread->room + " " + unread->watcher + " " + unread->after, "!new @bot:hs ");
    push(near_said("!new", "$3", "3"));
    std::vector<near_event> told(1, near_said("!new", "$2", "2"));
    (void)w.get(one->core.catch_up(round(std::move(told))));  // by a /sync
    EXPECT_EQ(heard(), texts{});
    for (const std::string n : {"1", "2"}) {
        reading part;
        part.unread = "!new";
        part.events.push_back(near_said("!new", "$" + n, n));
        ASSERT_TRUE(w.get(one->core.catch_up(std::move(part))));
    }
    EXPECT_EQ(heard(), (texts{"1", "2"}));
    reading end;
    end.unread = "!new";
    end.last = true;
    ASSERT_TRUE(w.get(one->core.catch_up(std::move(end))));
    EXPECT_FALSE(one->core.unread(""));
    EXPECT_EQ(heard(), (texts{"1", "2", "3"}));
}

TEST_F(HubUpgrade, DoesNotLeaveTheOldRoomBeforeAllThatWasSaidThereIsRead)
{
    one->core.on_wanted = [] {};
    push(tombstone());
    w.pass(std::chrono::seconds{5});
    EXPECT_EQ(one->core.wanted(), bot);
    EXPECT_TRUE(one->matrix.joined.empty());
    std::vector<near_event> forgotten(1, near_said("!r", "$0", "0"));
    forgotten[0].at = w.time.now();
    (void)w.get(one->core.catch_up(round(std::move(forgotten))));
    EXPECT_EQ(heard(), (texts{"0"}));
    EXPECT_EQ(one->matrix.joined, (texts{"!new"}));
    EXPECT_EQ(one->core.wanted(), "");
}

TEST_F(HubUpgrade, IsFollowedByTheNextLifeWhenThisOneDies)
{
    one->core.on_wanted = [] {};
    push(tombstone());
    begin();
    says("!new", "1");
    settle_in();
    push(near_said("!new", "$2", "2"));
    EXPECT_EQ(heard(), (texts{"1", "2"}));
}

TEST_F(HubUpgrade, IsReadByTheNextLifeWhenThisOneDiesInBetween)
{
    one->core.on_wanted = [] {};
    push(tombstone());
    w.pass(std::chrono::seconds{1});
    (void)w.get(one->core.catch_up(round()));
    w.pass(std::chrono::seconds{1});
    push(near_said("!new", "$2", "2"));
    begin();
    says("!new", "1");
    says("!new", "2");
    settle_in();
    EXPECT_EQ(heard(), (texts{"1", "2"}));
}

TEST_F(HubUpgrade, WaitsForAHomeserverThatIsAway)
{
    one->matrix.refuse_joins.assign(3, away);
    push(tombstone());
    w.pass(std::chrono::minutes{1});
    push(near_said("!new", "$1", "1"));
    EXPECT_EQ(heard(), (texts{"1"}));
    EXPECT_TRUE(one->matrix.notices.empty());
}

TEST_F(HubUpgrade, SaysThatItCannotEnterAndFollowsOnceTheBotIsLetIn)
{
    one->matrix.refuse_joins.push_back(shut);
    push(tombstone());
    w.pass(std::chrono::seconds{5});
    ASSERT_EQ(one->matrix.notices.size(), 1u);
    EXPECT_EQ(one->matrix.notices[0].second.rfind("The bot is not invited - invite", 0), 0u);
    says("!new", "1");
    push(near_event{"!new", "$j", bot, membership{change::join, user_id{bot}}});
    EXPECT_EQ(heard(), (texts{"1"}));
}

TEST_F(HubUpgrade, DoesNotGoToARoomThatDoesNotReplaceThisOne)
{
    one->matrix.view.predecessor = "!another";
    push(tombstone("$t", "!trap"));
    push(near_said("!trap", "$1", "psst"));
    push(near_said("!r", "$2", "still here"));
    EXPECT_EQ(heard(), (texts{"still here"}));
    ASSERT_EQ(one->matrix.notices.size(), 1u);
    one->matrix.view.predecessor = "!r";
    push(tombstone("$u"));
    push(near_said("!new", "$3", "there"));
    says("!new", "3");
    EXPECT_EQ(heard(), (texts{"still here", "there"})) << "the second tombstone names the right one";
}

TEST_F(HubUpgrade, LetsNoRoomThatCannotBeReadKeepAnother)
{
    one->core.on_wanted = [] {};
    for (const std::string name : {"romeo", "juliet"})
        push(near_event{
            "!" + name, "$" + name, "@alice:hs",
            membership{change::invite, user_id{"@_rialto_a_" + name + "=40x:hs"}}
        });
    w.pass(std::chrono::seconds{1});
    const auto room_behind = [this](const std::string& room) { return one->core.unread(room)->room; };
    EXPECT_EQ(room_behind(""), "!juliet");
    EXPECT_EQ(room_behind("!juliet"), "!romeo");
    EXPECT_EQ(room_behind("!romeo"), "!juliet");
    EXPECT_EQ(one->core.unread("")->after, "$juliet");
}

TEST_F(HubUpgrade, ReadsAChatFromItsInvitationOn)
{
    says("!chat", "1");
    says("!chat", "2");
    push(near_event{"!chat", "$i", "@alice:hs", membership{change::invite, user_id{juliet}}});
    push(near_said("!chat", "$2", "2"));  // before the portal stood
    EXPECT_EQ(heard(), (texts{"1", "2"}));
    push(near_said("!chat", "$3", "3"));
    EXPECT_EQ(heard(), (texts{"1", "2", "3"}));
}

}  // namespace
}  // namespace rialto::hub_upgrade_test
