#include "core/portals.hpp"

#include "core/key.hpp"

#include <gtest/gtest.h>

namespace rialto::portals_test {
namespace {

portal_row edge(portal_key key, std::string network, std::string far, std::string room)
{
    portal_row row;
    row.key = key;
    row.network = std::move(network);
    row.room = room_id{std::move(far)};
    row.matrix_room = std::move(room);
    return row;
}

TEST(Portals, LetAMatrixRoomHaveSeveralFarRooms)
{
    portals all;
    all.add(edge(2, "mail", "team@x", "!a"), room{kind::mailbox});
    all.add(edge(1, "xmpp", "team@muc", "!a"), room{kind::group});
    const auto here = all.in_room("!a");
    ASSERT_EQ(here.size(), 2u);
    EXPECT_EQ(here[0]->row.key, 1) << "in a steady order";
    EXPECT_TRUE(all.in_room("!b").empty());
}

TEST(Portals, KeepFarRoomsOfTwoNetworksAndAccountsApart)
{
    portals all;
    all.add(edge(1, "a", "x", "!1"), room{});
    all.add(edge(2, "b", "x", "!2"), room{});
    auto third = edge(3, "a", "x", "!3");
    third.account = account_id{"alice"};
    all.add(third, room{});
    EXPECT_EQ(all.by_far("a", portal_id{room_id{"x"}})->row.key, 1);
    EXPECT_EQ(all.by_far("b", portal_id{room_id{"x"}})->row.key, 2);
    EXPECT_EQ(all.by_far("a", portal_id{room_id{"x"}, account_id{"alice"}})->row.key, 3);
}

TEST(Portals, FollowARoomUpgrade)
{
    portals all;
    const auto p = all.add(edge(1, "a", "x", "!old"), room{});
    all.move(p, "!new");
    EXPECT_TRUE(all.in_room("!old").empty());
    EXPECT_EQ(all.in_room("!new").size(), 1u);
    all.move(p, "");
    EXPECT_TRUE(all.in_room("").empty()) << "a portal without a room is in none";
}

TEST(Portals, ForgetAClosedOneButNotItsSuccessor)
{
    portals all;
    const auto old = all.add(edge(1, "a", "x", "!1"), room{});
    all.add(edge(2, "a", "x", "!2"), room{});
    all.close(old);
    EXPECT_FALSE(all.by_key(1));
    EXPECT_EQ(all.by_far("a", portal_id{room_id{"x"}})->row.key, 2);
    EXPECT_TRUE(all.in_room("!1").empty());
}

TEST(Keys, AreTheSameEachTimeAndKeepTheirPartsApart)
{
    EXPECT_EQ(digest({"ab", "c"}), digest({"ab", "c"}));
    EXPECT_NE(digest({"ab", "c"}), digest({"a", "bc"}));
    EXPECT_EQ(digest({}).size(), 32u);
    const portal_id room{room_id{"x"}};
    EXPECT_NE(portal_tag("a", room), portal_tag("b", room));
}

TEST(Keys, SayWhichPortalTheyCameFrom)
{
    const auto tag = portal_tag("a", portal_id{room_id{"x"}});
    const auto key = content_key(tag, "romeo@x", "m1");
    EXPECT_EQ(tag_of(key), tag);
    EXPECT_NE(key, content_key(tag, "romeo@x", "m1", "2"));
    EXPECT_NE(key, content_key(tag, "juliet@x", "m1"))
        << "the homeserver shares transaction ids among all ghosts";
    EXPECT_EQ(tag_of("no dot"), "");
}

}  // namespace
}  // namespace rialto::portals_test
