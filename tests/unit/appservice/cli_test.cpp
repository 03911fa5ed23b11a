// The command line from end to end, in a folder of its own.
#include "appservice/cli_main.hpp"

#include "appservice/cli_files.hpp"
#include "appservice/cli_registration.hpp"
#include "core/backend.hpp"
#include "core/config.hpp"
#include "core/sqlite_store.hpp"
#include "core/yaml.hpp"
#include "registrations/check.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <regex>
#include <sstream>

namespace rialto::cli::cli_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

struct Cli : testing::Test
{
    fs::path folder = fs::temp_directory_path() / ("rialto_cli_" + std::to_string(::getpid()));
    fs::path config = folder / "config.yaml", registration = folder / "registration.yaml";
    std::ostringstream out, err;
    std::optional<run_options> ran;
    hooks with;

    Cli()
    {
        with.types.emplace_back(
            "xmpp", "host: localhost  # where\nport: 5347  # which\nnick: rialto  # our own\n"
        );
        with.types.emplace_back("echo", "");
        with.run = [this](run_options how) {
            ran = std::move(how);
            return 75;
        };
    }
    ~Cli() override { fs::remove_all(folder); }

    int call(std::vector<std::string> words)
    {
        words.insert(words.begin(), "rialto");
        std::vector<const char*> argv;
        for (const auto& each : words)
            argv.push_back(each.c_str());
        out.str("");
        err.str("");
        return run_cli(static_cast<int>(argv.size()), argv.data(), with, out, err);
    }
    int init(std::vector<std::string> more = {})
    {
        std::vector<std::string> words{
            "init",
            "--homeserver",
            "http://127.0.0.1:8008",
            "--server-name",
            "example.org",
            "--network",
            "prosody=xmpp,host=127.0.0.1,port=5347,domain=matrix.example.org,secret=hunter2,"
            "muc=rooms.example.org",
            "--directory",
            folder.string()
        };
        words.insert(words.end(), more.begin(), more.end());
        return call(words);
    }
    static unsigned mode_of(const fs::path& file)
    {
        struct stat about = {};
        EXPECT_EQ(::stat(file.c_str(), &about), 0) << file;
        return about.st_mode & 07777U;
    }
    std::string token(const char* key) const
    {
        return yaml::parsed(whole_file(registration), "r").find(key)->scalar;
    }
    void replace(const fs::path& file, const std::string& from, const std::string& to) const
    {
        auto text = whole_file(file);
        ASSERT_NE(text.find(from), text.npos);
        text.replace(text.find(from), from.size(), to);
        write_private(file, text, true);
    }
};

TEST_F(Cli, InitWritesAConfigurationAndItsSecretsForTheOwnerOnly)
{
    const auto before = ::umask(0);
    EXPECT_EQ(init({"--network", "two=xmpp,domain=two.example.org,secret=other"}), 0) << err.str();
    ::umask(before);
    EXPECT_EQ(mode_of(folder), 0700u);
    EXPECT_EQ(mode_of(config), 0600u);
    EXPECT_EQ(mode_of(folder / "prosody.secret"), 0600u);
    EXPECT_EQ(whole_file(folder / "prosody.secret"), "hunter2\n");
    EXPECT_EQ(whole_file(folder / "two.secret"), "other\n");
    EXPECT_THAT(out.str(), HasSubstr("rialto registration --config " + config.string()));
    EXPECT_NO_THROW((void)load_config(config)) << "what init writes, run reads";

    const auto root = yaml::parsed(whole_file(config), "config.yaml");
    const auto* network = root.find("networks")->find("prosody");
    ASSERT_TRUE(network);
    EXPECT_EQ(network->find("type")->scalar, "xmpp");
    EXPECT_EQ(network->find("port")->scalar, "5347");
    EXPECT_FALSE(network->find("port")->quoted);
    EXPECT_EQ(network->find("secret_file")->scalar, "prosody.secret");
    EXPECT_EQ(network->find("secret"), nullptr);
    EXPECT_EQ(root.find("homeserver")->find("server_name")->scalar, "example.org");
    EXPECT_EQ(root.find("appservice")->find("url")->scalar, "http://127.0.0.1:29333");
    EXPECT_THAT(whole_file(config), Not(HasSubstr("hunter2")));
    EXPECT_THAT(whole_file(config), HasSubstr("    # nick: rialto  # our own\n"))
        << "what was not given is shown";
    EXPECT_THAT(
        whole_file(config),
        Not(HasSubstr(
            "# host: localhost  # where\n    # port: 5347  # which\n    # nick: rialto  # our own\n  two"
        ))
    );
}

