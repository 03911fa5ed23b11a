#include "core/rich/plain.hpp"

#include <gtest/gtest.h>

namespace rialto::rich::rich_plain_test {
namespace {

using namespace std::string_literals;
using is = block::is;

block para(std::string text) { return block{is::paragraph, std::vector<run>{run{std::move(text)}}}; }
block with(is kind, std::vector<block> inside) { return block{kind, std::move(inside)}; }
std::string plain(std::vector<block> blocks) { return to_plain(document{std::move(blocks)}); }
run linked(std::string text, std::string link)
{
    run r{std::move(text)};
    r.link = std::move(link);
    return r;
}
std::string plain(std::vector<run> runs)
{
    return plain(std::vector<block>{block{is::paragraph, std::move(runs)}});
}

TEST(Plain, IsTheTextItWasMadeOf)
{
    for (const char* text : {"", "a", "a\nb", "\n a\n\n", "*a* > b"})
        EXPECT_EQ(to_plain(document{text}), text);
}

TEST(Plain, SeparatesParagraphs) { EXPECT_EQ(plain({para("a"), para("b")}), "a\n\nb"); }

TEST(Plain, LeavesNoTraceOfMarks)
{
    EXPECT_EQ(plain({run{"a", mark::bold}, run{"b", mark::strike}, run{"c", mark::code}}), "abc");
}

TEST(Plain, AddsTheAddressOfALinkOnce)
{
    run more = linked("there", "https://e.org");
    more.marks = mark::bold;
    EXPECT_EQ(plain({linked("see ", "https://e.org"), more, run{"!"}}), "see there (https://e.org)!");
    for (const auto& [text, link] :
         {std::pair{"https://e.org/", "https://e.org/"},
          {"e.org", "https://e.org/"},
          {"e.org/", "http://e.org"},
          {"a@e.org", "mailto:a@e.org"}})
        EXPECT_EQ(plain({linked(text, link)}), text);
}

TEST(Plain, FramesASpoiler)
{
    EXPECT_EQ(
        plain({run{"a "}, run{"b", mark::spoiler}, run{"c", mark::spoiler | mark::bold}, run{" d"}}),
        "a [spoiler: bc] d"
    );
}

TEST(Plain, SetsQuotesListsAndCode)
{
    block list = with(
        is::numbers, {with(is::item, {para("a"), with(is::bullets, {with(is::item, {para("b")})})}),
                      with(is::item, {para("c\nd")})}
    );
    list.level = 9;
    EXPECT_EQ(
        plain({with(is::quote, {para("q\n\nr"), with(is::quote, {para("s")})}), para("t"), list}),
        "> q\n>\n> r\n> > s\nt\n9. a\n   - b\n10. c\n    d"
    );
    EXPECT_EQ(
        plain({with(is::bullets, {with(is::item, {with(is::quote, {para("q\nr")})}), with(is::item, {})})}),
        "- > q\n  > r\n-"
    );
    EXPECT_EQ(
        plain({block{is::code, std::vector<run>{run{"x\n  y"}}}, block{is::rule}, para("z")}),
        "x\n  y\n---\nz"
    );
}

TEST(Plain, DoesNotGrowWithNestingBeyondMeasure)
{
    block b = para("a\nb");
    for (int i = 0; i < 90; ++i)
        b = with(i % 2 ? is::quote : is::bullets, {i % 2 ? b : with(is::item, {b})});
    EXPECT_LT(plain({b}).size(), 400u);
}

TEST(Plain, LooksNoDeeperThanReadersBuild)
{
    block b = para("a");
    for (int i = 0; i < 150; ++i)
        b = with(is::quote, {b});
    EXPECT_EQ(plain({b}), "");
}

TEST(FromPlain, MakesTextHarmless)
{
    EXPECT_EQ(from_plain("a\0\r\n\u202E\xFF"s), document{"a\uFFFD\n\u202E\uFFFD\u202C"});
    EXPECT_TRUE(from_plain("*a*").is_plain());
}

}  // namespace
}  // namespace rialto::rich::rich_plain_test
