#include "bridges/xmpp/xmpp_config.hpp"

#include "core/backend.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace rialto::xmpp::xmpp_config_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json least() { return json{{"domain", "bridge.example"}, {"secret", "s"}}; }
json with(const char* key, json value)
{
    auto out = least();
    out[key] = std::move(value);
    return out;
}
std::string complaint(const json& config)
{
    try {
        (void)read_xmpp_config(config);
    } catch (const config_error& e) {
        return e.what();
    }
    return "accepted";
}

TEST(XmppConfig, NeedsADomainAndASecretAndNothingElse)
{
    const auto c = read_xmpp_config(least());
    EXPECT_EQ(c.host, "localhost");
    EXPECT_EQ(c.port, 5347);
    EXPECT_EQ(c.nick, "rialto");
    EXPECT_EQ(c.max_puppets, 100U);
    EXPECT_EQ(c.joins, 10U);
    EXPECT_EQ(c.invites_per_hour, 20U);
    EXPECT_EQ(c.idle_leave, std::chrono::hours{24});
    EXPECT_EQ(c.listener_jid(), "rialto@bridge.example");
    EXPECT_THAT(complaint(json{{"secret", "s"}}), HasSubstr("domain: is missing"));
    EXPECT_THAT(complaint(json{{"domain", "d.example"}}), HasSubstr("secret: is missing"));
    EXPECT_THAT(complaint(with("secret", "")), HasSubstr("secret: must be a text"));
}

TEST(XmppConfig, TrustsTheServerItBelongsTo)
{
    auto c = read_xmpp_config(json{{"domain", "bridge.montague.example"}, {"secret", "s"}});
    EXPECT_TRUE(c.may_invite("montague.example"));
    EXPECT_TRUE(c.may_invite("conference.montague.example"));
    EXPECT_FALSE(c.may_invite("notmontague.example"));
    EXPECT_FALSE(c.may_invite("capulet.example"));
    c = read_xmpp_config(with("muc", "muc.capulet.example"));  // bridge.example: "example" is nobody's
    EXPECT_FALSE(c.may_invite("evil.example"));
    EXPECT_TRUE(c.may_invite("muc.capulet.example"));
    c = read_xmpp_config(with("invites_from", json::array({"Capulet.Example"})));
    EXPECT_TRUE(c.may_invite("capulet.example"));
    EXPECT_FALSE(c.may_invite("montague.example"));
    c = read_xmpp_config(with("invites_from", json::array({"*"})));
    EXPECT_TRUE(c.may_invite("anybody.example"));
    c = read_xmpp_config(with("invites_from", json::array()));
    EXPECT_FALSE(c.may_invite("bridge.example"));
    for (const auto& wrong : {json("montague.example"), json::array({7}), json::array({"a b"})})
        EXPECT_THAT(complaint(with("invites_from", wrong)), HasSubstr("invites_from")) << wrong.dump();
}

TEST(XmppConfig, TakesEveryKey)
{
    const auto c = read_xmpp_config(json{
        {"host", "xmpp.example"},
        {"port", 8888},
        {"domain", "Bridge.Example"},
        {"secret", "s"},
        {"muc", "MUC.example"},
        {"nick", "the bridge"},
        {"idle_leave", 0},
        {"max_puppets", 5},
        {"joins", 1},
        {"invites_per_hour", 3},
        {"typing_limit", 0}
    });
    EXPECT_EQ(c.domain, "bridge.example") << "as servers write it";
    EXPECT_EQ(c.muc, "muc.example");
    EXPECT_EQ(c.port, 8888);
    EXPECT_EQ(c.idle_leave.count(), 0);
    EXPECT_EQ(c.typing_limit, 0U);
    EXPECT_EQ(c.nick, "the bridge");
    EXPECT_EQ(read_xmpp_config(with("muc", nullptr)).muc, "") << "a key without a value is not there";
}

TEST(XmppConfig, NamesTheKeyAndTheRemedy)
{
    EXPECT_THAT(complaint(with("prot", 1)), HasSubstr("prot: there is no such key"));
    EXPECT_THAT(complaint(with("port", 0)), HasSubstr("from 1 to 65535"));
    EXPECT_THAT(complaint(with("port", 65536)), HasSubstr("from 1 to 65535"));
    EXPECT_THAT(complaint(with("port", "5347")), HasSubstr("whole number"));
    EXPECT_THAT(complaint(with("joins", 1.5)), HasSubstr("whole number"));
    EXPECT_THAT(complaint(with("max_puppets", 0)), HasSubstr("max_puppets"));
    EXPECT_THAT(complaint(with("idle_leave", -1)), HasSubstr("idle_leave"));
    EXPECT_THAT(complaint(with("host", 7)), HasSubstr("host: must be a text"));
    EXPECT_THAT(complaint(json::array()), HasSubstr("table"));
}

TEST(XmppConfig, RefusesWhatNoServerIsCalled)
{
    for (const auto* name : {"a@b.example", "b.example/x", "two words", "", "."})
        EXPECT_THAT(complaint(with("domain", name)), HasSubstr("domain")) << name;
    EXPECT_THAT(complaint(with("muc", "a@muc.example")), HasSubstr("server name"));
    EXPECT_THAT(complaint(with("muc", "bridge.example")), HasSubstr("component itself"));
    EXPECT_THAT(complaint(with("nick", "\xF0\x9F\x98\x80")), HasSubstr("nick"));
    EXPECT_THAT(complaint(with("nick", "")), HasSubstr("nick"));
}

TEST(XmppConfig, NeverRepeatsTheSecret)
{
    for (const auto& wrong : {with("port", 0), with("nope", 1), with("domain", "a b")}) {
        auto config = wrong;
        config["secret"] = "hush-hush";
        EXPECT_THAT(complaint(config), testing::Not(HasSubstr("hush-hush")));
    }
}

TEST(XmppConfig, ExampleNamesEveryKey)
{
    const std::string example{xmpp_example_config};
    for (const auto* key :
         {"host", "port", "domain", "secret", "muc", "nick", "idle_leave", "max_puppets", "joins",
          "invites_per_hour", "typing_limit"})
        EXPECT_THAT(example, HasSubstr(std::string{key} + ": "));
}

}  // namespace
}  // namespace rialto::xmpp::xmpp_config_test
