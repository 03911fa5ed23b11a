// Connections to the smart host: used again while they last.
#include "email_kit.hpp"

namespace rialto::email_way_test {
namespace {

struct EmailWay : Email
{
    void begin()
    {
        hand_in(from_carol, {"alice@chat.example"});
        ASSERT_TRUE(until([&] { return told().size() == 1; }));
    }
    void sends(std::size_t many)
    {
        write("$" + std::to_string(many), "line " + std::to_string(many));
        EXPECT_TRUE(until([&] { return smart.mails.size() == many; }));
        settle();
    }
};

TEST_F(EmailWay, SeveralMailsGoOverOneConnection)
{
    begin();
    for (std::size_t i = 1; i <= 5; ++i)
        sends(i);
    EXPECT_EQ(smart.connections, 1);
    EXPECT_EQ(std::ranges::count_if(smart.commands, [](const auto& c) { return c.starts_with("EHLO"); }), 1);
}

TEST_F(EmailWay, OneThatEndedMeanwhileIsReplacedBeforeTheMailIsTriedAgain)
{
    smart.ends_after = true;
    begin();
    for (std::size_t i = 1; i <= 3; ++i)
        sends(i);
    EXPECT_EQ(smart.connections, 3);
    EXPECT_EQ(smart.mails.size(), 3U) << "each once";
    EXPECT_TRUE(one.matrix.statuses.empty()) << "nothing was put off";
}

}  // namespace
}  // namespace rialto::email_way_test
