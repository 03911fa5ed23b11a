#include "core/refs.hpp"

#include <gtest/gtest.h>

namespace rialto::refs_test {
namespace {

message reply_with_mention()
{
    message m{document{"hi"}};
    m.reply_to = reference{message_id{"$r"}};
    m.thread = reference{message_id{"$t"}};
    m.mentions.emplace_back("@bob:x");
    run pill{"Bob"};
    pill.mention = "@bob:x";
    block quote{block::is::quote};
    quote.inside.emplace_back();
    quote.inside.back().runs.push_back(pill);
    m.body.blocks.push_back(quote);
    return m;
}

std::vector<std::string> references(happening what)
{
    std::vector<std::string> out;
    each_reference(what, [&](reference& r) { out.push_back(r.id.value); });
    return out;
}

TEST(Refs, SeesEveryMessageThatIsSpokenOf)
{
    using all = std::vector<std::string>;
    EXPECT_EQ(references(reply_with_mention()), (all{"$r", "$t"}));
    EXPECT_EQ(references(edit{reference{message_id{"$e"}}, reply_with_mention()}), (all{"$e", "$r", "$t"}));
    EXPECT_EQ(references(retraction{reference{message_id{"$x"}}}), (all{"$x"}));
    EXPECT_EQ(references(reactions{reference{message_id{"$x"}}, {}}), (all{"$x"}));
    EXPECT_EQ(references(receipt{reference{message_id{"$x"}}}), (all{"$x"}));
    EXPECT_EQ(references(report{reference{message_id{"$x"}}, user_id{}, fate::failed}), (all{"$x"}));
    EXPECT_TRUE(references(typing{true}).empty());
}

TEST(Refs, RenamesPeopleAlsoDeepInsideTheText)
{
    happening what = reply_with_mention();
    each_person(what, [](user_id& who) { who = user_id{"bob@far"}; });
    const auto& m = std::get<message>(what);
    EXPECT_EQ(m.mentions.front().value, "bob@far");
    EXPECT_EQ(m.body.blocks.back().inside.back().runs.back().mention, "bob@far");
    EXPECT_EQ(m.body.blocks.front().runs.front().mention, "") << "text without a mention stays without";
}

TEST(Refs, RenamesWhomAMembershipOrRoleIsAbout)
{
    happening kick = membership{change::kick, user_id{"a"}};
    each_person(kick, [](user_id& who) { who.value += "!"; });
    EXPECT_EQ(std::get<membership>(kick).whom.value, "a!");
    happening power = role{user_id{"b"}, rank::admin};
    each_person(power, [](user_id& who) { who.value += "!"; });
    EXPECT_EQ(std::get<role>(power).whom.value, "b!");
}

std::optional<item> target(stage now)
{
    item it;
    it.now = now;
    return it;
}

TEST(Refs, WaitsForATargetThatIsStillOnItsWay)
{
    const happening gone = retraction{reference{message_id{"$x"}}};
    for (const auto s : {stage::held, stage::queued, stage::sending})
        EXPECT_EQ(judge(gone, item{}, target(s)), fitness::wait);
    EXPECT_EQ(judge(gone, item{}, target(stage::sent)), fitness::go);
}

TEST(Refs, MakesBothMootWhenTheTargetNeverArrived)
{
    const happening gone = retraction{reference{message_id{"$x"}}};
    EXPECT_EQ(judge(gone, item{}, target(stage::dead)), fitness::moot);
    EXPECT_EQ(judge(gone, item{}, target(stage::withdrawn)), fitness::moot);
    EXPECT_EQ(judge(gone, item{}, std::nullopt), fitness::moot);
}

TEST(Refs, RefillsADeadLetterAndSaysAnUnknownTargetAnew)
{
    const happening changed = edit{reference{message_id{"$x"}}, message{document{"new"}}};
    EXPECT_EQ(judge(changed, item{}, target(stage::dead)), fitness::refill);
    EXPECT_EQ(judge(changed, item{}, std::nullopt), fitness::as_new);
    EXPECT_EQ(judge(changed, item{}, target(stage::withdrawn)), fitness::moot);
}

TEST(Refs, DoesNotWaitForWhatIsBehindInItsLane)
{
    const happening gone = retraction{reference{message_id{"$x"}}};
    const happening changed = edit{reference{message_id{"$x"}}, message{document{"new"}}};
    item asks;
    asks.seq = 5;
    for (const auto s : {stage::queued, stage::sending}) {
        auto behind = target(s);
        behind->seq = 6;
        EXPECT_EQ(judge(gone, asks, behind), fitness::moot);
        EXPECT_EQ(judge(changed, asks, behind), fitness::as_new);
        behind->bound = way::to_matrix;
        EXPECT_EQ(judge(gone, asks, behind), fitness::wait) << "another lane";
    }
    auto held = target(stage::held);
    held->seq = 6;
    EXPECT_EQ(judge(gone, asks, held), fitness::wait) << "its place is not known yet";
}

TEST(Refs, NamesWhatItSpeaksOf)
{
    EXPECT_EQ(kind_name(message{}), "message");
    EXPECT_EQ(kind_name(report{reference{}, user_id{}, fate::failed}), "report");
    EXPECT_TRUE(is_said(message{}));
    EXPECT_FALSE(is_said(membership{}));
}

}  // namespace
}  // namespace rialto::refs_test
