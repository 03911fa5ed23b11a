#include "hub_kit.hpp"

#include <gmock/gmock.h>

namespace rialto::hub_trust_test {
namespace {

using namespace rialto::test;
using texts = std::vector<std::string>;
const std::string bot = "@bot:hs", juliet = "@_rialto_a_juliet:hs";

class HubTrust : public ::testing::Test
{
protected:
    world w;
    std::shared_ptr<memory_tables> kept = std::make_shared<memory_tables>();
    std::unique_ptr<memory_store> disk = std::make_unique<memory_store>(w.io.get_executor(), kept);
    std::unique_ptr<life> one = std::make_unique<life>(w, *disk);
    std::vector<std::unique_ptr<life>> graves;
    int wanted = 0;

    void SetUp() override
    {
        begin();
        one->bridge("!r", "a", "orchard@muc");
    }
    void begin()
    {
        one->core.on_wanted = [this] {
            ++wanted;
            boost::asio::co_spawn(w.io, one->read_unread(), boost::asio::detached);
        };
        one->start();
    }
    near_event said(const std::string& n, const std::string& room = "!r")
    {
        auto e = near_said(room, "$" + n, n);
        e.at = w.time.now();
        return e;
    }
    std::vector<near_event> all(std::initializer_list<std::string> which)
    {
        std::vector<near_event> out;
        for (const auto& n : which)
            out.push_back(said(n));
        return out;
    }
    bool tell(reading r) { return static_cast<bool>(w.get(one->core.catch_up(std::move(r)))); }
    bool take(std::vector<near_event> events, arrival from = arrival{1, false})
    {
        return static_cast<bool>(w.get(one->core.take_in(std::move(events), from)));
    }
    bool push(std::uint64_t connection, std::initializer_list<std::string> which, bool proxied = false)
    {
        one->core.connected(connection);
        return take(all(which), arrival{connection, proxied});
    }
    std::vector<near_event> redacted(const std::string& n)  // as /sync tells it
    {
        auto place = said(n);
        place.hollow = true;
        near_event by{"!r", "$x" + n, "@alice:hs", retraction{reference{message_id{"$" + n}}}};
        by.at = w.time.now();
        return {place, by};
    }
    reading answer(const trust::round& r, std::vector<near_event> events, const std::string& token = "s1")
    {
        reading out{r, std::move(events)};
        out.last = true;
        out.token = token;
        return out;
    }
    bool sync(std::initializer_list<std::string> which, const std::string& token = "s1")
    {
        return tell(answer(one->core.begin_round(bot), all(which), token));
    }
    std::string token(const std::string& who = bot) { return *w.get(one->core.token_of(who)); }
    texts heard()
    {
        w.pass(std::chrono::minutes{1});
        return one->heard("a");
    }
    void crash()
    {
        // Its coroutines never run again in earnest: its link is dead.
        one->nets["a"]->refuse.assign(100'000, failure{verdict::try_later, cause::away, "dead"});
        graves.push_back(std::move(one));
        one = std::make_unique<life>(w, *disk);
        begin();
    }
};

TEST_F(HubTrust, KeepsTheFirstPlaceThoughNothingWasTold)
{
    auto first = answer(one->core.begin_round(bot), {}, "s1");
    first.first = true;
    ASSERT_TRUE(tell(std::move(first)));
    EXPECT_EQ(token(), "s1") << "or the next life would not know what it missed";
    ASSERT_TRUE(sync({}, "s2"));
    EXPECT_EQ(token(), "s1") << "an idle bridge does not touch the disk";
}

TEST_F(HubTrust, AnswersAtOnceAndDeliversOnlyInTheOrderThatSyncGives)
{
    EXPECT_TRUE(push(1, {"2"}));
    EXPECT_EQ(one->core.held(), 1U);
    EXPECT_GT(wanted, 0);
    EXPECT_EQ(one->core.wanted(), bot);
    EXPECT_EQ(heard(), texts{});
    EXPECT_TRUE(sync({"1", "2", "3"}));
    EXPECT_EQ(heard(), (texts{"1", "2", "3"}));
    EXPECT_EQ(one->core.held(), 0U);
    EXPECT_EQ(token(), "s1");
}

TEST_F(HubTrust, DeliversAtOnceWhatComesOnATrustedConnection)
{
    push(1, {"1"});
    sync({"1"});
    push(1, {"2"});
    EXPECT_EQ(one->core.held(), 0U);
    EXPECT_EQ(heard(), (texts{"1", "2"}));
}

TEST_F(HubTrust, TakesWhatIsPushedAndToldOnlyOnce)
{
    push(1, {"1", "2"});
    push(2, {"1"});  // it did not see our answer
    sync({"1", "2"});
    push(2, {"1", "2"});
    sync({"1", "2"});
    EXPECT_EQ(heard(), (texts{"1", "2"}));
    EXPECT_EQ(one->core.held(), 0U);
}

TEST_F(HubTrust, LeavesTheTokenWhereItIsUntilAllOfAnAnswerIsOnDisk)
{
    const auto r = one->core.begin_round(bot);
    reading part{r, all({"1"})};  // of a longer one
    EXPECT_TRUE(tell(std::move(part)));
    EXPECT_EQ(token(), "");
    disk->fail_commit(1, memory_store::disk_full());
    EXPECT_FALSE(tell(answer(r, all({"2"}))));
    EXPECT_EQ(token(), "");
    EXPECT_TRUE(sync({"1", "2"}));
    EXPECT_EQ(token(), "s1");
    EXPECT_EQ(heard(), (texts{"1", "2"}));
}

TEST_F(HubTrust, KeepsHoldingWhenTheAnswerCannotBeWrittenDown)
{
    push(1, {"2"});
    disk->fail_commit(1, memory_store::disk_full());
    EXPECT_FALSE(sync({"1", "2"}));
    EXPECT_EQ(heard(), texts{});
    EXPECT_TRUE(sync({"1", "2"}));
    EXPECT_EQ(heard(), (texts{"1", "2"}));
}

TEST_F(HubTrust, HoldsNothingThatCouldNotBeWrittenDown)
{
    disk->fail_commit(1, memory_store::disk_full());
    EXPECT_FALSE(push(1, {"1"}));
    EXPECT_EQ(one->core.held(), 0U);
    EXPECT_TRUE(push(1, {"1"}));
    sync({});
    EXPECT_EQ(heard(), texts{"1"});
}

TEST_F(HubTrust, TouchesNoDiskWhenThereIsNothingNew)
{
    sync({"1"}, "s1");
    heard();
    const auto before = disk->committed();
    for (int i = 0; i < 5; ++i)
        sync({}, "s" + std::to_string(2 + i));
    EXPECT_EQ(disk->committed(), before);
    EXPECT_EQ(token(), "s1");
}

TEST_F(HubTrust, LeavesWhatWasHeldWhenWeDiedToSync)
{
    push(1, {"3"});
    crash();
    EXPECT_EQ(one->core.held(), 1U);
    push(1, {"4"});
    EXPECT_EQ(heard(), texts{});
    sync({"1", "2", "3", "4"});
    EXPECT_EQ(heard(), (texts{"1", "2", "3", "4"}));
}

TEST_F(HubTrust, KeepsTheOrderWhenItIsReleasedAfterACrashOfOurs)
{
    push(1, {"2"});
    one->nets["a"]->refuse.assign(50, failure{verdict::try_later, cause::away, "down"});
    sync({"1", "2", "3"});
    crash();
    EXPECT_EQ(heard(), (texts{"1", "2", "3"}));
}

TEST_F(HubTrust, ReleasesWhatComesWhileTheAnswerIsBeingWritten)
{
    push(1, {"2"});
    disk->hold();
    auto r = answer(one->core.begin_round(bot), all({"1", "2"}));
    std::optional<outcome> synced, pushed;
    boost::asio::co_spawn(w.io, one->core.catch_up(std::move(r)), [&](std::exception_ptr, outcome o) {
        synced = o;
    });
    w.settle();
    boost::asio::co_spawn(
        w.io, one->core.take_in(all({"3"}), arrival{1, false}),
        [&](std::exception_ptr, outcome o) { pushed = o; }
    );
    w.settle();
    disk->release();
    ASSERT_TRUE(w.until([&] { return synced && pushed; }));
    push(1, {"4"});
    EXPECT_EQ(heard(), (texts{"1", "2", "3", "4"}));
    EXPECT_EQ(one->core.held(), 0U);
}

TEST_F(HubTrust, LetsOnlySyncGiveTheOrderBehindAProxy)
{
    push(1, {"1"}, true);
    sync({"1"});
    push(1, {"3"}, true);
    EXPECT_EQ(heard(), texts{"1"});
    sync({"2", "3"});
    EXPECT_EQ(heard(), (texts{"1", "2", "3"}));
}

TEST_F(HubTrust, DoesNotCarryWhatWasSaidBeforeTheRoomWasBridged)
{
    auto old = said("0");
    old.at -= std::chrono::minutes{1};
    std::vector<near_event> told(1, old);
    told.push_back(said("1"));
    tell(answer(one->core.begin_round(bot), std::move(told)));
    EXPECT_EQ(heard(), texts{"1"});
}

TEST_F(HubTrust, PutsAMessageThatWasRedactedMeanwhileInItsPlaceAsItWasPushed)
{
    push(1, {"2"});
    auto told = redacted("2");
    told.insert(told.begin(), said("1"));
    told.push_back(said("3"));
    EXPECT_TRUE(tell(answer(one->core.begin_round(bot), std::move(told))));
    heard();
    const auto& all_of_it = one->nets["a"]->delivered;
    ASSERT_EQ(all_of_it.size(), 4U);
    EXPECT_EQ(text_of(all_of_it[1].what), "2");
    EXPECT_TRUE(std::holds_alternative<retraction>(all_of_it[2].what));
    EXPECT_EQ(text_of(all_of_it[3].what), "3");
}

TEST_F(HubTrust, DoesNotShowWhatIsPushedAfterSyncToldItsRedaction)
{
    push(1, {"1"});
    sync({"1"});
    ASSERT_TRUE(tell(answer(one->core.begin_round(bot), redacted("2"), "s2")));
    EXPECT_EQ(heard(), texts{"1"});
    push(1, {"2", "3"});
    EXPECT_EQ(heard(), (texts{"1", "3"}));
    EXPECT_EQ(one->nets["a"]->delivered.size(), 2U);
}

TEST_F(HubTrust, IsNotStuckWhenARedactionWaitsBeforeWhatItTakesBack)
{
    one->nets["a"]->refuse.assign(1, failure{verdict::try_later, cause::away, "slow"});
    push(1, {"1"});
    sync({"1"});
    ASSERT_TRUE(tell(answer(one->core.begin_round(bot), redacted("2"), "s2")));
    push(1, {"2", "3"});
    EXPECT_EQ(heard(), (texts{"1", "3"}));
    EXPECT_EQ(one->nets["a"]->delivered.size(), 2U);
}

TEST_F(HubTrust, IsNotStuckWhenAnEditWaitsBeforeWhatItChanges)
{
    one->nets["a"]->refuse.assign(1, failure{verdict::try_later, cause::away, "slow"});
    push(1, {"1"});
    sync({"1"});
    near_event change{"!r", "$x", "@alice:hs", edit{reference{message_id{"$2"}}, message{document{"new"}}}};
    change.at = w.time.now();
    take(std::vector<near_event>(1, change));
    push(1, {"2", "3"});
    EXPECT_EQ(heard(), (texts{"1", "new", "2", "3"}));
}

TEST_F(HubTrust, SendsWhatIsHeldBeforeTheEndWhenTheRoomIsUnbridged)
{
    push(1, {"1"});
    ASSERT_TRUE(w.get(one->core.unbridge("!r", "", "", "asked")));
    EXPECT_EQ(heard(), texts{"1"});
    EXPECT_EQ(one->nets["a"]->closed, texts{"orchard@muc"});
    EXPECT_EQ(one->core.held(), 0U);
}

TEST_F(HubTrust, RefusesWhenTooMuchIsHeld)
{
    core_options tight;
    tight.most_held = 2;
    memory_store other{w.io.get_executor()};
    life full{w, other, tight};
    full.start();
    full.bridge("!r", "a", "orchard@muc");
    EXPECT_TRUE(w.get(full.core.take_in(all({"1", "2"}), arrival{1, false})));
    const auto taken = w.get(full.core.take_in(all({"3"}), arrival{1, false}));
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind, cause::full);
}

TEST_F(HubTrust, LetsTheGhostReadAChatThatAMatrixPersonBeganAlsoAfterARestart)
{
    near_event invite{"!chat", "$i", "@alice:hs", membership{change::invite, user_id{juliet}}};
    invite.at = w.time.now();
    take(std::vector<near_event>(1, invite));
    w.pass(std::chrono::seconds{10});
    const std::pair<std::string, std::string> mine{juliet, "!chat"}, bots{bot, "!r"};
    EXPECT_THAT(one->core.watched(), ::testing::UnorderedElementsAre(mine, bots));
    crash();
    w.pass(std::chrono::seconds{1});
    EXPECT_THAT(one->core.watched(), ::testing::UnorderedElementsAre(mine, bots));
    one->core.connected(1);
    std::vector<near_event> hello(1, said("hello", "!chat"));
    take(std::move(hello));
    EXPECT_EQ(one->core.wanted(), juliet);
    sync({});
    EXPECT_EQ(one->core.held(), 1U) << "the bot vouches for none of its chats";
    tell(answer(one->core.begin_round(juliet), std::vector<near_event>{}));
    EXPECT_EQ(heard(), texts{"hello"});
}

TEST_F(HubTrust, BeginsAChatOnceHoweverOftenItsInvitationIsTold)
{
    near_event invite{"!chat", "$i", "@alice:hs", membership{change::invite, user_id{juliet}}};
    invite.at = w.time.now();
    std::vector<near_event> told(1, invite);
    take(told);
    tell(answer(one->core.begin_round(bot), told));
    w.pass(std::chrono::seconds{10});
    EXPECT_EQ(one->matrix.joined, texts{juliet + " !chat"});
}

}  // namespace
}  // namespace rialto::hub_trust_test
