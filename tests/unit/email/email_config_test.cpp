#include "bridges/email/email_config.hpp"
#include "core/backend.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rialto::email {
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

}  // namespace
}  // namespace rialto::email
