#include "registrations/load.hpp"

#include "core/backend.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

namespace rialto::registrations::load_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct Load : testing::Test
{
    fs::path folder = fs::temp_directory_path() / ("rialto_load_" + std::to_string(::getpid()));
    config from;

    Load()
    {
        fs::create_directories(folder);
        from = parse_config(
            "homeserver: {url: 'http://127.0.0.1:8008', server_name: example.org}\n"
            "appservice: {listen: '127.0.0.1:9009'}\n"
            "networks:\n  one: {type: xmpp}\n  two: {type: xmpp, prefix: _xmpp_}\n  three: {type: echo}\n",
            folder / "config.yaml"
        );
    }
    ~Load() override { fs::remove_all(folder); }

    void put(const std::string& text) const
    {
        std::ofstream{from.appservice.registration} << text;
        fs::permissions(from.appservice.registration, fs::perms::owner_read | fs::perms::owner_write);
    }
    registration fresh() const { return made_for(setting_of(from), tokens{fresh_token(), fresh_token()}); }
    std::string complaint() const
    {
        try {
            (void)load(from);
            return "none";
        } catch (const config_error& e) {
            return e.what();
        }
    }
};

TEST_F(Load, TheSettingIsWhatTheConfigurationSays)
{
    const auto want = setting_of(from);
    EXPECT_EQ(want.url, "http://127.0.0.1:9009");
    EXPECT_THAT(want.protocols, testing::ElementsAre("xmpp", "echo"));
    EXPECT_EQ(want.ours.bot(), "@_rialto_bot:example.org");
}

TEST_F(Load, OneThatFitsIsTakenWithItsTokens)
{
    const auto it = fresh();
    put(yaml_of(it));
    const auto got = load(from);
    EXPECT_EQ(got.it.as_token, it.as_token);
    EXPECT_EQ(got.it.hs_token, it.hs_token);
    EXPECT_TRUE(got.warnings.empty());
}

TEST_F(Load, WhatOnlyHindersIsAWarning)
{
    auto it = fresh();
    it.receive_ephemeral = false;
    put(yaml_of(it));
    const auto got = load(from);
    ASSERT_EQ(got.warnings.size(), 1u);
    EXPECT_THAT(got.warnings[0].what, HasSubstr("receive_ephemeral is off"));
}

TEST_F(Load, AllThatIsWrongIsSaidAtOnceWithTheRemedies)
{
    auto it = fresh();
    it.url = "http://elsewhere";
    it.rate_limited = true;
    put(yaml_of(it));
    EXPECT_THAT(complaint(), HasSubstr("url is http://elsewhere"));
    EXPECT_THAT(complaint(), HasSubstr("remedy: set `rate_limited: false`"));
}

TEST_F(Load, ANetworkWithANewPrefixIsMissed)
{
    put(yaml_of(fresh()));
    from.networks[0].prefix = "_later_";
    EXPECT_THAT(complaint(), HasSubstr("namespaces.users does not cover network 'one'"));
}

TEST_F(Load, NoneYetIsSaidWithTheCommandThatWritesIt)
{
    EXPECT_THAT(complaint(), HasSubstr("rialto registration --config " + from.file.string()));
}

TEST_F(Load, OneThatOthersCanReadIsRefused)
{
    put(yaml_of(fresh()));
    fs::permissions(from.appservice.registration, fs::perms::others_read, fs::perm_options::add);
    EXPECT_THAT(complaint(), HasSubstr("chmod 600"));
}

}  // namespace
}  // namespace rialto::registrations::load_test
