#include "appservice/cli_status.hpp"

#include <gmock/gmock.h>

namespace rialto::cli::cli_status_test {
namespace {

using testing::HasSubstr;

constexpr std::string_view ready = R"({"ready": false, "components": [
    {"name": "homeserver", "ready": true, "reason": ""},
    {"name": "prosody", "ready": false, "reason": "the XMPP server\nclosed the connection"},
    {"name": "coverage", "ready": true, "reason": "rooms covered: 2 of 3"}]})";

TEST(Status, NamesEachPartAndWhyItIsNotReady)
{
    EXPECT_EQ(
        status_text(ready, R"({"lanes": [], "dead": []})"),
        "homeserver: ready\n"
        "prosody: NOT READY: the XMPP server closed the connection\n"
        "coverage: rooms covered: 2 of 3\n"
        "queue: 0 messages wait, 0 could not be delivered\n"
    );
}

TEST(Status, CountsWhatWaitsAndSaysWhereToLook)
{
    const auto text = status_text(
        ready, R"({"lanes": [{"waiting": 3}, {"waiting": 1}], "dead": [{}, {}], "more_dead": true})"
    );
    EXPECT_THAT(
        text, HasSubstr("queue: 4 messages wait, 2 or more could not be delivered (rialto queue list)\n")
    );
}

TEST(Status, KnowsWhenNoRialtoAnswers)
{
    EXPECT_EQ(status_text("<html>", "{}"), "");
    EXPECT_EQ(status_text("{}", "{}"), "");
    EXPECT_EQ(status_text(R"({"components": [{"name": 1}]})", "{}"), "");
    EXPECT_EQ(status_text(ready, R"({"lanes": 1})"), "");
}

}  // namespace
}  // namespace rialto::cli::cli_status_test
