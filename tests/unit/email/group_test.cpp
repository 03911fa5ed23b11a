#include "bridges/email/group.hpp"

#include <gtest/gtest.h>

namespace rialto::email::group_test {
namespace {

address at(std::string_view text) { return *parse_address(text); }
const address alice = at("alice@chat.example"), bob = at("bob@chat.example");

parsed_mail mail(const std::string& headers)
{
    auto read = read_mail("Message-ID: <1@x>\r\n" + headers + "\r\nwords\r\n");
    return std::move(*read);
}

TEST(Group, IsAMailOfAPersonToSeveral)
{
    EXPECT_TRUE(
        is_group_mail(mail("From: c@x.example\r\nTo: alice@chat.example\r\nCc: d@x.example\r\n"), alice)
    );
    for (const auto* other :
         {"From: c@x.example\r\nTo: alice@chat.example\r\n",
          "From: c@x.example\r\nTo: alice@chat.example, c@x.example\r\n",
          "From: c@x.example\r\nTo: d@x.example, e@x.example\r\n",
          "From: c@x.example\r\nTo: alice@chat.example, d@x.example\r\nList-Id: <l.x>\r\n",
          "From: c@x.example\r\nTo: alice@chat.example, d@x.example\r\nAuto-Submitted: auto-replied\r\n"})
        EXPECT_FALSE(is_group_mail(mail(other), alice)) << other;
}

TEST(Group, TakesOnlyWhatEverybodyInItGot)
{
    talk_state group;
    const auto first = mail("From: c@x.example\r\nTo: alice@chat.example, bob@chat.example, d@x.example\r\n");
    join_group(group, first, {alice});
    EXPECT_EQ(group.people.size(), 3u) << "bob got no copy yet";
    EXPECT_TRUE(fits_group(first, bob, group));
    join_group(group, first, {bob});
    EXPECT_EQ(group.people.size(), 4u);
    const auto fits = [&](const std::string& headers) { return fits_group(mail(headers), alice, group); };
    EXPECT_TRUE(fits(
        "From: d@x.example\r\nTo: c@x.example\r\nCc: alice@chat.example, bob@chat.example, e@x.example\r\n"
    ));
    EXPECT_FALSE(fits("From: d@x.example\r\nTo: c@x.example, alice@chat.example\r\n")) << "bob reads there";
    EXPECT_FALSE(fits("From: c@x.example\r\nTo: alice@chat.example, bob@chat.example\r\n"));
    EXPECT_FALSE(
        fits("From: m@x.example\r\nTo: c@x.example, d@x.example, alice@chat.example, bob@chat.example\r\n")
    );
}

TEST(Group, ChangesWithWhoComesAndGoes)
{
    talk_state group;
    std::optional<address> enters;
    EXPECT_TRUE(change_group(group, membership{change::invite, user_id{"e@x.example"}}, enters));
    EXPECT_EQ(enters, at("e@x.example"));
    enters.reset();
    EXPECT_FALSE(change_group(group, membership{change::join, user_id{"e@x.example"}}, enters));
    EXPECT_TRUE(change_group(group, membership{change::join, user_id{alice.text()}}, enters));
    EXPECT_FALSE(enters);
    EXPECT_TRUE(change_group(group, membership{change::leave, user_id{alice.text()}}, enters));
    EXPECT_TRUE(change_group(group, membership{change::kick, user_id{"e@x.example"}}, enters));
    EXPECT_FALSE(change_group(group, membership{change::kick, user_id{"e@x.example"}}, enters));
    EXPECT_TRUE(group.people.empty());
}

TEST(Group, IsKnownByItsName)
{
    const auto id = group_name::portal_of("<1@x>");
    EXPECT_TRUE(group_name::is(id));
    EXPECT_NE(id, group_name::portal_of("<2@x>"));
    EXPECT_FALSE(group_name::is(mailbox_name{at("support@chat.example")}.portal()));
    EXPECT_FALSE(mailbox_name::of(id, "chat.example"));
    EXPECT_FALSE(talk_name::of(id, "chat.example"));
}

}  // namespace
}  // namespace rialto::email::group_test
