#include "appservice/matrix_event.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rialto::matrix::matrix_event_test {
namespace {

bool ours(std::string_view mxid) { return mxid.starts_with("@_rialto_") || mxid == "@rialto:hs"; }

json event(const std::string& type, const std::string& content, const std::string& more = "")
{
    return json::parse(
        R"({"type":")" + type + R"(","room_id":"!r:hs","event_id":"$e","sender":"@alice:hs",)" +
        R"("origin_server_ts":1700000000123,"content":)" + content + more + "}"
    );
}

template <class T>
T read_as(const json& e)
{
    auto got = read_event(e, ours);
    if (!got || !std::holds_alternative<T>(got->what)) {
        ADD_FAILURE() << "read as something else: " << e.dump();
        return T{};
    }
    return std::get<T>(got->what);
}

message said(const std::string& content) { return read_as<message>(event("m.room.message", content)); }
bool ignored(const json& e) { return !read_event(e, ours).has_value(); }

json member(const std::string& now, const std::string& before, const std::string& whom = "@alice:hs")
{
    return event(
        "m.room.member", now, R"(,"state_key":")" + whom + R"(","unsigned":{"prev_content":)" + before + "}"
    );
}

change changed(const json& e) { return read_as<membership>(e).what; }

TEST(MatrixEvent, ATextKeepsItsRoomSenderTimeAndWords)
{
    const auto e = read_event(event("m.room.message", R"({"msgtype":"m.text","body":"But soft!"})"), ours);
    ASSERT_TRUE(e);
    EXPECT_EQ(e->room, "!r:hs");
    EXPECT_EQ(e->id, "$e");
    EXPECT_EQ(e->sender, "@alice:hs");
    EXPECT_EQ(e->at, timestamp{std::chrono::milliseconds{1700000000123}});
    EXPECT_FALSE(e->encrypted);
    EXPECT_EQ(std::get<message>(e->what).body.plain(), "But soft!");
    EXPECT_EQ(std::get<message>(e->what).how, manner::say);
}

TEST(MatrixEvent, EmoteAndNoticeAreMannersAndUnknownMessageTypesAreSaid)
{
    EXPECT_EQ(said(R"({"msgtype":"m.emote","body":"waves"})").how, manner::emote);
    EXPECT_EQ(said(R"({"msgtype":"m.notice","body":"beep"})").how, manner::notice);
    EXPECT_EQ(said(R"({"msgtype":"org.example.x","body":"x"})").how, manner::say);
    EXPECT_EQ(said(R"({"body":"no type"})").body.plain(), "no type");
}

TEST(MatrixEvent, AnImageIsAFileWithItsMxcUrlAndCaption)
{
    const auto m =
        said(R"({"msgtype":"m.image","body":"look","filename":"../../etc/cat\n.png","url":"mxc://hs/abc",
        "info":{"mimetype":"image/png","size":12,"w":3,"h":4}})");
    ASSERT_EQ(m.files.size(), 1U);
    EXPECT_EQ(m.files[0].bytes.value, "mxc://hs/abc");
    EXPECT_EQ(m.files[0].url, "") << "nobody outside can fetch that";
    EXPECT_EQ(m.files[0].name, "cat.png");
    EXPECT_EQ(m.files[0].mime, "image/png");
    EXPECT_EQ(m.files[0].size, 12U);
    EXPECT_EQ(m.files[0].width, 3U);
    EXPECT_EQ(m.files[0].height, 4U);
    EXPECT_EQ(m.files[0].shown, file::as::image);
    EXPECT_EQ(m.body.plain(), "look");
}

