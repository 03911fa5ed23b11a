#include "core/config.hpp"

#include "core/backend.hpp"
#include "core/config_keys.hpp"
#include "core/secrets.hpp"
#include "tests/unit/core/sqlite_testing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace rialto::config_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* smallest = R"(homeserver:
  url: http://127.0.0.1:8008/
  server_name: example.org
networks:
  prosody:
    type: xmpp
)";

config parsed(const std::string& text) { return parse_config(text, "/etc/rialto/rialto.yaml"); }

std::string complaint(const std::string& text)
{
    try {
        (void)parsed(text);
    } catch (const config_error& e) {
        return e.what();
    }
    return "(accepted)";
}

TEST(Config, NeedsOnlyTheHomeserverAndANetwork)
{
    const auto c = parsed(smallest);
    EXPECT_EQ(c.homeserver.url, "http://127.0.0.1:8008") << "without the slash at its end";
    EXPECT_EQ(c.homeserver.server_name, "example.org");
    EXPECT_EQ(c.appservice.listen, endpoint("127.0.0.1", 29470));
    EXPECT_EQ(c.appservice.admin, endpoint("127.0.0.1", 29471));
    EXPECT_EQ(c.appservice.url, "http://127.0.0.1:29470");
    EXPECT_EQ(c.appservice.registration, "/etc/rialto/registration.yaml");
    EXPECT_EQ(c.appservice.bot, "_rialto_bot");
    EXPECT_EQ(c.appservice.prefix, "_rialto_");
    EXPECT_EQ(c.database, "/etc/rialto/rialto.db");
    EXPECT_EQ(c.log.least, log::level::info);
    EXPECT_EQ(c.log.file, "");
    EXPECT_THAT(c.permissions.use, ElementsAre("*:example.org"));
    EXPECT_THAT(c.permissions.bridge, ElementsAre("*:example.org"));
    EXPECT_THAT(c.permissions.admin, ElementsAre());
    ASSERT_EQ(c.networks.size(), 1U);
    EXPECT_EQ(c.networks[0].name, "prosody");
    EXPECT_EQ(c.networks[0].type, "xmpp");
    EXPECT_EQ(c.networks[0].prefix, "");
    EXPECT_EQ(c.networks[0].line, 5);
    EXPECT_EQ(*c.networks[0].settings, nlohmann::json::object());
}

TEST(Config, TakesEveryKey)
{
    const auto c = parsed(R"(
homeserver: {url: "https://hs.example", server_name: "hs.example:8448"}
appservice:
  listen: "[::1]:1"
  url: http://bridge.example:9/
  registration: /var/lib/rialto/r.yaml
  bot: bridge
  prefix: _br_
  admin_listen: localhost:65535
database: data/x.db
log: {level: debug, file: rialto.log}
permissions: {use: ["*"], bridge: ["@a:hs.example", "*:b.example"], admin: ["@root:hs.example"]}
networks:
  a: {type: xmpp, prefix: _xmpp_, allow: ["*.example"], host: h, port: 5347, on: true, off: "true", many: [1, x, 2.5], deep: {y: ~}}
  b9: {type: echo}
)");
    EXPECT_EQ(c.appservice.listen, endpoint("::1", 1));
    EXPECT_EQ(c.appservice.admin, endpoint("localhost", 65535));
    EXPECT_EQ(c.appservice.url, "http://bridge.example:9");
    EXPECT_EQ(c.appservice.registration, "/var/lib/rialto/r.yaml");
    EXPECT_EQ(c.database, "/etc/rialto/data/x.db");
    EXPECT_EQ(c.log.least, log::level::debug);
    EXPECT_EQ(c.log.file, "/etc/rialto/rialto.log");
    EXPECT_THAT(c.permissions.bridge, ElementsAre("@a:hs.example", "*:b.example"));
    EXPECT_THAT(c.permissions.admin, ElementsAre("@root:hs.example"));
    ASSERT_EQ(c.networks.size(), 2U);
    EXPECT_EQ(c.networks[0].prefix, "_xmpp_");
    EXPECT_THAT(c.networks[0].allow, ElementsAre("*.example"));
    EXPECT_EQ(
        *c.networks[0].settings,
        nlohmann::json::parse(
            R"({"host":"h","port":5347,"on":true,"off":"true","many":[1,"x",2.5],"deep":{"y":null}})"
        )
    );
    EXPECT_EQ(c.networks[1].name, "b9");
    EXPECT_EQ(names_of(c).bot(), "@bridge:hs.example:8448");
    EXPECT_EQ(names_of(c).ghost("a", "x@y"), "@_xmpp_x=40y:hs.example:8448");
}

