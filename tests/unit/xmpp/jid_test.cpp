#include "bridges/xmpp/jid.hpp"

#include <gtest/gtest.h>

namespace rialto::xmpp::jid_test {
namespace {

using namespace std::string_literals;
std::optional<std::string> none;

TEST(Jid, IsTakenApartAtTheFirstSlashThenTheFirstAt)
{
    const std::string_view odd = "domain.example/res@x/y";
    EXPECT_EQ(bare_of(odd), "domain.example");
    EXPECT_EQ(local_of(odd), "");
    EXPECT_EQ(domain_of(odd), "domain.example");
    EXPECT_EQ(resource_of(odd), "res@x/y");

    const std::string_view usual = "room@muc.example/nick with / and @";
    EXPECT_EQ(bare_of(usual), "room@muc.example");
    EXPECT_EQ(local_of(usual), "room");
    EXPECT_EQ(domain_of(usual), "muc.example");
    EXPECT_EQ(resource_of(usual), "nick with / and @");
    EXPECT_EQ(resource_of("a@b"), "");
}

TEST(Jid, ParsesAsAServerWould)
{
    EXPECT_EQ(jid::parse("Alice@Example.ORG/Home"), (jid{"alice", "example.org", "Home"}));
    EXPECT_EQ(jid::parse("example.org."), (jid{"", "example.org"}));
    EXPECT_EQ(jid::parse("a@[::1]"), (jid{"a", "[::1]"}));
    EXPECT_EQ(
        jid::parse("STRASSE\xC3\x9F@b\xC3\xBC"
                   "cher.example/\xE2\x91\xA0\xE2\x85\xA7\xEF\xAC\x81"),
        (
            jid{"strassess",
                "b\xC3\xBC"
                "cher.example",
                "1VIIIfi"}
        )
    );
    EXPECT_EQ(jid::parse("a@b.example/r")->full(), "a@b.example/r");
    EXPECT_EQ(jid::parse("b.example/r")->full(), "b.example/r");
    EXPECT_EQ(jid::parse("a@b.example/r")->bare(), "a@b.example");
}

TEST(Jid, RefusesWhatNoServerTakes)
{
    for (const auto& bad :
         {""s,
          "@b"s,
          "a@"s,
          "a@b/"s,
          "/r"s,
          "a b@c"s,
          "a\"@c"s,
          "a&@c"s,
          "a'@c"s,
          "a:b@c"s,
          "a<@c"s,
          "a@b@c"s,
          "a@b c"s,
          "a@b:5222"s,
          "a@b/\x01"s,
          "a\x7F@b"s,
          "a@b\0c"s,
          "a\0@b"s,
          "a@[::1"s,
          "a@[x]"s,
          "a@b/\xFF"s,
          "\xF0\x9F\x98\x80@b"s,
          "a@b/\xF0\x9F\x98\x80"s,
          "a@b/\xEE\x80\x80"s,
          "a@b/\xE2\x80\xA8"s,
          "a@b/\xE1\xBA\x9E"s,
          "a@b/\xE2\x82\xBF"s,
          "a@b/x\xD7\x90"s,
          "."s,
          "a@."s})
        EXPECT_FALSE(jid::parse(bad)) << bad;
}

TEST(Jid, PartsMayHave1023BytesAndNotOneMore)  // where gloox reads past its buffer
{
    const std::string most(1023, 'a'), more(1024, 'a');
    EXPECT_TRUE(jid::parse(most + "@b/" + most));
    EXPECT_FALSE(jid::parse(more + "@b"));
    EXPECT_FALSE(jid::parse("a@b/" + more));
    EXPECT_FALSE(jid::parse(more));
    std::string umlauts;
    for (int i = 0; i < 511; ++i)
        umlauts += "\xC3\xA4";
    EXPECT_TRUE(jid::parse("a@b/" + umlauts + "x"));
    EXPECT_FALSE(jid::parse("a@b/" + umlauts + "\xC3\xA4"));
    EXPECT_FALSE(jid::parse("a@b/" + std::string(1000, 'a') + "\xEF\xB7\xBA" + std::string(20, 'a'))
    );  // NFKC makes 18 characters of one
}

TEST(Jid, PrepFoldsAsTheServersWereMeasuredTo)
{
    EXPECT_EQ(prepared_resource("\xE2\x85\xA3"), "IV");
    EXPECT_EQ(prepared_resource("\xEF\xAC\x81"), "fi");
    EXPECT_EQ(
        prepared_resource("a\xE2\x80\x8D"
                          "b"),
        "ab"
    );
    EXPECT_EQ(prepared_resource("e\xCC\x81"), "\xC3\xA9");
    EXPECT_EQ(prepared_resource("\xE2\x80\x8D"), none);  // nothing is left
    EXPECT_EQ(prepared_local("\xC3\x84"), "\xC3\xA4");
    EXPECT_EQ(prepared_domain("EXAMPLE.\xC3\x9Crg"), "example.\xC3\xBCrg");
    EXPECT_EQ(
        prepared_domain("a\xE3\x80\x82"
                        "b@c\xC3\xBC"),
        none
    );
}

TEST(Jid, NormalAddressesAreEqualWhenServersThinkSo)
{
    EXPECT_EQ(normal_address("Room@MUC.example/Nick"), normal_address("room@muc.example/Nick"));
    EXPECT_NE(normal_address("room@muc.example/nick"), normal_address("room@muc.example/Nick"));
    EXPECT_EQ(normal_address("not an address"), "not an address");
}

TEST(Jid, EscapesLocalPartsAsXep0106Does)
{
    EXPECT_EQ(escape_local("space cadet"), "space\\20cadet");
    EXPECT_EQ(escape_local("call me \"ishmael\""), "call\\20me\\20\\22ishmael\\22");
    EXPECT_EQ(escape_local("at&t guy"), "at\\26t\\20guy");
    EXPECT_EQ(escape_local("d'artagnan"), "d\\27artagnan");
    EXPECT_EQ(escape_local("/.fanboy"), "\\2f.fanboy");
    EXPECT_EQ(escape_local("::foo::"), "\\3a\\3afoo\\3a\\3a");
    EXPECT_EQ(escape_local("<foo>"), "\\3cfoo\\3e");
    EXPECT_EQ(escape_local("user@host"), "user\\40host");
    EXPECT_EQ(escape_local("c:\\net"), "c\\3a\\net");
    EXPECT_EQ(escape_local("c:\\5commas"), "c\\3a\\5c5commas");
    for (const auto& text : {"a b\"&'/:<>@\\"s, "\\20"s, "\\5c20"s, "\\"s, "\\2"s, "\\zz"s, ""s})
        EXPECT_EQ(unescape_local(escape_local(text)), text);
    EXPECT_EQ(unescape_local("a\\41\\2"), "a\\41\\2");
}

}  // namespace
}  // namespace rialto::xmpp::jid_test
