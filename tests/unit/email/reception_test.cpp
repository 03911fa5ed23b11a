#include "bridges/email/reception.hpp"

#include <gtest/gtest.h>

namespace rialto::email::reception_test {
namespace {

parsed_mail from(std::string local, std::string domain)
{
    parsed_mail m;
    m.message_id = "<1@x.example>";
    m.from.emplace_back("Carol", address{std::move(local), std::move(domain)});
    m.from_headers = m.from_people = 1;
    m.text = "words";
    return m;
}

const address alice{"alice", "chat.example"}, carol{"carol", "x.example"};
const talk_name talk{alice, carol};

std::vector<event> events(const arrival& in)
{
    talk_state before;
    return events_of(in, talk, before, false, timestamp{}, 1000);
}

TEST(Reception, KnowsTheSenderOnlyWhereTheAuthorIsProvenToBeThem)
{
    using enum verdict_on_author;
    const auto sender = [](verdict_on_author author, std::optional<address> s) {
        const arrival in{from("carol", "x.example"), author, s};
        EXPECT_EQ(message_id_in(in.id.value), "<1@x.example>") << "the mail's name comes first";
        return sender_in(in.id);
    };
    EXPECT_EQ(sender(genuine, carol), carol);
    EXPECT_EQ(sender(genuine, address{"bounces", "mail.x.example"}), (address{"bounces", "mail.x.example"}));
    EXPECT_EQ(sender(genuine, address{"victim", "y.example"}), std::nullopt);
    EXPECT_EQ(sender(unknown, carol), std::nullopt);
    EXPECT_EQ(sender(genuine, std::nullopt), std::nullopt);
    const address odd{"a b", "x.example"};
    EXPECT_EQ(sender(genuine, odd), odd);
}

TEST(Reception, SaysTheWordsOnceAndThenEachFile)
{
    arrival in{from("carol", "x.example"), verdict_on_author::genuine, carol};
    in.files.emplace_back("a", "image/png", media_id{"mxc://hs/a"});
    in.files.emplace_back("b", "image/png", media_id{"mxc://hs/b"});
    const auto all = events(in);
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].id, in.id);
    EXPECT_EQ(std::get<message>(all[2].what).files.at(0).name, "b");
    EXPECT_NE(all[1].id, all[2].id);
    for (const auto& e : all)
        EXPECT_EQ(sender_in(e.id), carol) << "each part may be refused";
}

TEST(Reception, KnowsAMailOfFilesAloneByTheFirst)
{
    auto m = from("carol", "x.example");
    m.text = "";
    arrival in{std::move(m), verdict_on_author::genuine, std::nullopt};
    in.files.emplace_back("a", "image/png", media_id{"mxc://hs/a"});
    const auto all = events(in);
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].id, in.id);
    EXPECT_EQ(all[0].also.at(0).value, "<1@x.example>");
}

TEST(Reception, ShowsNobodyAsTheAuthorOfWhatMayBeForged)
{
    using enum verdict_on_author;
    EXPECT_EQ(suspicion_of(from("carol", "x.example"), "chat.example", genuine), "");
    EXPECT_EQ(suspicion_of(from("carol", "x.example"), "chat.example", unknown), "");
    EXPECT_NE(suspicion_of(from("carol", "x.example"), "chat.example", forged), "");
    EXPECT_NE(suspicion_of(from("bob", "chat.example"), "chat.example", genuine), "");
    auto two = from("carol", "x.example");
    two.from_people = 2;
    EXPECT_NE(suspicion_of(two, "chat.example", genuine), "");
    EXPECT_NE(suspicion_of(parsed_mail{}, "chat.example", genuine), "");
}

TEST(Reception, TellsAnswerersFromServicesThatWrite)
{
    auto m = from("carol", "x.example");
    EXPECT_FALSE(is_automatic_answer(m));
    m.auto_submitted = "auto-generated";
    EXPECT_FALSE(is_automatic_answer(m));
    m.auto_submitted = "auto-replied; owner-email=x";
    EXPECT_TRUE(is_automatic_answer(m));
    m.auto_submitted.clear();
    m.precedence = "auto_reply";
    EXPECT_TRUE(is_automatic_answer(m));
}

TEST(Reception, TakesNoMailServersWordsForAPersonsAnswer)
{
    auto m = from("carol", "x.example");
    m.auto_submitted = "auto-replied";
    EXPECT_EQ(kind_of_return(m), returned::answer);
    m.from.front().who.local = "mailer-daemon";
    EXPECT_EQ(kind_of_return(m), returned::bounce);
    m.from.front().who.local = "postmaster";
    EXPECT_EQ(kind_of_return(m), returned::bounce);
}

TEST(Reception, WritesItsTraceInFieldsThatNobodyCanBreak)
{
    envelope about;
    about.greeting = "mta\r\nBcc: x";
    about.sender = carol;
    EXPECT_EQ(
        trace_of(about, "chat.example", true, timestamp{std::chrono::seconds{1788249600}}),
        "Return-Path: <carol@x.example>\r\nReceived: from mta Bcc: x\r\n by chat.example (Rialto) with LMTP; "
        "Tue, 01 Sep 2026 08:00:00 +0000\r\n"
    );
    about.sender.reset();
    EXPECT_TRUE(trace_of(about, "chat.example", false, timestamp{}).starts_with("Return-Path: <>\r\n"));
}

}  // namespace
}  // namespace rialto::email::reception_test