TEST(Config, NamesFileLineKeyAndTheNearestKnownKeyOfAnUnknownOne)
{
    EXPECT_THAT(
        complaint(std::string{smallest} + "appservice:\n  lisetn: 127.0.0.1:1\n"),
        AllOf(
            StartsWith("/etc/rialto/rialto.yaml:8: "), HasSubstr("appservice.lisetn"),
            HasSubstr("did you mean 'listen'?")
        )
    );
    EXPECT_THAT(
        complaint(std::string{smallest} + "databse: x\n"),
        AllOf(StartsWith("/etc/rialto/rialto.yaml:7: "), HasSubstr("did you mean 'database'?"))
    );
    EXPECT_THAT(complaint(std::string{smallest} + "zzz: x\n"), HasSubstr("there are: homeserver"));
}

TEST(Config, RefusesWhatIsMissingTwiceOrOfTheWrongType)
{
    const std::string all{smallest};
    EXPECT_THAT(complaint(""), HasSubstr("rialto init"));
    EXPECT_THAT(complaint("networks:\n  x: {type: echo}\n"), HasSubstr("homeserver.url: is missing"));
    EXPECT_THAT(
        complaint("homeserver:\n  url: http://h\nnetworks:\n  x: {type: echo}\n"),
        AllOf(HasSubstr(":2: "), HasSubstr("server_name: is missing"))
    );
    EXPECT_THAT(
        complaint("homeserver: {url: http://h, server_name: h}\n"), HasSubstr("networks: is missing")
    );
    EXPECT_THAT(
        complaint("homeserver: {url: http://h, server_name: h}\nnetworks: {}\n"),
        HasSubstr("must name networks")
    );
    EXPECT_THAT(
        complaint("homeserver: {url: http://h, server_name: h}\nnetworks: [x]\n"),
        HasSubstr("must name networks")
    );
    EXPECT_THAT(
        complaint("homeserver: {url: http://h, server_name: h}\nnetworks: {x: echo}\n"),
        HasSubstr("networks.x: must be a table")
    );
    EXPECT_THAT(
        complaint("homeserver: {url: http://h, server_name: h}\nnetworks:\n  x: {a: b}\n"),
        AllOf(HasSubstr(":3: "), HasSubstr("networks.x.type: is missing"))
    );
    EXPECT_THAT(complaint("homeserver: http://h\n"), HasSubstr("homeserver: must be a table"));
    EXPECT_THAT(
        complaint(all + "database: [a]\n"), AllOf(HasSubstr(":7: "), HasSubstr("database: must be a text"))
    );
    EXPECT_THAT(complaint(all + "permissions: {use: me}\n"), HasSubstr("permissions.use: must be a list"));
    EXPECT_THAT(complaint(all + "permissions: {use: [[a]]}\n"), HasSubstr("permissions.use: must be a text"));
    EXPECT_THAT(complaint(all + "database: a\ndatabase: b\n"), HasSubstr("twice"));
    EXPECT_THAT(complaint("a: [\n"), HasSubstr("not YAML"));
}

