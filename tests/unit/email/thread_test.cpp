#include "bridges/email/thread.hpp"

#include <gtest/gtest.h>

namespace rialto::email::thread_test {
namespace {

const address box{"support", "chat.example"};
address at(std::string_view text) { return *parse_address(text); }

arrival came(const std::string& more, const std::string& from = "Carol <carol@ext.example>")
{
    auto read = read_mail("From: " + from + "\r\nSubject: Printer\r\n" + more + "\r\nwords\r\n");
    return arrival{std::move(*read), verdict_on_author::genuine, std::nullopt};
}

TEST(Mailbox, IsNamedByItsAddress)
{
    EXPECT_EQ(mailbox_name{box}.portal().room.value, "support@chat.example");
    EXPECT_EQ(mailbox_name::of(mailbox_name{box}.portal(), "chat.example")->at, box);
    for (const auto* other :
         {"support@other.example", "alice@chat.example|carol@ext.example", "", "sup+port@chat.example"})
        EXPECT_FALSE(mailbox_name::of(portal_id{room_id{other}}, "chat.example")) << other;
}

TEST(Mailbox, HasANameThatIsNobodyElses)
{
    EXPECT_EQ(objection_to_mailbox("support-2.eu"), "");
    for (const auto* bad :
         {"", "postmaster", "abuse", "b", "mail", "Support", "a b", "a+b", ".a", "a.", "a..b", "ü"})
        EXPECT_NE(objection_to_mailbox(bad), "") << bad;
    EXPECT_NE(objection_to_mailbox(std::string(65, 'a')), "");
}

TEST(Thread, IsSoughtByInReplyToThenByReferencesFromTheNewest)
{
    const auto in = came("In-Reply-To: <3@x>\r\nReferences: <1@x> <2@x> <3@x>\r\n");
    EXPECT_EQ(ancestors_of(in.mail), (std::vector<std::string>{"<3@x>", "<2@x>", "<1@x>"}));
    std::string many = "References:";
    for (int i = 0; i < 60; ++i)
        many += " <" + std::to_string(i) + "@x>";
    EXPECT_EQ(ancestors_of(came(many + "\r\n").mail).size(), 20u);
}

TEST(Thread, IsNamedByItsFirstMailAlsoWhereThatHasNoName)
{
    EXPECT_EQ(root_of(came("Message-ID: <1@x>\r\n"), "chat.example"), "<1@x>");
    const auto unnamed = came("");
    const auto root = root_of(unnamed, "chat.example");
    EXPECT_TRUE(root.ends_with(".unnamed@chat.example>")) << root;
    const auto events = thread_events(unnamed, box, root, true, {}, timestamp{});
    message said{document{"x"}};
    said.thread = reference{events.at(0).id};
    said.thread->also = events.at(0).also;
    EXPECT_EQ(root_in(said), root);
    EXPECT_EQ(root_in(message{document{"x"}}), "");
}

TEST(Thread, GoesToEverybodyButOurselvesTheLastAuthorFirst)
{
    talk_state state;
    meet_everybody(
        state,
        came("To: support@chat.example, dan@ext.example\r\nCc: alice@chat.example, erin@ext.example\r\n")
            .mail,
        "chat.example"
    );
    ASSERT_EQ(state.people.size(), 3u);
    EXPECT_EQ(state.people[0].who, at("carol@ext.example"));
    meet_everybody(state, came("To: support@chat.example\r\n", "erin@ext.example").mail, "chat.example");
    ASSERT_EQ(state.people.size(), 3u);
    EXPECT_EQ(state.people[0].who, at("erin@ext.example"));
    EXPECT_EQ(state.people[1].who, at("carol@ext.example"));

    state.went_on("<1@x>", "Printer");
    const event e{
        mailbox_name{box}.portal(), person{user_id{"alice@chat.example"}, "Alice"}, timestamp{},
        message_id{"$1"}, message{document{"hello"}}
    };
    const auto out = thread_letter(e, std::get<message>(e.what), box, state);
    EXPECT_EQ(out.from.who, box);
    ASSERT_EQ(out.to.size(), 1u);
    EXPECT_EQ(out.to[0].who, at("erin@ext.example"));
    EXPECT_EQ(out.cc.size(), 2u);
    EXPECT_EQ(out.in_reply_to, "<1@x>");
    const auto text = write_mail(out);
    EXPECT_NE(text.find("\r\nCc: "), std::string::npos);
    EXPECT_EQ(text.find("alice@chat.example"), std::string::npos);
}

TEST(Thread, SaysWhoIsNewInIt)
{
    talk_state before;
    before.meets(mail_person{"", at("dan@ext.example")});
    const auto in = came("Message-ID: <2@x>\r\n");
    const auto events = thread_events(in, box, "<1@x>", false, before, timestamp{});
    ASSERT_EQ(events.size(), 1u);
    const auto& told = std::get<message>(events[0].what);
    EXPECT_EQ(told.thread->id.value, "<1@x>");
    EXPECT_NE(told.body.plain().find("New in this conversation: carol@ext.example"), std::string::npos);
    before.meets(mail_person{"", at("carol@ext.example")});
    const auto again = thread_events(in, box, "<1@x>", false, before, timestamp{});
    EXPECT_EQ(std::get<message>(again[0].what).body.plain().find("New in"), std::string::npos);
}

TEST(Thread, RemembersForWhomAMailWasTaken)
{
    sent_mail mail{mailbox_name{box}.portal(), "<1@x>", "<0@x>"};
    mail.taken = {"carol@ext.example", "\"a b\"@ext.example"};
    const auto back = sent_mail::from_note(mail.note());
    ASSERT_TRUE(back);
    EXPECT_EQ(back->portal, mail.portal);
    EXPECT_EQ(back->root, "<0@x>");
    EXPECT_EQ(back->taken, mail.taken);
    EXPECT_FALSE(sent_mail::from_note(""));
    EXPECT_EQ(sent_mail::from_note("a@b|c@d\n<1@x>")->root, "") << "of an older version";
}

}  // namespace
}  // namespace rialto::email::thread_test
