#include "core/yaml.hpp"

#include "core/backend.hpp"

#include <gmock/gmock.h>

namespace rialto::yaml_test {
namespace {

using testing::HasSubstr;
using shape = yaml::node::shape;

std::string complaint(const std::string& text)
{
    try {
        (void)yaml::parsed(text, "a.yaml");
        return "none";
    } catch (const config_error& e) {
        return e.what();
    }
}

TEST(Yaml, ValuesKnowTheirLines)
{
    const auto it = yaml::parsed("# a comment\na: 1\nb:\n  - x\n  - \"true\"\nc:\n", "a.yaml");
    ASSERT_EQ(it.is, shape::map);
    ASSERT_TRUE(it.find("b"));
    EXPECT_EQ(it.find("a")->line, 2);
    EXPECT_EQ(it.find("b")->items.at(0).line, 4);
    EXPECT_FALSE(it.find("b")->items.at(0).quoted);
    EXPECT_TRUE(it.find("b")->items.at(1).quoted);
    EXPECT_EQ(it.find("c")->is, shape::nothing);
    EXPECT_EQ(it.entries.at(2).first.line, 6);
    EXPECT_EQ(it.find("d"), nullptr);
}

TEST(Yaml, AnEmptyFileIsNothing)
{
    EXPECT_EQ(yaml::parsed("", "a.yaml").is, shape::nothing);
    EXPECT_EQ(yaml::parsed("x: ~", "a.yaml").find("x")->is, shape::nothing);
}

TEST(Yaml, WhatIsNotYamlIsNamedWithItsLine)
{
    EXPECT_THAT(complaint("a: 1\nb: [1,\n"), HasSubstr("a.yaml:"));
    EXPECT_THAT(complaint("a: 1\n\tb: 2\n"), HasSubstr("not YAML"));
    EXPECT_THAT(complaint("a: 1\nb: 2\na: 3\n"), HasSubstr("a.yaml:3: 'a' is given twice, first in line 1"));
    EXPECT_THAT(complaint("? [a, b]\n: 1\n"), HasSubstr("a key must be"));
}

TEST(Yaml, ABombIsRefused)
{
    std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
    for (char c = 'b'; c < 'j'; ++c) {
        const std::string before{static_cast<char>(c - 1)}, name{c};
        bomb += name + ": &" + name + " [";
        for (int i = 0; i < 10; ++i)
            bomb += (i ? ", *" : "*") + before;
        bomb += "]\n";
    }
    EXPECT_THAT(complaint(bomb), HasSubstr("too many values"));
    EXPECT_THAT(complaint(std::string(40, '[') + std::string(40, ']')), HasSubstr("nested too deeply"));
    EXPECT_NE(complaint(std::string(100'000, '[')), "none");
}

TEST(Yaml, WhatWasQuotedIsReadBack)
{
    for (const std::string text :
         {"", "plain", "a \"b\" \\ c", "line\nbreak\ttab", "^@_rialto_.*:a\\.b$", "ü: #x", "\x01\x7f"})
        EXPECT_EQ(yaml::parsed("k: " + yaml::quoted(text), "a.yaml").find("k")->scalar, text);
}

}  // namespace
}  // namespace rialto::yaml_test
