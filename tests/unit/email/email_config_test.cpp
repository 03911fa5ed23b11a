#include "bridges/email/email_config.hpp"
#include "core/backend.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rialto::email::email_config_test {
namespace {

using nlohmann::json;

json with(const json& more)
{
    json all = {
        {"domain", "chat.example"}, {"home", "hs"}, {"secret", "0123456789abcdef"}, {"postmaster", "@root:hs"}
    };
    all.update(more);
    return all;
}
email_config read(const json& more) { return read_email_config(with(more)); }

TEST(EmailConfig, TakesTlsWhereMailLeavesTheMachine)
{
    EXPECT_EQ(read(json::object()).tls, smart_tls::none);
    EXPECT_EQ(read({{"smart_host", "mail.example"}}).tls, smart_tls::starttls);
    EXPECT_EQ(read({{"smart_host", "mail.example"}, {"insecure", true}}).tls, smart_tls::none);
    EXPECT_EQ(read({{"smart_host", "mail.example"}, {"tls", "implicit"}}).tls, smart_tls::implicit);
    EXPECT_EQ(read({{"tls", "starttls"}}).tls, smart_tls::starttls);
    EXPECT_THROW(read({{"smart_host", "mail.example"}, {"tls", "none"}}), config_error);
    EXPECT_THROW(read({{"tls", "maybe"}}), config_error);
}

TEST(EmailConfig, SendsNoPasswordInTheClear)
{
    const auto c =
        read({{"tls", "starttls"}, {"user", "rialto"}, {"password", "x"}, {"authorities", "/ca.pem"}});
    EXPECT_EQ(c.user + c.password + c.ca_file, "rialtox/ca.pem");
    EXPECT_THROW(read({{"user", "rialto"}, {"password", "x"}}), config_error);
}

TEST(EmailConfig, NamesWhoMaySend)
{
    EXPECT_TRUE(read(json::object()).may_send.empty());
    EXPECT_EQ(read({{"may_send", {"*:hs"}}}).may_send.at(0), "*:hs");
    EXPECT_THROW(read({{"may_send", {"alice"}}}), config_error);
    EXPECT_EQ(read({{"mails_per_day", 7}}).mails_per_day, 7u);
}

TEST(EmailConfig, HasFurtherNamesForPeopleAndRooms)
{
    const auto c = read(
        {{"domains", {"Chat2.example"}},
         {"aliases", {"info=@alice:hs", "help=support"}},
         {"catch_all", "@bob:other.example"},
         {"mailboxes", {"*:hs"}}}
    );
    EXPECT_EQ(c.domains.at(0), "chat2.example");
    EXPECT_EQ(c.aliases.at("info").text(), "alice@chat.example");
    EXPECT_EQ(c.aliases.at("help").text(), "support@chat.example");
    EXPECT_EQ(c.catch_all->text(), "bob=3aother.example@chat.example");
    EXPECT_FALSE(read(json::object()).catch_all);
    for (const json& bad :
         {json{{"domains", {"chat.example"}}}, json{{"domains", {"no/domain"}}}, json{{"aliases", {"info"}}},
          json{{"aliases", {"info="}}}, json{{"aliases", {"postmaster=@alice:hs"}}},
          json{{"aliases", {"info=alice@x.example"}}}, json{{"catch_all", "a b"}},
          json{{"mailboxes", {"alice"}}}})
        EXPECT_THROW(read(bad), config_error) << bad;
}

}  // namespace
}  // namespace rialto::email::email_config_test