TEST(MatrixEvent, AFileWithoutCaptionHasNoText)
{
    const auto m = said(R"({"msgtype":"m.file","body":"a.txt","url":"mxc://hs/abc"})");
    EXPECT_TRUE(m.body.empty());
    ASSERT_EQ(m.files.size(), 1U);
    EXPECT_EQ(m.files[0].name, "a.txt");
    EXPECT_TRUE(said(R"({"msgtype":"m.file","body":"a","filename":"a","url":"mxc://hs/abc"})").body.empty());
}

TEST(MatrixEvent, AudioVideoVoiceAndStickerAreToldApart)
{
    EXPECT_EQ(
        said(R"({"msgtype":"m.audio","body":"a","url":"mxc://hs/a"})").files.at(0).shown, file::as::audio
    );
    EXPECT_EQ(
        said(R"({"msgtype":"m.video","body":"a","url":"mxc://hs/a"})").files.at(0).shown, file::as::video
    );
    EXPECT_EQ(
        said(R"({"msgtype":"m.audio","body":"a","url":"mxc://hs/a","org.matrix.msc3245.voice":{}})")
            .files.at(0)
            .shown,
        file::as::voice
    );
    EXPECT_EQ(
        read_as<message>(event("m.sticker", R"({"body":"a","url":"mxc://hs/a"})")).files.at(0).shown,
        file::as::sticker
    );
}

TEST(MatrixEvent, AMediaUrlThatIsNotMxcLeavesOnlyTheWords)
{
    for (const char* url :
         {R"("https://evil/x")", "7", R"("mxc://hs/../../x")", R"("mxc:///x")", R"("mxc://hs/")", "null"}) {
        const auto m = said(R"({"msgtype":"m.image","body":"pic","url":)" + std::string{url} + "}");
        EXPECT_TRUE(m.files.empty()) << url;
        EXPECT_EQ(m.body.plain(), "pic") << url;
    }
}

TEST(MatrixEvent, AnEncryptedFileIsToldOfInWords)
{
    const auto m =
        said(R"({"msgtype":"m.image","body":"pic.png","file":{"url":"mxc://hs/a","key":{"k":"secret"}}})");
    EXPECT_TRUE(m.files.empty());
    EXPECT_NE(m.body.plain().find("pic.png"), std::string::npos);
    EXPECT_NE(m.body.plain().find("encrypted"), std::string::npos);
    EXPECT_EQ(m.body.plain().find("secret"), std::string::npos);
}

TEST(MatrixEvent, WrongMediaFactsAreLeftOut)
{
    const auto m = said(R"({"msgtype":"m.image","body":"p","url":"mxc://hs/a",
        "info":{"mimetype":"image/png\r\nX: y","size":-1,"w":"3","h":-4}})");
    EXPECT_EQ(m.files.at(0).mime, "");
    EXPECT_EQ(m.files.at(0).size, 0U);
    EXPECT_EQ(m.files.at(0).width, 0U);
    EXPECT_EQ(m.files.at(0).height, 0U);
}

TEST(MatrixEvent, AReplyNamesItsTargetAndLosesItsQuotation)
{
    const auto m = said(R"({"msgtype":"m.text","body":"> <@bob:hs> one\n> two\n\nthree\n> four",
        "m.relates_to":{"m.in_reply_to":{"event_id":"$t"}}})");
    ASSERT_TRUE(m.reply_to);
    EXPECT_EQ(m.reply_to->id.value, "$t");
    EXPECT_EQ(m.body.plain(), "three\n> four");
}

TEST(MatrixEvent, AQuotationThatIsNoReplyStays)
{
    EXPECT_EQ(said(R"({"body":"> <@bob:hs> one\n\ntwo"})").body.plain(), "> <@bob:hs> one\n\ntwo");
}

TEST(MatrixEvent, QuotedReplyIsFoundOnlyAtTheStart)
{
    EXPECT_EQ(without_quoted_reply("> <@a:b> x\n\ny"), "y");
    EXPECT_EQ(without_quoted_reply("> * <@a:b> x\n\ny"), "y");
    EXPECT_EQ(without_quoted_reply("> plain quote\n\ny"), "> plain quote\n\ny");
    EXPECT_EQ(without_quoted_reply("> <@a:b> only"), "> <@a:b> only");
    EXPECT_EQ(without_quoted_reply(""), "");
}

TEST(MatrixEvent, FormattedTextIsReadWithoutItsQuotationAndWithItsPills)
{
    const auto m = said(R"({"body":"x","format":"org.matrix.custom.html","formatted_body":
        "<mx-reply>old</mx-reply><b>hi</b> <a href=\"https://matrix.to/#/@bob:hs\">Bob</a>",
        "m.relates_to":{"m.in_reply_to":{"event_id":"$t"}}})");
    EXPECT_EQ(m.body.plain().find("old"), std::string::npos);
    EXPECT_FALSE(m.body.is_plain());
    EXPECT_EQ(m.mentions, std::vector<user_id>{user_id{"@bob:hs"}});
}

TEST(MatrixEvent, WhereMentionsAreSaidPillsAreNotCounted)
{
    const auto m = said(R"({"body":"x","format":"org.matrix.custom.html","m.mentions":{},"formatted_body":
        "<a href=\"https://matrix.to/#/@bob:hs\">Bob</a>"})");
    EXPECT_TRUE(m.mentions.empty());
}

TEST(MatrixEvent, HtmlThatCannotBeReadLeavesTheBody)
{
    EXPECT_EQ(said(R"({"body":"x","format":"org.matrix.custom.html","formatted_body":7})").body.plain(), "x");
    std::string tags;
    for (int i = 0; i < 20'000; ++i)
        tags += "<b>";
    EXPECT_EQ(
        said(R"({"body":"x","format":"org.matrix.custom.html","formatted_body":")" + tags + "\"}")
            .body.plain(),
        "x"
    );
}

TEST(MatrixEvent, AThreadKeepsItsRootAndOnlyATrueReply)
{
    const auto fallback = said(R"({"body":"x","m.relates_to":{"rel_type":"m.thread","event_id":"$root",
        "is_falling_back":true,"m.in_reply_to":{"event_id":"$last"}}})");
    ASSERT_TRUE(fallback.thread);
    EXPECT_EQ(fallback.thread->id.value, "$root");
    EXPECT_FALSE(fallback.reply_to);
    const auto reply = said(R"({"body":"x","m.relates_to":{"rel_type":"m.thread","event_id":"$root",
        "m.in_reply_to":{"event_id":"$one"}}})");
    ASSERT_TRUE(reply.reply_to);
    EXPECT_EQ(reply.reply_to->id.value, "$one");
}

TEST(MatrixEvent, MentionsAreReadOnceEachAndOnlyWhenTheyAreUserIds)
{
    const auto m =
        said(R"({"body":"x","m.mentions":{"user_ids":["@a:hs",1,null,"nobody","@a:hs","@b:hs"]}})");
    EXPECT_EQ(m.mentions, (std::vector<user_id>{user_id{"@a:hs"}, user_id{"@b:hs"}}));
    EXPECT_TRUE(said(R"({"body":"x","m.mentions":[]})").mentions.empty());
    EXPECT_TRUE(said(R"({"body":"x","m.mentions":{"user_ids":"@a:hs"}})").mentions.empty());
}

TEST(MatrixEvent, AnEditCarriesTheNewContent)
{
    const auto e = read_as<edit>(event(
        "m.room.message", R"({"msgtype":"m.text","body":"* new",
        "m.new_content":{"msgtype":"m.text","body":"new"},"m.relates_to":{"rel_type":"m.replace","event_id":"$t"}})"
    ));
    EXPECT_EQ(e.target.id.value, "$t");
    EXPECT_EQ(e.now.body.plain(), "new");
}

