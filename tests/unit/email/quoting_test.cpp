#include "bridges/email/quoting.hpp"

#include "core/rich/html.hpp"
#include "core/rich/plain.hpp"

#include <gtest/gtest.h>

namespace rialto::email::quoting_test {
namespace {

struct seen
{
    std::string said, rest;
    bool operator==(const seen&) const = default;
};
std::ostream& operator<<(std::ostream& out, const seen& s) { return out << s.said << "\n-----\n" << s.rest; }

seen text(std::string_view plain, bool answers = true)
{
    auto f = fold(rich::from_plain(plain), answers);
    return {rich::to_plain(f.said), f.rest};
}

seen html(std::string_view source, bool answers = true)
{
    auto f = fold(*rich::from_html(source, rich::dialect::mail), answers);
    return {rich::to_plain(f.said), f.rest};
}

TEST(Quoting, FoldsTheMailBelowAnAnswerWithTheLineAboveIt)
{
    EXPECT_EQ(
        text("At noon.\n\nOn Mon, 23 Nov 2026 at 10:00, Alice <a@x.example> wrote:\n> Lunch?\n>\n> Alice\n"),
        (seen{"At noon.", "On Mon, 23 Nov 2026 at 10:00, Alice <a@x.example> wrote:\n> Lunch?\n>\n> Alice\n"})
    );
    EXPECT_EQ(
        text("Ja.\n\nAm Montag, 23. November 2026 um 10:00 schrieb Alice\n<a@x.example>:\n\n> Essen?"),
        (seen{"Ja.", "Am Montag, 23. November 2026 um 10:00 schrieb Alice\n<a@x.example>:\n\n> Essen?"})
    );
    EXPECT_EQ(text("Yes\n> a\n> b"), (seen{"Yes", "> a\n> b"}));
}

TEST(Quoting, LeavesWhatIsAnsweredPieceByPiece)
{
    const std::string_view between = "> Lunch?\nGladly.\n> At noon?\nAt one.";
    EXPECT_EQ(text(between), (seen{std::string{between}, ""}));
    EXPECT_EQ(text("Alice wrote:\n> Lunch?\n\nGladly.").rest, "");
}

TEST(Quoting, LeavesTheQuotesOfAMailThatAnswersNone)
{
    const std::string_view mail = "Look what he wrote:\n> nonsense";
    EXPECT_EQ(text(mail, false), (seen{std::string{mail}, ""}));
}

TEST(Quoting, NeverLeavesNothing)
{
    for (const std::string_view mail :
         {"> only\n> quoted", "-- \nCarol", "On Monday X wrote:\n> a", "", "\n\n"})
        EXPECT_EQ(text(mail).rest, "") << mail;
}

TEST(Quoting, FoldsASignatureAndWhatIsBelowIt)
{
    EXPECT_EQ(text("Hello\n\n-- \nCarol\nRialto Ltd.", false), (seen{"Hello", "-- \nCarol\nRialto Ltd."}));
    EXPECT_EQ(text("Hello\n--\nCarol\n\nOn 1.1. Bob wrote:\n> a").said, "Hello");
    std::string many = "one\n--\n";
    for (int i = 0; i < 30; ++i)
        many += "a line of the text\n";
    EXPECT_EQ(text(many, false).rest, "") << "two dashes alone may divide a text";
    EXPECT_EQ(text("a -- b\n--c", false).rest, "");
}

TEST(Quoting, KnowsTheHeaderThatOutlookPutsAboveAnOldMail)
{
    const std::string_view old = "Von: Alice\nGesendet: Montag\nAn: Carol\nBetreff: Essen\n\nEssen wir?";
    EXPECT_EQ(text("Ja.\n\n________________________________\n" + std::string{old}).said, "Ja.");
    EXPECT_EQ(text("Ja.\n\n" + std::string{old}), (seen{"Ja.", "\n" + std::string{old}}));
    EXPECT_EQ(text("Yes.\n-----Original Message-----\nFrom: Alice\n\nLunch?").said, "Yes.");
    EXPECT_EQ(text("FYI\n\n" + std::string{old}, false).rest, "") << "a forwarded mail is what is said";
    EXPECT_EQ(text("From: here to eternity\nI walked.").rest, "");
}

TEST(Quoting, FoldsTheQuotesOfHtml)
{
    const auto gmail = html(
        "<div dir=ltr>At <b>noon</b>.</div><br><div class=gmail_quote><div class=gmail_attr>On Mon, Nov 23, "
        "2026 "
        "at 10:00 Alice &lt;<a href='mailto:a@x.example'>a@x.example</a>&gt; wrote:<br></div>"
        "<blockquote>Lunch?<br>Alice</blockquote></div>"
    );
    EXPECT_EQ(gmail.said, "At noon.");
    EXPECT_NE(gmail.rest.find("wrote:"), gmail.rest.npos);
    EXPECT_NE(gmail.rest.find("> Lunch?"), gmail.rest.npos);
    const auto outlook = html(
        "<p>Yes.</p><hr><div><p><b>From:</b> Alice<br><b>Sent:</b> Monday<br><b>To:</b> Carol<br>"
        "<b>Subject:</b> Lunch</p></div><p>Lunch?</p>"
    );
    EXPECT_EQ(outlook.said, "Yes.");
    EXPECT_NE(outlook.rest.find("Lunch?"), outlook.rest.npos);
}

TEST(Quoting, KeepsTheLooksOfWhatIsSaid)
{
    const auto f =
        fold(*rich::from_html("<p>so <b>good</b><br>-- <br>Carol</p>", rich::dialect::mail), false);
    EXPECT_EQ(rich::to_html(f.said), "so <strong>good</strong>");
    EXPECT_EQ(rich::to_plain(f.said), "so good");
}

TEST(Quoting, IsLinear)
{
    std::string mail;
    for (int i = 0; i < 100'000; ++i)
        mail += i % 2 == 0 ? "From: a\n" : "--\n";
    EXPECT_LE(text(mail).said.size(), mail.size());
}

}  // namespace
}  // namespace rialto::email::quoting_test
