#include "bridges/xmpp/muc_echoes.hpp"

#include <gtest/gtest.h>

namespace rialto::xmpp::muc_echoes_test {
namespace {

const timestamp noon{std::chrono::hours{480'000}};
const std::string alice = "alice@bridge.example", bob = "bob@bridge.example";

struct Echoes : testing::Test
{
    muc_echoes all;
    flight::is of(const std::string& id) const { return all.find(id)->what; }
    void SetUp() override { all.expect("w1", alice, noon + std::chrono::seconds{10}); }
};

TEST_F(Echoes, SettleAMessageWhenItsOwnSpeakerShowsIt)
{
    EXPECT_EQ(of("w1"), flight::is::open);
    all.saw("w1", alice, message_id{"s1"});
    EXPECT_EQ(of("w1"), flight::is::shown);
    EXPECT_EQ(all.find("w1")->id.value, "s1");
    EXPECT_EQ(all.shown("w1", alice)->value, "s1");
}

TEST_F(Echoes, AreNotMadeByAnotherOfOurs)
{
    all.saw("w1", bob, message_id{"s1"});
    EXPECT_EQ(of("w1"), flight::is::open);
    EXPECT_FALSE(all.shown("w1", alice));
}

TEST_F(Echoes, AreFinalOnceShown)
{
    all.saw("w1", alice, message_id{"s1"});
    all.refused("w1", stanza_error{"cancel", "forbidden"});
    all.expire(noon + std::chrono::hours{1});
    all.link_lost();
    EXPECT_EQ(of("w1"), flight::is::shown);
}

TEST_F(Echoes, CountTheFirstOfTwoThatTheRoomShowed)
{
    all.saw("w1", alice, message_id{"s1"});
    all.saw("w1", alice, message_id{"s2"});
    EXPECT_EQ(all.shown("w1", alice)->value, "s1");
}

TEST_F(Echoes, AreKnownThoughNobodyWaitsForThem)
{
    all.saw("w2", alice, message_id{"s2"});
    EXPECT_EQ(all.find("w2"), nullptr);
    EXPECT_EQ(all.shown("w2", alice)->value, "s2") << "found in the archive: it need not be sent again";
}

TEST_F(Echoes, AreRefusedExpiredOrLostOnce)
{
    all.refused("w9", stanza_error{"cancel", "forbidden"});
    EXPECT_FALSE(all.expire(noon));
    EXPECT_TRUE(all.expire(noon + std::chrono::seconds{10}));
    EXPECT_EQ(of("w1"), flight::is::expired);
    all.refused("w1", stanza_error{"cancel", "forbidden"});
    EXPECT_EQ(of("w1"), flight::is::expired);
    all.expect("w2", alice, noon);
    all.refused("w2", stanza_error{"cancel", "forbidden"});
    EXPECT_EQ(of("w2"), flight::is::refused);
    EXPECT_EQ(all.find("w2")->error.condition, "forbidden");
    all.expect("w3", alice, noon);
    all.link_lost();
    EXPECT_EQ(of("w3"), flight::is::lost);
    EXPECT_EQ(of("w2"), flight::is::refused);
}

TEST_F(Echoes, StartAnewWhenExpectedAgain)
{
    all.link_lost();
    all.expect("w1", alice, noon);
    EXPECT_EQ(of("w1"), flight::is::open);
    all.forget("w1");
    all.forget("w1");
    EXPECT_EQ(all.find("w1"), nullptr);
}

TEST_F(Echoes, AreBounded)
{
    for (std::size_t i = 0; i <= muc_echoes::most_seen; ++i)
        all.saw("m" + std::to_string(i), alice, message_id{"s"});
    EXPECT_FALSE(all.shown("m0", alice));
    EXPECT_TRUE(all.shown("m1", alice));
    EXPECT_TRUE(all.shown("m" + std::to_string(muc_echoes::most_seen), alice));
}

}  // namespace
}  // namespace rialto::xmpp::muc_echoes_test
