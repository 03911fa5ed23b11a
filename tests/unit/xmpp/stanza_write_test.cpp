#include "bridges/xmpp/stanza.hpp"
#include "bridges/xmpp/stanza_time.hpp"
#include "tests/unit/xmpp/tree.hpp"

#include <gmock/gmock.h>

namespace rialto::xmpp::stanza_write_test {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string room_jid = "orchard@muc.example";

file file_named(std::string name, std::string url)
{
    file f{std::move(name), "image/png", media_id{}};
    f.url = std::move(url);
    return f;
}

template <class T>
const T& what(const heard& h)
{
    if (!h.what || !std::holds_alternative<T>(*h.what))
        throw std::runtime_error{"something else happened"};
    return std::get<T>(*h.what);
}

route to_room(std::string target = {})
{
    route r{"alice_hs@bridge.example/rialto", room_jid, true, "w1"};
    r.target = std::move(target);
    return r;
}

std::string only(const result<std::vector<piece>>& made)
{
    EXPECT_TRUE(made);
    if (!made || made->size() != 1)
        return {};
    parse(made->front().xml);  // well-formed, or this fails
    return made->front().xml;
}

TEST(WriteMessage, GivesAMessageItsIdTwice)
{
    const auto xml = only(write_message(message{document{"hi <b>&"}}, to_room()));
    EXPECT_THAT(
        xml,
        HasSubstr("from='alice_hs@bridge.example/rialto' to='orchard@muc.example' type='groupchat' id='w1'")
    );
    EXPECT_THAT(xml, HasSubstr("<origin-id xmlns='urn:xmpp:sid:0' id='w1'/>"));
    EXPECT_THAT(xml, HasSubstr("hi &lt;b&gt;&amp;"));
    EXPECT_THAT(xml, Not(HasSubstr("urn:xmpp:receipts"))) << "XEP-0184 §5.3: not in rooms";
}

TEST(WriteMessage, AsksForReceiptsInChats)
{
    route r{"alice_hs@bridge.example/rialto", "romeo@montague.example", false, "w1"};
    const auto xml = only(write_message(message{document{"hi"}}, r));
    EXPECT_THAT(xml, HasSubstr("type='chat'"));
    EXPECT_THAT(xml, HasSubstr("<request xmlns='urn:xmpp:receipts'/>"));
}

TEST(WriteMessage, SaysEmotesWithMe)
{
    message m{document{"sighs"}};
    m.how = manner::emote;
    EXPECT_THAT(only(write_message(m, to_room())), HasSubstr("<body>/me sighs</body>"));
}

TEST(WriteMessage, QuotesWhatAReplyAnswersAndMarksTheQuote)
{
    message m{document{"Yes"}};
    m.reply_to = reference{message_id{"s9"}};
    m.reply_to->excerpt = "Älter\nzwei";
    auto way = to_room("s9");
    way.author = "orchard@muc.example/juliet";
    const auto xml = only(write_message(m, way));
    EXPECT_THAT(xml, HasSubstr("<reply xmlns='urn:xmpp:reply:0' to='orchard@muc.example/juliet' id='s9'/>"));
    EXPECT_THAT(xml, HasSubstr("&gt; zwei\nYes"));
    const auto back = read_message(parse(xml).root(), trust{});
    EXPECT_EQ(what<message>(back).body.plain(), "Yes") << "our own quote must come off again";
}

TEST(WriteMessage, CorrectsByTheFirstId)
{
    const edit e{reference{message_id{"s1"}}, message{document{"better"}}};
    const auto xml = only(write_message(e, to_room("m0")));
    EXPECT_THAT(xml, HasSubstr("<replace xmlns='urn:xmpp:message-correct:0' id='m0'/>"));
    EXPECT_THAT(xml, HasSubstr("<body>better</body>"));
}

TEST(WriteMessage, RetractsReactsAndSetsTheTopic)
{
    auto xml = only(write_message(retraction{reference{message_id{"s1"}}}, to_room("s1")));
    EXPECT_THAT(xml, HasSubstr("<retract xmlns='urn:xmpp:message-retract:1' id='s1'/>"));
    EXPECT_THAT(xml, HasSubstr("<store xmlns='urn:xmpp:hints'/>"));
    xml = only(write_message(reactions{reference{message_id{"s1"}}, {"👍", "<"}}, to_room("s1")));
    EXPECT_THAT(
        xml, HasSubstr("<reactions xmlns='urn:xmpp:reactions:0' "
                       "id='s1'><reaction>👍</reaction><reaction>&lt;</reaction></reactions>")
    );
    EXPECT_THAT(xml, HasSubstr("<store xmlns='urn:xmpp:hints'/>"));
    room_info info;
    info.topic = "Balcony";
    xml = only(write_message(info, to_room()));
    EXPECT_THAT(xml, HasSubstr("<subject>Balcony</subject>"));
    EXPECT_THAT(xml, Not(HasSubstr("<body")));
}

TEST(WriteMessage, SendsEachFileInAStanzaOfItsOwn)
{
    message m{document{"two"}};
    m.files.push_back(file_named("a.png", "https://m.example/a"));
    m.files.push_back(file_named("b.png", "https://m.example/b"));
    const auto made = write_message(m, to_room());
    ASSERT_TRUE(made);
    ASSERT_EQ(made->size(), 3U);
    EXPECT_EQ((*made)[0].id, "w1");
    EXPECT_EQ((*made)[1].id, "w1-1");
    EXPECT_THAT(
        (*made)[2].xml,
        HasSubstr("<body>https://m.example/b</body><x xmlns='jabber:x:oob'><url>https://m.example/b</url>")
    );
    EXPECT_THAT((*made)[2].xml, HasSubstr("id='w1-2'"));
}

TEST(WriteMessage, CannotSpeakOfWhatIsUnknownOverThere)
{
    for (const happening& h :
         {happening{edit{reference{}, message{document{"x"}}}}, happening{retraction{reference{}}},
          happening{reactions{reference{}, {}}}, happening{role{}}}) {
        const auto made = write_message(h, to_room());
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().next, verdict::unsupported);
    }
}

