// Mail over the real core and over sockets: what a mail server hands in becomes a conversation on Matrix,
// what is said there goes to the smart host, and both are one thread.
#include "email_kit.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace rialto::email_test {
namespace {

using namespace rialto::test;
using testing::HasSubstr;

TEST_F(Email, BecomesAConversationWithAPerson)
{
    EXPECT_EQ(hand_in(from_carol, {"alice@chat.example"}), "250 354 250");
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    ASSERT_EQ(one.matrix.made.size(), 1u);
    EXPECT_EQ(one.matrix.made[0].is, kind::direct);
    EXPECT_EQ(one.matrix.made[0].invite, (std::vector<std::string>{"@alice:hs"}));
    EXPECT_EQ(told()[0].as, "@_rialto_g_carol=40ext.example:hs");
    EXPECT_EQ(told()[0].shown.shown_as, "Carol (mail)");
    EXPECT_EQ(said(0), "At noon?");
    EXPECT_EQ(std::get<message>(told()[0].what).subject, "Lunch");
    EXPECT_EQ(hand_in(from_carol, {"alice@chat.example"}), "250 354 250") << "the mail server repeats it";
    settle();
    EXPECT_EQ(told().size(), 1u);
}

TEST_F(Email, IsAnsweredInItsThread)
{
    hand_in(from_carol, {"alice@chat.example"});
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    write("$a1", "Yes, at <noon>");
    ASSERT_TRUE(until([&] { return smart.mails.size() == 1; }));
    const auto& mail = smart.mails[0];
    EXPECT_EQ(mail.recipients, (std::vector<std::string>{"carol@ext.example"}));
    EXPECT_THAT(mail.sender, HasSubstr("MAIL FROM:<b+"));
    EXPECT_EQ(header(mail, "In-Reply-To"), "<1@ext.example>");
    EXPECT_EQ(header(mail, "References"), "<1@ext.example>");
    EXPECT_EQ(header(mail, "Subject"), "Re: Lunch");
    EXPECT_THAT(mail.text, HasSubstr("From: Alice <alice@chat.example>"));
    EXPECT_THAT(mail.text, HasSubstr("Yes, at <noon>"));

    const auto ours = header(mail, "Message-Id");
    hand_in(
        "From: carol@ext.example\r\nSubject: Re: Lunch\r\nMessage-ID: <2@ext.example>\r\nIn-Reply-To: " +
            ours + "\r\nReferences: <1@ext.example> " + ours + "\r\n\r\nFine\r\n",
        {"alice@chat.example"}
    );
    ASSERT_TRUE(until([&] { return told().size() == 2; }));
    EXPECT_EQ(std::get<message>(told()[1].what).subject, "") << "the same subject is not said again";
    EXPECT_THAT(said(1), HasSubstr("Sender not verified"));
    write("$a2", "See you");
    ASSERT_TRUE(until([&] { return smart.mails.size() == 2; }));
    EXPECT_EQ(header(smart.mails[1], "In-Reply-To"), "<2@ext.example>");
    EXPECT_THAT(smart.mails[1].text, HasSubstr(ours));
    EXPECT_NE(header(smart.mails[1], "Message-Id"), ours);
}

TEST_F(Email, IsRefusedWhereNobodyHasTheAddress)
{
    EXPECT_EQ(
        hand_in(
            from_carol,
            {"a=zz@chat.example", "alice@other.example", "b+0.0@chat.example", "alice+x@chat.example"}
        ),
        "550 550 550 250 354 250"
    );
    EXPECT_EQ(hand_in(from_carol, {"alice@chat.example", "postmaster@chat.example"}, ""), "550 250 354 250")
        << "the null sender writes to nobody but whom a mail of ours came from";
}

TEST_F(Email, IsTakenForKnownPeopleWhileTheHomeserverIsAway)
{
    EXPECT_EQ(hand_in(from_carol, {"alice@chat.example"}), "250 354 250");
    one.matrix.away = true;
    EXPECT_EQ(hand_in(from_carol, {"alice@chat.example", "bob@chat.example"}), "250 451 354 250");
}

TEST_F(Email, IsAcknowledgedOnlyWhenItIsOnDisk)
{
    disk.hold();
    fakes::mail_client mta{w.io.get_executor(), port};
    mta.say(
        "LHLO m\r\nMAIL FROM:<c@ext.example>\r\nRCPT TO:<alice@chat.example>\r\nDATA\r\n" + from_carol +
        ".\r\n"
    );
    ASSERT_TRUE(until([&] { return mta.codes() == "220 250 250 250 354"; })) << mta.codes();
    settle();
    EXPECT_EQ(mta.codes(), "220 250 250 250 354");
    disk.release();
    EXPECT_TRUE(until([&] { return mta.codes() == "220 250 250 250 354 250"; })) << mta.codes();
    mta.say("QUIT\r\n");
    settle();
}

TEST_F(Email, IsPutOffWhenTheDiskIsFullAndTakenLater)
{
    disk.fail_commit(1, memory_store::disk_full());
    EXPECT_THAT(hand_in(from_carol, {"alice@chat.example"}), testing::StartsWith("250 354 45"));
    EXPECT_EQ(hand_in(from_carol, {"alice@chat.example"}), "250 354 250");
    EXPECT_TRUE(until([&] { return told().size() == 1; }));
}

TEST_F(Email, GoesToEachRecipientAndToNoOther)
{
    fakes::mail_client mta{w.io.get_executor(), port};
    const std::string envelope = "MAIL FROM:<c@ext.example>\r\nRCPT TO:<";
    mta.say(
        "LHLO m\r\n" + envelope + "alice@chat.example>\r\nDATA\r\n" + from_carol + ".\r\n" + envelope +
        "bob@chat.example>\r\nDATA\r\nFrom: carol@ext.example\r\nSubject: secret\r\n\r\nfor "
        "bob\r\n.\r\nQUIT\r\n"
    );
    ASSERT_TRUE(until([&] { return told().size() == 2; }));
    ASSERT_EQ(one.matrix.made.size(), 2u);
    EXPECT_EQ(one.matrix.made[0].invite, (std::vector<std::string>{"@alice:hs"}));
    EXPECT_EQ(one.matrix.made[1].invite, (std::vector<std::string>{"@bob:hs"}));
    EXPECT_NE(told()[0].room, told()[1].room);
}

TEST_F(Email, ThatGoesInCirclesIsRefused)
{
    const auto hand = [&](const std::string& mail) { return hand_in(mail, {"alice@chat.example"}); };
    std::string hops;
    for (int i = 0; i < 31; ++i)
        hops += "Received: from x\r\n";
    EXPECT_EQ(hand(hops + "From: a@x.example\r\n\r\nx\r\n"), "250 354 554");
    EXPECT_EQ(hand("From: a@x.example\r\nMessage-ID: <k.v1@chat.example>\r\n\r\nx\r\n"), "250 354 554");
    settle();
    EXPECT_TRUE(told().empty());
}

TEST_F(Email, ThatMayBeForgedIsHeldBackAndNeverShownAsItsAuthors)
{
    const std::vector<std::pair<std::string, std::string>> forged = {
        {"From: a@x.example\r\nFrom: b@x.example", "does not have one author"},
        {"From: bob@chat.example", "people of chat.example do not write from outside"},
        {"From: Boss <c@x.example>\r\nAuthentication-Results: mx.example; dmarc=fail header.from=x.example",
         "Boss <c@x.example>, and x.example does not vouch for it"},
    };
    std::size_t n = 0;
    for (const auto& [header, why] : forged) {
        EXPECT_EQ(hand_in(header + "\r\nSubject: Pay\r\n\r\nnow\r\n", {"alice@chat.example"}), "250 354 250");
        n += 2;
        ASSERT_TRUE(until([&] { return told().size() == n; })) << header;
        EXPECT_THAT(said(n - 2), HasSubstr(why));
        EXPECT_THAT(said(n - 2), HasSubstr("Subject: Pay"));
        EXPECT_EQ(std::get<message>(told()[n - 2].what).how, manner::notice);
        const auto original = std::get<message>(told()[n - 1].what).files.at(0);
        EXPECT_EQ(original.name, "original.eml");
        EXPECT_THAT(one.media.bytes[original.bytes.value], HasSubstr("\r\n\r\nnow"));
        EXPECT_THAT(
            one.media.bytes[original.bytes.value],
            testing::StartsWith(
                "Return-Path: <carol@ext.example>\r\nReceived: from mta.example\r\n by chat.example"
            )
        );
    }
    for (const auto& o : told())
        EXPECT_EQ(o.as, "@_rialto_g_mail=2bquarantine=40chat.example:hs");
    EXPECT_EQ(one.matrix.made.size(), 1u);
    write("$a1", "who are you?");
    settle();
    EXPECT_EQ(smart.connections, 0) << "nobody reads there";
    EXPECT_EQ(
        hand_in("From: a@x.example\r\n\r\nx\r\n", {"mail+quarantine@chat.example", "alice@chat.example"}),
        "550 250 354 250"
    );
}

struct LateRefusal : Email
{
    // A mail that Matrix refuses for good after our 250; the talk is there.
    void lose(const std::string& mail, const std::string& sender)
    {
        hand_in(from_carol, {"alice@chat.example"});
        ASSERT_TRUE(until([&] { return told().size() == 1; }));
        one.matrix.refuse.push_back(failure{verdict::give_up, cause::forbidden, "alice is not there"});
        EXPECT_EQ(hand_in(mail, {"alice@chat.example"}, sender), "250 354 250");
        ASSERT_TRUE(until([&] { return one.matrix.refuse.empty(); }));
        for (int i = 0; i < 10; ++i) {
            w.time.advance(std::chrono::seconds{1});
            settle();
        }
        EXPECT_EQ(told().size(), 1u);
    }
    const std::string second =
        "From: Carol <carol@ext.example>\r\nSubject: Lunch\r\nMessage-ID: <2@ext.example>\r\n";
    const std::string proven = "Authentication-Results: mx.example; dmarc=pass header.from=ext.example\r\n";
};

TEST_F(LateRefusal, ComesBackToAProvenSender)
{
    lose(second + proven + "\r\nAt one?\r\n", "carol@ext.example");
    ASSERT_EQ(smart.mails.size(), 1u);
    EXPECT_THAT(smart.mails[0].sender, testing::StartsWith("MAIL FROM:<>"));
    EXPECT_EQ(smart.mails[0].recipients, (std::vector<std::string>{"carol@ext.example"}));
    EXPECT_THAT(
        smart.mails[0].text, HasSubstr("Final-Recipient: rfc822; alice@chat.example\r\nAction: failed")
    );
    EXPECT_THAT(smart.mails[0].text, HasSubstr("alice is not there"));
    EXPECT_EQ(header(smart.mails[0], "Auto-Submitted"), "auto-replied");
    EXPECT_EQ(header(smart.mails[0], "In-Reply-To"), "<2@ext.example>");
}

TEST_F(LateRefusal, ComesBackToNobodyWhoMayNotHaveWrittenIt)
{
    lose(second + proven + "\r\nAt one?\r\n", "victim@elsewhere.example");
    EXPECT_EQ(smart.connections, 0);
}

TEST_F(LateRefusal, ComesBackToNobodyWhoIsNotVerified)
{
    lose(second + "\r\nAt one?\r\n", "carol@ext.example");
    EXPECT_EQ(smart.connections, 0);
}

const std::string with_files =
    "From: Carol <carol@ext.example>\r\nSubject: Plans\r\nMessage-ID: <2@ext.example>\r\n"
    "Authentication-Results: mx.example; dmarc=pass header.from=ext.example\r\n"
    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\n\r\nTwo of them.\r\n"
    "--b\r\nContent-Type: application/pdf; name=plan.pdf\r\nContent-Transfer-Encoding: base64\r\n"
    "Content-Disposition: attachment\r\n\r\nJVBERg==\r\n"
    "--b\r\nContent-Type: text/plain; name=notes.txt\r\nContent-Disposition: attachment\r\n\r\nnotes\r\n"
    "--b--\r\n";

TEST_F(Email, BringsItsFilesAfterItsWords)
{
    EXPECT_EQ(hand_in(with_files, {"alice@chat.example"}), "250 354 250");
    ASSERT_TRUE(until([&] { return told().size() == 3; }));
    EXPECT_EQ(said(0), "Two of them.");
    const auto file_of = [&](std::size_t i) { return std::get<message>(told()[i].what).files.at(0); };
    EXPECT_EQ(file_of(1).name, "plan.pdf");
    EXPECT_EQ(one.media.bytes[file_of(1).bytes.value], "%PDF");
    EXPECT_EQ(file_of(2).name, "notes.txt");
    EXPECT_EQ(hand_in(with_files, {"alice@chat.example"}), "250 354 250") << "the mail server repeats it";
    settle();
    EXPECT_EQ(told().size(), 3u);
}

TEST_F(Email, IsPutOffWhileItsFilesFindNoPlace)
{
    one.media.refuse = failure{verdict::try_later, cause::away, "the homeserver does not answer"};
    EXPECT_EQ(hand_in(with_files, {"alice@chat.example"}), "250 354 451");
    one.media.refuse = failure{verdict::give_up, cause::too_large, "the file is too large"};
    EXPECT_EQ(hand_in(with_files, {"alice@chat.example"}), "250 354 250");
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    EXPECT_THAT(said(0), HasSubstr("Attachment not carried: plan.pdf (4 bytes): the file is too large"));
}

TEST_F(Email, CarriesTheFilesOfMatrix)
{
    hand_in(from_carol, {"alice@chat.example"});
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    file plan{"plan.pdf", "application/pdf", media_id{"mxc://hs/plan"}};
    plan.size = 4;
    one.media.known["mxc://hs/plan"] = plan;
    one.media.bytes["mxc://hs/plan"] = "%PDF";
    auto e = near_said("!made1", "$a1", "");
    message shown;
    shown.files.push_back(plan);
    e.what = shown;
    one.push(std::move(e));
    ASSERT_TRUE(until([&] { return smart.mails.size() == 1; }));
    EXPECT_THAT(smart.mails[0].text, HasSubstr("filename=plan.pdf"));
    EXPECT_THAT(smart.mails[0].text, HasSubstr("\r\n\r\nJVBERg=="));
    EXPECT_EQ(header(smart.mails[0], "Subject"), "Re: Lunch");
}

TEST_F(Email, LimitsHowManyStrangersOneMayHear)
{
    for (int i = 0; i < 6; ++i) {
        const auto n = std::to_string(i);
        EXPECT_EQ(
            hand_in("From: s" + n + "@x.example\r\n\r\nx\r\n", {"alice@chat.example"}),
            i < 5 ? "250 354 250" : "250 354 451"
        );
    }
    EXPECT_EQ(hand_in("From: s0@x.example\r\n\r\nagain\r\n", {"alice@chat.example"}), "250 354 250")
        << "no stranger any more";
}

TEST_F(Email, ThatTheSmartHostRefusesIsToldToItsAuthor)
{
    hand_in(from_carol, {"alice@chat.example"});
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    smart.at_end = "552 5.3.4 message too big";
    write("$a1", "large");
    ASSERT_TRUE(until([&] {
        w.time.advance(std::chrono::seconds{1});  // words to authors are gathered first
        return !one.matrix.notices.empty();
    }));
    EXPECT_THAT(one.matrix.notices[0].second, HasSubstr("message too big"));
    EXPECT_TRUE(smart.mails.empty());
}

TEST_F(Email, ThatTheSmartHostPutsOffIsTriedAgain)
{
    hand_in(from_carol, {"alice@chat.example"});
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    smart.at_rcpt["carol@ext.example"] = "451 4.7.1 greylisted";
    write("$a1", "hello");
    ASSERT_TRUE(until([&] { return smart.connections == 1; }));
    settle();
    EXPECT_TRUE(smart.mails.empty());
    smart.at_rcpt.clear();
    ASSERT_TRUE(until([&] {
        w.time.advance(std::chrono::minutes{1});
        return smart.mails.size() == 1;
    }));
    EXPECT_TRUE(one.matrix.notices.empty());
}

TEST_F(Email, ThatCameBackIsToldToItsAuthor)
{
    hand_in(from_carol, {"alice@chat.example"});
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    write("$a1", "hello");
    ASSERT_TRUE(until([&] { return smart.mails.size() == 1; }));
    settle();
    const auto& line = smart.mails[0].sender;
    const auto back = line.substr(line.find('<') + 1, line.find('>') - line.find('<') - 1);
    EXPECT_EQ(
        hand_in(
            "From: MAILER-DAEMON@ext.example\r\nContent-Type: multipart/report; report-type=delivery-status; "
            "boundary=b\r\n\r\n"
            "--b\r\n\r\nsorry\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; "
            "x\r\n\r\n"
            "Final-Recipient: rfc822; carol@ext.example\r\nAction: failed\r\nStatus: "
            "5.2.2\r\nDiagnostic-Code: smtp; 552 mailbox full\r\n--b--\r\n",
            {back}, ""
        ),
        "250 354 250"
    );
    ASSERT_TRUE(until([&] { return !one.matrix.notices.empty(); }));
    EXPECT_THAT(one.matrix.notices[0].second, HasSubstr("carol@ext.example: 552 mailbox full"));
    EXPECT_EQ(one.matrix.statuses.back().first, "$a1");
    EXPECT_EQ(told().size(), 1u) << "a bounce is no chat";
}

struct SafeEmail : Email
{
    nlohmann::json settings() const override
    {
        auto all = Email::settings();
        all.update({{"tls", "starttls"}, {"user", "rialto"}, {"password", "hush"}});
        return all;
    }
};

TEST_F(SafeEmail, IsNotHandedToASmartHostWithoutTls)
{
    hand_in(from_carol, {"alice@chat.example"});
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    write("$a1", "hello");
    ASSERT_TRUE(until([&] { return smart.connections > 0; }));
    settle();
    ASSERT_TRUE(until([&] {
        w.time.advance(std::chrono::minutes{1});
        return smart.connections > 1;
    })) << "it is tried again";
    settle();
    EXPECT_TRUE(smart.mails.empty());
    EXPECT_TRUE(one.matrix.notices.empty());
    for (const auto& line : smart.commands)
        EXPECT_TRUE(line.starts_with("EHLO ") || line.starts_with("QUIT")) << line;
}

TEST_F(Email, EndsWithTheBackend)
{
    fakes::mail_client mta{w.io.get_executor(), port};
    mta.say("LHLO m\r\n");
    ASSERT_TRUE(until([&] { return mta.codes() == "220 250"; }));
    stop.emit(boost::asio::cancellation_type::terminal);
    EXPECT_TRUE(until([&] { return mta.heard->ends_with("<closed>"); }));
}

}  // namespace
}  // namespace rialto::email_test
