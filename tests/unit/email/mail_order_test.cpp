#include "bridges/email/mail_order.hpp"

#include <gtest/gtest.h>

namespace rialto::email::mail_order_test {
namespace {

using what = mail_order::what;

TEST(MailOrder, HasAVerbAWordAndForToASubject)
{
    const auto to = read_mail_order("to carol@ext.example  Lunch  on Friday ");
    EXPECT_EQ(to.is, what::to);
    EXPECT_EQ(to.word, "carol@ext.example");
    EXPECT_EQ(to.rest, "Lunch on Friday");
    EXPECT_EQ(read_mail_order("status").is, what::status);
    EXPECT_EQ(read_mail_order("block spam.example").word, "spam.example");
    EXPECT_EQ(read_mail_order("unblock spam.example").is, what::unblock);
    EXPECT_EQ(read_mail_order("mailbox").is, what::mailbox);
    EXPECT_EQ(read_mail_order("mailbox support").word, "support");
    EXPECT_EQ(read_mail_order("mailbox remove").is, what::remove_mailbox);
}

TEST(MailOrder, ThatIsNotUnderstoodSaysWhy)
{
    for (const auto* line : {"", "dance", "to", "block a b", "mailbox a b"}) {
        EXPECT_EQ(read_mail_order(line).is, what::wrong) << line;
        EXPECT_FALSE(read_mail_order(line).rest.empty()) << line;
    }
}

TEST(MailOrder, IsOneLineWhateverItHolds)
{
    EXPECT_EQ(read_mail_order("to c@x.example a\r\nBcc: d@x.example").rest.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace rialto::email::mail_order_test
