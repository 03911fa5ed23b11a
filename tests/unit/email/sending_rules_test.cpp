#include "bridges/email/sending_rules.hpp"

#include "bridges/email/allowance.hpp"

#include <gtest/gtest.h>

namespace rialto::email::sending_rules_test {
namespace {

using namespace std::chrono_literals;
const timestamp noon{std::chrono::hours{24 * 20'000 + 12}};
const native alice{native::what::person, "alice", "x.example"};

TEST(SendingRules, LetEverybodySendWhereNobodyIsNamed)
{
    EXPECT_TRUE(may_send({}, alice));
    EXPECT_TRUE(may_send({"*"}, alice));
}

TEST(SendingRules, LetOnlyThoseSendWhoAreNamed)
{
    EXPECT_TRUE(may_send({"@bob:x.example", "@alice:x.example"}, alice));
    EXPECT_TRUE(may_send({"*:x.example"}, alice));
    EXPECT_FALSE(may_send({"@alice:y.example", "*:y.example", "@bob:x.example"}, alice));
    EXPECT_FALSE(may_send({"*:example"}, alice)) << "a server's name is all of it";
}

TEST(SendingRules, KnowWhatNamesASender)
{
    for (const auto* good : {"*", "*:x.example", "@a:x.example:8448"})
        EXPECT_TRUE(is_sender_pattern(good)) << good;
    for (const auto* bad : {"", "alice", "alice:x.example", "@alice", "@:x", "*:", "@a:"})
        EXPECT_FALSE(is_sender_pattern(bad)) << bad;
}

TEST(SendingRules, CountTheMailsOfADay)
{
    auto c = day_count::from_note("", noon);
    EXPECT_EQ(c.mails, 0u);
    c.mails = 17;
    EXPECT_EQ(day_count::from_note(c.note(), noon + 11h), c);
    EXPECT_EQ(day_count::from_note(c.note(), noon + 12h).mails, 0u);
    EXPECT_EQ(day_count::from_note("junk", noon).mails, 0u);
}

TEST(SendingRules, RememberForAWeekThatNobodyIsThere)
{
    const suppression s{"5.1.1", noon};
    EXPECT_EQ(suppression::from_note(s.note(), noon + 1h)->status, "5.1.1");
    EXPECT_TRUE(suppression::from_note(s.note(), noon + 167h));
    EXPECT_FALSE(suppression::from_note(s.note(), noon + 168h));
    EXPECT_FALSE(suppression::from_note("", noon));
    EXPECT_FALSE(suppression::from_note("5.1.1 soon", noon));
}

TEST(SendingRules, TellNobodyThereFromSomebodyWhoIsBusy)
{
    EXPECT_TRUE(says_nobody("5.1.1") && says_nobody("5.1.10"));
    for (const auto* other : {"5.2.2", "5.7.1", "4.1.1", "5.1", ""})
        EXPECT_FALSE(says_nobody(other)) << other;
    const auto news = read_delivery_status(
        "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@x\nAction: failed\nStatus: 5.1.1\n"
    );
    EXPECT_EQ(nobody_in(news), "5.1.1");
    EXPECT_EQ(
        nobody_in(read_delivery_status("\nFinal-Recipient: rfc822; a@x\nAction: failed\nStatus: 5.2.2\n")), ""
    );
}

TEST(SendingRules, RememberAsManyMailsAsTheRingHolds)
{
    EXPECT_EQ(ring_key(1), ring_key(1 + most_remembered));
    EXPECT_NE(ring_key(1), ring_key(2));
}

TEST(Allowance, EndsAFloodAndForgetsIt)
{
    allowance a{3, 1h};
    for (int i = 0; i < 3; ++i)
        EXPECT_TRUE(a.take("x", noon));
    for (int i = 0; i < 1000; ++i)
        EXPECT_FALSE(a.take("x", noon + 59min));
    EXPECT_TRUE(a.take("y", noon));
    a.give_back("x");
    EXPECT_TRUE(a.take("x", noon)) << "one did not happen";
    EXPECT_FALSE(a.take("x", noon + 59min));
    a.give_back("nobody's");
    EXPECT_TRUE(a.take("x", noon + 1h)) << "what was refused is not counted";
}

TEST(Allowance, HoldsNoMoreKeysThanItMay)
{
    allowance a{1, 1h};
    for (std::size_t i = 0; i < allowance::most_keys + 10; ++i)
        EXPECT_TRUE(a.take(std::to_string(i), noon));
    EXPECT_TRUE(a.take("later", noon + 2h));
    EXPECT_TRUE(a.take("5", noon + 2h));
}

}  // namespace
}  // namespace rialto::email::sending_rules_test