TEST(WriteMessage, NeverLetsPoisonOntoTheStream)
{
    const std::string poison =
        std::string{"a\x01"} + "b\xEF\xBF\xBE" + "c\xED\xA0\x80" + "d\xFF" + std::string(1, '\0');
    message m{document{poison}};
    m.files.push_back(file_named(poison, "https://m.example/" + poison));
    auto way = to_room("s\x02");
    m.reply_to = reference{message_id{"s"}};
    const auto made = write_message(m, way);
    ASSERT_TRUE(made);
    for (const auto& p : *made)
        parse(p.xml);
}

TEST(WriteMessage, TellsTypingAndReceipts)
{
    EXPECT_THAT(
        write_typing(to_room(), true), HasSubstr("<composing xmlns='http://jabber.org/protocol/chatstates'/>")
    );
    EXPECT_THAT(write_typing(to_room(), false), HasSubstr("<paused"));
    EXPECT_THAT(
        write_receipt("a@b", "c@d/e", "m1"), HasSubstr("<received xmlns='urn:xmpp:receipts' id='m1'/>")
    );
}

TEST(StanzaTime, ReadsWhatXep0082Allows)
{
    const auto normal = [](std::string_view text) {
        const auto at = read_time(text);
        return at ? write_time(*at) : std::string{"none"};
    };
    EXPECT_EQ(normal("2026-11-23T03:20:00Z"), "2026-11-23T03:20:00.000Z");
    EXPECT_EQ(normal("2026-11-23T03:20:00.123456Z"), "2026-11-23T03:20:00.123Z");
    EXPECT_EQ(normal("2026-11-23T05:20:00+02:00"), "2026-11-23T03:20:00.000Z");
    EXPECT_EQ(normal("2026-11-22T22:50:00-04:30"), "2026-11-23T03:20:00.000Z");
    for (const auto* bad :
         {"", "2026", "20261123T03:20:00", "2026-02-30T00:00:00Z", "2026-11-23T25:00:00Z",
          "2026-11-23T03:20:00", "2026-11-23T03:20:00Zx", "1969-07-21T02:56:15Z", "-026-11-23T03:20:00Z"})
        EXPECT_EQ(normal(bad), "none") << bad;
}

// Files.

message pictured(std::string words = {})
{
    message m;
    if (!words.empty())
        m.body = document{words};
    m.files.push_back(file_named("moon.png", "https://m.example/moon.png"));
    m.files[0].shown = file::as::image;
    m.files[0].size = 12;
    m.files[0].width = 3;
    m.files[0].height = 4;
    return m;
}

