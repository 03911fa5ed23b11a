#include "bridges/xmpp/xml.hpp"

#include "bridges/xmpp/xml_stream.hpp"

#include <gtest/gtest.h>

namespace rialto::xmpp::xml_test {
namespace {

std::string safe(std::string_view text)
{
    std::string out;
    append_text(out, text);
    return out;
}

// What a receiver makes of one stanza.
owned_tree parsed(std::string_view stanza)
{
    std::optional<owned_tree> seen;
    stream_handlers on;
    on.on_stanza = [&](const node& n) { seen.emplace(n); };
    xml_stream stream{std::move(on)};
    EXPECT_TRUE(stream.feed(
        "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'>"
    ));
    EXPECT_TRUE(stream.feed(stanza)) << stream.error() << ": " << stanza;
    EXPECT_TRUE(seen) << stanza;
    return seen ? std::move(*seen) : owned_tree{};
}

TEST(AppendText, EscapesMarkup)
{
    EXPECT_EQ(safe("<b a='\"'>&amp;"), "&lt;b a=&apos;&quot;&apos;&gt;&amp;amp;");
}

TEST(AppendText, KeepsTabsLineEndsAndC1AndTheAstralPlanes)
{
    EXPECT_EQ(safe("a\tb\nc"), "a\tb\nc");
    EXPECT_EQ(safe("\xC2\x80\xC2\x9F"), "\xC2\x80\xC2\x9F");
    EXPECT_EQ(safe("\xF0\x9F\x98\x80"), "\xF0\x9F\x98\x80");
    EXPECT_EQ(safe("\xF4\x8F\xBF\xBF"), "\xF4\x8F\xBF\xBF");
}

TEST(AppendText, WritesCarriageReturnsSoThatTheySurvive) { EXPECT_EQ(safe("a\rb"), "a&#13;b"); }

TEST(AppendText, ReplacesWhatXmlForbids)
{
    const std::string r = "\xEF\xBF\xBD";
    EXPECT_EQ(safe(std::string_view{"a\0b", 3}), "a" + r + "b");
    EXPECT_EQ(safe("\x01\x1F"), r + r);
    EXPECT_EQ(safe("\xEF\xBF\xBE"), r);          // U+FFFE
    EXPECT_EQ(safe("\xEF\xBF\xBF"), r);          // U+FFFF
    EXPECT_EQ(safe("\xED\xA0\x80"), r + r + r);  // a lone surrogate
    EXPECT_EQ(safe("\xC0\xAF"), r + r);          // overlong
    EXPECT_EQ(safe("\xF4\x90\x80\x80"), r + r + r + r);
    EXPECT_EQ(safe("ok\xE2\x82"), "ok" + r + r);  // cut in the middle
    EXPECT_EQ(safe("\xFF<"), r + "&lt;");
}

TEST(AppendText, EveryPairOfBytesIsTakenByAParser)
{
    for (int a = 0; a < 256; ++a) {
        std::string stanza = "<m>";
        for (int b = 0; b < 256; ++b) {
            const char pair[] = {static_cast<char>(a), static_cast<char>(b)};
            append_text(stanza, {pair, 2});
        }
        parsed(stanza + "</m>");
    }
}

TEST(Element, NestsAsTheCodeDoes)
{
    std::string out;
    {
        element message{out, "message"};
        message("to", "a@b")("id", "1");
        element body{message, "body"};
        body.text("hi <there>");
        body.close();
        element x{message, "x", "jabber:x:oob"};
        element{x, "url"}.text("u");
    }
    EXPECT_EQ(
        out,
        "<message to='a@b' id='1'><body>hi &lt;there&gt;</body><x "
        "xmlns='jabber:x:oob'><url>u</url></x></message>"
    );
}

TEST(Element, WithoutContentIsAnEmptyTag)
{
    std::string out;
    element{out, "presence"}("from", "a@b/c").raw("");
    EXPECT_EQ(out, "<presence from='a@b/c'/>");
}

TEST(Element, AttributeValuesComeBackAsTheyWere)
{
    const std::string value = "a'b\"c<d>&\n\te\r\xF0\x9F\x98\x80";
    std::string out;
    element{out, "m"}("id", value);
    EXPECT_EQ(parsed(out).root().attr("id"), value);
}

TEST(Element, CopiesAReceivedTreeWithItsNamespaces)
{
    const auto in = parsed("<message><x xmlns='jabber:x:data' type='form'><field/></x></message>");
    std::string out;
    {
        element iq{out, "iq"};
        iq.copy(*in.root().child("x"));
        iq.raw("<y/>");
    }
    EXPECT_EQ(out, "<iq><x xmlns='jabber:x:data' type='form'><field/></x><y/></iq>");
}

TEST(Node, FindsAttributesAndChildrenByNameAndNamespace)
{
    const auto tree = parsed(
        "<message from='a@b' type='' xml:lang='de'>text<body>hi</body><x xmlns='one'/>more<x xmlns='two' "
        "n='1'/><x xmlns='two' n='2'/></message>"
    );
    const auto& m = tree.root();
    EXPECT_EQ(m.attr("from"), "a@b");
    EXPECT_EQ(m.attr("lang"), "");  // that one has a namespace
    EXPECT_EQ(m.lang(), "de");
    EXPECT_TRUE(m.has("type"));
    EXPECT_FALSE(m.has("id"));
    EXPECT_TRUE(m.is("message", stream_ns));
    ASSERT_TRUE(m.child("body"));
    EXPECT_EQ(m.child("body")->content(), "hi");
    EXPECT_EQ(m.child({})->name, "body");  // text is nobody's child by name
    EXPECT_EQ(m.child("x")->ns, "one");
    const auto* two = m.child("x", "two");
    ASSERT_TRUE(two);
    EXPECT_EQ(two->attr("n"), "1");
    ASSERT_TRUE(two->sibling("x", "two"));
    EXPECT_EQ(two->sibling("x", "two")->attr("n"), "2");
    EXPECT_EQ(two->sibling("x", "one"), nullptr);
    EXPECT_EQ(m.child("subject"), nullptr);
}

TEST(Node, ContentIsThatOfAnElementWithTextAlone)
{
    EXPECT_EQ(parsed("<m>one &amp; <![CDATA[<two>]]></m>").root().content(), "one & <two>");
    EXPECT_EQ(parsed("<m/>").root().content(), "");
    EXPECT_EQ(parsed("<m>a<b/>c</m>").root().content(), "");
}

TEST(ToString, ReadsBackAsTheSameTree)
{
    const auto first = parsed(
        "<message to='x' xml:lang='en'><body>a &lt; b</body><forwarded xmlns='urn:xmpp:forward:0'><message "
        "xmlns='jabber:client'><body>in</body></message></forwarded><p:y xmlns:p='urn:p' "
        "p:z='1'>t<p:w/>u</p:y></message>"
    );
    const auto text = to_string(first.root(), stream_ns);
    EXPECT_EQ(
        text,
        "<message to='x' xml:lang='en'><body>a &lt; b</body><forwarded xmlns='urn:xmpp:forward:0'><message "
        "xmlns='jabber:client'><body>in</body></message></forwarded><y xmlns='urn:p' xmlns:a0='urn:p' "
        "a0:z='1'>t<w/>u</y></message>"
    );
    EXPECT_EQ(to_string(parsed(text).root(), stream_ns), text);
}

TEST(ToString, ToldNoSurroundingsNamesTheNamespace)
{
    EXPECT_EQ(to_string(parsed("<m/>").root()), "<m xmlns='jabber:component:accept'/>");
}

TEST(OwnedTree, OutlivesTheStanzaAndAMove)
{
    auto one = parsed("<iq id='1'><query xmlns='q'><item n='1'/><item n='2'/>text</query></iq>");
    const node* root = &one.root();
    const owned_tree two{std::move(one)};
    EXPECT_EQ(&two.root(), root);
    EXPECT_EQ(to_string(owned_tree{two.root()}.root(), stream_ns), to_string(two.root(), stream_ns));
    EXPECT_EQ(owned_tree{*two.root().child("query")}.root().parent, nullptr);
}

TEST(OwnedTree, EmptyAndMovedFromAreAnElementWithoutName)
{
    owned_tree a;
    EXPECT_TRUE(a.root().name.empty());
    owned_tree b{std::move(a)};
    EXPECT_EQ(a.root().child("x"), nullptr);  // NOLINT(bugprone-use-after-move)
}

TEST(OwnedTree, CopiesAndWritesAMillionLevelsWithoutStack)
{
    std::vector<node> chain(1'000'000);
    for (std::size_t i = 0; i < chain.size(); ++i) {
        chain[i].name = "a";
        if (i + 1 < chain.size())
            chain[i].first = chain[i].last = &chain[i + 1];
        if (i > 0)
            chain[i].parent = &chain[i - 1];
    }
    const owned_tree copy{chain.front()};
    EXPECT_EQ(to_string(copy.root()).size(), (chain.size() - 1) * 7 + 4);
}

}  // namespace
}  // namespace rialto::xmpp::xml_test
