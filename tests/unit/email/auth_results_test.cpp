#include "bridges/email/auth_results.hpp"

#include <gtest/gtest.h>

namespace rialto::email::auth_results_test {
namespace {

using is = verdict_on_author;

is judge(const std::vector<std::string>& headers, const std::string& from = "example.org")
{
    return judge_author(headers, "mx.our.example", from);
}

TEST(AuthResults, BelieveDmarcOfOurOwnServer)
{
    EXPECT_EQ(judge({"mx.our.example; dmarc=pass (p=none dis=none) header.from=example.org"}), is::genuine);
    EXPECT_EQ(judge({"mx.our.example; dmarc=fail header.from=example.org"}), is::forged);
    EXPECT_EQ(judge({"MX.our.example 1;\r\n\tdmarc = PASS header.from = Example.ORG"}), is::genuine);
    EXPECT_EQ(judge({"mx.our.example; dmarc=none header.from=example.org"}), is::unknown);
    EXPECT_EQ(judge({"mx.our.example; none"}), is::unknown);
    EXPECT_EQ(judge({}), is::unknown);
}

TEST(AuthResults, DoNotBelieveAnybodyElse)
{
    EXPECT_EQ(judge({"mx.evil.example; dmarc=pass header.from=example.org"}), is::unknown);
    EXPECT_EQ(judge({"(mx.our.example) mx.evil.example; dmarc=pass header.from=example.org"}), is::unknown);
    EXPECT_EQ(judge({"mx.our.example.evil.example; dmarc=pass header.from=example.org"}), is::unknown);
    EXPECT_EQ(judge_author({"; dmarc=pass header.from=example.org"}, "", "example.org"), is::unknown);
}

TEST(AuthResults, OfDmarcCountForTheDomainInFromOnly)
{
    EXPECT_EQ(judge({"mx.our.example; dmarc=pass header.from=other.org"}), is::unknown);
    EXPECT_EQ(
        judge(
            {"mx.our.example; dmarc=pass header.from=other.org",
             "mx.our.example; dmarc=fail header.from=example.org"}
        ),
        is::forged
    );
}

TEST(AuthResults, TakeSpfAndDkimOnlyWhenAligned)
{
    EXPECT_EQ(judge({"mx.our.example; dkim=pass header.d=example.org header.s=x"}), is::genuine);
    EXPECT_EQ(judge({"mx.our.example; dkim=pass header.i=@mail.example.org"}), is::genuine);
    EXPECT_EQ(judge({"mx.our.example; dkim=pass header.d=evil.example"}), is::unknown);
    EXPECT_EQ(judge({"mx.our.example; dkim=fail header.d=example.org"}), is::unknown);
    EXPECT_EQ(judge({"mx.our.example; spf=pass smtp.mailfrom=carol@example.org"}), is::genuine);
    EXPECT_EQ(judge({"mx.our.example; spf=pass smtp.mailfrom=evil.example; dkim=none"}), is::unknown);
    EXPECT_EQ(
        judge({"mx.our.example; spf=softfail smtp.mailfrom=example.org; dkim=pass header.d=example.org"}),
        is::genuine
    );
    EXPECT_EQ(judge({"mx.our.example; dkim=pass header.d=org"}), is::unknown) << "a whole top-level domain";
}

TEST(AuthResults, LetAFailureOfDmarcWin)
{
    EXPECT_EQ(
        judge({"mx.our.example; dkim=pass header.d=example.org; dmarc=fail header.from=example.org"}),
        is::forged
    );
}

TEST(AuthResults, AreNotMisreadInCommentsAndQuotes)
{
    EXPECT_EQ(
        judge({"mx.our.example; spf=fail (x; dmarc=pass header.from=example.org) smtp.mailfrom=x.example"}),
        is::unknown
    );
    EXPECT_EQ(
        judge({"mx.our.example; spf=fail reason=\"; dmarc=pass\" smtp.mailfrom=x.example"}), is::unknown
    );
    EXPECT_EQ(judge({"mx.our.example; spf=fail (never closed dmarc=pass"}), is::unknown);
    EXPECT_EQ(judge({"mx.our.example; dmarc="}), is::unknown);
    EXPECT_EQ(judge({"mx.our.example; =pass; dmarc==pass; ;;"}), is::unknown);
}

TEST(AuthResults, KnowWhatIsAligned)
{
    EXPECT_TRUE(aligned("example.org", "example.org"));
    EXPECT_TRUE(aligned("mail.example.org", "example.org"));
    EXPECT_FALSE(aligned("evilexample.org", "example.org"));
    EXPECT_FALSE(aligned("a.org", "b.org"));
    EXPECT_FALSE(aligned("", "example.org"));
}

}  // namespace
}  // namespace rialto::email::auth_results_test
