// Every backend against its fake far side, clause by clause.
#include "core/log.hpp"
#include "tests/contract/clauses.hpp"

#include <gtest/gtest.h>

namespace rialto::contract::contract_test {
namespace {

class Contract : public testing::TestWithParam<peer_type>
{
protected:
    static void SetUpTestSuite() { log::start(log::level::error, ""); }  // links are lost on purpose
};

INSTANTIATE_TEST_SUITE_P(Backend, Contract, testing::ValuesIn(peer_types()), [](const auto& p) {
    return p.param.name;
});

TEST_P(Contract, DeliversInOrder) { EXPECT_EQ(delivers_in_order(GetParam()), ""); }
TEST_P(Contract, SaysTryLaterWhereverTheLinkDrops)
{
    EXPECT_EQ(says_try_later_wherever_the_link_drops(GetParam()), "");
}
TEST_P(Contract, DeliversOnceThoughAskedTwice)
{
    EXPECT_EQ(delivers_once_though_asked_twice(GetParam()), "");
}
TEST_P(Contract, DeliversOnceWhereverTheProcessDies)
{
    EXPECT_EQ(delivers_once_wherever_the_process_dies(GetParam()), "");
}
TEST_P(Contract, RefusesWithoutALink) { EXPECT_EQ(refuses_without_a_link(GetParam()), ""); }
TEST_P(Contract, EndsPromptlyWhenCancelledAndThenSendsNotOneByte)
{
    EXPECT_EQ(ends_promptly_when_cancelled(GetParam()), "");
}
TEST_P(Contract, KeepsOrderWithinItsWindow) { EXPECT_EQ(keeps_order_within_its_window(GetParam()), ""); }
TEST_P(Contract, HonoursOnly) { EXPECT_EQ(honours_only(GetParam()), ""); }
TEST_P(Contract, AcknowledgesOnlyWhatIsAccepted)
{
    EXPECT_EQ(acknowledges_only_what_is_accepted(GetParam()), "");
}
TEST_P(Contract, LosesNothingItDidNotAcknowledge)
{
    EXPECT_EQ(loses_nothing_it_did_not_acknowledge(GetParam()), "");
}
TEST_P(Contract, TakesInOrder) { EXPECT_EQ(takes_in_order(GetParam()), ""); }
TEST_P(Contract, SaysLaterWhenTheJournalIsFull)
{
    EXPECT_EQ(says_later_when_the_journal_is_full(GetParam()), "");
}

}  // namespace
}  // namespace rialto::contract::contract_test
