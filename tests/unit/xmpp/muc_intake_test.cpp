#include "bridges/xmpp/muc_intake.hpp"

#include <gmock/gmock.h>

namespace rialto::xmpp::muc_intake_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const timestamp noon{std::chrono::hours{480'000}};

event said(const std::string& id)
{
    return event{
        portal_id{room_id{"orchard@muc.example"}}, person{user_id{"romeo@x"}}, noon, message_id{id},
        message{document{id}}
    };
}
cursor at(const std::string& id) { return cursor{id, noon}; }

struct Intake : testing::Test
{
    muc_intake in;
    std::vector<std::string> taken()  // all that is worth a commit now, in order
    {
        std::vector<std::string> out;
        while (const auto batch = in.take())
            for (const auto& e : batch->events)
                out.push_back(e.id.value);
        return out;
    }
};

TEST_F(Intake, CommitsEventsWithTheCursorOfTheLast)
{
    in.start_at(at("s0"));
    in.live(said("s1"), at("s1"));
    in.live(said("s2"), at("s2"));
    const auto batch = in.take();
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->events.size(), 2U);
    EXPECT_EQ(batch->before.id, "s0");
    EXPECT_EQ(batch->upto.id, "s2");
    EXPECT_EQ(in.position().id, "s2");
    EXPECT_FALSE(in.take());
}

TEST_F(Intake, HoldsLiveCopiesUntilTheArchiveIsIn)
{
    in.hold();
    in.live(said("s3"), at("s3"));
    EXPECT_FALSE(in.take());
    in.archived(said("s1"), at("s1"));
    in.archived(said("s2"), at("s2"));
    EXPECT_THAT(taken(), ElementsAre("s1", "s2"));
    in.live(said("s4"), at("s4"));
    in.release();
    EXPECT_FALSE(in.holding());
    EXPECT_THAT(taken(), ElementsAre("s3", "s4"));
}

TEST_F(Intake, CountsWhatBothTheArchiveAndTheRoomShowOnce)
{
    in.hold();
    in.live(said("s1"), at("s1"));
    in.archived(said("s1"), at("s1"));
    in.archived(said("s1"), at("s1"));
    in.release();
    EXPECT_THAT(taken(), ElementsAre("s1"));
    in.live(said("s1"), at("s1"));
    EXPECT_THAT(taken(), IsEmpty());
}

TEST_F(Intake, LetsStatePassAsOftenAsItComes)
{
    in.live(said(""), cursor{});
    in.live(said(""), cursor{});
    const auto batch = in.take();
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->events.size(), 2U);
    EXPECT_TRUE(batch->upto.empty()) << "a presence moves no cursor";
}

TEST_F(Intake, NotesOurOwnMessagesNowAndThenOnly)
{
    for (std::size_t i = 1; i < muc_intake::own_before_commit; ++i) {
        in.live(std::nullopt, at("o" + std::to_string(i)));
        EXPECT_FALSE(in.take());
    }
    in.live(std::nullopt, at("o50"));
    const auto batch = in.take();
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->events.empty());
    EXPECT_EQ(batch->upto.id, "o50");
}

TEST_F(Intake, GoesByBatches)
{
    for (std::size_t i = 0; i < muc_intake::batch_size + 1; ++i)
        in.live(said("s" + std::to_string(i)), at("s" + std::to_string(i)));
    EXPECT_EQ(in.take()->events.size(), muc_intake::batch_size);
    EXPECT_EQ(in.take()->events.size(), 1U);
}

TEST_F(Intake, PutsBackInOrderWhatCouldNotBeCommitted)
{
    in.start_at(at("s0"));
    in.live(said("s1"), at("s1"));
    in.live(said("s2"), at("s2"));
    auto batch = in.take();
    in.live(said("s3"), at("s3"));
    in.put_back(std::move(*batch));
    EXPECT_EQ(in.position().id, "s0");
    const auto again = in.take();
    ASSERT_TRUE(again);
    ASSERT_EQ(again->events.size(), 3U);
    EXPECT_EQ(again->events[0].id.value, "s1");
    EXPECT_EQ(again->events[2].id.value, "s3");
    EXPECT_EQ(again->upto.id, "s3");
}

TEST_F(Intake, PutsBackAFullBatchAndStillGetsItsCursorAcross)
{
    for (std::size_t i = 1; i <= muc_intake::batch_size; ++i)
        in.live(said("s" + std::to_string(i)), at("s" + std::to_string(i)));
    in.put_back(std::move(*in.take()));
    EXPECT_EQ(in.take()->events.size(), muc_intake::batch_size);
    in.live(said("last"), at("last"));
    EXPECT_EQ(in.take()->upto.id, "last");
}

TEST_F(Intake, ForgetsWhatItHeldWhenTheRoomIsLostForItWillBeReadAgain)
{
    in.hold();
    in.live(said("s1"), at("s1"));
    in.hold();
    in.release();
    EXPECT_THAT(taken(), IsEmpty());
    in.hold();
    in.archived(said("s1"), at("s1"));
    in.release();
    EXPECT_THAT(taken(), ElementsAre("s1"));
}

TEST(IntakeFull, DropsWhatIsTooMuchAndAllAfterItAndReadsItAgain)
{
    muc_intake in{2};
    for (const auto* id : {"s1", "s2", "s3"})
        in.live(said(id), at(id));
    EXPECT_TRUE(in.overflowed());
    EXPECT_EQ(in.take()->events.size(), 2U);
    in.live(said("s4"), at("s4"));
    EXPECT_FALSE(in.take()) << "s4 must not overtake s3";
    EXPECT_EQ(in.position().id, "s2");
    in.hold();
    EXPECT_FALSE(in.overflowed());
    in.archived(said("s3"), at("s3"));
    in.archived(said("s4"), at("s4"));
    const auto batch = in.take();
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->events.size(), 2U) << "what was dropped is no old news";
}

TEST(IntakeFull, BoundsWhatIsHeldToo)
{
    muc_intake in{2};
    in.hold();
    for (const auto* id : {"s1", "s2", "s3"})
        in.live(said(id), at(id));
    EXPECT_TRUE(in.overflowed());
    in.archived(said("s0"), at("s0"));
    EXPECT_FALSE(in.take());
}

TEST_F(Intake, RemembersABoundedNumberOfIds)
{
    for (std::size_t i = 0; i <= muc_intake::most_known; ++i) {
        in.live(said("s" + std::to_string(i)), cursor{});
        in.take();
    }
    in.live(said("s1"), cursor{});
    EXPECT_THAT(taken(), IsEmpty());
    in.live(said("s0"), cursor{});
    EXPECT_THAT(taken(), ElementsAre("s0")) << "the core's own memory is longer";
}

TEST_F(Intake, KeepsTheTimeAloneWhereARoomHasNoIds)
{
    in.live(said("~digest"), cursor{"", noon});
    const auto batch = in.take();
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->upto, (cursor{"", noon}));
}

}  // namespace
}  // namespace rialto::xmpp::muc_intake_test
