#include "bridges/xmpp/xml_stream.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace rialto::xmpp::xml_stream_test {
namespace {

constexpr std::string_view header =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
    "xmlns:stream='http://etherx.jabber.org/streams' id='s1' from='bridge.localhost'>";

struct recorder
{
    std::vector<std::string> opened, stanzas, skipped;
    int closes = 0;
    std::function<bool(const start_tag&)> wanted;
    std::optional<xml_stream> stream;

    explicit recorder(stream_limits limits = {}, std::function<bool(const start_tag&)> want = {})
        : wanted{std::move(want)}
    {
        stream_handlers on;
        on.on_open = [this](const node& n) {
            opened.push_back(
                std::string{n.attr("id")} + " " + std::string{n.attr("xmlns")} + " " + std::string{n.ns}
            );
        };
        on.on_stanza = [this](const node& n) { stanzas.push_back(to_string(n, stream_ns)); };
        on.on_oversize = [this](const node& n, std::string_view why) {
            skipped.push_back(
                std::string{n.name} + " " + std::string{n.attr("id")} + ": " + std::string{why}
            );
        };
        on.on_close = [this] { ++closes; };
        on.wanted = wanted;
        stream.emplace(std::move(on), limits);
    }
    bool feed(std::string_view bytes) { return stream->feed(bytes); }
};

std::string nested(std::size_t depth)
{
    std::string out = "<message id='deep'>";
    for (std::size_t i = 0; i < depth; ++i)
        out += "<a>";
    for (std::size_t i = 0; i < depth; ++i)
        out += "</a>";
    return out + "</message>";
}

TEST(XmlStream, ShowsTheHeaderEachStanzaAndTheClose)
{
    recorder r;
    EXPECT_TRUE(r.feed(header));
    EXPECT_TRUE(r.feed("<presence from='a@b'/> \n <message><body>x</body></message></stream:stream>"));
    EXPECT_EQ(
        r.opened, std::vector<std::string>{"s1 jabber:component:accept http://etherx.jabber.org/streams"}
    );
    EXPECT_EQ(
        r.stanzas, (std::vector<std::string>{"<presence from='a@b'/>", "<message><body>x</body></message>"})
    );
    EXPECT_EQ(r.closes, 1);
    EXPECT_TRUE(r.stream->closed());
    EXPECT_TRUE(r.feed("anything at all <<<"));  // nothing is read after the close
    EXPECT_EQ(r.stanzas.size(), 2u);
}

const std::string conversation =
    std::string{header} +
    " <message id='1'><body>caf\xC3\xA9 &amp; &#x1F600; &lt;b></body><x xmlns='y' p='&quot;'/></message>"
    "<!-- a - comment --><iq id='2' type='get'><ping xmlns='urn:xmpp:ping'/></iq></stream:stream>";

TEST(XmlStream, IsTheSameOneByteAtATime)
{
    recorder whole, bytes;
    EXPECT_TRUE(whole.feed(conversation));
    for (const char c : conversation)
        ASSERT_TRUE(bytes.feed({&c, 1}));
    EXPECT_EQ(whole.stanzas.size(), 2u);
    EXPECT_EQ(bytes.stanzas, whole.stanzas);
    EXPECT_EQ(bytes.opened, whole.opened);
    EXPECT_EQ(bytes.closes, 1);
}

TEST(XmlStream, IsTheSameCutAtAnyByte)
{
    recorder whole;
    EXPECT_TRUE(whole.feed(conversation));
    for (std::size_t cut = 1; cut < conversation.size(); ++cut) {
        recorder r;
        ASSERT_TRUE(r.feed(std::string_view{conversation}.substr(0, cut))) << cut;
        ASSERT_TRUE(r.feed(std::string_view{conversation}.substr(cut))) << cut;
        ASSERT_EQ(r.stanzas, whole.stanzas) << cut;
    }
}

TEST(XmlStream, ShowsAStanzaWithItsLastByteAndNotLater)
{
    recorder r;
    EXPECT_TRUE(r.feed(header));
    const std::string big = "<message id='" + std::string(300'000, 'x') + "'/>";
    for (std::size_t at = 0; at < big.size(); at += 1000)
        ASSERT_TRUE(r.feed(std::string_view{big}.substr(at, 1000)));
    EXPECT_EQ(r.stanzas.size(), 1u);
}

TEST(XmlStream, ReadsAnAstralCharacterReference)
{
    recorder r;
    EXPECT_TRUE(r.feed(std::string{header} + "<m>&#x1F600;&#127987;</m>"));
    EXPECT_EQ(r.stanzas, std::vector<std::string>{"<m>\xF0\x9F\x98\x80\xF0\x9F\x8F\xB3</m>"});
}

TEST(XmlStream, ReadsTheOtherQuoteInsideAnAttribute)
{
    recorder r;
    EXPECT_TRUE(r.feed(std::string{header} + "<m a='say \"hi\"' b=\"it's\"/>"));
    EXPECT_EQ(r.stanzas, std::vector<std::string>{"<m a='say &quot;hi&quot;' b='it&apos;s'/>"});
}

TEST(XmlStream, TakesAChildNamedLikeTheStreamForAChild)  // any ejabberd user can send it
{
    recorder r;
    EXPECT_TRUE(r.feed(
        std::string{header} +
        "<message id='1'><stream:stream xmlns:stream='http://etherx.jabber.org/streams'/></message><m/>"
    ));
    EXPECT_EQ(r.opened.size(), 1u);
    EXPECT_EQ(r.stanzas.size(), 2u);
    EXPECT_EQ(r.closes, 0);
}

TEST(XmlStream, JoinsTextCutByEntitiesCommentsAndCdata)
{
    recorder r;
    EXPECT_TRUE(r.feed(std::string{header} + "<m>a&amp;b<!-- c -->d<![CDATA[<e>]]>\nf</m>"));
    EXPECT_EQ(r.stanzas, std::vector<std::string>{"<m>a&amp;bd&lt;e&gt;\nf</m>"});
}

TEST(XmlStream, EndsAtADocumentTypeBeforeAnyEntityIsExpanded)
{
    recorder r;
    EXPECT_FALSE(
        r.feed("<!DOCTYPE s [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c "
               "'&b;&b;&b;&b;&b;&b;'>]>"
               "<s>&c;</s>")
    );
    EXPECT_NE(r.stream->error().find("document type"), std::string::npos);
    EXPECT_TRUE(r.opened.empty());
    EXPECT_FALSE(r.feed("<x/>"));
}

TEST(XmlStream, EndsAtAProcessingInstruction)
{
    recorder r;
    EXPECT_FALSE(r.feed(std::string{header} + "<m><?php echo 1 ?></m>"));
    EXPECT_NE(r.stream->error().find("processing instruction"), std::string::npos);
    EXPECT_TRUE(r.stanzas.empty());
}

TEST(XmlStream, EndsAtWhatIsNotXml)
{
    for (const auto* bad :
         {"<m a='1' a='2'/>", "<p:m/>", "<m>\xFF\xFE</m>", "<m>\xEF\xBF\xBE</m>", "< m/>", "<m(x/>",
          "<m>\x01</m>", "<m>&#1;</m>", "<m>&nbsp;</m>", "</m>", "<m></n>", "&amp;<m>]]></m>", "<m a=1/>"}) {
        recorder r;
        EXPECT_FALSE(r.feed(std::string{header} + bad)) << bad;
        EXPECT_TRUE(r.stanzas.empty()) << bad;
        EXPECT_FALSE(r.stream->error().empty());
    }
    recorder http;
    EXPECT_FALSE(http.feed("HTTP/1.1 400 Bad Request\r\n\r\n"));
}

TEST(XmlStream, SkipsAndReportsWhatIsTooDeepAndGoesOn)
{
    recorder r;
    EXPECT_TRUE(r.feed(std::string{header} + nested(62) + nested(63) + nested(100'000) + "<after/>"));
    EXPECT_EQ(r.stanzas.size(), 2u);
    EXPECT_EQ(r.stanzas.back(), "<after/>");
    EXPECT_EQ(r.skipped, (std::vector<std::string>{"message deep: too deep", "message deep: too deep"}));
}

TEST(XmlStream, SkipsAMillionSiblings)
{
    recorder r;
    std::string many = "<message id='wide'>";
    for (int i = 0; i < 1'000'000; ++i)
        many += "<a/>";
    EXPECT_TRUE(r.feed(std::string{header} + many + "</message><after/>"));
    EXPECT_EQ(r.stanzas, std::vector<std::string>{"<after/>"});
    EXPECT_EQ(r.skipped, std::vector<std::string>{"message wide: too many nodes"});
}

TEST(XmlStream, SkipsTenMegabytesInOneText)
{
    recorder r;
    EXPECT_TRUE(r.feed(
        std::string{header} + "<message id='big'><body>" + std::string(10'000'000, 'x') +
        "</body></message><after/>"
    ));
    EXPECT_EQ(r.stanzas, std::vector<std::string>{"<after/>"});
    EXPECT_EQ(r.skipped, std::vector<std::string>{"message big: too many bytes"});
}

TEST(XmlStream, SkipsTenMegabytesOfEntitiesInLinearTime)
{
    recorder r;
    std::string text;
    for (int i = 0; i < 2'000'000; ++i)
        text += "&lt;";
    EXPECT_TRUE(r.feed(std::string{header} + "<message id='amp'>" + text + "</message><after/>"));
    EXPECT_EQ(r.skipped.size(), 1u);
    EXPECT_EQ(r.stanzas, std::vector<std::string>{"<after/>"});
}

TEST(XmlStream, SkipsAnAttributeOverTheLimitAndItsReportIsBrief)
{
    recorder r;
    const std::string huge(2'000'000, 'x');
    EXPECT_TRUE(r.feed(
        std::string{header} + "<message to='" + huge + "' id='1'/><message id='2'><a b='" + huge +
        "'/></message><after/>"
    ));
    EXPECT_EQ(
        r.skipped, (std::vector<std::string>{"message 1: too many bytes", "message 2: too many bytes"})
    );
    EXPECT_EQ(r.stanzas, std::vector<std::string>{"<after/>"});
}

TEST(XmlStream, CountsAttributesAsNodes)
{
    recorder r;
    std::string tag = "<message id='attrs'";
    for (int i = 0; i < 20'000; ++i)
        tag += " a" + std::to_string(i) + "=''";
    EXPECT_TRUE(r.feed(std::string{header} + tag + "/><after/>"));
    EXPECT_EQ(r.skipped, std::vector<std::string>{"message attrs: too many nodes"});
    EXPECT_EQ(r.stanzas, std::vector<std::string>{"<after/>"});
}

TEST(XmlStream, CountsTheBytesOfEachStanzaAlone)
{
    stream_limits limits;
    limits.bytes = 1000;
    recorder r{limits};
    EXPECT_TRUE(r.feed(header));
    for (int i = 0; i < 100; ++i)
        EXPECT_TRUE(r.feed("<m>" + std::string(900, 'x') + "</m>"));
    EXPECT_EQ(r.stanzas.size(), 100u);
    EXPECT_TRUE(r.skipped.empty());
}

TEST(XmlStream, EndsAtATagThatNeverEndsAndReadsItInLinearTime)
{
    recorder r;
    EXPECT_TRUE(r.feed(std::string{header} + "<message a='"));
    const std::string piece(1000, 'x');
    std::size_t sent = 0;
    while (r.feed(piece) && sent < 64'000'000)
        sent += piece.size();
    EXPECT_LT(sent, 17'000'000u);
    EXPECT_NE(r.stream->error().find("a tag of more than"), std::string::npos);
}

TEST(XmlStream, HeaderOverTheLimitsEndsTheStream)
{
    recorder r;
    EXPECT_FALSE(r.feed("<s a='" + std::string(2'000'000, 'x') + "'>"));
    EXPECT_TRUE(r.opened.empty());
}

TEST(XmlStream, DropsAtTheStartTagWhatIsNotWanted)
{
    std::vector<std::string> asked;
    recorder r{{}, [&](const start_tag& tag) {
                   asked.push_back(
                       std::string{tag.ns} + " " + std::string{tag.name} + " " + std::string{tag.attr("to")}
                   );
                   return tag.attr("to") != "puppet@x";
               }};
    EXPECT_TRUE(r.feed(
        std::string{header} + "<message to='puppet@x'><body><a/>x</body></message><message to='bot@x'/>" +
        "<iq/>"
    ));
    EXPECT_EQ(r.stanzas, (std::vector<std::string>{"<message to='bot@x'/>", "<iq/>"}));
    EXPECT_EQ(
        asked, (std::vector<std::string>{
                   "jabber:component:accept message puppet@x", "jabber:component:accept message bot@x",
                   "jabber:component:accept iq "
               })
    );
    EXPECT_TRUE(r.skipped.empty());
}

TEST(XmlStream, StopsInsideACallback)
{
    int seen = 0;
    xml_stream* self = nullptr;
    stream_handlers on;
    on.on_stanza = [&](const node&) {
        ++seen;
        self->stop();
    };
    on.on_close = [&] { ++seen; };
    xml_stream stream{std::move(on)};
    self = &stream;
    EXPECT_TRUE(stream.feed(std::string{header} + "<a/><b/><c/></stream:stream>"));
    EXPECT_TRUE(stream.feed("<d/>"));
    EXPECT_EQ(seen, 1);
    EXPECT_TRUE(stream.error().empty());
}

TEST(XmlStream, HandsAnExceptionOfACallbackToTheFeeder)
{
    stream_handlers on;
    on.on_stanza = [](const node&) { throw std::runtime_error{"mine"}; };
    xml_stream stream{std::move(on)};
    EXPECT_THROW(stream.feed(std::string{header} + "<a/><b/>"), std::runtime_error);
    EXPECT_FALSE(stream.feed("<c/>"));
}

TEST(XmlStream, NeedsNoHandlers)
{
    xml_stream stream{stream_handlers{}};
    EXPECT_TRUE(stream.feed(conversation));
    EXPECT_TRUE(stream.closed());
}

}  // namespace
}  // namespace rialto::xmpp::xml_stream_test
