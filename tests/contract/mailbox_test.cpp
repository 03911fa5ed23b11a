// A mailbox that is followed by IMAP, over the real core and over sockets: what is put into it becomes a
// conversation on Matrix, and what is said there goes out from its address.
#include "bridges/email/email_backend.hpp"
#include "hub_kit.hpp"
#include "tests/fakes/email/imap_host.hpp"
#include "tests/fakes/email/smart_host.hpp"

#include <gmock/gmock.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <nlohmann/json.hpp>

namespace rialto::mailbox_test {
namespace {

using namespace rialto::test;
using testing::HasSubstr;

std::string mail_of(
    const std::string& n, const std::string& text, const std::string& from = "Carol <carol@ext.example>",
    const std::string& to = "team@corp.example"
)
{
    return "From: " + from + "\r\nTo: " + to + "\r\nSubject: Lunch\r\nMessage-ID: <" + n +
           "@ext.example>\r\nAuthentication-Results: mx.example; dmarc=pass header.from=ext.example\r\n\r\n" +
           text + "\r\n";
}

struct FollowedMailbox : ::testing::Test
{
    world w;
    memory_store disk{w.io.get_executor()};
    life one{w, disk};
    fakes::smart_host smart{w.io.get_executor()};
    fakes::imap_host box{w.io.get_executor()};
    boost::asio::cancellation_signal stop;

