#include "registrations/registration.hpp"

#include "registrations/check.hpp"

#include <gmock/gmock.h>

#include <regex>
#include <set>

namespace rialto::registrations::registration_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<named_network> networks()
{
    std::vector<named_network> out;
    out.emplace_back("prosody");
    out.emplace_back("bifrost", "_xmpp_");
    return out;
}

setting wanted(std::string server = "chat.example.org", std::string bot = "_rialto_bot")
{
    return {
        "http://127.0.0.1:9009", names{std::move(server), std::move(bot), "_rialto_", networks()},
        std::vector<std::string>(1, "xmpp")
    };
}

registration fresh(const setting& from = wanted())
{
    return made_for(from, tokens{fresh_token(), fresh_token()});
}

// Python's re.match, as Synapse calls it.
bool claimed(const std::vector<claim>& all, const std::string& id)
{
    for (const auto& each : all)
        if (std::regex_search(id, std::regex{each.regex}, std::regex_constants::match_continuous))
            return true;
    return false;
}

TEST(Registration, ItClaimsGhostsOfNetworksNowAndLaterAndTheBot)
{
    const auto it = fresh();
    for (const auto* id :
         {"@_rialto_prosody_juliet=40capulet.example:chat.example.org", "@_rialto_later_x:chat.example.org",
          "@_rialto_bot:chat.example.org", "@_xmpp_juliet=40capulet.example:chat.example.org"})
        EXPECT_TRUE(claimed(it.users, id)) << id;
    EXPECT_TRUE(claimed(it.aliases, "#_rialto_prosody_verona=40muc.example:chat.example.org"));
    EXPECT_TRUE(claimed(it.aliases, "#_xmpp_verona=40muc.example:chat.example.org"));
    EXPECT_TRUE(it.rooms.empty());
}

TEST(Registration, ItClaimsNobodyElse)
{
    const auto it = fresh();
    for (const auto* id :
         {"@alice:chat.example.org", "@x_rialto_a:chat.example.org",
          "@_rialto_prosody_a:chat.example.org.evil.example", "@_rialto_prosody_a:chatxexample.org",
          "@_rialto_prosody_a:evil.example:chat.example.org", "@_rialtoXprosody_a:chat.example.org",
          "#_rialto_prosody_a:chat.example.org", "@_xmpp:chat.example.org",
          "@_rialto_prosody_a:chat.example.org:8448"})
        EXPECT_FALSE(claimed(it.users, id)) << id;
    EXPECT_FALSE(claimed(it.aliases, "#general:chat.example.org"));
}

TEST(Registration, EveryGhostThatOurNamesCanMakeIsClaimed)
{
    const auto from = wanted("[2001:db8::1]:8448");
    const auto it = fresh(from);
    for (const auto* address : {"a@b", "Ünï@ß", "with space", "a+b=c/d?e#f", "^.*$"})
        EXPECT_TRUE(claimed(it.users, *from.ours.ghost("prosody", address))) << address;
}

TEST(Registration, ABotOutsideThePrefixHasItsOwnLine)
{
    const auto it = fresh(wanted("chat.example.org", "bridge.bot"));
    EXPECT_EQ(it.sender_localpart, "_rialto_service") << "whom a registration names cannot /sync";
    EXPECT_TRUE(claimed(it.users, "@bridge.bot:chat.example.org"));
    EXPECT_FALSE(claimed(it.users, "@bridgexbot:chat.example.org"));
    EXPECT_FALSE(claimed(it.users, "@bridge.bot2:chat.example.org"));
}

TEST(Registration, WhatIsWrittenIsReadBack)
{
    auto from = wanted();
    from.ours = names{"it's.example", "_rialto_bot", "_rialto_", networks()};
    const auto it = fresh(from);
    const auto back = read(yaml_of(it), "r.yaml");
    EXPECT_TRUE(back.findings.empty()) << shown(back.findings, "r.yaml");
    EXPECT_EQ(back.it.id, it.id);
    EXPECT_EQ(back.it.url, it.url);
    EXPECT_EQ(back.it.as_token, it.as_token);
    EXPECT_EQ(back.it.hs_token, it.hs_token);
    EXPECT_EQ(back.it.sender_localpart, it.sender_localpart);
    EXPECT_FALSE(back.it.rate_limited);
    EXPECT_TRUE(back.it.receive_ephemeral);
    EXPECT_THAT(back.it.protocols, ElementsAre("xmpp"));
    ASSERT_EQ(back.it.users.size(), it.users.size());
    for (std::size_t i = 0; i < it.users.size(); ++i) {
        EXPECT_EQ(back.it.users[i].regex, it.users[i].regex);
        EXPECT_TRUE(back.it.users[i].exclusive);
    }
    ASSERT_EQ(back.it.aliases.size(), it.aliases.size());
}

TEST(Registration, TheTextSaysWhatSynapseAndDendriteLookFor)
{
    const auto text = yaml_of(fresh());
    for (const auto* line :
         {"rate_limited: false\n", "receive_ephemeral: true\n", "de.sorunome.msc2409.push_ephemeral: true\n",
          "      exclusive: true\n", "  rooms: []\n", "sender_localpart: \"_rialto_service\"\n",
          "    - regex: '^@_rialto_[^:]*:chat\\.example\\.org$'\n",
          "    - regex: '^#_rialto_[^:]*:chat\\.example\\.org$'\n"})
        EXPECT_THAT(text, HasSubstr(line));
}

TEST(Registration, TokensAreLongAndNeverTheSame)
{
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const auto it = fresh_token();
        EXPECT_EQ(it.size(), 64u);
        EXPECT_EQ(it.find_first_not_of("0123456789abcdef"), it.npos);
        seen.insert(it);
    }
    EXPECT_EQ(seen.size(), 100u);
}

TEST(Registration, EachHomeserverHasItsWayToTakeIt)
{
    const auto it = fresh();
    EXPECT_THAT(
        how_to_install(*homeserver_named("synapse"), "/etc/r.yaml", it),
        HasSubstr("app_service_config_files:\n      - /etc/r.yaml")
    );
    EXPECT_THAT(
        how_to_install(*homeserver_named("dendrite"), "/etc/r.yaml", it), HasSubstr("app_service_api:")
    );
    for (const auto* name : {"conduit", "tuwunel", "continuwuity"})
        EXPECT_THAT(
            how_to_install(*homeserver_named(name), "/etc/r.yaml", it),
            HasSubstr("!admin appservices register")
        );
    EXPECT_FALSE(homeserver_named("matrix.org"));
    for (const auto* name : {"synapse", "dendrite", "conduit"})
        EXPECT_THAT(
            how_to_install(*homeserver_named(name), "/etc/r.yaml", it), testing::Not(HasSubstr(it.as_token))
        );
}

}  // namespace
}  // namespace rialto::registrations::registration_test