TEST(Config, KnowsThreeWaysToTellTheOrder)
{
    const auto with = [](const std::string& order) {
        std::string text = smallest;
        return text.insert(text.find("networks:"), "  order: " + order + "\n");
    };
    EXPECT_FALSE(parsed(with("connection")).homeserver.workers);
    EXPECT_TRUE(parsed(with("workers")).homeserver.workers);
    EXPECT_FALSE(parsed(with("workers")).homeserver.order_by_sync);
    EXPECT_TRUE(parsed(with("sync")).homeserver.order_by_sync);
    EXPECT_THAT(complaint(with("random")), HasSubstr("homeserver.order: 'random' is no order"));
}

TEST(Config, RefusesValuesThatMeanNothing)
{
    const std::string all{smallest};
    for (const char* bad :
         {"127.0.0.1", "\"127.0.0.1:\"", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:x", ":80", "\"::1:80\"",
          "\"[]:80\"", "h:999999"})
        EXPECT_THAT(complaint(all + "appservice: {listen: " + bad + "}\n"), HasSubstr("appservice.listen"))
            << bad;
    for (const char* bad : {"example.org", "ftp://x", "http://", "\"\""})
        EXPECT_THAT(
            complaint(
                "homeserver: {url: " + std::string{bad} + ", server_name: h}\nnetworks: {x: {type: echo}}\n"
            ),
            HasSubstr("homeserver.url")
        ) << bad;
    for (const char* bad : {"\"@a:b\"", "\"\"", "\"a b\"", "http://h"})
        EXPECT_THAT(
            complaint(
                "homeserver: {url: http://h, server_name: " + std::string{bad} +
                "}\nnetworks: {x: {type: echo}}\n"
            ),
            HasSubstr("homeserver.server_name")
        ) << bad;
    EXPECT_THAT(complaint(all + "log: {level: wran}\n"), HasSubstr("did you mean 'warn'?"));
    EXPECT_THAT(complaint(all + "permissions: {use: [example.org]}\n"), HasSubstr("*:example.org"));
    EXPECT_THAT(complaint(all + "appservice: {bot: Rialto}\n"), HasSubstr("appservice.bot"));
    EXPECT_THAT(complaint(all + "appservice: {prefix: \"\"}\n"), HasSubstr("appservice.prefix"));
}

TEST(Config, RefusesNetworkNamesAndPrefixesThatWouldMixUpPeople)
{
    const auto with = [](const std::string& networks) {
        return complaint("homeserver: {url: http://h, server_name: h}\nnetworks:\n" + networks);
    };
    for (const char* name : {"Prosody", "a_b", "abcdefghijklmnopq", "\"\"", "é"})
        EXPECT_THAT(with("  " + std::string{name} + ": {type: echo}\n"), HasSubstr("1 to 16")) << name;
    EXPECT_THAT(with("  a: {type: echo, prefix: _rialto_x_}\n"), HasSubstr("begin with one another"));
    EXPECT_THAT(with("  a: {type: echo, prefix: _ri}\n"), HasSubstr("begin with one another"));
    EXPECT_THAT(
        with("  a: {type: echo, prefix: _x_}\n  b: {type: echo, prefix: _x_y_}\n"),
        AllOf(HasSubstr(":4: "), HasSubstr("networks.b.prefix"))
    );
    EXPECT_EQ(with("  a: {type: echo, prefix: _x_}\n  b: {type: echo, prefix: _y_}\n"), "(accepted)");
    EXPECT_THAT(
        complaint("homeserver: {url: http://h, server_name: h}\nappservice: {bot: _rialto_a_bot}\nnetworks: "
                  "{a: {type: echo}}\n"),
        HasSubstr("appservice.bot")
    );
}

class ConfigFiles : public testing::Test
{
protected:
    temporary_folder folder_;

    std::filesystem::path write(const std::string& name, const std::string& text, unsigned mode = 0600)
    {
        const auto file = folder_.path() / name;
        std::ofstream{file} << text;
        ::chmod(file.c_str(), mode);
        return file;
    }
    std::string complaint_of(const std::filesystem::path& file)
    {
        try {
            (void)load_config(file);
        } catch (const config_error& e) {
            return e.what();
        }
        return "(accepted)";
    }
};

