#include "core/text.hpp"

#include <gmock/gmock.h>

namespace rialto::text::text_test {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::SizeIs;

TEST(Utf8, AcceptsTheShortestFormOfEveryLength)
{
    for (const char* good :
         {"", "a", "\x7f", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
          "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
        EXPECT_TRUE(is_utf8(good)) << good;
}

TEST(Utf8, RefusesOverlongFormsSurrogatesAndWhatIsTooHigh)
{
    for (const char* bad :
         {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF",
          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC3", "\xE2\x82", "\xF0\x9F\x98", "\xC3\x41"})
        EXPECT_FALSE(is_utf8(bad)) << bad;
}

TEST(Utf8, ReplacesEachMalformedSequenceOnceAndKeepsWhatFollows)
{
    EXPECT_EQ(to_utf8("a\xFF"s + "b"), "a\uFFFDb");
    EXPECT_EQ(to_utf8("\xE2\x82x"), "\uFFFDx");  // a cut-off sequence is one mistake
    EXPECT_EQ(
        to_utf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD"
    );  // a surrogate is three: ED may not be followed by A0
    EXPECT_EQ(to_utf8("Grüße 👍"), "Grüße 👍");
}

TEST(Utf8, WhatIsRepairedIsValidWhateverItWas)
{
    std::string all;
    for (int i = 0; i < 256; ++i)
        for (int j = 0; j < 256; j += 5)
            all.append({static_cast<char>(i), static_cast<char>(j)});
    EXPECT_TRUE(is_utf8(to_utf8(all)));
    EXPECT_TRUE(is_utf8(xml_safe(all)));
}

TEST(XmlSafe, ReplacesWhatXmlForbids)
{
    EXPECT_EQ(xml_safe("a\0b"s), "a\uFFFDb");
    for (char c = 1; c < 0x20; ++c)
        if (c != '\t' && c != '\n' && c != '\r') {
            EXPECT_EQ(xml_safe(std::string{c}), "\uFFFD") << int{c};
        }
    EXPECT_EQ(xml_safe("\uFFFE\uFFFF"), "\uFFFD\uFFFD");
    EXPECT_EQ(xml_safe("\t\n\x7f"), "\t\n\x7f");
}

TEST(XmlSafe, MakesOneLineEndOfThree) { EXPECT_EQ(xml_safe("a\r\nb\rc\n\rd"), "a\nb\nc\n\nd"); }

TEST(Bidi, IsTakenOutOfNames)
{
    EXPECT_EQ(without_bidi("a\u202Etxt.exe\u2066\u200F\u061C"), "atxt.exe");
    EXPECT_EQ(without_bidi("שלום"), "שלום");
}

TEST(Bidi, IsClosedAtTheEndOfItsLine)
{
    EXPECT_EQ(isolate("\u202Eabc\ndef"), "\u202Eabc\u202C\ndef");
    EXPECT_EQ(isolate("\u2067abc"), "\u2067abc\u2069");
    EXPECT_EQ(isolate("\u202Aa\u202C"), "\u202Aa\u202C");
}

TEST(Bidi, MayNotCloseWhatItDidNotOpen)
{
    EXPECT_EQ(isolate("a\u202Cb\u2069c"), "abc");
    EXPECT_EQ(isolate("\u2066a\u202Cb\u2069"), "\u2066ab\u2069");
}

TEST(Bidi, TheEndOfAnIsolateEndsTheEmbeddingsWithinIt)
{
    EXPECT_EQ(isolate("\u2066\u202Ea\u2069b"), "\u2066\u202Ea\u202C\u2069b");
}

TEST(Bidi, IsNotNestedDeeperThanAnyReaderLooks)
{
    std::string many;
    for (int i = 0; i < 10'000; ++i)
        many += "\u202E";
    EXPECT_LE(isolate(many).size(), 6 * 125u);
}

TEST(OneLine, MakesANameOfOneLine)
{
    EXPECT_EQ(one_line(" Juliet\r\nCapulet\t of  Verona "), "Juliet Capulet of Verona");
    EXPECT_EQ(one_line("a\0b\x1B[31mc\x7f\u0085d"s), "ab[31mc d");
    EXPECT_EQ(one_line("a\u2028b\u2029c"), "a b c");
}

TEST(OneLine, TakesOutWhatTurnsTheTextRound) { EXPECT_EQ(one_line("\u202Eevil\uFEFF\uFFF9"), "evil"); }

TEST(OneLine, IsEmptyWhenNothingCanBeSeen)
{
    EXPECT_EQ(one_line("\u200B\u2060 \u3164\uFE0F"), "");
    EXPECT_EQ(one_line("\U000E0041\u00AD"), "");
    EXPECT_EQ(one_line("👨‍👩‍👧"), "👨‍👩‍👧");
}

TEST(OneLine, IsBoundedAtACodePointBorder)
{
    EXPECT_EQ(one_line("ääää", 5), "ää");
    EXPECT_EQ(one_line("a b", 2), "a");
    EXPECT_THAT(one_line(std::string(10'000, 'x')), SizeIs(255));
}

TEST(Prefix, EndsAtACodePointBorder)
{
    EXPECT_EQ(prefix("a👍", 4), "a");
    EXPECT_EQ(prefix("a👍", 5), "a👍");
    EXPECT_EQ(prefix("ä", 0), "");
}

TEST(Shortened, SaysThatSomethingIsMissing)
{
    EXPECT_EQ(shortened("abcdef", 6), "abcdef");
    EXPECT_EQ(shortened("abcdefg", 6), "abc…");
    EXPECT_EQ(shortened("abcdefg", 1), "…");
}

TEST(Split, LeavesShortTextAlone)
{
    EXPECT_THAT(split("abc", 3), ElementsAre("abc"));
    EXPECT_THAT(split("", 3), ElementsAre());
}

TEST(Split, PrefersLineEndsThenWords)
{
    EXPECT_THAT(split("one two\nthree four", 14), ElementsAre("one two", "three four"));
    EXPECT_THAT(split("one two three", 9), ElementsAre("one two", "three"));
    EXPECT_THAT(split("one two three", 7), ElementsAre("one two", "three"));
}

TEST(Split, KeepsTheIndentationOfTheNextLine)
{
    EXPECT_THAT(split("aaaaaaa\n  b", 9), ElementsAre("aaaaaaa", "  b"));
}

TEST(Split, CutsALongWordBetweenCodePoints)
{
    EXPECT_THAT(split("ääää", 5), ElementsAre("ää", "ää"));
    EXPECT_THAT(split("👍👍", 2), ElementsAre("👍", "👍"));  // too narrow for one: still no endless loop
}

TEST(Split, LosesNoWordAndKeepsItsLimit)
{
    std::string all;
    for (int i = 0; i < 500; ++i)
        all += "word" + std::to_string(i) + (i % 7 == 0 ? "\n" : " ");
    for (std::size_t most : {20u, 33u, 100u, 1000u}) {
        std::string again;
        for (const auto& part : split(all, most)) {
            EXPECT_LE(part.size(), most);
            again += part + " ";
        }
        for (int i = 0; i < 500; ++i)
            EXPECT_NE((" " + again).find("word" + std::to_string(i)), again.npos);
    }
}

TEST(Lines, KeepTheEmptyOnes) { EXPECT_THAT(lines("a\n\nb\n"), ElementsAre("a", "", "b", "")); }

TEST(Word, IsTakenWithTheBlanksBeforeItAndOneBehind)
{
    std::string_view rest = "  one two  three";
    EXPECT_EQ(next_word(rest), "one");
    EXPECT_EQ(rest, "two  three");
    EXPECT_EQ(next_word(rest), "two");
    EXPECT_EQ(next_word(rest), "three");
    EXPECT_EQ(next_word(rest), "");
    EXPECT_EQ(rest, "");
}

TEST(Number, IsDigitsAndNothingElse)
{
    EXPECT_EQ(read_number("0"), 0U);
    EXPECT_EQ(read_number("999999999999999999"), 999'999'999'999'999'999U);
    for (const char* none : {"", "-1", "+1", " 1", "1 ", "0x1", "1.0", "1000000000000000000"})
        EXPECT_FALSE(read_number(none)) << none;
}

}  // namespace
}  // namespace rialto::text::text_test
