#include "appservice/cli_network.hpp"

#include "core/backend.hpp"

#include <gmock/gmock.h>

namespace rialto::cli::cli_network_test {
namespace {

using testing::HasSubstr;

TEST(NetworkFlag, NameTypeAndOptionsAreTakenApart)
{
    const auto it = parse_network("prosody=xmpp,host=127.0.0.1,port=5347,secret=a=b,muc=");
    EXPECT_EQ(it.name, "prosody");
    EXPECT_EQ(it.type, "xmpp");
    ASSERT_EQ(it.options.size(), 4u);
    EXPECT_EQ(*it.find("host"), "127.0.0.1");
    EXPECT_EQ(*it.find("secret"), "a=b");
    EXPECT_EQ(*it.find("muc"), "");
    EXPECT_EQ(it.find("domain"), nullptr);
    EXPECT_TRUE(parse_network("echo=echo").options.empty());
}

TEST(NetworkFlag, ABackslashMakesACommaPlain)
{
    const auto it = parse_network(R"(p=xmpp,secret=a\,b\\c\d,host=h)");
    EXPECT_EQ(*it.find("secret"), R"(a,b\c\d)");
    EXPECT_EQ(*it.find("host"), "h");
}

TEST(NetworkFlag, WhatIsWrittenWronglyIsNamedAndItsSecretIsNot)
{
    for (const std::string text :
         {"", "prosody", "=xmpp", "prosody=", "Prosody=xmpp", "my_net=xmpp", "abcdefghijklmnopq=xmpp",
          "p=xmpp,hunter2", "p=xmpp,=hunter2", "p=xmpp,Secret=hunter2", "p=xmpp,,secret=hunter2",
          "p=xmpp,secret=x,secret=hunter2", "p=XMPP,secret=hunter2"}) {
        try {
            (void)parse_network(text);
            ADD_FAILURE() << text;
        } catch (const config_error& e) {
            EXPECT_THAT(e.what(), HasSubstr("NAME=TYPE,key=value"));
            EXPECT_THAT(e.what(), testing::Not(HasSubstr("hunter2")));
        }
    }
}

TEST(NetworkFlag, SecretsAreKnownByTheirKey)
{
    for (const auto* key : {"secret", "password", "token", "component_secret", "imap_password"})
        EXPECT_TRUE(is_secret(key)) << key;
    for (const auto* key : {"host", "secret_file", "secret_env", "port", "secretary"})
        EXPECT_FALSE(is_secret(key)) << key;
}

}  // namespace
}  // namespace rialto::cli::cli_network_test
