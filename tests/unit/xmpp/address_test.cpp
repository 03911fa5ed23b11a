#include "bridges/xmpp/address.hpp"

#include "bridges/xmpp/jid.hpp"

#include <gtest/gtest.h>

#include <random>

namespace rialto::xmpp::address_test {
namespace {

using namespace std::string_literals;

std::string local_of_id(std::string_view id)
{
    const auto name = matrix_name::parse(id);
    EXPECT_TRUE(name) << id;
    return name ? local_for(*name) : "";
}
std::string id_of_local(std::string_view local)
{
    const auto name = matrix_id_of(local);
    return name ? name->id() : "";
}

TEST(MatrixName, IsTakenApartAtTheFirstColon)
{
    EXPECT_EQ(matrix_name::parse("@a:[::1]:8448"), (matrix_name{'@', "a", "[::1]:8448"}));
    EXPECT_EQ(matrix_name::parse("!v12"), (matrix_name{'!', "v12", ""}));
    EXPECT_EQ(matrix_name::parse("@:hs"), (matrix_name{'@', "", "hs"}));
    for (const auto* bad : {"", "a:b", "@a", "#a", "@a:", "!", "!a:", "!:hs", "$event:hs", "+group:hs"})
        EXPECT_FALSE(matrix_name::parse(bad)) << bad;
    EXPECT_EQ(matrix_name::parse("!v12")->id(), "!v12");
}

TEST(LocalFor, IsWhatBifrostsUsersKnow)
{
    EXPECT_EQ(local_of_id("@alice:matrix.org"), "alice_matrix.org");
    EXPECT_EQ(local_of_id("#matrix:matrix.org"), "#matrix#matrix.org");
    EXPECT_EQ(local_of_id("@a_b:hs"), "a_b_hs");
    EXPECT_EQ(local_of_id("@a=b.c-d+e:hs"), "a=b.c-d+e_hs");
    EXPECT_EQ(local_of_id("@_rialto_prosody_dan=40x:hs"), "_rialto_prosody_dan=40x_hs");
}

TEST(LocalFor, EscapesWhatNodeprepWouldRefuseOrFold)
{
    EXPECT_EQ(local_of_id("@Bob/x:hs"), "\\42ob\\2fx_hs");
    EXPECT_EQ(local_of_id("@a:hs.org:8448"), "a_hs.org\\3a8448");
    EXPECT_EQ(local_of_id("@a:[::1]:8448"), "a_[\\3a\\3a1]\\3a8448");
    EXPECT_EQ(local_of_id("@a:HS"), "a_\\48\\53");
    EXPECT_EQ(local_of_id("@a:my_hs"), "a_my\\5fhs");
    EXPECT_EQ(local_of_id("@#!~\\:hs"), "\\23\\21\\7e\\5c_hs");
    EXPECT_EQ(local_of_id("!AbC:hs"), "!\\41b\\43#hs");
    EXPECT_EQ(local_of_id("!v12-_x"), "!v12-_x");
}

TEST(LocalFor, KeepsLettersThatServersKeepAndEscapesTheOthers)
{
    EXPECT_EQ(local_of_id("#caf\xC3\xA9:hs"), "#caf\xC3\xA9#hs");
    EXPECT_EQ(local_of_id("#\xF0\x9F\x98\x80:hs"), "#\\f0\\9f\\98\\80#hs");
    EXPECT_EQ(local_of_id("#\xC3\x84:hs"), "#\\c3\\84#hs");  // would be folded
    EXPECT_EQ(local_of_id("#\xFF:hs"), "#\\ff#hs");          // not even UTF-8
}

TEST(LocalFor, RoundTripsEveryKindOfId)
{
    for (const auto& id :
         {"@alice:hs"s,
          "@a_b_:hs"s,
          "@_:hs"s,
          "@:hs"s,
          "@A=B/c+d:HS.Example:8448"s,
          "@x:[2001:DB8::1]:1"s,
          "@x:10.0.0.1"s,
          "@\\20:hs"s,
          "@d'artagnan \"<&>\":hs"s,
          "#a#b:hs"s,
          "#_rialto_x:hs"s,
          "#!x:hs"s,
          "#~x:hs"s,
          "!A_b#c:hs:1"s,
          "!x"s,
          "!~"s,
          "#\xD7\x90\xD7\x91:hs"s,
          "#x\xD7\x90:hs"s,
          "@\0\x01:hs"s,
          "@\xE2\x80\x8D:hs"s}) {
        const auto local = local_of_id(id);
        EXPECT_EQ(id_of_local(local), id) << local;
        EXPECT_EQ(prepared_local(local), local) << "a server would change " << local;
        EXPECT_FALSE(is_hashed(local)) << local;
    }
}

TEST(LocalFor, RoundTripsAnyBytes)
{
    std::mt19937 luck{7};
    for (int i = 0; i < 20'000; ++i) {
        std::string local(luck() % 12, 'x'), server(1 + luck() % 8, 'x');
        for (auto& c : local)
            c = static_cast<char>(luck() % 256);
        for (auto& c : server)
            c = static_cast<char>(luck() % 256);
        std::erase(local, ':');
        const matrix_name who{"@#!"[luck() % 3], local, server};
        if (who.sigil == '!' && local.empty())
            continue;
        const auto address = local_for(who);
        ASSERT_EQ(matrix_id_of(address), who) << address;
        ASSERT_EQ(prepared_local(address), address);
    }
}

TEST(MatrixIdOf, TakesOneSpellingOnly)
{
    for (const auto& bad :
         {""s,         "alice"s,     "alice_"s,      "\\61lice_hs"s, "alice_\\48s\\5"s,
          "Alice_hs"s, "a\\3ab_hs"s, "a\\_hs"s,      "a\\4_hs"s,     "a\\2F_hs"s,
          "#alias"s,   "#alias#"s,   "!"s,           "!#hs"s,        "a#b_hs"s,
          "a~_hs"s,    "a@b_hs"s,    "\xC3\x84_hs"s, "\\c3\\a9_hs"s, std::string(1024, 'a') + "_hs"})
        EXPECT_FALSE(matrix_id_of(bad)) << bad;
}

TEST(LocalFor, HashesWhatIsTooLongAndTheGrammarCannotUndoIt)
{
    const std::string longest = "@" + std::string(250, 'A') + ":hs";  // as long as Matrix allows
    EXPECT_FALSE(is_hashed(local_of_id(longest)));
    EXPECT_EQ(id_of_local(local_of_id(longest)), longest);
    for (const std::string sigil : {"@", "#", "!"}) {
        const auto hashed = local_of_id(sigil + std::string(400, 'A') + ":hs");
        EXPECT_TRUE(is_hashed(hashed)) << hashed;
        EXPECT_LT(hashed.size(), 50u);
        EXPECT_EQ(prepared_local(hashed), hashed);
        EXPECT_FALSE(matrix_id_of(hashed)) << hashed;
        EXPECT_NE(hashed, local_of_id(sigil + std::string(400, 'A') + ":hs2"));
    }
    EXPECT_FALSE(is_hashed("~abc"));
    EXPECT_FALSE(is_hashed(""));
}

TEST(SafeNick, LeavesAnOrdinaryNameAlone)
{
    for (const auto* name :
         {"Alice", "Ann Onymous", "d'Artagnan (he)", "Ren\xC3\xA9", "\xE6\x9D\x8E\xE6\x98\x8E",
          "\xD7\x93\xD7\xA0\xD7\x99", "a/b@c", "x"})
        EXPECT_EQ(safe_nick(name, "other"), name);
}

TEST(SafeNick, LeavesOutWhatServersRefuse)
{
    EXPECT_EQ(safe_nick("Alice \xF0\x9F\x9A\x80", "o"), "Alice");
    EXPECT_EQ(safe_nick("\xF0\x9F\x9A\x80 Alice \xF0\x9F\x9A\x80 B", "o"), "Alice B");
    EXPECT_EQ(
        safe_nick(
            "Al\xF0\x9F\x9A\x80\xF0\x9F\x9A\x80"
            "ce",
            "o"
        ),
        "Al_ce"
    );
    EXPECT_EQ(
        safe_nick(
            "STRA\xE1\xBA\x9E"
            "E",
            "o"
        ),
        "STRA_E"
    );
    EXPECT_EQ(safe_nick("a\xEE\x80\x80", "o"), "a");
    EXPECT_EQ(
        safe_nick(
            "a\xE2\x80\xA8"
            "b",
            "o"
        ),
        "a_b"
    );
    EXPECT_EQ(safe_nick("a\nb\tc\x01", "o"), "a b c");
    EXPECT_EQ(
        safe_nick(
            "a\xFF\xFE"
            "b\xED\xA0\x80",
            "o"
        ),
        "a_b"
    );
    EXPECT_EQ(safe_nick(std::string_view{"a\0b", 3}, "o"), "a_b");
    EXPECT_EQ(safe_nick("\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9 x", "o"), "x");
}

TEST(SafeNick, ShowsTheNameAsTheServerFoldsIt)
{
    EXPECT_EQ(safe_nick("\xE2\x85\xA3", "o"), "IV");
    EXPECT_EQ(safe_nick("e\xCC\x81", "o"), "\xC3\xA9");
    EXPECT_EQ(
        safe_nick(
            "a\xE2\x80\x8D"
            "b",
            "o"
        ),
        "ab"
    );
    EXPECT_EQ(safe_nick("a\xC2\xA0 b", "o"), "a b");  // no-break space
}

TEST(SafeNick, FallsBackWhenNothingIsLeft)
{
    for (const auto* empty :
         {"", "   ", "\xF0\x9F\x98\x80\xF0\x9F\x98\x80", "\xE2\x80\x8D", "\xC2\xA0\xE3\x80\x80",
          "\xEE\x80\x80"}) {
        EXPECT_EQ(safe_nick(empty, "dan"), "dan");
        EXPECT_EQ(safe_nick(empty, empty), "guest");
    }
}

TEST(SafeNick, PartsWritingDirections)
{
    const std::string dani = "\xD7\x93\xD7\xA0\xD7\x99";
    EXPECT_EQ(safe_nick(dani + " (work)", "o"), dani);
    EXPECT_EQ(safe_nick("Dan " + dani, "o"), "Dan");
    EXPECT_EQ(safe_nick(dani + " 2", "o"), dani);  // must end in its own direction
    EXPECT_EQ(safe_nick("1 " + dani, "o"), dani);
}

TEST(SafeNick, CutsBetweenCharacters)
{
    std::string longer;
    for (int i = 0; i < 500; ++i)
        longer += "\xE6\x9D\x8E";
    const auto nick = safe_nick(longer, "o");
    EXPECT_EQ(nick.size(), 255u);
    EXPECT_EQ(prepared_resource(nick), nick);
    EXPECT_LE(safe_nick(std::string(100'000, 'x'), "o").size(), 256u);
    std::string growing;  // each becomes 18 characters
    for (int i = 0; i < 100; ++i)
        growing += "\xEF\xB7\xBA";
    const auto grown = safe_nick(growing, "o");
    EXPECT_LE(grown.size(), 256u);
    EXPECT_EQ(prepared_resource(grown), grown);
}

TEST(SafeNick, IsAlwaysANickThatComesBackUnchanged)
{
    std::mt19937 luck{3};
    const std::vector<std::string> bits{
        "a",
        "Z",
        " ",
        "\xF0\x9F\x98\x80",
        "\xD7\x90",
        "\xD8\xA7",
        "1",
        "\xE2\x85\xA3",
        "\xCC\x81",
        "\xE2\x80\x8D",
        "\xFF",
        "/",
        "\xEF\xB7\xBA",
        "\x7F",
        "\xC2\xAD",
        "\xE1\xBA\x9E",
        "\xCD\x85",
        "\xE2\x80\x8F"
    };
    for (int i = 0; i < 5'000; ++i) {
        std::string name;
        for (auto n = luck() % 12; n > 0; --n)
            name += bits[luck() % bits.size()];
        const auto nick = safe_nick(name, name);
        ASSERT_EQ(prepared_resource(nick), nick) << name;
        ASSERT_NE(nick.front(), ' ');
        ASSERT_NE(nick.back(), ' ');
        ASSERT_EQ(safe_nick(nick, "o"), nick) << name;
    }
}

TEST(NickFor, GivesEachOfTwoNamesThatFoldIntoOneItsOwn)
{
    const matrix_name ann{'@', "ann", "hs.org"}, other{'@', "ann", "evil.org"};
    EXPECT_EQ(nick_for("IV", ann, 0), nick_for("\xE2\x85\xA3", other, 0));
    EXPECT_EQ(nick_for("Ann", ann, 1), "Ann (ann)");
    EXPECT_EQ(nick_for("Ann", ann, 2), "Ann (ann hs.org)");
    EXPECT_NE(nick_for("Ann", ann, 3), nick_for("Ann", other, 3));
    EXPECT_EQ(nick_for("Ann", ann, 3), nick_for("Ann", ann, 3));
    EXPECT_NE(nick_for("Ann", ann, 3), nick_for("Ann", ann, 4));
    EXPECT_EQ(nick_for("Ann", ann, 3).size(), "Ann (4f2a)"s.size());
}

TEST(NickFor, AlwaysAddsItsMarkToLongAndToRightToLeftNames)
{
    const matrix_name who{'@', "d\xD7\x90" + std::string(200, 'n'), std::string(200, 's')};
    for (const auto& shown : {std::string(5000, 'x'), "\xD7\x93\xD7\xA0\xD7\x99"s, ""s})
        for (unsigned attempt = 1; attempt < 8; ++attempt) {
            const auto nick = nick_for(shown, who, attempt);
            EXPECT_LE(nick.size(), 256u);
            EXPECT_EQ(nick.back(), ')') << nick;
            EXPECT_EQ(prepared_resource(nick), nick);
        }
}

}  // namespace
}  // namespace rialto::xmpp::address_test