TEST_F(Cli, WhatInitWritesIsAConfigurationAsItStands)
{
    ASSERT_EQ(init({"--url", "http://bridge:1", "--admin-listen", "[::1]:1235"}), 0);
    const auto all = load_config(config);
    EXPECT_EQ(all.homeserver.url, "http://127.0.0.1:8008");
    EXPECT_EQ(all.appservice.listen, (endpoint{"127.0.0.1", 29333}));
    EXPECT_EQ(all.appservice.admin, (endpoint{"::1", 1235}));
    EXPECT_EQ(all.appservice.url, "http://bridge:1");
    EXPECT_EQ(all.appservice.registration, registration);
    EXPECT_EQ(all.database, folder / "rialto.db");
    EXPECT_TRUE(matches(all.permissions.bridge, "@alice:example.org"));
    ASSERT_EQ(all.networks.size(), 1u);
    EXPECT_EQ(all.networks[0].type, "xmpp");
    EXPECT_EQ(
        *all.networks[0].settings, (nlohmann::json{
                                       {"host", "127.0.0.1"},
                                       {"port", 5347},
                                       {"domain", "matrix.example.org"},
                                       {"secret", "hunter2"},
                                       {"muc", "rooms.example.org"}
                                   })
    );
}

TEST_F(Cli, InitNeverReplacesWithoutForce)
{
    ASSERT_EQ(init(), 0);
    const auto before = whole_file(config);
    EXPECT_EQ(init({"--listen", "127.0.0.1:1234"}), 78);
    EXPECT_THAT(err.str(), HasSubstr("config.yaml is there already and was not touched: use --force"));
    EXPECT_EQ(whole_file(config), before);
    fs::remove(config);  // one of its files is enough
    EXPECT_EQ(init(), 78);
    EXPECT_FALSE(fs::exists(config));
    EXPECT_EQ(
        init(
            {"--force", "--listen", "127.0.0.1:1234", "--admin-listen", "[::1]:1235", "--url",
             "http://bridge:1"}
        ),
        0
    );
    EXPECT_THAT(whole_file(config), HasSubstr("listen: \"127.0.0.1:1234\""));
    EXPECT_THAT(whole_file(config), HasSubstr("url: \"http://bridge:1\""));
    EXPECT_THAT(whole_file(config), HasSubstr("listen: \"[::1]:1235\""));
}

TEST_F(Cli, InitSaysWhichFlagMakesNoSense)
{
    const auto complaint = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "init");
        words.push_back("--directory");
        words.push_back(folder.string());
        EXPECT_EQ(call(words), 78);
        EXPECT_FALSE(fs::exists(folder));
        return err.str();
    };
    const std::string good = "p=xmpp,secret=x", hs = "http://127.0.0.1:8008";
    EXPECT_THAT(
        complaint({"--homeserver", "127.0.0.1:8008", "--server-name", "a.b", "--network", good}),
        HasSubstr("is no URL")
    );
    EXPECT_THAT(
        complaint({"--homeserver", hs, "--server-name", "https://a.b", "--network", good}),
        HasSubstr("is no Matrix server name")
    );
    EXPECT_THAT(
        complaint({"--homeserver", hs, "--server-name", "a.b", "--network", "p=icq"}),
        HasSubstr("there is no type 'icq'; there are: xmpp, echo")
    );
    EXPECT_THAT(
        complaint({"--homeserver", hs, "--server-name", "a.b", "--network", good, "--network", good}),
        HasSubstr("given twice")
    );
    EXPECT_THAT(
        complaint({"--homeserver", hs, "--server-name", "a.b", "--network", good, "--listen", "9009"}),
        HasSubstr("--listen '9009'")
    );
    EXPECT_THAT(
        complaint({"--homeserver", hs, "--server-name", "a.b", "--network", good, "--listen", "h:99999"}),
        HasSubstr("no address and port")
    );
}

