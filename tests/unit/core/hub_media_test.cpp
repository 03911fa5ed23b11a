#include "core/media_link.hpp"
#include "hub_kit.hpp"

namespace rialto::test::hub_media_test {
namespace {

struct HubMedia : testing::Test
{
    world w;
    memory_store disk{w.io.get_executor()};
    std::vector<std::unique_ptr<life>> lives;  // the past ones keep their frames
    life* now = nullptr;

    void SetUp() override { begin(); }
    void begin()
    {
        lives.push_back(std::make_unique<life>(w, disk));
        now = lives.back().get();
        now->nets["a"]->able.receipts = true;
        now->start();
    }
    static near_event pictured(std::string id)
    {
        message m;
        m.files.emplace_back("moon.png", "image/png", media_id{"mxc://hs/moon"});
        near_event e{"!r", std::move(id), "@alice:hs", std::move(m)};
        e.sender_name = "Alice";
        return e;
    }
    media_claim claimed()
    {
        const auto& what = now->nets["a"]->delivered.back().what;
        const auto* m = std::get_if<message>(&what);
        if (const auto* e = std::get_if<edit>(&what))
            m = &e->now;
        return read_claim(m->files.at(0).bytes).value_or(media_claim{});
    }
    bool stands(const media_claim& c)
    {
        auto answer = w.get(now->core.stands(c.portal, link_tag(c.about)));
        EXPECT_TRUE(answer);
        return answer && *answer;
    }
    media_claim share()
    {
        now->bridge("!r", "a", "orchard");
        now->push(pictured("$1"));
        w.settle();
        return claimed();
    }
};

TEST_F(HubMedia, AFileGoesOutUnderTheNameOfItsRoomAndMessage)
{
    const auto c = share();
    EXPECT_EQ(c.source, "mxc://hs/moon");
    EXPECT_EQ(c.about, "$1");
    EXPECT_NE(c.portal, 0);
    EXPECT_TRUE(stands(c));
}

TEST_F(HubMedia, ItsLinkEndsWhenTheMessageIsTakenBack)
{
    const auto c = share();
    now->push(near_event{"!r", "$2", "@alice:hs", retraction{reference{message_id{"$other"}}}});
    EXPECT_TRUE(stands(c));
    now->push(near_event{"!r", "$3", "@alice:hs", retraction{reference{message_id{"$1"}}}});
    EXPECT_FALSE(stands(c)) << "at once, before anybody over there is told";
}

TEST_F(HubMedia, ItsLinkEndsAlsoWhenAGhostTookItBack)
{
    const auto c = share();
    now->push(near_event{"!r", "$3", "@_rialto_a_romeo=40x:hs", retraction{reference{message_id{"$1"}}}});
    EXPECT_FALSE(stands(c));
    auto again = now->core.stands(c.portal, link_tag("$never"));
    EXPECT_TRUE(*w.get(std::move(again)));
}

TEST_F(HubMedia, ItsLinkEndsWithTheBridge)
{
    const auto c = share();
    ASSERT_TRUE(w.get(now->core.unbridge("!r", "a", "", "enough")));
    EXPECT_FALSE(stands(c));
    w.settle();
    EXPECT_FALSE(stands(c));
    now->bridge("!r", "a", "orchard");
    EXPECT_FALSE(stands(c)) << "bridged anew is another bridge";
}

TEST_F(HubMedia, WhatEndedStaysEndedAfterARestart)
{
    const auto c = share();
    now->push(near_event{"!r", "$3", "@alice:hs", retraction{reference{message_id{"$1"}}}});
    w.settle();
    begin();
    EXPECT_FALSE(stands(c));
    EXPECT_TRUE(stands(media_claim{c.portal, "$else", ""}));
}

TEST_F(HubMedia, AFileOfAnEditEndsWithTheMessage)
{
    share();
    auto e = pictured("$2");
    e.what = edit{reference{message_id{"$1"}}, std::get<message>(std::move(e.what))};
    now->push(std::move(e));
    w.settle();
    EXPECT_EQ(claimed().about, "$1");
}

// Read receipts.

TEST_F(HubMedia, AReceiptReachesWhoWroteTheMessage)
{
    now->bridge("!r", "a", "orchard");
    ASSERT_TRUE(w.get(now->nets["a"]->core.accept(far_said("orchard", "m1", "hello"))));
    w.settle();
    const auto shown = now->matrix.by_key.begin()->second;
    now->core.hint(near_event{"!r", "", "@alice:hs", receipt{reference{message_id{shown}}}});
    w.settle();
    ASSERT_EQ(now->nets["a"]->delivered.size(), 1u);
    EXPECT_EQ(std::get<receipt>(now->nets["a"]->delivered[0].what).up_to.id.value, "m1");
}

TEST_F(HubMedia, AReceiptForWhatMatrixSaidOrNobodyKnowsStaysHere)
{
    now->bridge("!r", "a", "orchard");
    now->push(near_said("!r", "$1", "hello"));
    w.settle();
    const auto before = now->nets["a"]->delivered.size();
    for (const char* id : {"$1", "$unknown"})
        now->core.hint(near_event{"!r", "", "@bob:hs", receipt{reference{message_id{id}}}});
    w.settle();
    EXPECT_EQ(now->nets["a"]->delivered.size(), before);
}

TEST_F(HubMedia, ANetworkWithoutReceiptsIsToldNone)
{
    now->nets["b"]->able.receipts = false;
    now->bridge("!r", "b", "orchard");
    ASSERT_TRUE(w.get(now->nets["b"]->core.accept(far_said("orchard", "m1", "hello"))));
    w.settle();
    const auto shown = now->matrix.by_key.begin()->second;
    now->core.hint(near_event{"!r", "", "@alice:hs", receipt{reference{message_id{shown}}}});
    w.settle();
    EXPECT_TRUE(now->nets["b"]->delivered.empty());
}

TEST_F(HubMedia, WhatAFarPersonHasReadIsShownByTheirGhostAndNeverGoesBack)
{
    now->bridge("!r", "a", "orchard");
    now->push(near_said("!r", "$1", "one"));
    now->push(near_said("!r", "$2", "two"));
    w.settle();
    const auto reads = [&](std::string far_id) {
        event e{
            portal_id{room_id{"orchard"}}, person{user_id{"romeo@x"}}, timestamp{}, message_id{},
            receipt{reference{message_id{std::move(far_id)}}}
        };
        now->nets["a"]->core.hint(std::move(e));
        w.settle();
    };
    for (const char* id : {"far2", "far1", "far2", "unknown"})
        reads(id);
    std::vector<std::string> seen;
    for (const auto& o : now->matrix.orders)
        if (const auto* r = std::get_if<receipt>(&o.what))
            seen.push_back(o.as + " " + r->up_to.id.value);
    EXPECT_EQ(seen, (std::vector<std::string>{"@_rialto_a_romeo=40x:hs $2"}));
}

}  // namespace
}  // namespace rialto::test::hub_media_test
