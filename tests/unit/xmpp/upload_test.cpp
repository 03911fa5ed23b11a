#include "bridges/xmpp/upload.hpp"

#include "bridges/xmpp/stanza_error.hpp"
#include "tests/unit/xmpp/tree.hpp"

#include <gmock/gmock.h>

namespace rialto::xmpp::upload_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string slot_ns = "xmlns='urn:xmpp:http:upload:0'";

std::optional<upload_slot> slot(const std::string& inside)
{
    const auto tree = parse("<slot " + slot_ns + ">" + inside + "</slot>");
    return read_slot(&tree.root());
}

TEST(UploadItems, AreServicesAndNotRooms)
{
    const auto tree = parse(
        "<query xmlns='http://jabber.org/protocol/disco#items'><item jid='upload.x'/><item "
        "jid='room@muc.x'/><item jid='pubsub.x' node='n'/><item/><item jid=''/><item jid='muc.x'/></query>"
    );
    EXPECT_THAT(read_items(&tree.root()), ElementsAre("upload.x", "muc.x"));
    EXPECT_THAT(read_items(nullptr), ElementsAre());
}

TEST(UploadOffer, TellsHowMuch)
{
    const std::string info = "<query xmlns='http://jabber.org/protocol/disco#info'>";
    const auto offer = parse(
        info +
        "<feature var='urn:xmpp:http:upload:0'/><x xmlns='jabber:x:data'><field var='max-file-size'>"
        "<value>5000</value></field></x></query>"
    );
    EXPECT_EQ(read_offer(&offer.root()), 5000u);
    const auto silent = parse(info + "<feature var='urn:xmpp:http:upload:0'/></query>");
    EXPECT_EQ(read_offer(&silent.root()), 0u);
    const auto odd = parse(
        info +
        "<feature var='urn:xmpp:http:upload:0'/><x xmlns='jabber:x:data'><field var='max-file-size'>"
        "<value>lots</value></field><field var='max-file-size'/></x></query>"
    );
    EXPECT_EQ(read_offer(&odd.root()), 0u);
    const auto other = parse(info + "<feature var='urn:xmpp:http:upload'/></query>");
    EXPECT_FALSE(read_offer(&other.root()));
    EXPECT_FALSE(read_offer(nullptr));
}

TEST(UploadSlot, IsAskedForByTheFactsOfTheFile)
{
    file f{"a'b<.png", "image/png", media_id{}};
    f.size = 12;
    const auto xml = write_slot_request(f);
    EXPECT_THAT(xml, HasSubstr("size='12'"));
    EXPECT_THAT(xml, HasSubstr("content-type='image/png'"));
    EXPECT_EQ(parse(xml).root().attr("filename"), "a'b<.png");
}

TEST(UploadSlot, HasTwoAddressesAndTheHeadersThatTheStandardAllows)
{
    const auto tree = parse(
        "<slot " + slot_ns +
        "><put url='https://up.x/1'><header name='Authorization'>Basic x</header><header "
        "name='Host'>evil</header>"
        "<header name='cookie'>a=b</header><header name='Expires'>x\r\ny: z</header></put><get "
        "url='https://get.x/1'/></slot>"
    );
    const auto s = read_slot(&tree.root());
    ASSERT_TRUE(s);
    EXPECT_EQ(s->put, "https://up.x/1");
    EXPECT_EQ(s->get, "https://get.x/1");
    ASSERT_EQ(s->headers.size(), 2u);
    EXPECT_EQ(s->headers[0].second, "Basic x");
    EXPECT_EQ(s->headers[1].first, "cookie");
}

TEST(UploadSlot, ThatIsNoneIsRefused)
{
    for (const std::string inside :
         {"", "<put url='https://a/'/>", "<get url='https://a/'/>", "<put/><get/>",
          "<put url='ftp://a/'/><get url='https://a/'/>",
          "<put url='https://a/'/><get url='file:///etc/passwd'/>",
          "<put url='https://a/ b'/><get url='https://a/'/>"})
        EXPECT_FALSE(slot(inside)) << inside;
    EXPECT_FALSE(read_slot(nullptr));
    const auto other = parse("<slot xmlns='urn:other'><put url='https://a/'/><get url='https://a/'/></slot>");
    EXPECT_FALSE(read_slot(&other.root()));
}

TEST(UploadSlot, ARefusalIsTranslated)
{
    EXPECT_THAT(slot_failure(stanza_error{"auth", "forbidden"}, "up.x").why, HasSubstr("allow the bridge"));
    EXPECT_EQ(slot_failure(stanza_error{"modify", "not-acceptable"}, "up.x").kind, cause::too_large);
    EXPECT_EQ(slot_failure(stanza_error{"wait", "resource-constraint"}, "up.x").next, verdict::give_up);
}

TEST(UploadMemory, KnowsWhereAFileIsAndHowOftenItFailed)
{
    upload_memory m;
    const media_id a{"a"};
    EXPECT_EQ(m.known(a), "");
    m.put(a, "https://x/a");
    EXPECT_EQ(m.known(a), "https://x/a");
    const media_id b{"b"};
    EXPECT_TRUE(m.once_more(b));
    EXPECT_TRUE(m.once_more(b));
    EXPECT_FALSE(m.once_more(b));
    for (int i = 0; i < 1'000; ++i)
        m.put(media_id{std::to_string(i)}, "u");
    EXPECT_EQ(m.known(a), "") << "it is bounded";
    EXPECT_EQ(m.known(media_id{"999"}), "u");
}

TEST(UploadMemory, GuessesTheServerFromTheComponent)
{
    EXPECT_EQ(server_of("matrix.example.org"), "example.org");
    EXPECT_EQ(server_of("localhost"), "");
}

}  // namespace
}  // namespace rialto::xmpp::upload_test