TEST_F(Cli, RegistrationWritesOneThatFits)
{
    ASSERT_EQ(init(), 0);
    EXPECT_EQ(call({"registration", "--config", config.string()}), 0) << err.str();
    EXPECT_EQ(mode_of(registration), 0600u);
    EXPECT_THAT(out.str(), HasSubstr("app_service_config_files"));
    EXPECT_EQ(call({"registration", "check", "--config", config.string()}), 0) << out.str();
    EXPECT_THAT(out.str(), HasSubstr("fits the configuration\n"));
    EXPECT_EQ(call({"registration", "check", registration.string(), "--config", config.string()}), 0)
        << out.str();
    const auto regex = registrations::read(whole_file(registration), "r").it.users.at(0).regex;
    EXPECT_TRUE(std::regex_match("@_rialto_prosody_a=40b:example.org", std::regex{regex}));
}

TEST_F(Cli, RegistrationKeepsWhatIsThereUnlessToldOtherwise)
{
    ASSERT_EQ(init(), 0);
    const std::vector<std::string> command{"registration", "--config", config.string()};
    ASSERT_EQ(call(command), 0);
    const auto token_before = token("as_token");
    EXPECT_EQ(call(command), 78);
    EXPECT_THAT(err.str(), HasSubstr("--update writes it anew and keeps its tokens"));
    EXPECT_EQ(token("as_token"), token_before);

    replace(config, "http://127.0.0.1:29333", "http://bridge:1");
    EXPECT_EQ(call({"registration", "check", "--config", config.string()}), 78);
    EXPECT_THAT(out.str(), HasSubstr("the configuration says http://bridge:1"));
    EXPECT_EQ(call({"registration", "--config", config.string(), "--update"}), 0);
    EXPECT_EQ(token("as_token"), token_before);
    EXPECT_EQ(token("url"), "http://bridge:1");
    EXPECT_EQ(call({"registration", "--config", config.string(), "--force"}), 0);
    EXPECT_NE(token("as_token"), token_before);
}

