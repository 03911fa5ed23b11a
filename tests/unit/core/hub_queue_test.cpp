// What waits and what died: shown, tried again, dropped; and nobody is left without a word.
#include "hub_kit.hpp"

namespace rialto::hub_queue_test {
namespace {

using namespace rialto::test;
using texts = std::vector<std::string>;

const failure banned{verdict::give_up, cause::banned, "you are banned there"};
const failure down{verdict::try_later, cause::away, "down"};

struct HubQueue : ::testing::Test
{
    world w;
    memory_store disk{w.io.get_executor()};
    life one{w, disk};
    fake_network* far = nullptr;

    void SetUp() override
    {
        one.start();
        one.bridge("!r", "a", "orchard@muc");
        far = one.nets["a"];
    }
    queue_view list(const std::string& room = "")
    {
        auto seen = w.get(one.core.list(room));
        EXPECT_TRUE(seen);
        return seen ? *seen : queue_view{};
    }
    void settle_all()
    {
        ASSERT_TRUE(w.until([&] { return one.core.waiting() == 0; }));
        w.pass(std::chrono::seconds{1});  // what there is to be told was told
    }
};

TEST_F(HubQueue, ListsWhatWaitsWithItsAgeTriesAndReason)
{
    far->refuse.assign(100, down);
    one.push(near_said("!r", "$1", "wait"));
    one.push(near_said("!r", "$2", "wait too"));
    w.pass(std::chrono::seconds{3});
    const auto seen = list();
    ASSERT_EQ(seen.lanes.size(), 1u);
    const auto& at = seen.lanes[0];
    EXPECT_EQ(at.of.far_room, "orchard@muc");
    EXPECT_EQ(at.waiting, 2u);
    EXPECT_GT(at.tries, 1u);
    EXPECT_EQ(at.why, "down");
    EXPECT_TRUE(list("!elsewhere").lanes.empty());
}

TEST_F(HubQueue, ListsTheDeadWithoutTheirWordsAndShowsThemWhenAsked)
{
    far->refuse.push_back(banned);
    one.push(near_said("!r", "$1", "secret"));
    settle_all();
    const auto seen = list("!r");
    ASSERT_EQ(seen.dead.size(), 1u);
    const auto& it = seen.dead[0];
    EXPECT_EQ(it.author, "@alice:hs");
    EXPECT_EQ(it.kind, "message");
    EXPECT_EQ(it.why, "you are banned there");
    EXPECT_EQ(it.tries, 1u);
    EXPECT_TRUE(it.certain);
    EXPECT_EQ(it.body, "");
    EXPECT_EQ(w.get(one.core.show(it.seq, false))->body, "");
    EXPECT_EQ(w.get(one.core.show(it.seq, true))->body, "secret");
    EXPECT_FALSE(w.get(one.core.show(4711, true)));
}

TEST_F(HubQueue, ReplaysTheDeadInTheirOrderBehindWhatWaits)
{
    far->refuse.assign(3, banned);
    for (const std::string n : {"1", "2", "3"})
        one.push(near_said("!r", "$" + n, n));
    settle_all();
    std::vector<position> some;
    for (const auto& it : list().dead)
        some.insert(some.begin(), it.seq);  // asked for in any order
    far->refuse.push_back(down);
    one.push(near_said("!r", "$4", "4"));
    w.settle();
    auto went = w.get(one.core.retry(some));
    ASSERT_TRUE(went);
    EXPECT_EQ(*went, 3u);
    settle_all();
    EXPECT_EQ(one.heard("a"), (texts{"4", "1", "2", "3"}));
    EXPECT_TRUE(list().dead.empty());
    EXPECT_EQ(far->delivered[1].id.value, "$1") << "under the id it always had";
    EXPECT_FALSE(w.get(one.core.retry(some))) << "there is nothing left to try";
}

TEST_F(HubQueue, TakesBackTheRedMarkOfWhatWasDeliveredAfterAll)
{
    far->refuse.push_back(banned);
    one.push(near_said("!r", "$1", "1"));
    settle_all();
    std::vector<position> some(1, list().dead[0].seq);
    ASSERT_TRUE(w.get(one.core.retry(some)));
    settle_all();
    w.settle();
    EXPECT_EQ(one.matrix.statuses.back(), (std::pair<std::string, std::string>{"$1", "delivered"}));
}

TEST_F(HubQueue, LooksBeforeItSendsAgainWhatMayHaveArrived)
{
    auto unsure = banned;
    unsure.certain = false;
    far->refuse.push_back(unsure);
    one.push(near_said("!r", "$1", "1"));
    settle_all();
    EXPECT_NE(one.matrix.notices.at(0).second.find("it is not certain whether"), std::string::npos);
    EXPECT_NE(one.matrix.notices.at(0).second.find("!rialto queue retry"), std::string::npos);
    std::vector<position> some(1, list().dead[0].seq);
    ASSERT_TRUE(w.get(one.core.retry(some)));
    settle_all();
    EXPECT_TRUE(far->delivered.at(0).again);
}

TEST_F(HubQueue, HurriesWhatWaitsForItsNextTry)
{
    auto slow = down;
    slow.after = std::chrono::hours{1};
    far->refuse.push_back(slow);
    one.push(near_said("!r", "$1", "1"));
    w.pass(std::chrono::seconds{2});
    std::vector<position> some(1, list().lanes.at(0).head);
    ASSERT_TRUE(w.get(one.core.retry(some)));
    ASSERT_TRUE(w.until([&] { return far->delivered.size() == 1; }, std::chrono::seconds{10}));
}

TEST_F(HubQueue, DropsAHeadThatWaitsAndTellsItsAuthor)
{
    far->refuse.assign(2, down);
    one.push(near_said("!r", "$1", "stuck"));
    one.push(near_said("!r", "$2", "next"));
    w.settle();
    const auto head = list().lanes.at(0).head;
    ASSERT_TRUE(w.get(one.core.drop(head, "@root:hs")));
    settle_all();
    w.settle();
    EXPECT_EQ(one.heard("a"), (texts{"next"}));
    ASSERT_EQ(one.matrix.notices.size(), 1u);
    EXPECT_EQ(one.matrix.notices[0].second.rfind("@root:hs took it out", 0), 0u);
    ASSERT_EQ(list().dead.size(), 1u) << "it can still be tried again";
    ASSERT_TRUE(w.get(one.core.drop(head, "@root:hs")));
    EXPECT_TRUE(list().dead.empty());
    EXPECT_FALSE(w.get(one.core.drop(head, "@root:hs")));
}

TEST_F(HubQueue, ForgetsADeadLetterThatItsAuthorRedacted)
{
    far->refuse.push_back(banned);
    one.push(near_said("!r", "$1", "slip"));
    settle_all();
    ASSERT_EQ(list().dead.size(), 1u);
    one.push(near_event{"!r", "$2", "@alice:hs", retraction{reference{message_id{"$1"}}}});
    settle_all();
    EXPECT_TRUE(list().dead.empty()) << "nobody may replay it";
    EXPECT_TRUE(far->delivered.empty());
}

TEST_F(HubQueue, DropsNothingThatIsInFlight)
{
    far->time = &w.time;
    one.push(near_said("!r", "$1", "1"));
    w.settle();
    const auto head = list().lanes.at(0).head;
    auto dropped = w.get(one.core.drop(head, "@root:hs"));
    ASSERT_FALSE(dropped);
    EXPECT_EQ(dropped.error().kind, cause::conflict);
    settle_all();
    EXPECT_EQ(one.heard("a"), (texts{"1"}));
}

TEST_F(HubQueue, WritesDownADropThoughTheDiskWasFullAtFirst)
{
    far->refuse.assign(2, down);
    one.push(near_said("!r", "$1", "stuck"));
    one.push(near_said("!r", "$2", "next"));
    w.settle();
    disk.fail_commit(1, memory_store::disk_full());
    ASSERT_TRUE(w.get(one.core.drop(list().lanes.at(0).head, "@root:hs")));
    settle_all();
    EXPECT_EQ(one.heard("a"), (texts{"next"}));
    life two{w, disk};
    two.start();
    w.pass(std::chrono::minutes{1});
    EXPECT_EQ(two.heard("a"), texts{}) << "it had left the lane: the next life must not send it";
}

TEST_F(HubQueue, WritesDownWhatItsAuthorTookBackThoughTheDiskWasFullAtFirst)
{
    far->refuse.assign(2, down);
    one.push(near_said("!r", "$1", "stuck"));
    one.push(near_said("!r", "$2", "slip"));
    w.settle();
    disk.fail_commit(1, memory_store::disk_full());
    std::vector<near_event> all;
    all.push_back(near_event{"!r", "$3", "@alice:hs", retraction{reference{message_id{"$2"}}}});
    EXPECT_FALSE(w.get(one.core.take_in(all))) << "it is pushed again";
    ASSERT_TRUE(w.get(one.core.take_in(all)));
    settle_all();
    EXPECT_EQ(one.heard("a"), (texts{"stuck"}));
    life two{w, disk};
    two.start();
    w.pass(std::chrono::minutes{1});
    EXPECT_EQ(two.heard("a"), texts{});
}

TEST_F(HubQueue, TellsOnceWhatOneAuthorLostInARowForOneReason)
{
    far->refuse.assign(3, banned);
    one.matrix.refuse_notices.push_back(down);
    boost::asio::co_spawn(w.io, one.core.tend(), [](std::exception_ptr) {});
    for (const std::string n : {"1", "2", "3"})
        one.push(near_said("!r", "$" + n, n));
    ASSERT_TRUE(w.until([&] { return !one.matrix.notices.empty(); }, std::chrono::minutes{5}));
    w.pass(std::chrono::minutes{2});
    ASSERT_EQ(one.matrix.notices.size(), 1u);
    EXPECT_NE(one.matrix.notices[0].second.find("3 messages were not delivered"), std::string::npos);
    EXPECT_EQ(w.get(disk.untold(0, 10))->size(), 0u);
}

TEST_F(HubQueue, TellsAfterARestartWhoWasNotToldBefore)
{
    one.matrix.refuse_notices.assign(100, down);
    far->refuse.push_back(banned);
    one.push(near_said("!r", "$1", "1"));
    settle_all();
    EXPECT_TRUE(one.matrix.notices.empty());
    life two{w, disk};
    two.start();
    ASSERT_TRUE(w.until([&] { return !two.matrix.notices.empty(); }, std::chrono::minutes{1}));
    EXPECT_EQ(two.matrix.notices[0].second.rfind("you are banned there", 0), 0u);
    w.settle();
    life three{w, disk};
    three.start();
    w.pass(std::chrono::minutes{1});
    EXPECT_TRUE(three.matrix.notices.empty()) << "once is enough";
}

TEST_F(HubQueue, TellsAFarAuthorWhenTheLinkIsBack)
{
    one.matrix.refuse.push_back(failure{verdict::give_up, cause::forbidden, "the room is read-only"});
    far->refuse.push_back(down);
    boost::asio::co_spawn(w.io, one.core.tend(), [](std::exception_ptr) {});
    ASSERT_TRUE(w.get(far->core.accept(far_said("orchard@muc", "m1", "Ay me"))));
    w.settle();
    EXPECT_TRUE(far->delivered.empty());
    ASSERT_TRUE(w.until([&] { return far->delivered.size() == 1; }, std::chrono::minutes{2}));
    EXPECT_EQ(std::get<report>(far->delivered[0].what).why->why, "the room is read-only");
}

TEST_F(HubQueue, ShowsThatAMessageWaitedOnlyUntilItIsDelivered)
{
    far->refuse.assign(100, down);
    boost::asio::co_spawn(w.io, one.core.tend(), [](std::exception_ptr) {});
    one.push(near_said("!r", "$1", "1"));
    one.push(near_said("!r", "$2", "2"));
    w.pass(std::chrono::seconds{40});
    using shown = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(one.matrix.statuses, (shown{{"$1", "pending"}, {"$2", "pending"}}));
    far->refuse.clear();
    settle_all();
    w.settle();
    EXPECT_EQ(
        one.matrix.statuses,
        (shown{{"$1", "pending"}, {"$2", "pending"}, {"$1", "delivered"}, {"$2", "delivered"}})
    );
    one.push(near_said("!r", "$3", "3"));
    settle_all();
    w.settle();
    EXPECT_EQ(one.matrix.statuses.size(), 4u) << "nothing is shown of what goes well";
}

TEST_F(HubQueue, BeginsNothingMoreOnceItStops)
{
    far->time = &w.time;
    one.push(near_said("!r", "$1", "in flight"));
    one.push(near_said("!r", "$2", "waits for the next life"));
    w.settle();
    one.core.stop();
    w.pass(std::chrono::seconds{5});
    EXPECT_EQ(one.heard("a"), (texts{"in flight"}));
    EXPECT_EQ(one.core.sending(), 0u);
    EXPECT_EQ(one.core.waiting(), 1u);
    life two{w, disk};
    two.start();
    ASSERT_TRUE(w.until([&] { return two.nets["a"]->delivered.size() == 1; }));
    EXPECT_EQ(two.heard("a"), (texts{"waits for the next life"}));
}

}  // namespace
}  // namespace rialto::hub_queue_test
