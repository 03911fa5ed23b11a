// The core dies at any point and a new life begins over the same store: nothing is lost, nothing doubled,
// nothing overtaken.
#include "hub_kit.hpp"

namespace rialto::hub_crash_test {
namespace {

using namespace rialto::test;
using texts = std::vector<std::string>;

struct HubCrash : ::testing::Test
{
    world w;
    memory_store disk{w.io.get_executor()};

    std::unique_ptr<life> born()
    {
        auto made = std::make_unique<life>(w, disk);
        made->start();
        return made;
    }
};

TEST_F(HubCrash, SendsAfterARestartWhatWaitedAndLooksFirstAtWhatMayHaveGone)
{
    auto first = born();
    first->bridge("!r", "a", "x");
    first->nets["a"]->refuse.assign(100, failure{verdict::try_later, cause::away, "down"});
    first->push(near_said("!r", "$1", "1"));
    first->push(near_said("!r", "$2", "2"));
    w.settle();
    w.io.stop();
    std::vector<std::unique_ptr<life>> graves;
    graves.push_back(std::move(first));  // its coroutines never run again in earnest: its link is dead
    graves.back()->nets["a"]->refuse.assign(100'000, failure{verdict::try_later, cause::away, "dead"});
    auto second = born();
    ASSERT_TRUE(w.until([&] { return second->nets["a"]->delivered.size() == 2; }));
    EXPECT_EQ(second->heard("a"), (texts{"1", "2"}));
    EXPECT_TRUE(second->nets["a"]->delivered[0].again) << "a byte of the head may have left";
    EXPECT_FALSE(second->nets["a"]->delivered[1].again) << "the one behind it was never begun";
}

TEST_F(HubCrash, RepeatsAPutUnderTheSameKeySoThatTheHomeserverKnowsIt)
{
    auto first = born();
    first->bridge("!r", "a", "x");
    disk.hold();  // the answer of the homeserver is never written down
    std::optional<outcome> taken;
    boost::asio::co_spawn(
        w.io, first->nets["a"]->core.accept(far_said("x", "m1", "once")),
        [&](std::exception_ptr, outcome o) { taken = std::move(o); }
    );
    w.settle();
    EXPECT_FALSE(taken) << "accepted before it is on disk";
    disk.release();
    w.settle();
    ASSERT_TRUE(taken && *taken);
    const auto key = first->matrix.orders.at(0).key;
    auto again = w.get(first->nets["a"]->core.accept(far_said("x", "m1", "once")));
    EXPECT_TRUE(again) << "a duplicate is acknowledged";
    w.settle();
    EXPECT_EQ(first->matrix.orders.size(), 1u);
    EXPECT_NE(key, "");
}

TEST_F(HubCrash, RemembersItsPortalsAndItsPeople)
{
    born()->bridge("!r", "a", "x");
    auto second = born();
    EXPECT_EQ(second->core.portal_count(), 1u);
    second->push(near_said("!r", "$1", "still here"));
    ASSERT_TRUE(w.until([&] { return second->nets["a"]->delivered.size() == 1; }));
}

TEST_F(HubCrash, TakesNothingMoreIntoARoomThatItWasAboutToUnbridge)
{
    auto first = born();
    first->bridge("!r", "a", "x");
    first->nets["a"]->refuse.assign(100'000, failure{verdict::try_later, cause::away, "down"});
    first->push(near_said("!r", "$1", "last words"));
    ASSERT_TRUE(w.get(first->core.unbridge("!r", "a", "", "enough")));
    w.settle();
    auto second = std::make_unique<life>(w, disk);
    second->nets["a"]->up = false;  // both still wait
    second->start();
    second->push(near_said("!r", "$2", "too late"));
    EXPECT_EQ(second->core.waiting(), 2u);
    second->nets["a"]->core.link_up(account_id{});
    ASSERT_TRUE(w.until([&] { return second->core.portal_count() == 0; }));
    EXPECT_EQ(second->heard("a"), (texts{"last words"}));
}

TEST_F(HubCrash, DoesNotAcknowledgeWhatCannotBeWritten)
{
    auto one = born();
    one->bridge("!r", "a", "x");
    disk.fail_commit(1, memory_store::disk_full());
    std::vector<near_event> batch;
    batch.push_back(near_said("!r", "$1", "lost?"));
    auto taken = w.get(one->core.take_in(batch));
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind, cause::full);
    EXPECT_EQ(one->core.waiting(), 0u);
    auto later = w.get(one->core.take_in(batch));
    EXPECT_TRUE(later);
    ASSERT_TRUE(w.until([&] { return one->nets["a"]->delivered.size() == 1; }));
}

TEST_F(HubCrash, KeepsTryingToWriteDownAnAnswerThatItHas)
{
    auto one = born();
    one->bridge("!r", "a", "x");
    one->push(near_said("!r", "$0", "0"));
    w.settle();
    one->nets["a"]->time = &w.time;
    one->push(near_said("!r", "$1", "1"));
    disk.fail_commit(1, memory_store::disk_full());
    ASSERT_TRUE(w.until([&] { return one->nets["a"]->delivered.size() == 2; }));
    w.pass(std::chrono::seconds{5});
    EXPECT_EQ(one->heard("a"), (texts{"0", "1"})) << "not sent again";
    EXPECT_EQ(one->core.waiting(), 0u);
}

}  // namespace
}  // namespace rialto::hub_crash_test
