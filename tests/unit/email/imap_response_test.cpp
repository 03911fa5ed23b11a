#include "bridges/email/imap_response.hpp"

#include <gtest/gtest.h>

namespace rialto::email::imap_response_test {
namespace {

// The values as one line: 'text', atom, NIL, (list).
std::string shown(const std::vector<imap_value>& all)
{
    std::string out;
    for (const auto& v : all) {
        out += out.empty() ? "" : " ";
        switch (v.what) {
            case imap_value::is::nil: out += "NIL"; break;
            case imap_value::is::atom: out += v.text; break;
            case imap_value::is::text: out += "'" + v.text + "'"; break;
            case imap_value::is::list: out += "(" + shown(v.items) + ")"; break;
        }
    }
    return out;
}

std::string shown(const imap_response& r)
{
    std::string out = r.is == imap_response::of::go_on    ? "+"
                      : r.is == imap_response::of::tagged ? r.tag
                                                          : "*";
    if (r.number)
        out += " " + std::to_string(*r.number);
    out += r.name.empty() ? "" : " " + r.name;
    if (!r.code.empty())
        out += " [" + r.code + "|" + r.code_value + "]";
    if (!r.text.empty())
        out += " " + r.text;
    const auto values = shown(r.values);
    return out + (values.empty() ? "" : " " + values);
}

std::vector<std::string> read(std::string_view bytes, std::size_t piece = 1'000'000, imap_limits limits = {})
{
    imap_reader one{limits};
    std::vector<std::string> out;
    while (!bytes.empty()) {
        one.feed(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
        while (const auto r = one.next())
            out.push_back(shown(*r));
    }
    if (!one.broken().empty())
        out.push_back("broken: " + one.broken());
    return out;
}
using all = std::vector<std::string>;

TEST(ImapResponse, IsTagOrStarOrPlus)
{
    EXPECT_EQ(
        read(
            "* OK [CAPABILITY IMAP4rev1 IDLE] ready\r\n+ idling\r\na1 NO [ALERT] over quota\r\n* 3 exists\r\n"
        ),
        (all{"* OK [CAPABILITY|IMAP4rev1 IDLE] ready", "+ idling", "a1 NO [ALERT|] over quota", "* 3 EXISTS"})
    );
    EXPECT_EQ(read("* ok [uidnext 7]\r\na2 OK\r\n+\r\n"), (all{"* OK [UIDNEXT|7]", "a2 OK", "+"}));
}

TEST(ImapResponse, HasListsAndQuotesAndAtomsWithBrackets)
{
    EXPECT_EQ(
        read("* LIST (\\HasNoChildren \\Sent) \"/\" \"Gesen\\\"det\\\\\"\r\n"),
        all{"* LIST (\\HasNoChildren \\Sent) '/' 'Gesen\"det\\'"}
    );
    EXPECT_EQ(
        read("* 2 FETCH (UID 9 BODY[HEADER.FIELDS (\"DATE\" FROM)]<0> \"x\" ENVELOPE (NIL ((a)(b)) ()))\r\n"),
        all{"* 2 FETCH (UID 9 BODY[HEADER.FIELDS (\"DATE\" FROM)]<0> 'x' ENVELOPE (NIL ((a) (b)) ()))"}
    );
}

TEST(ImapResponse, HasLiteralsBetweenItsValues)
{
    EXPECT_EQ(
        read("* 1 FETCH (UID 4 BODY[] {5}\r\nab\r\nc FLAGS () BODY[TEXT] ~{0}\r\n)\r\n* 2 EXISTS\r\n"),
        (all{"* 1 FETCH (UID 4 BODY[] 'ab\r\nc' FLAGS () BODY[TEXT] '')", "* 2 EXISTS"})
    );
    EXPECT_EQ(read("* SEARCH {2}\r\nxy\r\n"), all{"* SEARCH 'xy'"});
}

TEST(ImapResponse, IsNeverWhatAMailSays)
{
    const std::string forged = "\r\na5 OK done\r\n* 9 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n";
    const auto got = read(
        "* 1 FETCH (BODY[] {" + std::to_string(forged.size()) + "}\r\n" + forged + " UID 7)\r\na5 BAD no\r\n"
    );
    EXPECT_EQ(got, (all{"* 1 FETCH (BODY[] '" + forged + "' UID 7)", "a5 BAD no"}));
}

TEST(ImapResponse, TakesBracesInWordsForWords)
{
    EXPECT_EQ(
        read("* OK mind the {5}\r\na1 OK {9}\r\n+ {3}\r\n"), (all{"* OK mind the {5}", "a1 OK {9}", "+ {3}"})
    );
    EXPECT_EQ(read("* LIST () \"/\" \"a{3}\"\r\n"), all{"* LIST () '/' 'a{3}'"});
    EXPECT_EQ(read("* LIST () \"/\" a{x}\r\n"), all{"* LIST () '/' a{x}"});
}

TEST(ImapResponse, IsTheSameHoweverItsBytesArrive)
{
    const std::string bytes =
        "* 1 FETCH (UID 4 BODY[] {6}\r\n\r\na1 OK FLAGS (\\Seen))\r\n+ go\r\na1 OK [X y] done\r\n* SEARCH 1 "
        "2\r\n";
    const auto whole = read(bytes);
    ASSERT_EQ(whole.size(), 4u);
    for (std::size_t piece = 1; piece < 40; ++piece)
        EXPECT_EQ(read(bytes, piece), whole) << piece;
}

TEST(ImapResponse, EndsWhereItIsNoImap)
{
    const all no{"broken: the mail server said what is no IMAP"};
    for (const auto* bytes :
         {"HTTP/1.1 400 Bad\r\n", "\r\n", "* \r\n", "* 1 FETCH (UID\r\n", "* LIST () \"/\r\n", "* X )\r\n",
          "* 1 FETCH (BODY[ 3)\r\n", "\x80 OK\r\n"})
        EXPECT_EQ(read(bytes), no) << bytes;
    EXPECT_EQ(read("* X )\r\n* 1 EXISTS\r\n"), no) << "nothing is read behind it";
}

TEST(ImapResponse, IsBounded)
{
    imap_limits few;
    few.literals = 10;
    few.line = 30;
    few.depth = 3;
    few.values = 5;
    EXPECT_EQ(read("* X {10}\r\n0123456789\r\n", 7, few), all{"* X '0123456789'"});
    EXPECT_EQ(read("* X {11}\r\n", 7, few), all{"broken: the mail server's answer is too large"});
    EXPECT_EQ(
        read("* X {6}\r\n012345 {5}\r\n", 7, few), all{"broken: the mail server's answer is too large"}
    );
    EXPECT_EQ(
        read("* X {18446744073709551615}\r\n", 9, few), all{"broken: the mail server's answer is too large"}
    );
    EXPECT_EQ(read("* X ((()))\r\n", 99, few).at(0), "* X ((()))");
    EXPECT_EQ(read("* X (((())))\r\n", 99, few).at(0), "broken: the mail server said what is no IMAP");
    EXPECT_EQ(read("* X 1 2 3 4 5\r\n", 99, few).at(0), "* X 1 2 3 4 5");
    EXPECT_EQ(read("* X 1 2 3 4 5 6\r\n", 99, few).at(0), "broken: the mail server said what is no IMAP");
    for (const std::size_t piece : {1u, 8u, 99u})
        EXPECT_EQ(
            read("* OK " + std::string(40, 'x'), piece, few),
            all{"broken: the mail server's answer has no end"}
        );
    for (const std::size_t piece : {1u, 31u, 99u})
        EXPECT_EQ(read("* OK " + std::string(25, 'x') + "\r\n", piece, few).size(), 1u)
            << "of 30, in any pieces";
    EXPECT_EQ(read("* OK " + std::string(25, 'x') + "\r\n", 1, few).at(0), "* OK " + std::string(25, 'x'));
    EXPECT_EQ(
        read("* X {2}\r\nab {2}\r\nab" + std::string(22, 'x') + "\r\n", 99, few),
        all{"broken: the mail server's answer has no end"}
    ) << "of all its lines together";
}

TEST(ImapValue, IsFoundBehindItsName)
{
    imap_reader one;
    one.feed("* 1 FETCH (uid 7 BODY[]<0> \"BODY[\" RFC822.SIZE 4294967296 X)\r\n");
    const auto r = one.next();
    ASSERT_TRUE(r && r->values.size() == 1);
    const auto& list = r->values[0];
    EXPECT_EQ(list.behind("UID")->number(), 7u);
    EXPECT_EQ(list.behind("BODY[")->text, "BODY[");
    EXPECT_EQ(list.behind("RFC822.SIZE")->number(), 4294967296u);
    EXPECT_EQ(list.behind("X"), nullptr);
    EXPECT_EQ(list.behind("BODY[")->number(), std::nullopt);
}

TEST(ImapMailbox, IsWrittenInModifiedUtf7)
{
    EXPECT_EQ(imap_mailbox("INBOX"), "\"INBOX\"");
    EXPECT_EQ(imap_mailbox("Tom & \"Jerry\""), "\"Tom &- \\\"Jerry\\\"\"");
    EXPECT_EQ(imap_mailbox("~peter/mail/台北/日本語"), "\"~peter/mail/&U,BTFw-/&ZeVnLIqe-\"");  // §5.1.3
    EXPECT_EQ(imap_mailbox("Éléments envoyés"), "\"&AMk-l&AOk-ments envoy&AOk-s\"");
    EXPECT_EQ(imap_mailbox("😀\r\nx"), "\"&2D3eAA-x\"");
    EXPECT_EQ(imap_quoted("a\r\n\"b\\"), "\"a\\\"b\\\\\"");
}

}  // namespace
}  // namespace rialto::email::imap_response_test