TEST_F(ConfigFiles, ReadsSecretsFromFilesAndTheEnvironment)
{
    write("secret", "s3cret \r\nsecond line\n");
    ::setenv("RIALTO_TEST_SECRET", "from outside", 1);
    const auto c = load_config(write(
        "c.yaml",
        std::string{smallest} +
            "    secret_file: secret\n    token_env: RIALTO_TEST_SECRET\n    deep: {password_file: secret}\n"
    ));
    EXPECT_EQ(
        *c.networks[0].settings,
        nlohmann::json::parse(R"({"secret":"s3cret","token":"from outside","deep":{"password":"s3cret"}})")
    );
    const auto other = load_config(write(
        "d.yaml", "homeserver:\n  url: http://h\n  server_name_file: secret\nnetworks: {x: {type: echo}}\n"
    ));
    EXPECT_EQ(other.homeserver.server_name, "s3cret");
}

TEST_F(ConfigFiles, SaysWhereASecretIsMissing)
{
    const std::string all{smallest};
    EXPECT_THAT(
        complaint_of(write("a.yaml", all + "    secret_file: nowhere\n")),
        AllOf(HasSubstr("a.yaml:7: networks.prosody.secret_file"), HasSubstr("nowhere"))
    );
    ::unsetenv("RIALTO_TEST_UNSET");
    EXPECT_THAT(
        complaint_of(write("b.yaml", all + "    secret_env: RIALTO_TEST_UNSET\n")),
        AllOf(HasSubstr("b.yaml:7: "), HasSubstr("RIALTO_TEST_UNSET is not set"))
    );
    write("empty", "\n");
    EXPECT_THAT(complaint_of(write("c.yaml", all + "    secret_file: empty\n")), HasSubstr("no secret"));
    write("open", "s", 0644);
    EXPECT_THAT(complaint_of(write("d.yaml", all + "    secret_file: open\n")), HasSubstr("chmod 600"));
    write("good", "s");
    EXPECT_THAT(
        complaint_of(write("e.yaml", all + "    secret: x\n    secret_file: good\n")),
        HasSubstr("given twice")
    );
    EXPECT_THAT(
        complaint_of(write("f.yaml", all + "database: x\ndatabase_file: good\n")), HasSubstr("given twice")
    );
    EXPECT_EQ(load_config(write("g.yaml", all + "database_file: good\n")).database.filename(), "s");
}

TEST_F(ConfigFiles, RefusesAConfigurationThatOthersCanUseOrThatIsNotThere)
{
    for (const unsigned mode : {0640U, 0604U, 0620U})
        EXPECT_THAT(
            complaint_of(write("c.yaml", smallest, mode)), AllOf(HasSubstr("c.yaml"), HasSubstr("chmod 600"))
        );
    EXPECT_EQ(complaint_of(write("c.yaml", smallest, 0400)), "(accepted)");
    EXPECT_THAT(
        complaint_of(folder_.path() / "none.yaml"), AllOf(HasSubstr("none.yaml"), HasSubstr("cannot be read"))
    );
    EXPECT_THAT(complaint_of(write("big.yaml", std::string(2 << 20, '#'))), HasSubstr("larger than 1 MiB"));
}

TEST_F(ConfigFiles, WritesNoFileOverAnother)
{
    const auto file = folder_.path() / "x" / "y";
    EXPECT_TRUE(make_private_file(file));
    EXPECT_FALSE(make_private_file(file));
    EXPECT_NO_THROW(must_be_private(file));
    EXPECT_NO_THROW(must_be_private(folder_.path() / "not there"));
    EXPECT_THROW((void)make_private_file("/dev/null/x"), config_error);
}

