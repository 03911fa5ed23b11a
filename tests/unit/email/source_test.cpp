#include "bridges/email/source.hpp"

#include <gtest/gtest.h>

#include <set>

namespace rialto::email::source_test {
namespace {

const portal_id talk{room_id{"alice@chat.example|carol@ext.example"}};

TEST(Source, IsTheHeaderWithoutWhoGotItByBcc)
{
    EXPECT_EQ(
        header_of("From: c@x.example\r\nBcc: d@x.example,\r\n e@x.example\r\nSubject: a\r\n b\r\nBCC: "
                  "f@x\r\n\r\nwords\r\n"),
        "From: c@x.example\nSubject: a\n b\n"
    );
    EXPECT_EQ(header_of(""), "");
    EXPECT_EQ(header_of("\r\nwords"), "");
    EXPECT_EQ(header_of("From: c@x.example"), "From: c@x.example\n");
    std::string large;
    for (int i = 0; i < 2000; ++i)
        large += "X-" + std::to_string(i) + ": 0123456789\r\n";
    EXPECT_LE(header_of(large).size(), most_header);
}

TEST(Source, IsFoundByAnyMessageThatTheMailBecame)
{
    const source_note kept{talk, message_id{"<1@x> abc carol@ext.example"}};
    const auto value = kept.value("From: c\n");
    for (const auto* far : {"<1@x> abc", "<1@x> abc.2", "<1@x> abc.2 carol@ext.example"}) {
        const source_note asked{talk, message_id{far}};
        EXPECT_EQ(asked.key, kept.key);
        EXPECT_EQ(asked.read(value), "From: c\n") << far;
    }
    EXPECT_EQ((source_note{talk, message_id{"<1@x> abd"}}.read(value)), "");
    EXPECT_EQ((source_note{portal_id{room_id{"other"}}, message_id{"<1@x> abc"}}.read(value)), "");
}

TEST(Source, TakesAFixedNumberOfPlaces)
{
    std::set<std::string> places;
    for (int i = 0; i < 20'000; ++i)
        places.insert(source_note{talk, message_id{"<" + std::to_string(i) + "@x> d"}}.key);
    EXPECT_LE(places.size(), kept_headers);
    EXPECT_GT(places.size(), kept_headers * 9 / 10);
}

}  // namespace
}  // namespace rialto::email::source_test
