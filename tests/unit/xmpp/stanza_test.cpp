#include "bridges/xmpp/stanza.hpp"
#include "bridges/xmpp/stanza_files.hpp"
#include "bridges/xmpp/stanza_time.hpp"
#include "tests/unit/xmpp/tree.hpp"

#include <gmock/gmock.h>

namespace rialto::xmpp::stanza_test {
namespace {

using testing::ElementsAre;

const std::string room_jid = "orchard@muc.example";

heard in_room(std::string_view inside, std::string_view attributes = "")
{
    const auto tree = parse(
        "<message from='orchard@muc.example/romeo' to='bot@bridge.example/rialto' type='groupchat' id='m1' " +
        std::string{attributes} + ">" + std::string{inside} + "</message>"
    );
    return read_message(tree.root(), trust{room_jid, true});
}

heard in_chat(std::string_view inside)
{
    const auto tree = parse(
        "<message from='romeo@montague.example/phone' to='alice_hs@bridge.example' type='chat' id='c1'>" +
        std::string{inside} + "</message>"
    );
    return read_message(tree.root(), trust{});
}

template <class T>
const T& what(const heard& h)
{
    if (!h.what || !std::holds_alternative<T>(*h.what))
        throw std::runtime_error{"something else happened"};
    return std::get<T>(*h.what);
}

TEST(ReadMessage, TakesWhatProsodySendsToARoom)
{
    const auto h = in_room(
        "<body>But soft!</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/>"
        "<stanza-id xmlns='urn:xmpp:sid:0' by='orchard@muc.example' id='2026-0001'/>"
        "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='dd72603deec90a38'/>"
        "<active xmlns='http://jabber.org/protocol/chatstates'/>"
    );
    EXPECT_EQ(what<message>(h).body.plain(), "But soft!");
    EXPECT_EQ(h.from, "orchard@muc.example/romeo");
    EXPECT_EQ(h.id, "m1");
    EXPECT_EQ(h.origin_id, "m1");
    EXPECT_EQ(h.stanza_id, "2026-0001");
    EXPECT_EQ(h.occupant_id, "dd72603deec90a38");
    EXPECT_EQ(h.typing, false);
    EXPECT_FALSE(h.stamp);
}

TEST(ReadMessage, BelievesOnlyTheRoomAboutStanzaIds)
{
    const auto h = in_room(
        "<body>x</body><stanza-id xmlns='urn:xmpp:sid:0' by='romeo@montague.example' id='forged'/>"
        "<stanza-id xmlns='urn:xmpp:sid:0' by='orchard@muc.example' id='true'/>"
        "<stanza-id xmlns='urn:xmpp:sid:0' by='evil@muc.example' id='forged too'/>"
    );
    EXPECT_EQ(h.stanza_id, "true");
}

TEST(ReadMessage, BelievesNoOccupantIdFromARoomThatDoesNotAdvertiseThem)
{
    const auto tree = parse(
        "<message from='r@m/n' type='groupchat'><body>x</body>"
        "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='forged'/></message>"
    );
    EXPECT_EQ(read_message(tree.root(), trust{"r@m", false}).occupant_id, "");
}

TEST(ReadMessage, KnowsAnEmote)
{
    const auto h = in_room("<body>/me sighs</body>");
    const auto& m = what<message>(h);
    EXPECT_EQ(m.how, manner::emote);
    EXPECT_EQ(m.body.plain(), "sighs");
    EXPECT_EQ(what<message>(in_room("<body>/meow</body>")).how, manner::say);
}

TEST(ReadMessage, TakesACorrectionAsAnEditOfTheFirstId)
{
    const auto h = in_room("<body>But, soft!</body><replace xmlns='urn:xmpp:message-correct:0' id='m0'/>");
    EXPECT_EQ(what<edit>(h).target.id.value, "m0");
    EXPECT_EQ(what<edit>(h).now.body.plain(), "But, soft!");
}

TEST(ReadMessage, StripsTheQuoteOfAReplyByCharactersNotBytes)
{
    const auto h = in_room(
        "<body>&gt; Älter\nYes</body><reply xmlns='urn:xmpp:reply:0' to='orchard@muc.example/j' id='s9'/>"
        "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='8'/></fallback>"
    );
    ASSERT_TRUE(what<message>(h).reply_to);
    EXPECT_EQ(what<message>(h).reply_to->id.value, "s9");
    EXPECT_EQ(what<message>(h).body.plain(), "Yes");
}

TEST(ReadMessage, SurvivesFallbackRangesThatAreWrong)
{
    const auto body_with = [](std::string_view range) {
        return in_room(
            "<body>abc</body><reply xmlns='urn:xmpp:reply:0' id='s'/>"
            "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'>" +
            std::string{range} + "</fallback>"
        );
    };
    EXPECT_EQ(what<message>(body_with("<body start='1' end='99'/>")).body.plain(), "a");
    EXPECT_EQ(what<message>(body_with("<body start='5' end='99'/>")).body.plain(), "abc");
    EXPECT_EQ(what<message>(body_with("<body start='2' end='1'/>")).body.plain(), "abc");
    EXPECT_EQ(what<message>(body_with("<body start='-1' end='2'/>")).body.plain(), "abc");
    EXPECT_EQ(what<message>(body_with("<body start='0' end='zz'/>")).body.plain(), "abc");
    EXPECT_FALSE(body_with("<body/>").what) << "a body that is all fallback says nothing";
}

TEST(ReadMessage, LeavesFallbacksItDoesNotUnderstandInTheText)
{
    const auto h = in_room(
        "<body>see poll</body><fallback xmlns='urn:xmpp:fallback:0' for='urn:example:poll'><body/></fallback>"
    );
    EXPECT_EQ(what<message>(h).body.plain(), "see poll");
}

TEST(ReadMessage, TakesReactionsAsASet)
{
    const auto h = in_room(
        "<reactions xmlns='urn:xmpp:reactions:0' id='s7'><reaction>👍</reaction><reaction>👍</reaction>"
        "<reaction>❤️</reaction><reaction/></reactions><store xmlns='urn:xmpp:hints'/>"
    );
    EXPECT_EQ(what<reactions>(h).target.id.value, "s7");
    EXPECT_THAT(what<reactions>(h).set, ElementsAre("👍", "❤️"));
    EXPECT_TRUE(what<reactions>(in_room("<reactions xmlns='urn:xmpp:reactions:0' id='s7'/>")).set.empty());
}

TEST(ReadMessage, BoundsReactions)
{
    std::string all =
        "<reactions xmlns='urn:xmpp:reactions:0' id='s7'><reaction>" + std::string(100, 'x') + "</reaction>";
    for (int i = 0; i < 200; ++i)
        all += "<reaction>" + std::to_string(i) + "</reaction>";
    EXPECT_EQ(what<reactions>(in_room(all + "</reactions>")).set.size(), 32U);
}

TEST(ReadMessage, TakesRetractionsOfBothVersions)
{
    const auto now = in_room(
        "<retract xmlns='urn:xmpp:message-retract:1' id='s3'/>"
        "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/><body>/me retracted</body>"
    );
    EXPECT_EQ(what<retraction>(now).target.id.value, "s3");
    EXPECT_FALSE(now.by_origin);
    const auto old = in_room(
        "<apply-to xmlns='urn:xmpp:fasten:0' id='o3'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>"
        "<body>retracted</body>"
    );
    EXPECT_EQ(what<retraction>(old).target.id.value, "o3");
    EXPECT_TRUE(old.by_origin) << "version 0 speaks of the sender's origin-id";
}

heard moderation(std::string_view from, std::string_view inside)
{
    const auto tree = parse(
        "<message from='" + std::string{from} + "' to='b@c/r' type='groupchat'>" + std::string{inside} +
        "</message>"
    );
    return read_message(tree.root(), trust{room_jid, true});
}

TEST(ReadMessage, BelievesModerationByTheRoomOfBothVersions)
{
    const auto now = moderation(
        room_jid,
        "<retract id='s4' xmlns='urn:xmpp:message-retract:1'><moderated by='orchard@muc.example/mod' "
        "xmlns='urn:xmpp:message-moderate:1'/><reason>spam</reason></retract>"
    );
    EXPECT_EQ(what<retraction>(now).target.id.value, "s4");
    EXPECT_EQ(what<retraction>(now).reason, "spam");
    EXPECT_EQ(now.moderated_by, "orchard@muc.example/mod");
    const auto old = moderation(
        room_jid,
        "<apply-to xmlns='urn:xmpp:fasten:0' id='s5'><moderated xmlns='urn:xmpp:message-moderate:0' "
        "by='orchard@muc.example/mod'><retract xmlns='urn:xmpp:message-retract:0'/><reason>off topic</reason>"
        "</moderated></apply-to>"
    );
    EXPECT_EQ(what<retraction>(old).target.id.value, "s5");
    EXPECT_EQ(what<retraction>(old).reason, "off topic");
}

TEST(ReadMessage, IgnoresModerationByAnOccupant)
{
    const auto forged = moderation(
        room_jid + "/romeo",
        "<retract id='s4' xmlns='urn:xmpp:message-retract:1'><moderated by='orchard@muc.example/mod' "
        "xmlns='urn:xmpp:message-moderate:1'/></retract><body>x</body>"
    );
    EXPECT_FALSE(forged.what);
    EXPECT_EQ(forged.moderated_by, "");
}

TEST(ReadMessage, TakesNothingFromATombstone)
{
    const auto h =
        in_room("<retracted stamp='2026-11-23T00:00:00Z' xmlns='urn:xmpp:message-retract:1' id='r1'/>");
    EXPECT_FALSE(h.what);
}

TEST(ReadMessage, ReadsDelayTheOldestOfSeveral)
{
    const auto h = in_room(
        "<body>x</body><delay xmlns='urn:xmpp:delay' from='orchard@muc.example' "
        "stamp='2026-11-23T03:20:01Z'/>"
        "<delay xmlns='urn:xmpp:delay' stamp='2026-11-23T03:20:00.5Z'/><delay xmlns='urn:xmpp:delay' "
        "stamp='junk'/>"
    );
    ASSERT_TRUE(h.stamp);
    EXPECT_EQ(write_time(*h.stamp), "2026-11-23T03:20:00.500Z");
}

TEST(ReadMessage, TakesASubjectOnlyWithoutBodyAndThread)
{
    EXPECT_EQ(what<room_info>(in_room("<subject>Balcony</subject>")).topic, "Balcony");
    EXPECT_EQ(what<room_info>(in_room("<subject/>")).topic, "");
    EXPECT_EQ(what<message>(in_room("<subject>S</subject><body>b</body>")).subject, "S");
    EXPECT_FALSE(in_room("<subject>S</subject><thread>t</thread>").what);
    EXPECT_FALSE(in_chat("<subject>S</subject>").what);
}

TEST(ReadMessage, TakesAFileAndNotItsUrlAsText)
{
    const auto h = in_room(
        "<body>https://up.example/x1/Mon%20jardin.JPG</body>"
        "<x xmlns='jabber:x:oob'><url>https://up.example/x1/Mon%20jardin.JPG</url></x>"
    );
    const auto& m = what<message>(h);
    EXPECT_TRUE(m.body.empty());
    ASSERT_EQ(m.files.size(), 1U);
    EXPECT_EQ(m.files[0].name, "Mon jardin.JPG");
    EXPECT_EQ(m.files[0].mime, "image/jpeg");
    EXPECT_EQ(m.files[0].shown, file::as::image);
    EXPECT_EQ(m.files[0].url, "https://up.example/x1/Mon%20jardin.JPG");
}

TEST(ReadMessage, BelievesTheSenderAboutNameTypeAndSizeOfAFile)
{
    const auto h = in_room(
        "<body>https://up.example/ab</body><x xmlns='jabber:x:oob'><url>https://up.example/ab</url></x>"
        "<file-sharing xmlns='urn:xmpp:sfs:0' disposition='inline'><file xmlns='urn:xmpp:file:metadata:0'>"
        "<media-type>video/mp4</media-type><name>dance.mp4</name><size>3032449</size><width>640</width>"
        "<height>480</height><length>63000</length></file></file-sharing>"
    );
    const auto& f = what<message>(h).files.at(0);
    EXPECT_EQ(f.name, "dance.mp4");
    EXPECT_EQ(f.size, 3032449U);
    EXPECT_EQ(f.width, 640U);
    EXPECT_EQ(f.height, 480U);
    EXPECT_EQ(f.millis, 63000U);
    EXPECT_EQ(f.shown, file::as::video);
}

TEST(ReadMessage, FindsAFileThatIsSharedWithoutAnOobAddress)
{
    const std::string url = "https://up.example/a/cat.png";
    const auto sfs = in_room(
        "<body>" + url +
        "</body><file-sharing xmlns='urn:xmpp:sfs:0'><file xmlns='urn:xmpp:file:metadata:0'>"
        "<name>cat.png</name></file><sources><url-data xmlns='http://jabber.org/protocol/url-data' target='" +
        url + "'/></sources></file-sharing>"
    );
    const auto sims = in_room(
        "<body>" + url +
        "</body><reference xmlns='urn:xmpp:reference:0' type='data'><media-sharing "
        "xmlns='urn:xmpp:sims:1'><sources><reference xmlns='urn:xmpp:reference:0' type='data' uri='" +
        url + "'/></sources></media-sharing></reference>"
    );
    for (const auto* h : {&sfs, &sims}) {
        const auto& m = what<message>(*h);
        ASSERT_EQ(m.files.size(), 1U);
        EXPECT_EQ(m.files[0].url, url);
        EXPECT_TRUE(m.body.empty());
    }
}

TEST(ReadMessage, TakesNoPathAndNoTrickForTheNameOfAFile)
{
    const auto name_of = [](const std::string& name, const std::string& mime = "image/png") {
        const auto h = in_room(
            "<body>https://up.example/ab</body><x xmlns='jabber:x:oob'><url>https://up.example/ab</url></x>"
            "<file-sharing xmlns='urn:xmpp:sfs:0'><file xmlns='urn:xmpp:file:metadata:0'><name>" +
            name + "</name><media-type>" + mime + "</media-type></file></file-sharing>"
        );
        return what<message>(h).files.at(0);
    };
    EXPECT_EQ(name_of("../../etc/passwd").name, "passwd");
    EXPECT_EQ(name_of("C:\\autoexec.bat").name, "autoexec.bat");
    EXPECT_EQ(name_of("a\nb").name.find('\n'), std::string::npos);
    EXPECT_EQ(name_of("gpj.\xE2\x80\xAE exe").name.find("\xE2\x80\xAE"), std::string::npos);
    EXPECT_EQ(name_of("/").name, "ab");
    EXPECT_EQ(name_of("x", "image/png\nX: y").mime, "application/octet-stream");
    EXPECT_EQ(file_of_url("https://up.example/%2e%2e%2f%2e%2e%2fpasswd").name, "passwd");
    EXPECT_EQ(file_of_url("https://up.example/%0d%0a%00").name, "file");
}

TEST(ReadMessage, LeavesMalformedFilesAlone)
{
    for (const std::string x :
         {"<x xmlns='jabber:x:oob'/>", "<x xmlns='jabber:x:oob'><url/></x>",
          "<x xmlns='jabber:x:oob'><url>x</url></x>", "<x xmlns='jabber:x:oob'><url><b/></url></x>",
          "<file-sharing xmlns='urn:xmpp:sfs:0'/>",
          "<file-sharing xmlns='urn:xmpp:sfs:0'><sources/></file-sharing>",
          "<file-sharing xmlns='urn:xmpp:sfs:0'><sources><url-data "
          "xmlns='http://jabber.org/protocol/url-data'/>"
          "</sources></file-sharing>",
          "<reference xmlns='urn:xmpp:reference:0' type='mention' uri='xmpp:a@b'/>",
          "<reference xmlns='urn:xmpp:reference:0'><media-sharing xmlns='urn:xmpp:sims:1'/></reference>"}) {
        const auto h = in_room("<body>words</body>" + x);
        EXPECT_TRUE(what<message>(h).files.empty()) << x;
        EXPECT_EQ(what<message>(h).body.plain(), "words") << x;
    }
}

TEST(ReadMessage, KeepsTheWordsBesideAFile)
{
    const auto h =
        in_room("<body>look</body><x xmlns='jabber:x:oob'><url>https://up.example/a.png</url></x>");
    EXPECT_EQ(what<message>(h).body.plain(), "look");
    EXPECT_EQ(what<message>(h).files.size(), 1U);
}

TEST(ReadMessage, HearsThatItMayBeMarkedAsRead)
{
    EXPECT_TRUE(in_room("<body>x</body><markable xmlns='urn:xmpp:chat-markers:0'/>").markable);
    EXPECT_FALSE(in_room("<body>x</body>").markable);
}

TEST(ReadMessage, LeavesUrlsThatNobodyCanFetchAsText)
{
    const auto h = in_room(
        "<body>aesgcm://up.example/x#00</body><x xmlns='jabber:x:oob'><url>aesgcm://up.example/x#00</url></x>"
    );
    EXPECT_TRUE(what<message>(h).files.empty());
    EXPECT_EQ(what<message>(h).body.plain(), "aesgcm://up.example/x#00");
    EXPECT_EQ(
        what<message>(in_room("<body>b</body><x xmlns='jabber:x:oob'><url>file:///etc/passwd</url></x>"))
            .files.size(),
        0U
    );
}

TEST(ReadMessage, KeepsACaptionBesideAFile)
{
    const auto h = in_room("<body>look</body><x xmlns='jabber:x:oob'><url>https://up.example/</url></x>");
    EXPECT_EQ(what<message>(h).body.plain(), "look");
    EXPECT_EQ(what<message>(h).files.at(0).name, "file");
}

TEST(ReadMessage, HearsTypingReceiptsAndMarkers)
{
    EXPECT_EQ(in_chat("<composing xmlns='http://jabber.org/protocol/chatstates'/>").typing, true);
    EXPECT_EQ(in_chat("<paused xmlns='http://jabber.org/protocol/chatstates'/>").typing, false);
    EXPECT_TRUE(in_chat("<body>x</body><request xmlns='urn:xmpp:receipts'/>").wants_receipt);
    EXPECT_EQ(in_chat("<received xmlns='urn:xmpp:receipts' id='w1'/>").received, "w1");
    EXPECT_EQ(
        what<receipt>(in_chat("<displayed xmlns='urn:xmpp:chat-markers:0' id='w1'/>")).up_to.id.value, "w1"
    );
    EXPECT_FALSE(in_chat("<active xmlns='http://jabber.org/protocol/chatstates'/>").what);
}

TEST(ReadMessage, ReadsAnErrorAndNothingElse)
{
    const auto tree = parse(
        "<message type='error' from='orchard@muc.example' to='alice_hs@bridge.example/r' "
        "id='w1'><body>mine</body>"
        "<error type='modify'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
        "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Only occupants are "
        "allowed</text></error></message>"
    );
    const auto h = read_message(tree.root(), trust{room_jid, true});
    ASSERT_TRUE(h.error);
    EXPECT_EQ(h.error->condition, "not-acceptable");
    EXPECT_FALSE(h.what);
    EXPECT_EQ(h.id, "w1");
}

TEST(ReadMessage, KnowsBothKindsOfInvitation)
{
    const auto mediated = parse(
        "<message from='orchard@muc.example' to='alice_hs@bridge.example'><x "
        "xmlns='http://jabber.org/protocol/muc#user'>"
        "<invite from='romeo@montague.example/x'><reason>come</reason></invite></x></message>"
    );
    auto h = read_message(mediated.root(), trust{});
    EXPECT_EQ(h.invited_to, room_jid);
    EXPECT_EQ(h.invited_by, "romeo@montague.example/x");
    EXPECT_EQ(h.why_invited, "come");
    const auto direct = parse(
        "<message from='romeo@montague.example/x' to='alice_hs@bridge.example'>"
        "<x xmlns='jabber:x:conference' jid='orchard@muc.example' reason='do'/></message>"
    );
    h = read_message(direct.root(), trust{});
    EXPECT_EQ(h.invited_to, room_jid);
    EXPECT_EQ(h.invited_by, "romeo@montague.example/x");
}

TEST(ReadMessage, PrefersTheBodyWithoutALanguage)
{
    EXPECT_EQ(
        what<message>(in_chat("<body xml:lang='de'>deutsch</body><body>own</body>")).body.plain(), "own"
    );
    EXPECT_EQ(
        what<message>(in_chat("<body xml:lang='de'>deutsch</body><body xml:lang='en'>en</body>"))
            .body.plain(),
        "deutsch"
    );
}

TEST(ReadMessage, SeesConfigurationChangesAndPrivateMessages)
{
    const auto h =
        in_room("<x xmlns='http://jabber.org/protocol/muc#user'><status code='104'/><status code='x'/></x>");
    EXPECT_THAT(h.codes, ElementsAre(104, 0));
    EXPECT_TRUE(h.in_room);
}

TEST(ReadMessage, TakesAnOverlongIdForNone)
{
    const auto h =
        in_chat("<body>x</body><origin-id xmlns='urn:xmpp:sid:0' id='" + std::string(5000, 'i') + "'/>");
    EXPECT_EQ(h.origin_id, "");
}

}  // namespace
}  // namespace rialto::xmpp::stanza_test