TEST(Config, ItsSampleIsAValidConfigurationOfDefaults)
{
    const auto c = parsed(sample_config());
    const auto least = parsed(smallest);
    EXPECT_EQ(c.appservice.listen, least.appservice.listen);
    EXPECT_EQ(c.appservice.url, least.appservice.url);
    EXPECT_EQ(c.appservice.bot, least.appservice.bot);
    EXPECT_EQ(c.permissions.use, least.permissions.use);
    EXPECT_EQ(c.permissions.admin, least.permissions.admin);
    EXPECT_EQ(c.database, least.database);
    EXPECT_EQ(c.networks.at(0).type, "xmpp");
    for (const auto& k : config_keys)
        EXPECT_THAT(sample_config(), HasSubstr("# " + std::string{k.says} + "\n")) << k.name;
}

TEST(Permissions, MatchPatternsOverWholeIds)
{
    const auto fits = [](const char* pattern, const char* id) { return matches(strings(pattern), id); };
    EXPECT_TRUE(fits("*:example.org", "@alice:example.org"));
    EXPECT_FALSE(fits("*:example.org", "@alice:evil.example.org"));
    EXPECT_FALSE(fits("*:example.org", "@alice:example.org.evil"));
    EXPECT_TRUE(fits("@alice:example.org", "@alice:example.org"));
    EXPECT_FALSE(fits("@alice:example.org", "@alice:exampleXorg")) << "a dot is a dot";
    EXPECT_TRUE(fits("@a?:h", "@ab:h"));
    EXPECT_FALSE(fits("@a?:h", "@a:h"));
    EXPECT_TRUE(fits("*", ""));
    EXPECT_FALSE(fits("", "x"));
    EXPECT_TRUE(fits("*a*b*", "xxaxxbxx"));
    EXPECT_FALSE(fits("*a*b", "xxbxxa"));
    EXPECT_FALSE(matches({}, "@alice:example.org")) << "nobody is the default of an empty list";
}

TEST(Permissions, DoNotTakeForeverOnANastyPattern)
{
    std::string pattern, id(100'000, 'a');
    for (int i = 0; i < 50; ++i)
        pattern += "*a";
    EXPECT_FALSE(matches(strings(pattern + "*b"), id));
}

TEST(Config, FilesGoNowhereUnlessItIsSaid)
{
    const auto c = parsed(std::string{smallest}).media;
    EXPECT_EQ(c.public_url, "");
    EXPECT_EQ(c.listen.port, 29472);
    EXPECT_EQ(c.link_lasts, std::chrono::hours{30 * 24});
    EXPECT_EQ(c.most, 100u * 1024 * 1024);
    EXPECT_TRUE(c.fetch_allow.empty());
}

TEST(Config, FilesGoAsItIsSaid)
{
    const auto c =
        parsed(
            std::string{smallest} +
            "media: {public_url: 'https://files.example/', listen: '[::1]:99', link_days: 7, max_mb: 5, "
            "fetch_allow: ['http://Upload.example:5280', 'https://up.example']}\n"
        )
            .media;
    EXPECT_EQ(c.public_url, "https://files.example");
    EXPECT_EQ(c.listen, (endpoint{"::1", 99}));
    EXPECT_EQ(c.link_lasts, std::chrono::hours{7 * 24});
    EXPECT_EQ(c.most, 5u * 1024 * 1024);
    EXPECT_THAT(c.fetch_allow, ElementsAre("http://upload.example:5280", "https://up.example"));
}

TEST(Config, RefusesWhatMakesNoSenseOfFiles)
{
    for (const std::string bad :
         {"public_url: files.example", "link_days: 0", "link_days: -1", "link_days: soon", "max_mb: 1e9",
          "max_mb: 99999", "fetch_allow: ['https://a/path']", "fetch_allow: ['10.0.0.0/8']",
          "fetch_allow: ['https://']", "fetch_allow: 'https://a'", "listen: 29472", "publik_url: x"})
        EXPECT_THAT(complaint(std::string{smallest} + "media: {" + bad + "}\n"), HasSubstr("media.")) << bad;
}

}  // namespace
}  // namespace rialto::config_test
