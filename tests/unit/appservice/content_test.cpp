#include "appservice/content.hpp"

#include "appservice/matrix_event.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rialto::matrix::content_test {
namespace {

message said(std::string_view words) { return message{document{words}}; }

file picture()
{
    file f;
    f.name = "cat.png";
    f.mime = "image/png";
    f.bytes = media_id{"mxc://hs/abc"};
    f.size = 12;
    f.shown = file::as::image;
    return f;
}

order of(happening h) { return order{"!r", "@_rialto_x:hs", std::move(h), "k1"}; }

json only_content(happening h)
{
    const auto all = sends_of(of(std::move(h)));
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? json::object() : json::parse(all.front().content);
}

TEST(Content, AMessageHasItsTextItsKeyAndNobodyMentioned)
{
    const auto all = sends_of(of(said("But soft!")));
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].how, matrix_send::by::message);
    EXPECT_EQ(all[0].type, "m.room.message");
    EXPECT_EQ(
        json::parse(all[0].content),
        json::parse(R"({"msgtype":"m.text","body":"But soft!","m.mentions":{},"chat.rialto.key":"k1"})")
    );
}

TEST(Content, MannersAreMessageTypes)
{
    auto m = said("waves");
    m.how = manner::emote;
    EXPECT_EQ(only_content(m)["msgtype"], "m.emote");
    m.how = manner::notice;
    EXPECT_EQ(only_content(m)["msgtype"], "m.notice");
}

TEST(Content, FormattedTextHasBothBodies)
{
    document d{"bold"};
    d.blocks[0].runs[0].marks = mark::bold;
    const auto c = only_content(message{d});
    EXPECT_EQ(c["format"], "org.matrix.custom.html");
    EXPECT_TRUE(c.contains("formatted_body"));
    EXPECT_NE(c["body"].get<std::string>().find("bold"), std::string::npos);
}

TEST(Content, AReplyNamesItsTarget)
{
    auto m = said("yes");
    m.reply_to.emplace(message_id{"$t"});
    EXPECT_EQ(only_content(m)["m.relates_to"], json::parse(R"({"m.in_reply_to":{"event_id":"$t"}})"));
}

TEST(Content, AThreadFallsBackToItsRootUnlessItIsAReply)
{
    auto m = said("yes");
    m.thread.emplace(message_id{"$root"});
    EXPECT_EQ(
        only_content(m)["m.relates_to"],
        json::parse(
            R"({"rel_type":"m.thread","event_id":"$root","is_falling_back":true,"m.in_reply_to":{"event_id":"$root"}})"
        )
    );
    m.reply_to.emplace(message_id{"$t"});
    EXPECT_EQ(only_content(m)["m.relates_to"]["is_falling_back"], false);
    EXPECT_EQ(only_content(m)["m.relates_to"]["m.in_reply_to"]["event_id"], "$t");
}

TEST(Content, MentionsComeFromTheMessageAndFromItsPills)
{
    document d{"alice"};
    d.blocks[0].runs[0].mention = "@alice:hs";
    message m{d};
    m.mentions.emplace_back("@bob:hs");
    m.mentions.emplace_back("romeo@montague.example");
    EXPECT_EQ(only_content(m)["m.mentions"]["user_ids"], json::parse(R"(["@bob:hs","@alice:hs"])"));
}

TEST(Content, AFileOnOurHomeserverIsMedia)
{
    message m;
    m.files.push_back(picture());
    const auto c = only_content(m);
    EXPECT_EQ(c["msgtype"], "m.image");
    EXPECT_EQ(c["url"], "mxc://hs/abc");
    EXPECT_EQ(c["body"], "cat.png");
    EXPECT_FALSE(c.contains("filename"));
    EXPECT_EQ(c["info"], json::parse(R"({"mimetype":"image/png","size":12})"));
}

