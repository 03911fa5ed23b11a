#include "core/rich/plain.hpp"
#include "core/rich/split.hpp"

#include <gmock/gmock.h>

namespace rialto::rich::rich_split_test {
namespace {

using is = block::is;
using testing::ElementsAre;
using testing::SizeIs;

block para(std::string text) { return block{is::paragraph, std::vector<run>{run{std::move(text)}}}; }
block with(is kind, std::vector<block> inside) { return block{kind, std::move(inside)}; }
std::vector<std::string> texts(const std::vector<document>& parts)
{
    std::vector<std::string> out;
    for (const auto& p : parts)
        out.push_back(to_plain(p));
    return out;
}

TEST(SplitDocument, LeavesWhatFits) { EXPECT_THAT(split(document{"a b"}, 3), ElementsAre(document{"a b"})); }

TEST(SplitDocument, CutsBetweenBlocks)
{
    const document d{std::vector<block>{para("aaaa"), para("bbbb"), para("cccc")}};
    EXPECT_THAT(texts(split(d, 15)), ElementsAre("aaaa\n\nbbbb", "cccc"));
}

TEST(SplitDocument, CutsAParagraphBetweenWordsAndKeepsItsMarks)
{
    block p{is::paragraph, std::vector<run>{run{"one "}, run{"two three", mark::bold}}};
    const auto parts = split(document{std::vector<block>{p}}, 10);
    ASSERT_THAT(texts(parts), ElementsAre("one two", "three"));
    EXPECT_EQ(parts[1].blocks[0].runs[0].marks, mark::bold);
}

TEST(SplitDocument, GoesOnQuotingAndCounting)
{
    const document d{std::vector<block>{
        with(is::quote, {para("aaaaaaaa"), para("bbbbbbbb")}),
        with(is::numbers, {with(is::item, {para("cccccccc")}), with(is::item, {para("dddddddd")})}),
    }};
    auto numbered = d;
    numbered.blocks[1].level = 7;
    EXPECT_THAT(
        texts(split(numbered, 14)), ElementsAre("> aaaaaaaa", "> bbbbbbbb", "7. cccccccc", "8. dddddddd")
    );
    EXPECT_THAT(split(numbered, 1000), ElementsAre(numbered));
}

TEST(SplitDocument, KeepsTheLimitWhateverTheDepth)
{
    std::string words;
    for (int i = 0; i < 300; ++i)
        words += "w" + std::to_string(i) + (i % 9 ? " " : "\n");
    block deep = para(words);
    for (int i = 0; i < 6; ++i)
        deep = i % 2 ? with(is::quote, {deep}) : with(is::bullets, {with(is::item, {deep})});
    block code{is::code, std::vector<run>{run{words}}};
    for (std::size_t most : {60u, 100u, 500u}) {
        std::string all;
        for (const auto& part : split(document{std::vector<block>{deep, code, para(words)}}, most)) {
            EXPECT_LE(text_size(part), most);
            all += to_plain(part) + " ";
        }
        for (int i = 0; i < 300; ++i)
            EXPECT_NE(all.find("w" + std::to_string(i)), all.npos) << i;
    }
}

TEST(SplitDocument, EndsAlsoWhereNothingFits)
{
    block deep = para("abcdefghijklmnop");
    for (int i = 0; i < 20; ++i)
        deep = with(is::quote, {deep});
    EXPECT_THAT(split(document{std::vector<block>{deep}}, 5), SizeIs(testing::Le(16u)));
    EXPECT_THAT(split(document{}, 5), SizeIs(0));
    EXPECT_FALSE(split(document{"  \n  \n  \n "}, 2).empty());
}

}  // namespace
}  // namespace rialto::rich::rich_split_test