TEST(MatrixEvent, AnEditWithoutNewContentOrTargetIsAMessage)
{
    EXPECT_EQ(
        said(R"({"body":"* x","m.relates_to":{"rel_type":"m.replace","event_id":"$t"}})").body.plain(), "* x"
    );
    EXPECT_EQ(
        said(
            R"({"body":"* x","m.new_content":{"body":"x"},"m.relates_to":{"rel_type":"m.replace","event_id":5}})"
        )
            .body.plain(),
        "* x"
    );
    EXPECT_TRUE(ignored(event("m.room.message", R"({"body":"* x","m.new_content":{},
        "m.relates_to":{"rel_type":"m.replace","event_id":"$t"}})")));
}

TEST(MatrixEvent, RelationsOfWrongTypesCostOnlyThemselves)
{
    for (const char* relates :
         {"5", "[]", R"({"rel_type":7,"event_id":[]})", R"({"m.in_reply_to":[]})",
          R"({"m.in_reply_to":{"event_id":1}})", R"({"m.in_reply_to":{"event_id":"not an id"}})",
          R"({"rel_type":"m.thread"})", "null"}) {
        const auto m = said(R"({"body":"x","m.relates_to":)" + std::string{relates} + "}");
        EXPECT_EQ(m.body.plain(), "x") << relates;
        EXPECT_FALSE(m.reply_to || m.thread) << relates;
    }
}

TEST(MatrixEvent, AReactionHasOneKey)
{
    const auto r = read_as<reactions>(
        event("m.reaction", R"({"m.relates_to":{"rel_type":"m.annotation","event_id":"$t","key":"👍"}})")
    );
    EXPECT_EQ(r.target.id.value, "$t");
    EXPECT_EQ(r.set, std::vector<std::string>{"👍"});
    EXPECT_TRUE(ignored(event("m.reaction", R"({"m.relates_to":{"rel_type":"m.annotation","event_id":"$t"}})")
    ));
    EXPECT_TRUE(ignored(event("m.reaction", R"({"m.relates_to":{"event_id":"$t","key":"x"}})")));
    EXPECT_TRUE(ignored(event(
        "m.reaction", R"({"m.relates_to":{"rel_type":"m.annotation","event_id":"$t","key":")" +
                          std::string(300, 'x') + "\"}}"
    )));
}