    nlohmann::json settings() const
    {
        return {
            {"domain", "chat.example"},
            {"home", "hs"},
            {"domains", {"other.example"}},
            {"listen", "none"},
            {"smart_port", smart.port()},
            {"secret", "0123456789abcdef"},
            {"authserv", "mx.example"},
            {"postmaster", "@root:hs"},
            {"imap_host", "127.0.0.1"},
            {"imap_port", box.port()},
            {"imap_tls", "none"},
            {"imap_user", "team@corp.example"},
            {"imap_password", "x"},
            {"imap_person", "@alice:hs"},
            {"max_mb", 1}
        };
    }
    void SetUp() override
    {
        box.put("INBOX", mail_of("0", "from before"));
        const auto config = settings();
        one.core.add("g", [&](host& h) { return email::make(h, config); });
        one.start();
        boost::asio::co_spawn(
            w.io, one.core.run("g"),
            boost::asio::bind_cancellation_slot(stop.slot(), [](std::exception_ptr) {})
        );
        ASSERT_TRUE(until([&] { return box.idling() == 2; })) << "the new mails', and the sent ones'";
    }
    void TearDown() override
    {
        stop.emit(boost::asio::cancellation_type::terminal);
        settle();
    }
    bool until(const std::function<bool()>& so)
    {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{8};
        while (!so() && std::chrono::steady_clock::now() < end) {
            w.io.restart();
            w.io.run_for(std::chrono::milliseconds{2});
        }
        return so();
    }
    void settle()
    {
        w.io.restart();
        w.io.run_for(std::chrono::milliseconds{50});
    }
    std::vector<std::string> told() const
    {
        std::vector<std::string> out;
        for (const auto& o : one.matrix.orders)
            if (std::holds_alternative<message>(o.what))
                out.push_back(text_of(o.what));
        return out;
    }
    const message& said(std::size_t n) const
    {
        for (const auto& o : one.matrix.orders)
            if (const auto* m = std::get_if<message>(&o.what); m && n-- == 0)
                return *m;
        throw std::out_of_range{"no such message"};
    }
    std::size_t appended() const
    {
        const auto at = box.folders.find("Sent");
        return at == box.folders.end() ? 0 : at->second.mails.size();
    }
    using all = std::vector<std::string>;
};

TEST_F(FollowedMailbox, BringsWhatComesAndNothingThatWasThere)
{
    box.put("INBOX", mail_of("1", "At noon?"));
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    settle();
    EXPECT_EQ(told(), all{"At noon?"});
    EXPECT_EQ(one.matrix.made.at(0).invite, all{"@alice:hs"});
    EXPECT_EQ(one.matrix.orders.back().as, "@_rialto_g_carol=40ext.example:hs");
    EXPECT_FALSE(box.heard("STORE"));
    EXPECT_FALSE(box.heard(" BODY["));
}

TEST_F(FollowedMailbox, GoesOnWhereItWasWhenTheLinkBroke)
{
    box.put("INBOX", mail_of("1", "one"));
    ASSERT_TRUE(until([&] { return told().size() == 1 && box.idling() == 2; }));
    box.drop_links();
    box.put("INBOX", mail_of("2", "two"));
    ASSERT_TRUE(until([&] {
        w.time.advance(std::chrono::milliseconds{100});
        return told().size() == 2;
    }));
    box.put("INBOX", mail_of("3", "three"));
    ASSERT_TRUE(until([&] { return told().size() == 3; }));
    EXPECT_EQ(told(), (all{"one", "two", "three"}));
}

TEST_F(FollowedMailbox, KeepsAMailUntilItIsOnDiskAndThoseBehindItInOrder)
{
    disk.fail_commit(1, memory_store::disk_full());
    box.put("INBOX", mail_of("1", "one"));
    box.put("INBOX", mail_of("2", "two"));
    ASSERT_TRUE(until([&] { return told().size() == 2; }));
    settle();
    EXPECT_EQ(told(), (all{"one", "two"}));
}

TEST_F(FollowedMailbox, TellsOfATooLargeMailAndPassesOverWhatIsRefused)
{
    box.put("INBOX", mail_of("1", std::string(1'200'000, 'x')));
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    EXPECT_EQ(told()[0], "The mail is too large for the bridge (1 MB): read it in the mailbox.");
    std::string hops;
    for (int i = 0; i < 31; ++i)
        hops += "Received: from x\r\n";
    box.put("INBOX", hops + mail_of("2", "in circles"));
    box.put("INBOX", mail_of("k.v1@chat.example>\r\nX: <", "our own"));
    box.put("INBOX", mail_of("3", "after them"));
    ASSERT_TRUE(until([&] { return told().size() == 2; }));
    EXPECT_EQ(told()[1], "after them");
}

TEST_F(FollowedMailbox, HoldsBackWhatMayBeForged)
{
    auto mail = mail_of("1", "Send money");
    mail.replace(mail.find("dmarc=pass"), 10, "dmarc=fail");
    box.put("INBOX", mail);
    ASSERT_TRUE(until([&] { return told().size() == 2; }));
    EXPECT_THAT(told()[0], HasSubstr("Held back"));
    EXPECT_EQ(said(1).files.at(0).name, "original.eml");
    box.put("INBOX", mail_of("2", "I am alice", "bob@other.example"));
    ASSERT_TRUE(until([&] { return told().size() == 4; }));
    EXPECT_THAT(told()[2], HasSubstr("people of other.example do not write from outside"));
}

TEST_F(FollowedMailbox, AnswersFromItsOwnAddressAndKeepsOneCopy)
{
    box.put("INBOX", mail_of("1", "At noon?"));
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    one.push(near_said("!made1", "$a1", "Gladly"));
    ASSERT_TRUE(until([&] { return smart.mails.size() == 1 && appended() == 1; }));
    EXPECT_THAT(smart.mails[0].sender, testing::StartsWith("MAIL FROM:<team@corp.example>"));
    EXPECT_THAT(smart.mails[0].text, HasSubstr("From: Alice <team@corp.example>"));
    EXPECT_THAT(smart.mails[0].text, HasSubstr("In-Reply-To: <1@ext.example>"));
    EXPECT_EQ(box.folders["Sent"].mails.begin()->second, smart.mails[0].text);
    ASSERT_TRUE(until([&] { return box.idling() == 2; }));
    EXPECT_EQ(told().size(), 1u) << "the copy is ours";
}

TEST_F(FollowedMailbox, ShowsWhatWasSentFromItWithAnotherProgram)
{
    box.put("INBOX", mail_of("1", "At noon?"));
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    box.put(
        "Sent", mail_of("2", "Yes.", "Team <team@corp.example>", "carol@ext.example, Dan <dan@ext.example>")
    );
    box.put("Sent", mail_of("3", "A draft of somebody else.", "x@corp.example", "carol@ext.example"));
    ASSERT_TRUE(until([&] { return told().size() == 3; }));
    settle();
    ASSERT_EQ(told().size(), 3u);
    for (const std::size_t n : {1u, 2u}) {
        EXPECT_THAT(told()[n], HasSubstr("From team@corp.example, by another mail program:"));
        EXPECT_THAT(told()[n], HasSubstr("Yes."));
        EXPECT_EQ(said(n).how, manner::notice);
    }
    EXPECT_EQ(one.matrix.made.size(), 2u) << "a chat with each of those it is to";
    EXPECT_TRUE(smart.mails.empty());
}

TEST_F(FollowedMailbox, TellsWhatCameBackAtTheMessage)
{
    box.put("INBOX", mail_of("1", "At noon?"));
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    one.push(near_said("!made1", "$a1", "Gladly"));
    ASSERT_TRUE(until([&] { return smart.mails.size() == 1; }));
    const auto& text = smart.mails[0].text;
    const auto id = text.substr(text.find("Message-Id: ") + 12);
    settle();
    box.put(
        "INBOX",
        "From: MAILER-DAEMON@mx.example\r\nTo: team@corp.example\r\nSubject: Undelivered\r\nMIME-Version: "
        "1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        "Final-Recipient: rfc822; carol@ext.example\r\nAction: failed\r\nStatus: 5.2.2\r\n"
        "Diagnostic-Code: smtp; 552 mailbox full\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        "Message-ID: " +
            id.substr(0, id.find("\r\n")) + "\r\n\r\n--b--\r\n"
    );
    ASSERT_TRUE(until([&] {
        w.time.advance(std::chrono::milliseconds{100});
        return !one.matrix.notices.empty();
    }));
    EXPECT_THAT(one.matrix.notices[0].second, HasSubstr("mailbox full"));
    EXPECT_EQ(told().size(), 1u);
}

}  // namespace
}  // namespace rialto::mailbox_test