TEST(Content, ACaptionIsTheBodyAndTheNameGoesAside)
{
    auto m = said("look");
    m.files.push_back(picture());
    const auto c = only_content(m);
    EXPECT_EQ(c["body"], "look");
    EXPECT_EQ(c["filename"], "cat.png");
}

TEST(Content, EachWayToShowAFileHasItsMessageType)
{
    const auto type_of = [](file::as shown) {
        message m;
        m.files.push_back(picture());
        m.files[0].shown = shown;
        return only_content(m)["msgtype"].get<std::string>();
    };
    EXPECT_EQ(type_of(file::as::file), "m.file");
    EXPECT_EQ(type_of(file::as::audio), "m.audio");
    EXPECT_EQ(type_of(file::as::voice), "m.audio");
    EXPECT_EQ(type_of(file::as::video), "m.video");
    EXPECT_EQ(type_of(file::as::sticker), "m.image");
}

TEST(Content, AForeignFileIsToldByItsAddress)
{
    message m;
    m.files.push_back(picture());
    m.files[0].bytes = media_id{};
    m.files[0].url = "https://upload.example/cat.png";
    const auto c = only_content(m);
    EXPECT_EQ(c["msgtype"], "m.text");
    EXPECT_FALSE(c.contains("url"));
    EXPECT_NE(c["body"].get<std::string>().find("https://upload.example/cat.png"), std::string::npos);
}

TEST(Content, ASubjectIsTheFirstLine)
{
    auto m = said("text");
    m.subject = "About us";
    EXPECT_TRUE(only_content(m)["body"].get<std::string>().find("About us") != std::string::npos);
}

TEST(Content, AnEditReplacesAndMentionsNobodyAgain)
{
    auto now = said("new");
    now.mentions.emplace_back("@bob:hs");
    const auto c = only_content(edit{reference{message_id{"$t"}}, now});
    EXPECT_EQ(c["body"], "* new");
    EXPECT_EQ(c["m.new_content"]["body"], "new");
    EXPECT_EQ(c["m.relates_to"], json::parse(R"({"rel_type":"m.replace","event_id":"$t"})"));
    EXPECT_TRUE(c["m.mentions"].empty());
    EXPECT_EQ(c["m.new_content"]["m.mentions"]["user_ids"][0], "@bob:hs");
    EXPECT_EQ(c["chat.rialto.key"], "k1");
}

TEST(Content, AReactionIsAnAnnotationAndAnEmptySetIsNothing)
{
    const auto all = sends_of(of(reactions{reference{message_id{"$t"}}, {"👍"}}));
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].type, "m.reaction");
    EXPECT_EQ(
        json::parse(all[0].content)["m.relates_to"],
        json::parse(R"({"rel_type":"m.annotation","event_id":"$t","key":"👍"})")
    );
    EXPECT_TRUE(sends_of(of(reactions{reference{message_id{"$t"}}, {}})).empty());
}

TEST(Content, ARetractionIsARedactionWithItsReason)
{
    retraction r{reference{message_id{"$t"}}};
    r.reason = "oops";
    const auto all = sends_of(of(r));
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].how, matrix_send::by::redaction);
    EXPECT_EQ(all[0].target, "$t");
    EXPECT_EQ(json::parse(all[0].content), json::parse(R"({"reason":"oops"})"));
}

TEST(Content, RoomInfoIsOneStateEventForEachThingSaid)
{
    room_info info;
    info.title = "Verona";
    info.topic = "";
    info.members_only = true;
    info.history_open = false;
    info.avatar = media_id{"mxc://hs/a"};
    const auto all = sends_of(of(info));
    ASSERT_EQ(all.size(), 5U);
    EXPECT_EQ(all[0].how, matrix_send::by::state);
    EXPECT_EQ(all[0].type, "m.room.name");
    EXPECT_EQ(json::parse(all[0].content)["name"], "Verona");
    EXPECT_EQ(json::parse(all[1].content)["topic"], "");
    EXPECT_EQ(all[2].type, "m.room.avatar");
    EXPECT_EQ(json::parse(all[3].content)["join_rule"], "invite");
    EXPECT_EQ(json::parse(all[4].content)["history_visibility"], "joined");
}