TEST(MatrixEvent, ARedactionNamesItsTargetInContentOrAtTheTop)
{
    const auto v11 = read_as<retraction>(event("m.room.redaction", R"({"redacts":"$t","reason":"oops"})"));
    EXPECT_EQ(v11.target.id.value, "$t");
    EXPECT_EQ(v11.reason, "oops");
    EXPECT_EQ(
        read_as<retraction>(event("m.room.redaction", "{}", R"(,"redacts":"$t")")).target.id.value, "$t"
    );
    EXPECT_EQ(
        read_as<retraction>(event("m.room.redaction", R"({"redacts":3})", R"(,"redacts":"$t")"))
            .target.id.value,
        "$t"
    );
    EXPECT_TRUE(ignored(event("m.room.redaction", "{}")));
}

TEST(MatrixEvent, MembershipIsToldByTheOneBeforeAndByTheWriter)
{
    const std::string none = "{}", in = R"({"membership":"join"})", out = R"({"membership":"leave"})",
                      asked = R"({"membership":"invite"})", barred = R"({"membership":"ban"})";
    EXPECT_EQ(changed(member(in, none)), change::join);
    EXPECT_EQ(changed(member(in, asked)), change::join);
    EXPECT_EQ(changed(member(out, in)), change::leave);
    EXPECT_EQ(changed(member(out, asked)), change::leave);
    EXPECT_EQ(changed(member(out, in, "@bob:hs")), change::kick);
    EXPECT_EQ(changed(member(out, asked, "@bob:hs")), change::kick);
    EXPECT_EQ(changed(member(out, barred, "@bob:hs")), change::unban);
    EXPECT_EQ(changed(member(barred, in, "@bob:hs")), change::ban);
    EXPECT_EQ(changed(member(asked, none, "@bob:hs")), change::invite);
    EXPECT_EQ(changed(member(R"({"membership":"knock"})", none)), change::knock);
    EXPECT_TRUE(ignored(member(out, out)));
    EXPECT_TRUE(ignored(member(barred, barred, "@bob:hs")));
    EXPECT_TRUE(ignored(member("{}", in)));
    EXPECT_TRUE(ignored(member(R"({"membership":5})", in)));
    EXPECT_TRUE(ignored(member(in, none, "not a user")));
}

TEST(MatrixEvent, AKickNamesWhomAndWhy)
{
    const auto m = read_as<membership>(
        member(R"({"membership":"leave","reason":"spam"})", R"({"membership":"join"})", "@bob:hs")
    );
    EXPECT_EQ(m.whom.value, "@bob:hs");
    EXPECT_EQ(m.reason, "spam");
}

TEST(MatrixEvent, PreviousContentIsAlsoFoundAtTheTop)
{
    const auto e = event(
        "m.room.member", R"({"membership":"leave"})",
        R"(,"state_key":"@bob:hs","prev_content":{"membership":"ban"})"
    );
    EXPECT_EQ(changed(e), change::unban);
}

