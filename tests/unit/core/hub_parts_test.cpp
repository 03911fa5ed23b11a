// Messages that are several over there: known by each part, changed and taken back as one, sent once.
#include "hub_kit.hpp"

namespace rialto::hub_parts_test {
namespace {

using namespace rialto::test;
using texts = std::vector<std::string>;

const std::string long_text = "one one one one one one\ntwo two two two two two\nthree three three three";

struct HubParts : ::testing::Test
{
    world w;
    memory_store disk{w.io.get_executor()};
    life one{w, disk};
    fake_network* far = nullptr;

    void SetUp() override
    {
        one.start();
        far = one.nets["a"];
        far->able.max_text = 30;
        one.bridge("!r", "a", "orchard@muc");
    }
    void settle_all()
    {
        ASSERT_TRUE(w.until([&] { return one.core.waiting() == 0; }));
    }
    texts retracted()
    {
        texts out;
        for (const auto& e : far->delivered)
            if (const auto* r = std::get_if<retraction>(&e.what))
                out.push_back(r->target.id.value);
        return out;
    }
};

TEST_F(HubParts, TakesBackEachPartOfALongMessage)
{
    one.push(near_said("!r", "$1", long_text));
    settle_all();
    ASSERT_EQ(far->delivered.size(), 3u);
    one.push(near_event{"!r", "$2", "@alice:hs", retraction{reference{message_id{"$1"}}}});
    settle_all();
    EXPECT_EQ(retracted(), (texts{"far1", "far2", "far3"}));
    EXPECT_NE(far->delivered[3].id.value, far->delivered[4].id.value);
}

TEST_F(HubParts, LeavesNoPartStandingWhenALongMessageBecomesAShortOne)
{
    one.push(near_said("!r", "$1", long_text));
    settle_all();
    one.push(
        near_event{"!r", "$2", "@alice:hs", edit{reference{message_id{"$1"}}, message{document{"short"}}}}
    );
    settle_all();
    ASSERT_EQ(far->delivered.size(), 6u);
    EXPECT_EQ(std::get<edit>(far->delivered[3].what).target.id.value, "far1");
    EXPECT_EQ(retracted(), (texts{"far2", "far3"}));
    one.push(near_event{"!r", "$3", "@alice:hs", retraction{reference{message_id{"$1"}}}});
    settle_all();
    EXPECT_EQ(retracted(), (texts{"far2", "far3", "far1"})) << "what is gone is not taken back again";
}

TEST_F(HubParts, FindsTheMessageByAnyOfItsParts)
{
    one.push(near_said("!r", "$1", long_text));
    settle_all();
    auto reply = far_said("orchard@muc", "m1", "to the third part");
    std::get<message>(reply.what).reply_to = reference{message_id{"far3"}};
    ASSERT_TRUE(w.get(far->core.accept(std::move(reply))));
    settle_all();
    ASSERT_EQ(one.matrix.orders.size(), 1u);
    const auto& said = std::get<message>(one.matrix.orders[0].what);
    ASSERT_TRUE(said.reply_to);
    EXPECT_EQ(said.reply_to->id.value, "$1");
}

TEST_F(HubParts, SendsNoPartTwiceBecauseALaterOneFailed)
{
    one.push(near_said("!r", "$0", "first"));
    settle_all();
    far->fail_at = 2;  // the second part
    one.push(near_said("!r", "$1", long_text));
    settle_all();
    EXPECT_EQ(
        one.heard("a"),
        (texts{"first", "one one one one one one", "two two two two two two", "three three three three"})
    );
}

TEST_F(HubParts, SaysHowMuchOfAMessageWasDelivered)
{
    far->fail_at = 2;
    far->fail_with = failure{verdict::give_up, cause::banned, "you are banned there"};
    one.push(near_said("!r", "$1", long_text));
    settle_all();
    ASSERT_TRUE(w.until([&] { return !one.matrix.notices.empty(); }));
    EXPECT_NE(one.matrix.notices[0].second.find("the first 1 of 3 parts"), std::string::npos);
}

TEST_F(HubParts, TakesBackOnMatrixEachPartOfALongFarMessage)
{
    ASSERT_TRUE(w.get(far->core.accept(far_said("orchard@muc", "m1", std::string(70'000, 'x')))));
    settle_all();
    const auto count = one.matrix.orders.size();
    ASSERT_GT(count, 1u);
    event back{
        portal_id{room_id{"orchard@muc"}}, person{user_id{"romeo@x"}, "Romeo"}, timestamp{}, message_id{"m2"},
        retraction{reference{message_id{"m1"}}}
    };
    ASSERT_TRUE(w.get(far->core.accept(std::move(back))));
    settle_all();
    EXPECT_EQ(one.matrix.orders.size(), 2 * count);
}

TEST_F(HubParts, BringsEachFileOfAFarMessageAndTakesEachBack)
{
    auto e = far_said("orchard@muc", "s1", "two pictures");
    auto& files = std::get<message>(e.what).files;
    files.resize(2);
    files[0].name = "moon";
    files[1].name = "sun";
    ASSERT_TRUE(w.get(far->core.accept(std::move(e))));
    settle_all();
    ASSERT_EQ(one.matrix.orders.size(), 2u);
    EXPECT_EQ(std::get<message>(one.matrix.orders[1].what).files.at(0).name, "sun");
    auto back = far_said("orchard@muc", "s2", "");
    back.what = retraction{reference{message_id{"s1"}}};
    ASSERT_TRUE(w.get(far->core.accept(std::move(back))));
    settle_all();
    ASSERT_EQ(one.matrix.orders.size(), 4u);
    EXPECT_EQ(std::get<retraction>(one.matrix.orders[3].what).target.id.value, "$near2");
}

TEST_F(HubParts, MarksWhatComesLateWithItsOwnTime)
{
    auto late = near_said("!r", "$1", "old news");
    late.at = w.time.now() - std::chrono::minutes{6};
    one.push(std::move(late));
    auto fresh = near_said("!r", "$2", "news");
    fresh.at = w.time.now() - std::chrono::minutes{4};
    one.push(std::move(fresh));
    settle_all();
    EXPECT_TRUE(far->delivered.at(0).past);
    EXPECT_FALSE(far->delivered.at(1).past);
}

}  // namespace
}  // namespace rialto::hub_parts_test
