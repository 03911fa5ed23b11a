// XEP-0393 both ways, clause by clause.
#include "core/rich/styling.hpp"
#include "core/rich/styling_spans.hpp"

#include <gmock/gmock.h>

namespace rialto::rich::rich_styling_test {
namespace {

using is = block::is;

block para(std::vector<run> runs) { return block{is::paragraph, std::move(runs)}; }
block para(std::string text) { return para({run{std::move(text)}}); }
block quote(std::vector<block> inside) { return block{is::quote, std::move(inside)}; }
document doc(std::vector<block> blocks) { return document{std::move(blocks)}; }
document doc(std::vector<run> runs) { return doc(std::vector<block>{para(std::move(runs))}); }
block code(std::string text, std::string language = "")
{
    block b{is::code, std::vector<run>{run{std::move(text)}}};
    b.language = std::move(language);
    return b;
}
// Marks as letters, for short expectations: "<b>x</b>" is [b:x].
std::string seen(std::string_view line)
{
    std::string out;
    for (const auto& r : read_spans(line)) {
        std::string marks;
        for (const auto& [m, c] :
             {std::pair{mark::bold, 'b'}, {mark::italic, 'i'}, {mark::strike, 's'}, {mark::code, 'c'}})
            if (r.marks & m)
                marks += c;
        out += marks.empty() ? r.text : "[" + marks + ":" + r.text + "]";
    }
    return out;
}

TEST(Spans, AreStyledAsTheSpecificationShows)  // §6.2
{
    EXPECT_EQ(seen("*strong*"), "[b:strong]");
    EXPECT_EQ(seen("plain *strong* plain"), "plain [b:strong] plain");
    EXPECT_EQ(seen("*strong* plain *strong*"), "[b:strong] plain [b:strong]");
    EXPECT_EQ(seen("*strong*plain*"), "[b:strong]plain*");
    EXPECT_EQ(seen("* plain *strong*"), "* plain [b:strong]");
    EXPECT_EQ(seen("_most_ people"), "[i:most] people");
    EXPECT_EQ(seen("Everyone ~dis~likes cake."), "Everyone [s:dis]likes cake.");
}

TEST(Spans, AreLeftAloneAsTheSpecificationShows)
{
    for (const char* line :
         {"not strong*", "*not strong", "*not *strong", "**", "****", "***", "* *", "2 * 3 * 4", "a*b*c",
          "**markdown**", "snake_case_name", "*not strong *", "_", "", "`", "``"})
        EXPECT_EQ(seen(line), line);
}

TEST(Spans, Nest)
{
    EXPECT_EQ(seen("*_both_*"), "[bi:both]");
    EXPECT_EQ(seen("*a _b_ c*"), "[b:a ][bi:b][b: c]");
    EXPECT_EQ(seen("_~*all*~_"), "[bis:all]");
}

TEST(Spans, AreMatchedLazilyFromTheBeginning)
{
    EXPECT_EQ(seen("*a _b* c_"), "[b:a _b] c_");
    EXPECT_EQ(seen("_a *b_ c*"), "[i:a *b] c*");
}

TEST(Spans, OpenOnlyAfterADifferentDirectiveThatOpened)
{
    EXPECT_EQ(seen("*`code`*"), "[bc:code]");
    EXPECT_EQ(seen("*a*_b_"), "[b:a]_b_");  // the * closed
}

TEST(Spans, ReadNothingInCode)  // §6.2.5
{
    EXPECT_EQ(seen("`*a* _b_`"), "[c:*a* _b_]");
    EXPECT_EQ(seen("*a `b* c`"), "[b:a `b] c`");
}

TEST(Spans, KnowUnicodeWhiteSpace)
{
    EXPECT_EQ(seen("a\u3000*b*"), "a\u3000[b:b]");
    EXPECT_EQ(seen("*b\u00A0*"), "*b\u00A0*");
    EXPECT_EQ(seen("*\u2003b*"), "*\u2003b*");
    EXPECT_EQ(seen("ä*b*"), "ä*b*");
}

// A reader that is not linear in these does not end before ctest ends it.
TEST(Spans, OfHostileInputAreReadToItsEndAndGrowWithItOnly)
{
    for (const char* piece : {"*a ", "*a _b ~c `d ", "*", "*_~`", "a* ", "*a* ", " *", "*_a_", "\u2060*"}) {
        std::string line;
        while (line.size() < 60'000)
            line += piece;
        EXPECT_LE(to_styling(from_styling(line)).text.size(), 8 * line.size()) << piece;
    }
}

TEST(FromStyling, LeavesTextWithoutStylingAsItIs)
{
    for (const char* text :
         {"a", "a\nb", "\na\n\n\n b\n", "  indented", "1 > 0", " > not a quote", "- a\n- b"})
        EXPECT_EQ(from_styling(text), document{text}) << text;
    EXPECT_EQ(from_styling(""), document{});
}

TEST(FromStyling, EndsSpansAtLineEnds)
{
    EXPECT_EQ(from_styling("*not \n strong*"), document{"*not \n strong*"});
}

TEST(FromStyling, ReadsCodeBlocks)  // §6.1.2
{
    EXPECT_EQ(
        from_styling("```lisp\n(println \"*Hello*\")\n\n x\n```\n\nafter"),
        doc({code("(println \"*Hello*\")\n\n x", "lisp"), para("after")})
    );
    EXPECT_EQ(from_styling("```\na\n```` \n"), doc({code("a\n```` \n")}));  // only a line of three ends it
}

TEST(FromStyling, EndsCodeWithItsParent)
{
    EXPECT_EQ(from_styling("> ```\n> a\n\nb"), doc({quote({code("a")}), para("b")}));
}

TEST(FromStyling, LosesNoTextAfterAFence)
{
    EXPECT_EQ(from_styling("```"), document{"```"});
    EXPECT_EQ(from_styling("```\n```"), document{"```\n```"});
    EXPECT_EQ(from_styling("```one line```"), document{"```one line```"});
    EXPECT_EQ(from_styling("```no language\na\n```"), doc({code("no language\na")}));
}

TEST(FromStyling, ReadsQuotes)  // §6.1.3
{
    EXPECT_EQ(
        from_styling(">> That that is, is.\n> Said the old hermit.\n\nWho?"),
        doc({quote({quote({para("That that is, is.")}), para("Said the old hermit.")}), para("Who?")})
    );
    EXPECT_EQ(from_styling(">a\n>  b"), doc({quote({para("a\n b")})}));
    EXPECT_EQ(
        from_styling("a\n> *b*\nc"), doc({para("a"), quote({para({run{"b", mark::bold}})}), para("c")})
    );
}

TEST(FromStyling, KeepsAQuoteOfNothingAsText) { EXPECT_EQ(from_styling(">\n> "), document{">\n> "}); }

TEST(FromStyling, BoundsTheDepthOfQuotes)
{
    auto d = from_styling(std::string(10'000, '>') + "x");
    int depth = 0;
    for (const auto* all = &d.blocks; !all->empty(); all = &all->front().inside)
        ++depth;
    EXPECT_EQ(depth, 17);  // 16 quotes and the text
}

TEST(FromStyling, RepairsWhatIsNoText)
{
    EXPECT_EQ(from_styling("*\xFF*"), doc({run{"\uFFFD", mark::bold}}));
}

TEST(ToStyling, LeavesPlainTextAloneButSaysThatItIsPlain)
{
    EXPECT_EQ(to_styling(document{"a"}).text, "a");
    EXPECT_FALSE(to_styling(document{"a * b"}).unstyled);
    for (const char* text : {"*a*", "> a", "```\na\n```", "a\n_b_"}) {
        EXPECT_EQ(to_styling(document{text}).text, text);
        EXPECT_TRUE(to_styling(document{text}).unstyled) << text;
    }
}

TEST(ToStyling, WritesTheFourMarks)
{
    EXPECT_EQ(
        to_styling(doc(
                       {run{"a", mark::bold}, run{" "}, run{"b", mark::italic}, run{" "},
                        run{"c", mark::strike}, run{" "}, run{"d", mark::code}}
                   )
        ).text,
        "*a* _b_ ~c~ `d`"
    );
    EXPECT_EQ(to_styling(doc({run{"a", mark::bold | mark::code}})).text, "*`a`*");
}

TEST(ToStyling, MovesWhiteSpaceOutOfTheSpan)
{
    EXPECT_EQ(to_styling(doc({run{"a"}, run{" b ", mark::bold}, run{"c"}})).text, "a *b* c");
}

TEST(ToStyling, StylesNoPartOfAWord)
{
    EXPECT_EQ(to_styling(doc({run{"un"}, run{"believ", mark::italic}, run{"able"}})).text, "unbelievable");
    EXPECT_EQ(to_styling(doc({run{"dis", mark::strike}, run{"likes"}})).text, "~dis~likes");
}

TEST(ToStyling, ClosesAndOpensAgainAtLineEnds)
{
    EXPECT_EQ(to_styling(doc({run{"a\nb", mark::bold}})).text, "*a*\n*b*");
}

TEST(ToStyling, DropsAMarkThatItsOwnTextWouldEnd)
{
    EXPECT_EQ(to_styling(doc({run{"2*3", mark::bold}})).text, "2*3");
    EXPECT_EQ(to_styling(doc({run{"a`b", mark::code}, run{" "}, run{"c", mark::bold}})).text, "a`b *c*");
}

TEST(ToStyling, ShieldsWordsThatWereNotMeant)
{
    const auto d = doc({run{"*a* "}, run{"b", mark::bold}});
    EXPECT_EQ(to_styling(d).text, "\u2060*a* *b*");
    EXPECT_EQ(from_styling(to_styling(d).text), d);
    EXPECT_EQ(to_styling(doc({para("> a"), quote({para("b")})})).text, "\u2060> a\n> b");
}

TEST(ToStyling, WritesBlocks)
{
    EXPECT_EQ(
        to_styling(doc({quote({quote({para("a")}), para("b\n\nc")}), para("d")})).text,
        "> > a\n> b\n>\n> c\nd"
    );
    EXPECT_EQ(to_styling(doc({code("x\n```\ny", "c++"), para("z")})).text, "```c++\nx\n\u2060```\ny\n```\nz");
}

TEST(ToStyling, KeepsQuotesApart)
{
    const auto d = doc({quote({para("a")}), quote({para("b")})});
    EXPECT_EQ(to_styling(d).text, "> a\n\n> b");
}

TEST(ToStyling, WritesHeadingsBoldAndListsAsLines)
{
    block h{is::heading, std::vector<run>{run{"Title"}}};
    block list{
        is::numbers,
        std::vector<block>{
            block{is::item, std::vector<block>{para("a"), code("c")}},
            block{is::item, std::vector<block>{para("b\nb")}}
        }
    };
    list.level = 9;
    EXPECT_EQ(
        to_styling(doc({h, list, block{is::rule}})).text, "*Title*\n9. a\n```\nc\n```\n10. b\n    b\n---"
    );
}

TEST(ToStyling, ShowsAddressesAndSpoilers)
{
    run link{"here", mark::bold};
    link.link = "https://e.org/_a_";
    EXPECT_EQ(
        to_styling(doc({link, run{"x", mark::spoiler}})).text, "*here* (https://e.org/_a_)[spoiler: x]"
    );
}

TEST(ToStyling, WritesNoLanguageThatWouldEndTheLine)
{
    EXPECT_EQ(to_styling(doc({code("a", "x\n```\n*b*")})).text, "```\na\n```");
}

}  // namespace
}  // namespace rialto::rich::rich_styling_test
