#include "bridges/xmpp/ids.hpp"

#include <gtest/gtest.h>

namespace rialto::xmpp::ids_test {
namespace {

heard said(std::string from, std::string id, std::string text)
{
    heard h;
    h.from = std::move(from);
    h.id = std::move(id);
    h.what = message{document{text}};
    return h;
}

TEST(Ids, AreTheSameHoweverOftenTheyAreComputed)
{
    EXPECT_EQ(wire_id(message_id{"$e1"}), wire_id(message_id{"$e1"}));
    EXPECT_NE(wire_id(message_id{"$e1"}), wire_id(message_id{"$e2"}));
    EXPECT_LE(wire_id(message_id{std::string(300, 'x')}).size(), 64U);
}

TEST(Ids, TakeTheRoomsOwnWhereThereIsOne)
{
    auto h = said("r@m/n", "1", "x");
    h.stanza_id = "s1";
    EXPECT_EQ(room_message_id(h, user_id{"u@x"}).value, "s1");
    EXPECT_FALSE(is_invented(room_message_id(h, user_id{"u@x"})));
}

TEST(Ids, KeepTheSameIdOfTwoPeopleApart)
{
    const auto a = said("r@m/a", "1", "x"), b = said("r@m/b", "1", "x");
    EXPECT_NE(room_message_id(a, user_id{"r@m/a"}), room_message_id(b, user_id{"r@m/b"}));
    EXPECT_NE(own_name(user_id{"r@m/a"}, "1"), own_name(user_id{"r@m/b"}, "1"));
    EXPECT_NE(chat_message_id(said("a@x/1", "1", "x")), chat_message_id(said("b@x/1", "1", "x")));
    EXPECT_EQ(chat_message_id(said("a@x/1", "1", "x")), chat_message_id(said("a@x/2", "1", "x")))
        << "a repeat from another device";
}

TEST(Ids, TellTwoMessagesUnderOneIdApartByTheirContent)
{
    EXPECT_NE(chat_message_id(said("a@x/1", "1", "x")), chat_message_id(said("a@x/1", "1", "y")));
    EXPECT_NE(chat_message_id(said("a@x/1", "", "x")), chat_message_id(said("a@x/1", "", "y")));
    auto first = said("a@x", "1", ""), second = first;
    first.what = reactions{reference{message_id{"t"}}, {"a"}};
    second.what = reactions{reference{message_id{"t"}}, {"b"}};
    EXPECT_NE(chat_message_id(first), chat_message_id(second));
    first.what = retraction{reference{message_id{"t"}}};
    second.what = edit{reference{message_id{"t"}}, message{document{"z"}}};
    EXPECT_NE(chat_message_id(first), chat_message_id(second));
}

TEST(Ids, QualifyWhatOnlyItsAuthorCallsSo)
{
    const user_id romeo{"romeo@montague.example"};
    heard h;
    h.what = edit{reference{message_id{"m1"}}, message{document{"x"}}};
    qualify(h, romeo);
    EXPECT_EQ(std::get<edit>(*h.what).target.id, own_name(romeo, "m1"));
    h.what = retraction{reference{message_id{"s1"}}};
    qualify(h, romeo);
    EXPECT_EQ(std::get<retraction>(*h.what).target.id.value, "s1");
    h.by_origin = true;
    qualify(h, romeo);
    EXPECT_EQ(std::get<retraction>(*h.what).target.id, own_name(romeo, "s1"));
    heard empty;
    qualify(empty, romeo);
}

TEST(Ids, FindTheNameThatTheFarSideKnows)
{
    const user_id alice{"alice_hs@bridge.example"};
    reference r{message_id{"s1"}};
    r.also.push_back(own_name(user_id{"eve@x"}, "forged"));
    r.also.push_back(own_name(alice, "w1"));
    EXPECT_EQ(name_in_room(r, alice, false), "s1");
    EXPECT_EQ(name_in_room(r, alice, true), "w1");
    EXPECT_EQ(name_in_room(r, user_id{"bob@x"}, true), "");
    EXPECT_EQ(name_in_room(reference{message_id{"~hash"}}, alice, false), "") << "we made that one up";
    reference chat{message_id{"~hash"}};
    chat.also.emplace_back("c1");
    EXPECT_EQ(name_in_chat(chat), "c1");
    EXPECT_EQ(name_in_chat(reference{message_id{"w1"}}), "w1");
    EXPECT_EQ(name_in_chat(reference{message_id{"~hash"}}), "");
}

}  // namespace
}  // namespace rialto::xmpp::ids_test
