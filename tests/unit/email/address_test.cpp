#include "bridges/email/address.hpp"

#include <gtest/gtest.h>

namespace rialto::email::address_test {
namespace {

std::string read(std::string_view text)
{
    const auto a = parse_address(text);
    return a ? a->text() : "";
}

TEST(Address, HasOneSpelling)
{
    EXPECT_EQ(read("Carol@Example.ORG"), "carol@example.org");
    EXPECT_EQ(read("\"carol\"@example.org"), "carol@example.org") << "needless quotes";
    EXPECT_EQ(read("\"c\\arol\"@example.org"), "carol@example.org");
    EXPECT_EQ(read("carol@Bücher.example"), "carol@xn--bcher-kva.example");
    EXPECT_EQ(read("carol@XN--BCHER-kva.example"), "carol@xn--bcher-kva.example");
    EXPECT_EQ(read("jürgen@example.org"), "jürgen@example.org");
    EXPECT_EQ(read("carol@[192.0.2.1]"), "carol@[192.0.2.1]");
    EXPECT_EQ(read("carol@[IPv6:2001:DB8::1]"), "carol@[ipv6:2001:db8::1]");
}

TEST(Address, KeepsQuotesWhereTheyAreNeeded)
{
    EXPECT_EQ(read("\"a b\"@x.example"), "\"a b\"@x.example");
    EXPECT_EQ(read("\"a@b\"@x.example"), "\"a@b\"@x.example");
    EXPECT_EQ(read(R"("a\"b\\"@x.example)"), R"("a\"b\\"@x.example)");
    EXPECT_EQ(read("\"a..b\"@x.example"), "\"a..b\"@x.example");
}

TEST(Address, RefusesWhatIsNone)
{
    for (const auto* bad :
         {"",
          "@",
          "a",
          "a@",
          "@b",
          "a..b@x.example",
          ".a@x.example",
          "a.@x.example",
          "a b@x.example",
          "a@b@c.example",
          "\"a@x.example",
          "\"a\\",
          "a@-x.example",
          "a@x-.example",
          "a@x..example",
          "a@.example",
          "a@[x",
          "a@[]",
          "a\r\nb@x.example",
          "\"a\r\n\"@x.example",
          "a@x.example\r\nRCPT",
          "a@x.example>",
          "\"\"@x.example",
          "a@x example",
          "\xff@x.example",
          "<a@x.example"})
        EXPECT_FALSE(parse_address(bad)) << bad;
    EXPECT_FALSE(parse_address(std::string("a\0b@x.example", 13)));
    EXPECT_FALSE(parse_address(std::string(65, 'a') + "@x.example"));
    EXPECT_TRUE(parse_address(std::string(64, 'a') + "@x.example"));
    EXPECT_FALSE(parse_address("a@" + std::string(64, 'b') + ".example"));
    EXPECT_FALSE(parse_address("a@" + std::string(300, 'b')));
}

TEST(Address, KnowsWhatOnlySmtputf8Carries)
{
    EXPECT_TRUE(parse_address("carol@bücher.example")->is_ascii());
    EXPECT_FALSE(parse_address("jürgen@x.example")->is_ascii());
}

struct People : ::testing::Test
{
    people all{"chat.example.org", "example.org"};

    std::string of(const std::string& local, const std::string& server)
    {
        const auto a = all.of(native{native::what::person, local, server});
        return a ? a->text() : "";
    }
    std::string behind(const std::string& text)
    {
        const auto a = parse_address(text);
        const auto who = a ? all.behind(*a) : std::nullopt;
        return who ? "@" + who->local + ":" + who->server : "";
    }
};

TEST_F(People, OfTheHomeserverHaveShortAddresses)
{
    EXPECT_EQ(of("alice", "example.org"), "alice@chat.example.org");
    EXPECT_EQ(of("alice.b-c_d", "example.org"), "alice.b-c_d@chat.example.org");
    EXPECT_EQ(of("bob", "other.org"), "bob=3aother.org@chat.example.org");
    EXPECT_EQ(of("bob", "other.org:8448"), "bob=3aother.org=3a8448@chat.example.org");
}

TEST_F(People, AreFoundBehindTheirAddressAndBehindNoOther)
{
    for (const std::string local :
         {"alice", "a.b", ".a", "a.", "a..b", "a=b", "a/b", "a+b", "ALICE", "jürgen", "_x"})
        for (const std::string server : {"example.org", "other.org", "[::1]:80"}) {
            const auto text = of(local, server);
            ASSERT_NE(text, "") << local;
            EXPECT_EQ(text.find('"'), text.npos) << text;
            EXPECT_EQ(behind(text), "@" + local + ":" + server);
        }
    EXPECT_EQ(behind("alice@example.org"), "") << "not our domain";
    EXPECT_EQ(behind("alice=3aexample.org@chat.example.org"), "") << "the other spelling of alice";
    EXPECT_EQ(behind("al=69ce@chat.example.org"), "");
    EXPECT_EQ(behind("a=zz@chat.example.org"), "");
    EXPECT_EQ(behind("a+b@chat.example.org"), "");
    EXPECT_EQ(behind("ALICE@chat.example.org"), "@alice:example.org");
}

TEST_F(People, WithLongerNamesThanALocalPartHaveNone)
{
    EXPECT_NE(of(std::string(64, 'a'), "example.org"), "");
    EXPECT_EQ(of(std::string(65, 'a'), "example.org"), "");
}

TEST_F(People, MayBeWrittenToWithATag)
{
    const auto a = split_tag(*parse_address("alice+lists@chat.example.org"));
    EXPECT_EQ(a.base.text(), "alice@chat.example.org");
    EXPECT_EQ(a.tag, "lists");
    EXPECT_EQ(split_tag(*parse_address("alice@chat.example.org")).tag, "");
    EXPECT_EQ(split_tag(*parse_address("+x@chat.example.org")).tag, "");
}

}  // namespace
}  // namespace rialto::email::address_test
