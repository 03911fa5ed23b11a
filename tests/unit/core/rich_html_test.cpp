// Matrix HTML, XHTML-IM and mail HTML into documents, and documents into Matrix HTML.
#include "core/rich/html.hpp"
#include "core/rich/plain.hpp"

#include <gmock/gmock.h>

namespace rialto::rich::rich_html_test {
namespace {

using namespace std::string_literals;
using is = block::is;

block para(std::vector<run> runs) { return block{is::paragraph, std::move(runs)}; }
block para(std::string text) { return para({run{std::move(text)}}); }
document doc(std::vector<block> blocks) { return document{std::move(blocks)}; }
document doc(std::vector<run> runs) { return doc(std::vector<block>{para(std::move(runs))}); }
run linked(std::string text, std::string link)
{
    run r{std::move(text)};
    r.link = std::move(link);
    return r;
}
run mentioning(std::string text, std::string mxid)
{
    run r{std::move(text)};
    r.mention = std::move(mxid);
    return r;
}
document read(std::string_view html, dialect from = dialect::matrix)
{
    auto d = from_html(html, from);
    EXPECT_TRUE(d) << html;
    return d ? *d : document{};
}

TEST(FromHtml, KnowsTheMarksOfTheMatrixSpecification)
{
    const std::pair<const char*, std::uint8_t> marks[]{
        {"b", mark::bold},     {"strong", mark::bold}, {"i", mark::italic},    {"em", mark::italic},
        {"del", mark::strike}, {"s", mark::strike},    {"u", mark::underline}, {"code", mark::code},
    };
    for (const auto& [tag, m] : marks)
        EXPECT_EQ(read("a<"s + tag + ">b</" + tag + ">c"), doc({run{"a"}, run{"b", m}, run{"c"}})) << tag;
}

TEST(FromHtml, NestsMarks)
{
    EXPECT_EQ(
        read("<b>a<i>b</i></b>c"), doc({run{"a", mark::bold}, run{"b", mark::bold | mark::italic}, run{"c"}})
    );
}

TEST(FromHtml, TakesTagsThatCrossEachOther)
{
    EXPECT_EQ(read("<b>a<i>b</b>c</i>d").plain(), "abcd");
    EXPECT_EQ(read("a</b></p></div>c").plain().substr(0, 1), "a");
}

TEST(FromHtml, CollapsesWhiteSpace)
{
    EXPECT_EQ(read("  a \n\t b<b> c </b> d  "), doc({run{"a b"}, run{" c ", mark::bold}, run{"d"}}));
    EXPECT_EQ(read("<p> a </p>\n<p> b </p>\n"), doc({para("a"), para("b")}));
}

TEST(FromHtml, KeepsNoBreakSpacesAsSpaces) { EXPECT_EQ(read("a&nbsp; b&nbsp;"), doc({run{"a  b "}})); }

TEST(FromHtml, BreaksLines)
{
    EXPECT_EQ(read("a<br>b<br/> c"), doc({run{"a\nb\nc"}}));
    EXPECT_EQ(read("<p><br>a<br></p>"), doc({run{"a"}}));
    EXPECT_EQ(read("<div>a</div><div>b</div>c"), doc({run{"a\nb\nc"}}));
}

TEST(FromHtml, DropsTheReplyFallback)
{
    EXPECT_EQ(
        read("<mx-reply><blockquote><a href='https://matrix.to/#/!r:h/$e'>In reply to</a> "
             "<a href='https://matrix.to/#/@a:h'>@a:h</a><br>old</blockquote></mx-reply>new"),
        doc({run{"new"}})
    );
}

TEST(FromHtml, DropsWhatIsNotForReaders)
{
    EXPECT_EQ(
        read("a<script>alert(1)</script><style>b{}</style><!-- c --><?php d ?><svg><text>e</text></svg>f")
            .plain(),
        "af"
    );
    EXPECT_EQ(
        read("<!DOCTYPE html [<!ENTITY x 'y'>]><html><head><title>t</title></head><body>a&x;</body></html>")
            .plain()
            .find("t</"),
        std::string::npos
    );
}

TEST(FromHtml, KeepsTheTextOfTagsItDoesNotKnow)
{
    EXPECT_EQ(read("<blink>a</blink><x-y onclick='z'>b</x-y><font color='red'>c</font>"), doc({run{"abc"}}));
}

TEST(FromHtml, UnescapesEntities)
{
    EXPECT_EQ(read("&lt;b&gt; &amp; &auml;&#x1F44D;&quot;"), doc({run{"<b> & ä👍\""}}));
}

TEST(FromHtml, MakesLinksOnlyOfHarmlessSchemes)
{
    EXPECT_EQ(read("<a href='https://e.org/'>x</a>"), doc({linked("x", "https://e.org/")}));
    EXPECT_EQ(read("<a href=' MAILTO:a@e.org '>x</a>"), doc({linked("x", "MAILTO:a@e.org")}));
    for (const char* bad :
         {"javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "//e.org", "/path",
          "ftp://e.org", "file:///etc/passwd", "vbscript:x", "https:e", "http://a b", "", "xmpp:"})
        EXPECT_EQ(read("<a href=\""s + bad + "\">x</a>"), doc({run{"x"}})) << bad;
}

TEST(FromHtml, TurnsLinksToPeopleIntoMentions)
{
    EXPECT_EQ(
        read("<a href='https://matrix.to/#/@juliet:hs.example'>Juliet</a>: hi"),
        doc({mentioning("Juliet", "@juliet:hs.example"), run{": hi"}})
    );
    EXPECT_EQ(
        read("<a href='https://matrix.to/#/%40_x%2Fy%3Ahs?via=a'>J</a>"), doc({mentioning("J", "@_x/y:hs")})
    );
    EXPECT_EQ(
        read("<a href='matrix:u/juliet:hs.example?action=chat'>J</a>"),
        doc({mentioning("J", "@juliet:hs.example")})
    );
    EXPECT_EQ(
        read("<a href='https://matrix.to/#/!room:hs'>r</a>"),
        doc({linked("r", "https://matrix.to/#/!room:hs")})
    );
}

TEST(FromHtml, FindsNoPersonInALinkThatOnlyLooksLikeOne)
{
    for (const char* none :
         {"https://matrix.to/#/@nobody", "https://matrix.to/#/@a:", "https://matrix.to/#/@a:h%0Ad",
          "https://matrix.to/#/@a:h/$e", "https://example.org/#/@a:h", "matrix:r/room:hs"})
        EXPECT_EQ(user_in_link(none), "") << none;
}

TEST(FromHtml, KnowsSpoilers)
{
    EXPECT_EQ(read("<span data-mx-spoiler>he dies</span>"), doc({run{"he dies", mark::spoiler}}));
    EXPECT_EQ(
        read("<span data-mx-spoiler='the end'>he dies</span>"),
        doc({run{"(the end) "}, run{"he dies", mark::spoiler}})
    );
}

TEST(FromHtml, ReadsHeadingsAndRules)
{
    block h{is::heading, std::vector<run>{run{"a"}}};
    h.level = 3;
    EXPECT_EQ(read("<h3>a</h3><hr>b"), doc({h, block{is::rule}, para("b")}));
}

TEST(FromHtml, ReadsListsWithinLists)
{
    block inner{is::bullets, std::vector<block>{block{is::item, std::vector<block>{para("b")}}}};
    block outer{
        is::numbers,
        std::vector<block>{
            block{is::item, std::vector<block>{para("a"), inner}},
            block{is::item, std::vector<block>{para("c")}}
        }
    };
    outer.level = 5;
    EXPECT_EQ(read("<ol start=5>\n<li>a\n<ul>\n<li>b</li></ul></li>\n<li><p>c</p></li></ol>"), doc({outer}));
}

TEST(FromHtml, TakesAListWithoutItemsAndItemsWithoutAList)
{
    EXPECT_EQ(read("<ul>a</ul>"), read("<ul><li>a</li></ul>"));
    EXPECT_EQ(read("<li>a</li><li>b</li>"), doc({para("a"), para("b")}));
    EXPECT_EQ(read("<ul></ul>a"), doc({para("a")}));
}

TEST(FromHtml, KeepsTheWhiteSpaceOfCode)
{
    block code{is::code, std::vector<run>{run{"int  x;\n\n  <b>"}}};
    code.language = "c++";
    EXPECT_EQ(read("<pre><code class=\"language-c++\">int  x;\n\n  &lt;b&gt;\n</code></pre>"), doc({code}));
    code.language.clear();
    EXPECT_EQ(read("<pre>\nint  x;\n\n  <b>&lt;b&gt;</b></pre>"), doc({code}));
    EXPECT_EQ(read("<pre><code class='language-\"x'>a</code></pre>").blocks.front().language, "");
}

TEST(FromHtml, ReadsQuotesWithinQuotes)
{
    block inner{is::quote, std::vector<block>{para("a")}};
    block outer{is::quote, std::vector<block>{inner, para("b")}};
    EXPECT_EQ(read("<blockquote><blockquote>a</blockquote>b</blockquote>c"), doc({outer, para("c")}));
}

TEST(FromHtml, ShowsPicturesByTheirNames)
{
    EXPECT_EQ(
        read("a <img data-mx-emoticon src='mxc://h/x' alt=':cat:' title='cat'>!"), doc({run{"a :cat:!"}})
    );
}

TEST(FromHtml, SetsTablesAsLines)
{
    EXPECT_EQ(
        read("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>").plain(),
        "a | b\nc | d"
    );
}

TEST(FromHtml, ReplacesWhatXmlForbids)
{
    EXPECT_EQ(read("a\0b\x1F\uFFFE\xFF"s), doc({run{"a\uFFFDb\uFFFD\uFFFD\uFFFD"}}));
    EXPECT_EQ(read("a&#0;b&#x1f;c&#xfffe;d").plain(), "abcd");
}

TEST(FromHtml, DoesNotBelieveACharset) { EXPECT_EQ(read("<meta charset='iso-8859-1'>ä"), doc({run{"ä"}})); }

TEST(FromHtml, ClosesBidiControls)
{
    EXPECT_EQ(read("\u202Ea<p>b</p>"), doc({para("\u202Ea\u202C"), para("b")}));
}

TEST(XhtmlIm, ReadsLooksFromStyleAttributes)
{
    EXPECT_EQ(
        read(
            "<p><span style='font-weight: bold'>a</span><span style='FONT-STYLE:italic;text-decoration: "
            "underline "
            "line-through'>b</span><b style='font-weight:normal'>c</b></p>",
            dialect::xhtml_im
        ),
        doc({run{"a", mark::bold}, run{"b", mark::italic | mark::strike | mark::underline}, run{"c"}})
    );
    EXPECT_EQ(
        read("<p style='font-weight:700'>a</p>b", dialect::xhtml_im),
        doc({para({run{"a", mark::bold}}), para("b")})
    );
}

TEST(XhtmlIm, TakesTheWholeBodyElement)
{
    EXPECT_EQ(
        read(
            "<body xmlns='http://www.w3.org/1999/xhtml'><p>hi <a href='xmpp:a@b'>x</a></p></body>",
            dialect::xhtml_im
        ),
        doc({run{"hi "}, linked("x", "xmpp:a@b")})
    );
}

TEST(XhtmlIm, SpoilersAreAMatterOfMatrix)
{
    EXPECT_EQ(read("<span data-mx-spoiler>a</span>", dialect::xhtml_im), doc({run{"a"}}));
    EXPECT_EQ(read("<span style='font-weight:bold'>a</span>", dialect::matrix), doc({run{"a"}}));
}

TEST(MailHtml, DropsHiddenText)
{
    EXPECT_EQ(read("<div style='display:none'>a</div>b", dialect::mail), doc({run{"b"}}));
}

TEST(FromHtml, GivesUpOnNestingDeeperThanAHundred)
{
    const auto nested = [](int n, const std::string& tag) {
        std::string s;
        for (int i = 0; i < n; ++i)
            s += "<" + tag + ">";
        return s + "x";
    };
    EXPECT_TRUE(from_html(nested(100, "b"), dialect::matrix));
    EXPECT_FALSE(from_html(nested(101, "b"), dialect::matrix));
    EXPECT_FALSE(from_html(nested(120, "blockquote"), dialect::matrix));
    EXPECT_FALSE(from_html(nested(10'000, "ul"), dialect::matrix));
    EXPECT_EQ(from_matrix(nested(120, "i"), "the plain words"), document{"the plain words"});
}

TEST(FromHtml, GivesUpOnTooManyBytesOrTags)
{
    html_limits few;
    few.tags = 3;
    EXPECT_TRUE(from_html("<b></b><b></b><b></b>", dialect::matrix, few));
    EXPECT_FALSE(from_html("<b></b><b></b><b></b><b></b>", dialect::matrix, few));
    EXPECT_FALSE(from_html(std::string(300'000, 'x'), dialect::matrix));
}

// A reader that is not linear in these does not end before ctest ends it.
TEST(FromHtml, ReadsHostileInputToItsEnd)
{
    for (const char* piece : {"<b>",       "</b>", "<b></i>", "&",        "&amp",     "<",   "<!--",
                              "<a href='", "<p>",  "<li>",    "<ul><li>", "<td>",     "]]>", "<![CDATA[",
                              "<!DOCTYPE", "\"",   "<br>",    "<pre>",    "<dd><dt>", " ",   "<i/>x"}) {
        std::string s;
        while (s.size() < 60'000)
            s += piece;
        const auto read = from_html(s, dialect::matrix);
        EXPECT_TRUE(!read || read->blocks.size() <= s.size()) << piece;
    }
}

TEST(FromMatrix, TakesTheBodyWhenTheHtmlSaysNothing)
{
    EXPECT_EQ(from_matrix("", "a\nb"), document{"a\nb"});
    EXPECT_EQ(from_matrix("<b></b>", "a"), document{"a"});
    EXPECT_EQ(from_matrix("<b>x</b>", "a"), doc({run{"x", mark::bold}}));
}

TEST(ToHtml, WritesOneParagraphWithoutTags)
{
    EXPECT_EQ(to_html(document{"a < b & \"c\"\nd"}), "a &lt; b &amp; &quot;c&quot;<br>d");
    EXPECT_EQ(to_html(doc({para("a"), para("b")})), "<p>a</p><p>b</p>");
    EXPECT_EQ(to_html(document{}), "");
}

TEST(ToHtml, KeepsCommonMarksOpen)
{
    EXPECT_EQ(
        to_html(doc({run{"a", mark::bold}, run{"b", mark::bold | mark::italic}, run{"c"}})),
        "<strong>a<em>b</em></strong>c"
    );
}

TEST(ToHtml, WritesMentionsAsMatrixLinks)
{
    EXPECT_EQ(to_html(doc({mentioning("J", "@a/b:hs")})), "<a href=\"https://matrix.to/#/@a%2Fb:hs\">J</a>");
    EXPECT_EQ(to_html(doc({mentioning("J", "romeo@montague.example")})), "J");
}

TEST(ToHtml, WritesNoLinkThatMayNotBeRead)
{
    EXPECT_EQ(to_html(doc({linked("x", "javascript:alert(1)")})), "x");
    EXPECT_EQ(
        to_html(doc({linked("x", "https://e.org/?a=1&b='")})), "<a href=\"https://e.org/?a=1&amp;b='\">x</a>"
    );
}

TEST(ToHtml, PutsNoParagraphIntoASimpleItem)
{
    block list{
        is::bullets,
        std::vector<block>{
            block{is::item, std::vector<block>{para("a")}},
            block{is::item, std::vector<block>{para("b"), para("c")}}
        }
    };
    EXPECT_EQ(to_html(doc({list})), "<ul><li>a</li><li><p>b</p><p>c</p></li></ul>");
}

TEST(ToHtml, KeepsSpacesThatHtmlWouldSwallow)
{
    const document d{" a  b   c \n  d "};
    EXPECT_EQ(read(to_html(d)), d);
}

TEST(ToHtml, SendsNoControlCharacter) { EXPECT_EQ(to_html(document{"a\0b"s}), "a\uFFFDb"); }

TEST(Html, SaysWhereAPictureThatCameWithAMailStood)
{
    const auto said = [](std::string_view html) { return from_html(html, dialect::mail)->plain(); };
    EXPECT_EQ(said("see <img src='cid:1@x' alt='a map'> here"), "see [a map] here");
    EXPECT_EQ(said("see <img src='cid:1@x'>"), "see [picture]");
    EXPECT_EQ(said("see <img src='https://x.example/pixel'> it"), "see it");
}

}  // namespace
}  // namespace rialto::rich::rich_html_test