TEST(MatrixEvent, ASecondJoinIsANewProfileOrNothing)
{
    const auto p = read_as<profile>(member(
        R"({"membership":"join","displayname":"Al","avatar_url":"mxc://hs/a"})",
        R"({"membership":"join","displayname":"Alice"})"
    ));
    EXPECT_EQ(p.shown_as, "Al");
    EXPECT_EQ(p.avatar_hash, "mxc://hs/a");
    EXPECT_TRUE(ignored(
        member(R"({"membership":"join","displayname":"A"})", R"({"membership":"join","displayname":"A"})")
    ));
    EXPECT_EQ(
        read_as<profile>(
            member(R"({"membership":"join","avatar_url":"http://x"})", R"({"membership":"join"})")
        )
            .avatar_hash,
        ""
    );
}

TEST(MatrixEvent, AnInviteSaysWhetherItIsDirectAndAJoinNamesTheSender)
{
    const auto asked =
        read_event(member(R"({"membership":"invite","is_direct":true})", "{}", "@_rialto_x:hs"), ours);
    ASSERT_TRUE(asked);
    EXPECT_TRUE(asked->direct);
    const auto joined = read_event(member(R"({"membership":"join","displayname":"Alice"})", "{}"), ours);
    ASSERT_TRUE(joined);
    EXPECT_EQ(joined->sender_name, "Alice");
}

TEST(MatrixEvent, NameTopicAndAvatarAreRoomInfo)
{
    const std::string state = R"(,"state_key":"")";
    EXPECT_EQ(read_as<room_info>(event("m.room.name", R"({"name":"Verona"})", state)).title, "Verona");
    EXPECT_EQ(read_as<room_info>(event("m.room.name", "{}", state)).title, "");
    EXPECT_EQ(read_as<room_info>(event("m.room.topic", R"({"topic":"feud"})", state)).topic, "feud");
    EXPECT_EQ(
        read_as<room_info>(event("m.room.avatar", R"({"url":"mxc://hs/a"})", state)).avatar,
        media_id{"mxc://hs/a"}
    );
    EXPECT_TRUE(ignored(event("m.room.name", R"({"name":"x"})", R"(,"state_key":"other")")));
    EXPECT_TRUE(ignored(event("m.room.name", R"({"name":"x"})")));
    EXPECT_TRUE(ignored(event("m.room.power_levels", "{}", state)));
}

TEST(MatrixEvent, ATombstoneSaysWhereTheRoomWent)
{
    const std::string state = R"(,"state_key":"")";
    EXPECT_EQ(
        read_as<gone>(event("m.room.tombstone", R"({"replacement_room":"!r3-6VIq"})", state)).moved_to.value,
        "!r3-6VIq"
    );
    EXPECT_TRUE(read_as<gone>(event("m.room.tombstone", R"({"replacement_room":7})", state)).moved_to.empty()
    );
}

TEST(MatrixEvent, EncryptionIsFlagged)
{
    const auto secret =
        read_event(event("m.room.encrypted", R"({"algorithm":"m.megolm.v1.aes-sha2"})"), ours);
    ASSERT_TRUE(secret);
    EXPECT_TRUE(secret->encrypted);
    const auto on = read_event(
        event("m.room.encryption", R"({"algorithm":"m.megolm.v1.aes-sha2"})", R"(,"state_key":"")"), ours
    );
    ASSERT_TRUE(on);
    EXPECT_TRUE(on->encrypted);
    EXPECT_TRUE(ignored(event("m.room.encrypted", "{}")));
}

TEST(MatrixEvent, TheContentKeyIsBelievedOnlyFromOurNamespace)
{
    auto e = event("m.room.message", R"({"body":"x","chat.rialto.key":"k1"})");
    EXPECT_EQ(read_event(e, ours)->stamp, "");
    e["sender"] = "@_rialto_xmpp_romeo:hs";
    EXPECT_EQ(read_event(e, ours)->stamp, "k1");
    e["content"]["chat.rialto.key"] = 5;
    EXPECT_EQ(read_event(e, ours)->stamp, "");
}

TEST(MatrixEvent, RedactedAndBrokenContentIsNothing)
{
    EXPECT_TRUE(ignored(event("m.room.message", "{}")));
    EXPECT_TRUE(ignored(event("m.room.message", "null")));
    EXPECT_TRUE(ignored(event("m.room.message", R"({"body":7})")));
    EXPECT_TRUE(ignored(event("m.room.message", R"({"body":"x"})", R"(,"state_key":"")")));
    EXPECT_TRUE(ignored(event("", "{}")));
    EXPECT_TRUE(ignored(event("org.example.unknown", R"({"body":"x"})")));
}

TEST(MatrixEvent, WhatHasNoEnvelopeIsNotRead)
{
    for (const char* part : {"type", "sender", "room_id", "event_id"}) {
        auto e = event("m.room.message", R"({"body":"x"})");
        e.erase(part);
        EXPECT_FALSE(has_envelope(e)) << part;
        EXPECT_TRUE(ignored(e)) << part;
        e[part] = json::array();
        EXPECT_FALSE(has_envelope(e)) << part;
    }
    for (const char* raw : {"null", "3", "[]", "{}", "\"x\""})
        EXPECT_FALSE(has_envelope(json::parse(raw))) << raw;
}

TEST(MatrixEvent, RoomVersion12IdsWithoutColonAreFine)
{
    auto e = event("m.room.message", R"({"body":"x"})");
    e["room_id"] = "!r3-6VIqkRm";
    EXPECT_EQ(read_event(e, ours)->room, "!r3-6VIqkRm");
}

TEST(MatrixEvent, ImpossibleTimesAreHeldInBounds)
{
    for (const char* ts : {"-1", "9007199254740991", "\"x\"", "1.5", "18446744073709551615"}) {
        auto e = event("m.room.message", R"({"body":"x"})");
        e["origin_server_ts"] = json::parse(ts);
        const auto got = read_event(e, ours);
        ASSERT_TRUE(got) << ts;
        EXPECT_GE(got->at.time_since_epoch().count(), 0) << ts;
    }
}

}  // namespace
}  // namespace rialto::matrix::matrix_event_test
