#include "bridges/email/block_list.hpp"

#include <gtest/gtest.h>

namespace rialto::email::block_list_test {
namespace {

address at(std::string_view text) { return *parse_address(text); }

TEST(BlockList, HoldsAddressesAndDomainsWithAllBelowThem)
{
    block_list all;
    EXPECT_TRUE(all.add("carol@ext.example"));
    EXPECT_TRUE(all.add("spam.example"));
    EXPECT_TRUE(all.blocks(at("carol@ext.example")));
    EXPECT_FALSE(all.blocks(at("dan@ext.example")));
    EXPECT_TRUE(all.blocks(at("x@spam.example")));
    EXPECT_TRUE(all.blocks(at("x@mail.spam.example")));
    EXPECT_FALSE(all.blocks(at("x@notspam.example")));
    EXPECT_EQ(block_list::from_note(all.note()).all(), all.all());
    EXPECT_TRUE(all.remove("spam.example"));
    EXPECT_FALSE(all.remove("spam.example"));
}

TEST(BlockList, TakesWhatIsAnAddressOrADomain)
{
    EXPECT_EQ(block_list::pattern_in("Carol@EXT.example"), "carol@ext.example");
    EXPECT_EQ(block_list::pattern_in("<carol@ext.example>"), "carol@ext.example");
    EXPECT_EQ(block_list::pattern_in("EXT.Example"), "ext.example");
    EXPECT_EQ(block_list::pattern_in("@ext.example"), "ext.example");
    for (const auto* bad : {"", "@", "no/domain", "a@", "a b@x.example", "x\ny.example"})
        EXPECT_EQ(block_list::pattern_in(bad), "") << bad;
}

TEST(BlockList, IsBounded)
{
    block_list all;
    for (std::size_t i = 0; i < block_list::most; ++i)
        EXPECT_TRUE(all.add("d" + std::to_string(i) + ".example"));
    EXPECT_FALSE(all.add("one-more.example"));
    EXPECT_TRUE(all.add("d0.example")) << "it is there already";
    EXPECT_EQ(block_list::from_note(all.note() + "more.example\n").all().size(), block_list::most);
}

}  // namespace
}  // namespace rialto::email::block_list_test
