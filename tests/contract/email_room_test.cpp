// A Matrix room with a mail address, over the real core: mails become threads, what is said in a thread goes
// to everybody in it and to nobody else, whatever happens on the way.
#include "email_kit.hpp"

namespace rialto::email_room_test {
namespace {

struct MailRoom : Email
{
    static constexpr const char* room = "!team";

    nlohmann::json settings() const override
    {
        auto all = Email::settings();
        all["mailboxes"] = {"@alice:hs"};
        return all;
    }
    void SetUp() override
    {
        Email::SetUp();
        one.matrix.nobody.insert("@support:hs");
        one.matrix.nobody.insert("@sales:hs");
    }
    std::string ask(
        const std::string& line, const std::string& in = room, const std::string& asker = "@alice:hs",
        const std::string& objection = ""
    )
    {
        near_request r;
        r.network = "g";
        r.room = in;
        r.asker = asker;
        r.line = line;
        r.objection = objection;
        auto said = w.get(one.core.command(std::move(r)));
        settle();
        return said ? *said : "refused: " + said.error().why;
    }
    void open() { ASSERT_THAT(ask("mailbox support"), HasSubstr("support@chat.example now")); }
    static std::string mail(
        const std::string& from, const std::string& id, const std::string& words, const std::string& more = ""
    )
    {
        return "From: " + from + "\r\nTo: support@chat.example\r\nSubject: Printer\r\nMessage-ID: <" + id +
               "@ext.example>\r\n" + more + "\r\n" + words + "\r\n";
    }
    // Said in the thread that this event began; "": in none.
    void say(const std::string& id, const std::string& text, const std::string& thread)
    {
        auto e = near_said(room, id, text);
        if (!thread.empty())
            std::get<message>(e.what).thread = reference{message_id{thread}};
        one.push(std::move(e));
    }
    std::string id_of(std::size_t i) const { return one.matrix.by_key.at(told().at(i).key); }
    std::string thread_at(std::size_t i) const
    {
        const auto t = std::get<message>(told().at(i).what).thread;
        return t ? t->id.value : "";
    }
};

TEST_F(MailRoom, GetsAnAddressFromWhoMayGiveIt)
{
    EXPECT_THAT(ask("mailbox support", room, "@bob:hs"), HasSubstr("only the bridge's administrators"));
    EXPECT_EQ(ask("mailbox support", room, "@alice:hs", "no power"), "refused: no power");
    EXPECT_THAT(ask("mailbox bob"), HasSubstr("bob@chat.example is somebody's own address"));
    EXPECT_THAT(ask("mailbox postmaster"), HasSubstr("kept for the mail system"));
    EXPECT_THAT(ask("mailbox Sup+port"), HasSubstr("small letters"));
    EXPECT_THAT(
        hand_in(mail("c@ext.example", "1", "x"), {"support@chat.example"}), testing::StartsWith("550 503")
    );
    open();
    EXPECT_EQ(ask("mailbox"), "This room has the address support@chat.example.");
    EXPECT_THAT(ask("mailbox support", "!other"), HasSubstr("is another room's address"));
    EXPECT_THAT(ask("mailbox sales"), HasSubstr("has the address support@chat.example already"));
    EXPECT_THAT(ask("mailbox remove"), HasSubstr("no longer"));
    ASSERT_TRUE(until([&] { return ask("mailbox") == "This room has no mail address."; }));
    EXPECT_THAT(
        hand_in(mail("c@ext.example", "1", "x"), {"support@chat.example"}), testing::StartsWith("550 503")
    );
    EXPECT_THAT(ask("mailbox support", "!other"), HasSubstr("now"));
}

TEST_F(MailRoom, ShowsEachConversationAsAThread)
{
    open();
    EXPECT_EQ(
        hand_in(mail("Carol <carol@ext.example>", "1", "It is on fire."), {"support@chat.example"}),
        "250 354 250"
    );
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    EXPECT_EQ(told()[0].room, room);
    EXPECT_EQ(told()[0].as, "@_rialto_g_carol=40ext.example:hs");
    EXPECT_EQ(std::get<message>(told()[0].what).subject, "Printer");
    EXPECT_EQ(thread_at(0), "");
    hand_in(mail("dan@ext.example", "2", "Mine, too."), {"support@chat.example"});
    hand_in(
        mail(
            "carol@ext.example", "3", "Still.",
            "References: <1@ext.example>\r\nIn-Reply-To: <0@ext.example>\r\n"
        ),
        {"support@chat.example"}
    );
    ASSERT_TRUE(until([&] { return told().size() == 3; }));
    EXPECT_EQ(thread_at(1), "") << "a conversation of its own";
    EXPECT_EQ(thread_at(2), id_of(0));
    EXPECT_EQ(
        hand_in(
            mail("carol@ext.example", "1", "It is on fire."),
            {"support@chat.example", "support+x@chat.example"}
        ),
        "250 250 354 250 250"
    ) << "one mail to several addresses of the room, and again";
    settle();
    EXPECT_EQ(told().size(), 3u);
    EXPECT_TRUE(one.matrix.made.empty());
}

TEST_F(MailRoom, AnswersAllOfTheThreadAndNobodyElse)
{
    open();
    hand_in(mail("dan@ext.example", "9", "Other."), {"support@chat.example"});
    hand_in(
        mail(
            "Carol <carol@ext.example>", "1", "Help!",
            "Cc: Erin <erin@ext.example>, support+x@chat.example\r\n"
        ),
        {"support@chat.example"}
    );
    ASSERT_TRUE(until([&] { return told().size() == 2; }));
    const auto thread = id_of(1);
    say("$a0", "what a fool", "");
    say("$a1", "On our way.", thread);
    ASSERT_TRUE(until([&] { return smart.mails.size() == 1; }));
    settle();
    ASSERT_EQ(smart.mails.size(), 1u) << "what is said beside the thread stays in the room";
    const auto& out = smart.mails[0];
    EXPECT_EQ(out.recipients, (std::vector<std::string>{"carol@ext.example", "erin@ext.example"}));
    EXPECT_THAT(out.text, HasSubstr("From: Alice <support@chat.example>"));
    EXPECT_EQ(header(out, "To"), "Carol <carol@ext.example>");
    EXPECT_EQ(header(out, "Cc"), "Erin <erin@ext.example>");
    EXPECT_EQ(header(out, "In-Reply-To"), "<1@ext.example>");
    EXPECT_EQ(header(out, "Subject"), "Re: Printer");
    EXPECT_THAT(out.sender, HasSubstr("MAIL FROM:<b+"));

    hand_in(
        mail("Erin <erin@ext.example>", "4", "Thanks", "In-Reply-To: " + header(out, "Message-Id") + "\r\n"),
        {"support@chat.example"}
    );
    ASSERT_TRUE(until([&] { return told().size() == 3; }));
    EXPECT_EQ(thread_at(2), thread);
    say("$a2", "Done.", thread);
    ASSERT_TRUE(until([&] { return smart.mails.size() == 2; }));
    EXPECT_EQ(header(smart.mails[1], "To"), "Erin <erin@ext.example>") << "who wrote last";
    EXPECT_EQ(header(smart.mails[1], "In-Reply-To"), "<4@ext.example>");
}

TEST_F(MailRoom, TakesItsConversationsAlongWhenItsAddressMoves)
{
    open();
    hand_in(mail("carol@ext.example", "1", "Help!"), {"support@chat.example"});
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    ask("mailbox remove");
    ASSERT_TRUE(until([&] { return ask("mailbox") == "This room has no mail address."; }));
    EXPECT_THAT(ask("mailbox support", "!other"), HasSubstr("now"));
    hand_in(
        mail("carol@ext.example", "2", "Still!", "In-Reply-To: <1@ext.example>\r\n"), {"support@chat.example"}
    );
    ASSERT_TRUE(until([&] { return told().size() == 2; }));
    EXPECT_EQ(told()[1].room, "!other");
    auto e = near_said("!other", "$b1", "We are here now.");
    std::get<message>(e.what).thread = reference{message_id{id_of(1)}};
    one.push(std::move(e));
    ASSERT_TRUE(until([&] { return smart.mails.size() == 1; }));
    EXPECT_EQ(smart.mails[0].recipients, (std::vector<std::string>{"carol@ext.example"}));
    EXPECT_EQ(header(smart.mails[0], "In-Reply-To"), "<2@ext.example>");
}

TEST_F(MailRoom, SaysWhoIsNewInAThread)
{
    open();
    hand_in(mail("carol@ext.example", "1", "Help!"), {"support@chat.example"});
    hand_in(
        mail("mallory@bad.example", "2", "Hi", "In-Reply-To: <1@ext.example>\r\n"), {"support@chat.example"}
    );
    ASSERT_TRUE(until([&] { return told().size() == 2; }));
    EXPECT_THAT(said(1), HasSubstr("New in this conversation: mallory@bad.example."));
    EXPECT_EQ(thread_at(1), id_of(0));
}

TEST_F(MailRoom, RepeatsAMailOnlyForWhomItDidNotReach)
{
    open();
    hand_in(
        mail("carol@ext.example", "1", "Help!", "Cc: erin@ext.example, dan@ext.example\r\n"),
        {"support@chat.example"}
    );
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    smart.at_rcpt["erin@ext.example"] = "451 4.7.1 greylisted";
    smart.at_rcpt["dan@ext.example"] = "550 5.1.1 no such user";
    say("$a1", "On our way.", id_of(0));
    ASSERT_TRUE(until([&] { return smart.mails.size() == 1; }));
    EXPECT_EQ(smart.mails[0].recipients, (std::vector<std::string>{"carol@ext.example"}));
    ASSERT_TRUE(until([&] {
        w.time.advance(std::chrono::seconds{1});
        return !one.matrix.notices.empty();
    }));
    EXPECT_THAT(one.matrix.notices[0].second, HasSubstr("dan@ext.example"));
    EXPECT_THAT(one.matrix.notices[0].second, HasSubstr("no such user"));
    say("$a2", "Soon.", id_of(0));
    ASSERT_TRUE(until([&] { return smart.mails.size() == 2; })) << "nobody waits for erin's server";
    smart.at_rcpt.erase("erin@ext.example");
    ASSERT_TRUE(until([&] {
        w.time.advance(std::chrono::minutes{1});
        return smart.mails.size() == 4;
    }));
    EXPECT_EQ(smart.mails[2].recipients, (std::vector<std::string>{"erin@ext.example"}));
    EXPECT_EQ(header(smart.mails[2], "Message-Id"), header(smart.mails[0], "Message-Id"));
    EXPECT_EQ(smart.mails[3].recipients, (std::vector<std::string>{"erin@ext.example"}));
    settle();
    EXPECT_EQ(smart.mails.size(), 4u);
}

TEST_F(MailRoom, TellsInItsNextLifeWhoWasRefusedInThisOne)
{
    open();
    hand_in(mail("carol@ext.example", "1", "Help!", "Cc: dan@ext.example\r\n"), {"support@chat.example"});
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    smart.at_rcpt["dan@ext.example"] = "550 5.1.1 no such user";
    one.matrix.refuse_notices.assign(100'000, failure{verdict::try_later, cause::away, "dying"});
    say("$a1", "On our way.", id_of(0));
    ASSERT_TRUE(until([&] { return smart.mails.size() == 1; }));
    settle();
    stop.emit(boost::asio::cancellation_type::terminal);
    settle();
    ASSERT_TRUE(one.matrix.notices.empty());
    life two{w, disk};
    two.core.add("g", [&](host& h) { return email::make(h, settings()); });
    two.start();
    ASSERT_TRUE(until([&] {
        w.time.advance(std::chrono::seconds{1});
        return !two.matrix.notices.empty();
    }));
    EXPECT_EQ(two.matrix.notices[0].first, room);
    EXPECT_THAT(two.matrix.notices[0].second, HasSubstr("dan@ext.example: no such user"));
    EXPECT_EQ(smart.mails.size(), 1u) << "carol has it";
}

TEST_F(MailRoom, HoldsBackInTheRoomWhatMayBeForged)
{
    open();
    hand_in(
        mail(
            "Boss <c@x.example>", "1", "pay",
            "Authentication-Results: mx.example; dmarc=fail header.from=x.example\r\n"
        ),
        {"support@chat.example"}
    );
    ASSERT_TRUE(until([&] { return told().size() == 2; }));
    EXPECT_EQ(told()[0].as, "@_rialto_g_mail=2bquarantine=40chat.example:hs");
    EXPECT_EQ(told()[0].room, room);
    EXPECT_TRUE(one.matrix.made.empty());
}

TEST_F(MailRoom, TellsWhoseMailCameBack)
{
    open();
    hand_in(mail("carol@ext.example", "1", "Help!", "Cc: erin@ext.example\r\n"), {"support@chat.example"});
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    say("$a1", "On our way.", id_of(0));
    ASSERT_TRUE(until([&] { return smart.mails.size() == 1; }));
    settle();
    const auto& from = smart.mails[0].sender;
    const auto back = from.substr(from.find('<') + 1, from.find('>') - from.find('<') - 1);
    const std::string report =
        "From: MAILER-DAEMON@mta.example\r\nContent-Type: multipart/report; report-type=delivery-status; "
        "boundary=b\r\n\r\n--b\r\n\r\nsorry\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mta.example\r\n\r\nFinal-Recipient: rfc822; erin@ext.example\r\nAction: "
        "failed\r\n"
        "Status: 5.2.2\r\nDiagnostic-Code: smtp; 552 mailbox full\r\n\r\n--b--\r\n";
    EXPECT_EQ(hand_in(report, {back}, ""), "250 354 250");
    ASSERT_TRUE(until([&] {
        w.time.advance(std::chrono::seconds{1});
        return !one.matrix.notices.empty();
    }));
    EXPECT_THAT(one.matrix.notices[0].second, HasSubstr("erin@ext.example: 552 mailbox full"));
    near_request r;
    r.network = "g";
    r.room = room;
    r.asker = "@alice:hs";
    r.line = "status";
    r.about = "$a1";
    const auto status = w.get(one.core.command(std::move(r)));
    ASSERT_TRUE(status);
    EXPECT_THAT(*status, HasSubstr("goes to carol@ext.example, erin@ext.example."));
    EXPECT_THAT(*status, HasSubstr("to erin@ext.example: failed"));
    EXPECT_THAT(*status, HasSubstr("to carol@ext.example: taken by the mail server"));
}

TEST_F(MailRoom, IsWrittenDown)
{
    open();
    hand_in(mail("carol@ext.example", "1", "Help!"), {"support@chat.example"});
    ASSERT_TRUE(until([&] { return told().size() == 1; }));
    stop.emit(boost::asio::cancellation_type::terminal);
    settle();
    life two{w, disk};
    two.core.add("g", [&](host& h) { return email::make(h, settings()); });
    two.start();
    boost::asio::cancellation_signal end;
    boost::asio::co_spawn(
        w.io, two.core.run("g"), boost::asio::bind_cancellation_slot(end.slot(), [](std::exception_ptr) {})
    );
    settle();
    EXPECT_EQ(
        hand_in(
            mail("carol@ext.example", "2", "Still", "In-Reply-To: <1@ext.example>\r\n"),
            {"support@chat.example"}
        ),
        "250 354 250"
    );
    ASSERT_TRUE(until([&] { return !two.matrix.orders.empty(); }));
    EXPECT_EQ(two.matrix.orders[0].room, room);
    end.emit(boost::asio::cancellation_type::terminal);
    settle();
}

}  // namespace
}  // namespace rialto::email_room_test