TEST(WriteMessage, SaysWhatAFileIsBesideItsAddress)
{
    const auto xml = only(write_message(pictured(), to_room()));
    EXPECT_THAT(xml, HasSubstr("<body>https://m.example/moon.png</body>"));
    EXPECT_THAT(xml, HasSubstr("<url>https://m.example/moon.png</url>"));
    EXPECT_THAT(xml, HasSubstr("<file-sharing xmlns='urn:xmpp:sfs:0' disposition='inline'>"));
    EXPECT_THAT(
        xml, HasSubstr("<media-type>image/png</media-type><size>12</size><width>3</width><height>4</height>")
    );
    EXPECT_THAT(xml, HasSubstr("target='https://m.example/moon.png'"));
    const auto read = read_message(parse(xml).root(), trust{});
    EXPECT_EQ(what<message>(read).files, pictured().files) << "read back by our own reader";
}

TEST(WriteMessage, AFileAnswersAsWordsDo)
{
    auto m = pictured();
    m.reply_to.emplace(message_id{"x"});
    m.reply_to->excerpt = "show me";
    const auto xml = only(write_message(m, to_room("s9")));
    EXPECT_THAT(xml, HasSubstr("<reply xmlns='urn:xmpp:reply:0' id='s9'/>"));
    EXPECT_THAT(xml, HasSubstr("<body>https://m.example/moon.png</body>")) << "shown in place only so";
    m.body = document{"look"};
    const auto both = write_message(m, to_room("s9"));
    ASSERT_EQ(both->size(), 2U);
    EXPECT_THAT((*both)[0].xml, HasSubstr("<reply"));
    EXPECT_THAT((*both)[1].xml, Not(HasSubstr("<reply")));
}

TEST(WriteMessage, AnEditOfAFileHoldsAllThatStoodThere)
{
    edit e{reference{message_id{"x"}}, pictured()};
    const auto alone = only(write_message(e, to_room("w0")));
    EXPECT_THAT(alone, HasSubstr("<replace xmlns='urn:xmpp:message-correct:0' id='w0'/>"));
    EXPECT_THAT(alone, HasSubstr("<body>https://m.example/moon.png</body>"));
    e.now = pictured("a caption");
    const auto captioned = only(write_message(e, to_room("w0")));
    EXPECT_THAT(captioned, HasSubstr("a caption"));
    EXPECT_THAT(captioned, HasSubstr("https://m.example/moon.png</body>"));
    auto way = to_room("w0");
    way.further.emplace_back("s2");
    const auto caption_only = only(write_message(e, way));
    EXPECT_THAT(caption_only, HasSubstr("<body>a caption</body>")) << "the file is a message of its own";
}

TEST(WriteMessage, ARetractionTakesBackEveryPiece)
{
    auto way = to_room("s1");
    way.further = {"s2", "s3"};
    const auto made = write_message(retraction{reference{message_id{"s1"}}}, way);
    ASSERT_EQ(made->size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_THAT(
            (*made)[i].xml,
            HasSubstr("<retract xmlns='urn:xmpp:message-retract:1' id='s" + std::to_string(i + 1))
        );
        EXPECT_EQ((*made)[i].id, i == 0 ? "w1" : "w1-" + std::to_string(i));
    }
}

TEST(WriteSignal, TellsWhatWasRead)
{
    const auto xml = write_displayed("alice@b/r", "romeo@m", "id1");
    EXPECT_THAT(xml, HasSubstr("<displayed xmlns='urn:xmpp:chat-markers:0' id='id1'/>"));
    const auto h = read_message(parse(xml).root(), trust{});
    EXPECT_EQ(what<receipt>(h).up_to.id.value, "id1");
}

TEST(WriteMessage, SaysWhenALateMessageWasSaid)
{
    auto way = to_room();
    EXPECT_THAT(only(write_message(message{document{"hi"}}, way)), Not(HasSubstr("urn:xmpp:delay")));
    way.late = read_time("2026-11-23T03:20:00.125Z");
    EXPECT_THAT(
        only(write_message(message{document{"hi"}}, way)),
        HasSubstr("<delay xmlns='urn:xmpp:delay' from='bridge.example' stamp='2026-11-23T03:20:00.125Z'/>")
    );
}

TEST(WriteWords, GoToAnOccupantAsAPrivateMessage)
{
    const auto to_one = write_words("b@x/y", "room@muc/romeo", "no <luck>", true);
    EXPECT_THAT(to_one, HasSubstr("http://jabber.org/protocol/muc#user"));
    EXPECT_THAT(to_one, HasSubstr("no &lt;luck&gt;"));
    EXPECT_THAT(write_words("b@x", "romeo@y", "no luck", false), Not(HasSubstr("muc#user")));
}

}  // namespace
}  // namespace rialto::xmpp::stanza_write_test
