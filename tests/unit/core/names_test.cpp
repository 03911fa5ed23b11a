#include "core/names.hpp"

#include <gtest/gtest.h>

namespace rialto::names_test {
namespace {

names ours()
{
    std::vector<named_network> all;
    all.emplace_back("prosody");
    all.emplace_back("bifrost", "_xmpp_");
    all.emplace_back("pro");
    return {"chat.example.org", "_rialto_bot", "_rialto_", std::move(all)};
}

TEST(Names, EveryByteThatMatrixDoesNotTakeIsEscapedAndComesBack)
{
    std::string all;
    for (int c = 0; c < 256; ++c)
        all += static_cast<char>(c);
    const auto text = escaped(all);
    EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-="), text.npos);
    EXPECT_EQ(unescaped(text), all);
    EXPECT_EQ(escaped("room@muc.example"), "room=40muc.example");
}

TEST(Names, AnAddressHasOneNameOnly)
{
    for (const auto* other :
         {"=61", "room=4", "room=", "=4G", "=4f=4F", "Room", "room@muc", "=zz", "a/b", "=2"})
        EXPECT_FALSE(unescaped(other)) << other;
    EXPECT_EQ(unescaped("=4f"), "O");
}

TEST(Names, AGhostIsNamedByNetworkAndAddressAndFoundAgain)
{
    const auto it = ours().ghost("prosody", "juliet@capulet.example");
    ASSERT_TRUE(it);
    EXPECT_EQ(*it, "@_rialto_prosody_juliet=40capulet.example:chat.example.org");
    EXPECT_EQ(ours().behind_ghost(*it), (far_name{"prosody", "juliet@capulet.example"}));
    EXPECT_FALSE(ours().behind_alias(*it));
}

TEST(Names, AnOwnPrefixStandsForPrefixAndNetwork)
{
    const auto it = ours().ghost("bifrost", "a_b@x");
    ASSERT_TRUE(it);
    EXPECT_EQ(*it, "@_xmpp_a_b=40x:chat.example.org");
    EXPECT_EQ(ours().behind_ghost(*it), (far_name{"bifrost", "a_b@x"}));
}

TEST(Names, ANetworkWhoseNameBeginsAnotherIsNotMistakenForIt)
{
    EXPECT_EQ(ours().behind_ghost("@_rialto_pro_x:chat.example.org"), (far_name{"pro", "x"}));
    EXPECT_EQ(ours().behind_ghost("@_rialto_prosody_x:chat.example.org"), (far_name{"prosody", "x"}));
}

TEST(Names, AnAliasIsReadBackWithItsUnderscores)
{
    const auto it = ours().alias("prosody", "my_room@muc.example");
    ASSERT_TRUE(it);
    EXPECT_EQ(*it, "#_rialto_prosody_my_room=40muc.example:chat.example.org");
    EXPECT_EQ(ours().behind_alias(*it), (far_name{"prosody", "my_room@muc.example"}));
}

TEST(Names, WhatIsNotOursIsNotTaken)
{
    for (const auto* id :
         {"", "@", "@_rialto_prosody_x", "@_rialto_prosody_:chat.example.org",
          "@_rialto_prosody_x:evil.example", "@_rialto_irc_x:chat.example.org", "@alice:chat.example.org",
          "#_rialto_prosody_x:chat.example.org", "@_rialto_bot:chat.example.org",
          "@_rialto_prosody_x:chat.example.org:8448", "x@_rialto_prosody_x:chat.example.org"})
        EXPECT_FALSE(ours().is_ghost(id)) << id;
    EXPECT_TRUE(ours().is_ghost("@_rialto_prosody_x:chat.example.org"));
    EXPECT_TRUE(ours().is_ours("@_rialto_bot:chat.example.org"));
    EXPECT_FALSE(ours().behind_ghost("@_rialto_prosody_X:chat.example.org"));
}

TEST(Names, AServerNameMayHaveAPort)
{
    const names it{
        "localhost:8448", "_rialto_bot", "_rialto_", std::vector<named_network>(1, named_network{"prosody"})
    };
    EXPECT_EQ(it.ghost("prosody", "x"), "@_rialto_prosody_x:localhost:8448");
    EXPECT_TRUE(it.is_ghost("@_rialto_prosody_x:localhost:8448"));
    EXPECT_FALSE(it.is_ghost("@_rialto_prosody_x:localhost"));
}

TEST(Names, AnIdLongerThanMatrixAllowsIsNotMade)
{
    EXPECT_FALSE(ours().ghost("prosody", std::string(255, 'a')));
    const std::size_t around = std::string_view{"@_rialto_prosody_:chat.example.org"}.size();
    EXPECT_EQ(ours().ghost("prosody", std::string(255 - around, 'a'))->size(), 255u);
    EXPECT_FALSE(ours().ghost("prosody", std::string(256 - around, 'a')));
    EXPECT_FALSE(ours().ghost("irc", "x"));
    EXPECT_FALSE(ours().ghost("prosody", ""));
}

TEST(Names, ANetworkNameIsShortAndPlain)
{
    EXPECT_TRUE(is_network_name("prosody2"));
    for (const auto* name : {"", "a_b", "A", "a-b", "abcdefghijklmnopq", "ü"})
        EXPECT_FALSE(is_network_name(name)) << name;
}

}  // namespace
}  // namespace rialto::names_test