TEST(Content, AFarRoomOpensNoMatrixRoom)
{
    room_info info;
    info.members_only = false;
    info.history_open = true;
    EXPECT_TRUE(sends_of(of(info)).empty()) << "who bridges a private room keeps it private";
}

TEST(Content, WhatIsNoEventIsNotSent)
{
    EXPECT_TRUE(sends_of(of(typing{true})).empty());
    EXPECT_TRUE(sends_of(of(membership{change::join, user_id{}})).empty());
}

TEST(Content, TooLongTextLosesItsFormattingThenItsEnd)
{
    document d{std::string(40'000, 'x')};
    d.blocks[0].runs[0].marks = mark::bold;
    const auto plain = message_content(message{d});
    EXPECT_FALSE(plain.contains("formatted_body"));
    EXPECT_EQ(plain["body"].get<std::string>().size(), 40'000U);
    const auto cut = message_content(said(std::string(300'000, 'x')));
    EXPECT_LE(cut.dump().size(), longest_content);
    EXPECT_TRUE(cut["body"].get<std::string>().ends_with("[…]"));
    const auto all = sends_of(of(edit{reference{message_id{"$t"}}, said(std::string(300'000, '"'))}));
    EXPECT_LE(all.at(0).content.size(), longest_content);
}

TEST(Content, BadUtf8CannotBreakTheRequest)
{
    const auto c = only_content(said("a\xff\xfe\xed\xa0\x80z"));
    EXPECT_EQ(c["body"].get<std::string>().front(), 'a');
}

TEST(Content, WhatIsWrittenIsReadBackTheSame)
{
    auto m = said("But soft!\nwhat light");
    m.how = manner::emote;
    m.reply_to.emplace(message_id{"$t"});
    m.mentions.emplace_back("@bob:hs");
    m.files.push_back(picture());
    const auto back = read_message(message_content(m));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->files, m.files);
    EXPECT_EQ(back->reply_to, m.reply_to);
    EXPECT_EQ(back->mentions, m.mentions);
    EXPECT_EQ(back->body, m.body);
}

TEST(Content, AStatusSaysWhatBecameOfAnEvent)
{
    const auto status = [](fate is, std::optional<failure> why) {
        return json::parse(status_content("$e", is, why));
    };
    EXPECT_EQ(status(fate::queued, {})["status"], "PENDING");
    EXPECT_EQ(status(fate::delayed, {})["status"], "PENDING");
    EXPECT_EQ(status(fate::relayed, {})["status"], "SUCCESS");
    EXPECT_EQ(status(fate::delivered, {})["status"], "SUCCESS");
    const auto dead = status(fate::failed, failure{verdict::give_up, cause::banned, "you are banned"});
    EXPECT_EQ(dead["status"], "FAIL_PERMANENT");
    EXPECT_EQ(dead["reason"], "m.no_permission");
    EXPECT_EQ(dead["message"], "you are banned");
    EXPECT_EQ(dead["m.relates_to"]["event_id"], "$e");
    const auto later = status(fate::failed, failure{verdict::try_later, cause::away, "link down"});
    EXPECT_EQ(later["status"], "FAIL_RETRIABLE");
    EXPECT_EQ(later["reason"], "m.bridge_unavailable");
    EXPECT_EQ(
        status(fate::failed, failure{verdict::unsupported, cause::other, "no"})["reason"],
        "com.beeper.unsupported_event"
    );
    EXPECT_EQ(
        status(fate::failed, failure{verdict::give_up, cause::not_found, "no"})["reason"],
        "m.foreign_network_error"
    );
}

}  // namespace
}  // namespace rialto::matrix::content_test