TEST_F(Cli, RegistrationIsPrintedForOtherServers)
{
    ASSERT_EQ(init(), 0);
    EXPECT_EQ(call({"registration", "--config", config.string(), "--print"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("rate_limited: false"));
    EXPECT_FALSE(fs::exists(registration));
    const auto other = folder / "r.yaml";
    EXPECT_EQ(
        call({"registration", "--config", config.string(), "--for", "tuwunel", "--output", other.string()}), 0
    );
    EXPECT_THAT(out.str(), HasSubstr("!admin appservices register"));
    EXPECT_TRUE(fs::exists(other));
    EXPECT_EQ(call({"registration", "--config", config.string(), "--for", "mastodon"}), 78);
}

TEST_F(Cli, CheckComparesTheHomeserversCopyWithOurs)
{
    ASSERT_EQ(init(), 0);
    ASSERT_EQ(call({"registration", "--config", config.string()}), 0);
    const auto copy = folder / "copy.yaml";
    fs::copy_file(registration, copy);
    EXPECT_EQ(call({"registration", "check", copy.string(), "--config", config.string()}), 0) << out.str();
    ASSERT_EQ(call({"registration", "--config", config.string(), "--force"}), 0);
    EXPECT_EQ(call({"registration", "check", copy.string(), "--config", config.string()}), 78);
    EXPECT_THAT(out.str(), HasSubstr("M_UNKNOWN_TOKEN"));
    EXPECT_THAT(out.str(), Not(HasSubstr(token("as_token"))));
}

TEST_F(Cli, CheckNamesAFileThatOthersCanRead)
{
    ASSERT_EQ(init(), 0);
    ASSERT_EQ(call({"registration", "--config", config.string()}), 0);
    fs::permissions(registration, fs::perms::group_read, fs::perm_options::add);
    EXPECT_EQ(call({"registration", "check", "--config", config.string()}), 78);
    EXPECT_THAT(out.str(), HasSubstr("others than its owner can read the tokens in it (mode 0640)"));
    EXPECT_THAT(out.str(), HasSubstr("chmod 600 " + registration.string()));
}

TEST_F(Cli, AFileThatIsNotThereIsNamed)
{
    EXPECT_EQ(call({"registration", "--config", "/nowhere/config.yaml"}), 78);
    EXPECT_THAT(err.str(), HasSubstr("/nowhere/config.yaml"));
    ASSERT_EQ(init(), 0);
    EXPECT_EQ(call({"registration", "check", "--config", config.string()}), 78);
    EXPECT_THAT(err.str(), HasSubstr("registration.yaml"));
    EXPECT_EQ(call({"registration", "--config", config.string(), "--update"}), 78);
}

TEST_F(Cli, RunHandsOverAndEndsWithItsStatus)
{
    EXPECT_EQ(call({"run", "--config", "/etc/rialto/config.yaml", "--no-wait"}), 75);
    ASSERT_TRUE(ran);
    EXPECT_EQ(ran->config, "/etc/rialto/config.yaml");
    EXPECT_FALSE(ran->wait);
    EXPECT_EQ(call({"run"}), 75);
    EXPECT_TRUE(ran->wait);
    with.run = [](run_options) -> int { throw config_error("the database is on fire"); };
    EXPECT_EQ(call({"run"}), 78);
    EXPECT_EQ(err.str(), "rialto: the database is on fire\n");
    with.run = [](run_options) -> int { throw lease_held("another one has it"); };
    EXPECT_EQ(call({"run", "--no-wait"}), 75);
    with.run = [](run_options) -> int { throw std::runtime_error("oops"); };
    EXPECT_EQ(call({"run"}), 70);
}

TEST_F(Cli, WrongUsageIs64AndHelpIsGood)
{
    EXPECT_EQ(call({}), 64);
    EXPECT_EQ(call({"dance"}), 64);
    EXPECT_EQ(call({"run", "--what"}), 64);
    EXPECT_EQ(call({"init", "--homeserver", "http://x"}), 64);
    EXPECT_THAT(err.str(), HasSubstr("--server-name is required"));
    EXPECT_EQ(call({"--help"}), 0);
    for (const auto* word : {"init", "registration", "run", "version"})
        EXPECT_THAT(out.str(), HasSubstr(word));
    EXPECT_EQ(call({"init", "--help"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("Keys of TYPE xmpp:\nhost: localhost"));
    EXPECT_EQ(call({"registration", "check", "--help"}), 0);
    EXPECT_EQ(call({"version"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("rialto " RIALTO_VERSION));
    EXPECT_EQ(call({"--version"}), 0);
}

TEST_F(Cli, ADraftOfAnAttemptThatWasCutOffIsNoObstacle)
{
    fs::create_directories(folder);
    std::ofstream{folder / "a.new"} << "half";
    write_private(folder / "a", "whole", false);
    EXPECT_EQ(whole_file(folder / "a"), "whole");
    EXPECT_FALSE(fs::exists(folder / "a.new"));
    EXPECT_THROW(write_private(folder / "a", "other", false), config_error);
    EXPECT_EQ(whole_file(folder / "a"), "whole");
    EXPECT_THROW(write_private(folder / "no" / "b", "x", false), config_error);
}

}  // namespace
}  // namespace rialto::cli::cli_test
