#include "core/document.hpp"

#include <gtest/gtest.h>

namespace rialto::document_test {
namespace {

TEST(Document, OfNoTextIsEmpty)
{
    EXPECT_TRUE(document{""}.empty());
    EXPECT_FALSE(document{" "}.empty());
}

TEST(Document, IsPlainUntilAnyPartSaysMoreThanText)
{
    document d{"a"};
    EXPECT_TRUE(d.is_plain());
    auto marked = d, linked = d, meant = d, quoted = d;
    marked.blocks[0].runs[0].marks = mark::bold;
    linked.blocks[0].runs[0].link = "https://e.org";
    meant.blocks[0].runs[0].mention = "@a:b";
    quoted.blocks[0].kind = block::is::quote;
    for (const auto& other : {marked, linked, meant, quoted})
        EXPECT_FALSE(other.is_plain());
}

TEST(Runs, JoinWhenTheyLookTheSame)
{
    std::vector<run> runs;
    append(runs, run{"a"});
    append(runs, run{""});
    append(runs, run{"b"});
    append(runs, run{"c", mark::bold});
    run link{"d", mark::bold};
    link.link = "https://e.org";
    append(runs, link);
    ASSERT_EQ(runs.size(), 3u);
    EXPECT_EQ(runs[0].text, "ab");
}

TEST(Language, IsAToken)
{
    for (const char* good : {"", "c++", "objective-c", "c#", "Python3.11", "x_y"})
        EXPECT_TRUE(is_language(good)) << good;
    for (const char* bad : {"a b", "a\nb", "\"", "<", "ä", "123456789012345678901234567890123"})
        EXPECT_FALSE(is_language(bad)) << bad;
}

}  // namespace
}  // namespace rialto::document_test
