#include "registrations/check.hpp"

#include "core/backend.hpp"

#include <gmock/gmock.h>

namespace rialto::registrations::check_test {
namespace {

using testing::HasSubstr;

struct Check : testing::Test
{
    setting want{
        "http://127.0.0.1:9009",
        names{
            "chat.example.org", "_rialto_bot", "_rialto_",
            std::vector<named_network>(1, named_network{"prosody"})
        },
        std::vector<std::string>(1, "xmpp")
    };
    tokens ours{fresh_token(), fresh_token()};
    registration good = made_for(want, ours);

    std::string said(const registration& it) const { return shown(check(it, want, ours), "r.yaml"); }

    // The text of a good registration with one spelling exchanged, read and checked.
    std::string with(const std::string& from, const std::string& to) const
    {
        auto text = yaml_of(good);
        const auto at = text.find(from);
        EXPECT_NE(at, text.npos) << from;
        text.replace(at, from.size(), to);
        const auto back = read(text, "r.yaml");
        return shown(back.findings, "r.yaml") + said(back.it);
    }
};

TEST_F(Check, AGoodOneHasNothingToSay) { EXPECT_EQ(said(good), ""); }

TEST_F(Check, WhatDiffersFromTheConfigurationIsNamedWithItsRemedy)
{
    auto it = good;
    it.url = "http://10.0.0.1:9009";
    EXPECT_THAT(
        said(it),
        HasSubstr(
            "r.yaml: error: url is http://10.0.0.1:9009 and the configuration says http://127.0.0.1:9009\n"
            "    remedy: set `url: \"http://127.0.0.1:9009\"`"
        )
    );
    it = good;
    it.id = "bridge";
    EXPECT_THAT(said(it), HasSubstr("id is 'bridge'"));
    it.id = "a|b";
    EXPECT_THAT(said(it), HasSubstr("Synapse refuses it"));
    it = good;
    it.sender_localpart = "_rialto_bot";
    EXPECT_THAT(
        said(it), HasSubstr("sender_localpart is the bot: the homeserver does not let that one /sync")
    );
    it = good;
    it.sender_localpart = "anything_else";
    EXPECT_EQ(said(it), "");
    it = good;
    it.url += "/";
    EXPECT_EQ(said(it), "");
}

TEST_F(Check, WeakTokensAreNamedAndNeverShown)
{
    auto it = good;
    it.as_token = "hunter2";
    EXPECT_THAT(said(it), HasSubstr("as_token can be guessed: it is shorter than 32 characters"));
    EXPECT_THAT(said(it), testing::Not(HasSubstr("hunter2")));
    it.as_token = std::string(64, 'x');
    EXPECT_THAT(said(it), HasSubstr("too few different characters"));
    it.as_token = it.hs_token;
    EXPECT_THAT(said(it), HasSubstr("as_token and hs_token are the same"));
    it.as_token = fresh_token() + " x";
    EXPECT_THAT(said(it), HasSubstr("no HTTP header carries"));
}

TEST_F(Check, TokensOfAnotherCopyAreNamed)
{
    auto it = good;
    it.as_token = fresh_token();
    EXPECT_THAT(said(it), HasSubstr("M_UNKNOWN_TOKEN"));
    it = good;
    it.hs_token = fresh_token();
    EXPECT_THAT(said(it), HasSubstr("refuse the homeserver with 403"));
    EXPECT_TRUE(check(it, want, std::nullopt).empty());
}

TEST_F(Check, MissingKeysAreNamed)
{
    EXPECT_THAT(with("as_token:", "as_tokem:"), HasSubstr("as_token is missing"));
    EXPECT_THAT(with("as_token:", "as_tokem:"), HasSubstr("unknown key 'as_tokem'"));
    EXPECT_THAT(with("id: \"rialto\"", "id: [1]"), HasSubstr("id is missing or not a text"));
    EXPECT_THAT(with("url: \"http://127.0.0.1:9009\"", "url: null"), HasSubstr("url is null"));
    EXPECT_THAT(with("namespaces:", "namespace:"), HasSubstr("namespaces is missing"));
    EXPECT_THAT(with("      exclusive: true\n", ""), HasSubstr("exclusive is missing"));
    EXPECT_THAT(with("- regex: '^@", "- regexp: '^@"), HasSubstr("has no regex"));
    EXPECT_THAT(with("  rooms: []", "  rooms: 3"), HasSubstr("namespaces.rooms must be a list"));
}

TEST_F(Check, RateLimitingIsNamedWhetherMissingOrOn)
{
    EXPECT_THAT(with("rate_limited: false\n", ""), HasSubstr("rate_limited is missing"));
    EXPECT_THAT(with("rate_limited: false", "rate_limited: true"), HasSubstr("rate_limited is not false"));
    EXPECT_THAT(with("rate_limited: false", "rate_limited: \"false\""), HasSubstr("must be true or false"));
}

TEST_F(Check, EitherSpellingOfEphemeralIsEnoughButNoneIsNot)
{
    EXPECT_EQ(with("receive_ephemeral: true\n", ""), "");
    EXPECT_THAT(
        with("receive_ephemeral: true\nde.sorunome.msc2409.push_ephemeral: true\n", ""),
        HasSubstr("receive_ephemeral is off")
    );
}

TEST_F(Check, NamespacesAreJudgedByWhatTheyMatch)
{
    const std::string good_one = "'^@_rialto_[^:]*:chat\\.example\\.org$'";
    EXPECT_EQ(with(good_one, "'^@_rialto_.*:chat\\.example\\.org$'"), "") << "another spelling of the same";
    EXPECT_THAT(with(good_one, "'^@_rialto_.*:chat\\.example\\.org'"), HasSubstr("not anchored at the end"));
    EXPECT_THAT(
        with(good_one, "'@_rialto_.*:chat\\.example\\.org$'"), HasSubstr("not anchored at the start")
    );
    EXPECT_THAT(with(good_one, "'^@_rialto_.*'"), HasSubstr("not anchored at the end"));
    EXPECT_THAT(with(good_one, "'^@_rialto_.*:chat.example.org$'"), HasSubstr("stands for any character"));
    EXPECT_THAT(
        with(good_one, "'^@_slack_.*:chat\\.example\\.org$'"), HasSubstr("does not cover network 'prosody'")
    );
    EXPECT_THAT(with(good_one, "'^@_slack_.*:chat\\.example\\.org$'"), HasSubstr("does not cover the bot"));
    EXPECT_THAT(
        with(good_one, "'^@_rialto_(bot|prosody_.*):chat\\.example\\.org$'"), HasSubstr("added later")
    );
    EXPECT_THAT(
        with(good_one, "'^@.*:chat\\.example\\.org$'"), HasSubstr("claims names that are not Rialto's")
    );
    EXPECT_THAT(with(good_one, "'^@_rialto_[:chat\\.example\\.org$'"), HasSubstr("is no regex"));
    EXPECT_THAT(with("exclusive: true", "exclusive: false"), HasSubstr("is not exclusive"));
    EXPECT_THAT(
        with("rooms: []", "rooms: [{regex: '.*', exclusive: false}]"), HasSubstr("every event of those rooms")
    );
}

TEST_F(Check, AnErrorInANamespaceNamesItsLine)
{
    const auto text = with("'^@_rialto_[^:]*:chat\\.example\\.org$'", "'@_rialto_.*'");
    EXPECT_THAT(text, testing::ContainsRegex("r\\.yaml:[0-9]+: error: namespaces\\.users"));
}

TEST_F(Check, AProtocolThatIsMissingIsAWarning)
{
    auto it = good;
    it.protocols.clear();
    EXPECT_THAT(said(it), HasSubstr("warning: protocols lacks 'xmpp'"));
}

TEST_F(Check, WhatIsNoRegistrationIsSaidSo)
{
    EXPECT_THAT(shown(read("[1, 2]", "r.yaml").findings, "r.yaml"), HasSubstr("this is no registration"));
    EXPECT_THAT(shown(read("", "r.yaml").findings, "r.yaml"), HasSubstr("this is no registration"));
    EXPECT_THROW((void)read("a: [", "r.yaml"), config_error);
    for (const auto* odd :
         {"namespaces: {users: [3, null, [], {regex: {}}]}", "url: {}", "protocols: x", "id: ~"})
        EXPECT_FALSE(read(odd, "r.yaml").findings.empty()) << odd;
}

}  // namespace
}  // namespace rialto::registrations::check_test
