#include "bridges/xmpp/chat.hpp"

#include "bridges/xmpp/ids.hpp"
#include "tests/unit/xmpp/fake_link.hpp"

#include <gmock/gmock.h>

namespace rialto::xmpp::chat_test {
namespace {

using testing::HasSubstr;

const std::string alice = "alice_hs.org@bridge.example";
const std::string romeo = "romeo@montague.example";

TEST(ChatName, IsReadBackAndNoRoomsName)
{
    const auto id = chat_portal(alice, romeo);
    EXPECT_EQ(chat_of(id, "bridge.example"), (chat_name{alice, romeo}));
    EXPECT_EQ(
        chat_of(chat_portal("a|b_hs@bridge.example", "x|y@z"), "bridge.example"),
        (chat_name{"a|b_hs@bridge.example", "x|y@z"})
    );
    EXPECT_FALSE(chat_of(portal_id{room_id{"orchard@muc.example"}}, "bridge.example"));
    EXPECT_FALSE(chat_of(portal_id{room_id{"a|b@muc.example"}}, "bridge.example"));
    EXPECT_FALSE(chat_of(portal_id{room_id{"a@bridge.example|"}}, "bridge.example"));
}

class Chat : public Bench
{
protected:
    std::shared_ptr<chats> talks = std::make_shared<chats>(around);
    portal_id id = chat_portal(alice, romeo);

    void SetUp() override
    {
        wire.answer = [](const std::string&, const std::string&) { return std::optional<std::string>{""}; };
        talks->link_up();
        run();
    }
    void TearDown() override
    {
        talks->link_lost();
        run();
    }
    void hear(
        std::string_view inside, std::string_view more = "id='c1'", std::string to = alice,
        std::string from = romeo + "/phone"
    )
    {
        talks->on_message(parse(
                              "<message type='chat' from='" + from + "' to='" + to + "' " +
                              std::string{more} + ">" + std::string{inside} + "</message>"
        )
                              .root());
        run();
    }
    event said(std::string event_id, happening what)
    {
        return event{
            id, person{user_id{alice}, "Alice"}, time.now(), message_id{std::move(event_id)}, std::move(what)
        };
    }
};

TEST_F(Chat, OpensWithTheFirstMessageAndOnlyOnce)
{
    hear("<body>But soft!</body>");
    hear("<body>What light</body>", "id='c2'");
    ASSERT_EQ(core.accepted.size(), 3U);
    ASSERT_TRUE(std::holds_alternative<room>(core.accepted[0].what));
    EXPECT_EQ(std::get<room>(core.accepted[0].what).is, kind::direct);
    EXPECT_EQ(core.accepted[1].portal, id);
    EXPECT_EQ(core.accepted[1].sender.id.value, romeo);
    EXPECT_EQ(core.accepted[1].also.at(0).value, "c1");
}

TEST_F(Chat, SendsReceiptsOnlyForWhatIsOnDisk)
{
    hear("<body>x</body><request xmlns='urn:xmpp:receipts'/>");
    EXPECT_TRUE(was_sent("<received xmlns='urn:xmpp:receipts' id='c1'/>"));
    wire.stanzas.clear();
    core.refuse = failure{verdict::try_later, cause::full, "the journal is full"};
    hear("<body>y</body><request xmlns='urn:xmpp:receipts'/>", "id='c2'");
    EXPECT_FALSE(was_sent("<received"));
    EXPECT_TRUE(was_sent("type='error'"));
    EXPECT_TRUE(was_sent("type='wait'"));
}

TEST_F(Chat, LimitsHowManyConversationsAnAccountOpens)
{
    for (int i = 0; i < 200; ++i)
        hear("<body>spam</body>", "id='c'", "p" + std::to_string(i) + "_hs.org@bridge.example");
    EXPECT_EQ(core.all<room>().size(), 20U);
    EXPECT_EQ(
        std::count_if(
            wire.stanzas.begin(), wire.stanzas.end(),
            [](const auto& s) { return s.find("resource-constraint") != std::string::npos; }
        ),
        180
    );
}

TEST_F(Chat, TellsWritersToNobody)
{
    hear("<body>x</body>", "id='c1'", "no-such@bridge.example");
    EXPECT_TRUE(core.accepted.empty());
    EXPECT_TRUE(was_sent("item-not-found"));
}

TEST_F(Chat, IsDoneWhenTheServerHasTakenIt)
{
    const auto done = start(talks->deliver(said("$1", message{document{"hi"}})));
    ASSERT_TRUE(*done && **done);
    EXPECT_EQ((***done).id.value, wire_id(message_id{"$1"}));
    EXPECT_TRUE(was_sent("to='" + romeo + "'"));
}

TEST_F(Chat, IsUncertainWhenTheLinkIsLostBeforeThePong)
{
    wire.answer = nullptr;
    const auto done = start(talks->deliver(said("$1", message{document{"hi"}})));
    ASSERT_TRUE(*done);
    EXPECT_EQ((**done).error().next, verdict::try_later);
    EXPECT_FALSE((**done).error().certain);
}

TEST_F(Chat, SaysWhatTheServerRefused)
{
    wire.answer = [this](const std::string&, const std::string&) {
        talks->on_message(parse(
                              "<message type='error' from='" + romeo + "' to='" + alice + "/rialto' id='" +
                              wire_id(message_id{"$1"}) +
                              "'><error type='cancel'><service-unavailable "
                              "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
        )
                              .root());
        return std::optional<std::string>{""};
    };
    const auto done = start(talks->deliver(said("$1", message{document{"hi"}})));
    ASSERT_TRUE(*done);
    ASSERT_FALSE(**done);
    EXPECT_EQ((**done).error().why.find("nobody is reached at " + romeo + ": check the address"), 0U);
}

TEST_F(Chat, ReportsARefusalThatComesLateButOnlyFromTheReceiver)
{
    (void)start(talks->deliver(said("$1", message{document{"hi"}})));
    const std::string bounce =
        "<error type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    const std::string about = "type='error' id='" + wire_id(message_id{"$1"}) + "'";
    const auto late = [&](const std::string& from) {
        talks->on_message(parse(
                              "<message from='" + from + "' to='" + alice + "/rialto' " + about + ">" +
                              bounce + "</message>"
        )
                              .root());
        run();
    };
    late("evil@x.example");
    EXPECT_TRUE(core.all<report>().empty());
    late(romeo);
    ASSERT_EQ(core.all<report>().size(), 1U);
    EXPECT_EQ(core.all<report>()[0].is, fate::failed);
}

TEST_F(Chat, TellsTheWriterWhatCouldNotBeSaidOnMatrix)
{
    hear("<body>hello?</body>");
    reference about{message_id{"far id"}};
    about.also.emplace_back("c1");
    report news{about, user_id{romeo}, fate::failed};
    news.why = failure{verdict::give_up, cause::not_found, "there is nobody called so"};
    auto told = start(talks->deliver(said("", news)));
    ASSERT_TRUE(told->has_value() && **told);
    const auto error = wire.stanzas.back();
    EXPECT_TRUE(was_sent("to='" + romeo + "/phone'")) << error;
    EXPECT_TRUE(error.find("type='error'") != error.npos && error.find("id='c1'") != error.npos) << error;
    EXPECT_TRUE(error.find("there is nobody called so") != error.npos) << error;
}

TEST_F(Chat, TellsInPlainWordsWhenItIsNotKnownWhichClientWrote)
{
    report news{reference{message_id{"far id"}}, user_id{romeo}, fate::failed};
    news.why = failure{verdict::give_up, cause::not_found, "there is nobody called so"};
    auto told = start(talks->deliver(said("", news)));
    ASSERT_TRUE(told->has_value() && **told);
    EXPECT_TRUE(was_sent("<body>Your message was not delivered: there is nobody called so</body>"));
}

TEST_F(Chat, SpeaksOfMessagesByTheirWireIds)
{
    reference target{message_id{"~hash"}};
    target.also.emplace_back("c1");
    (void)start(talks->deliver(said("$2", reactions{target, {"👍"}})));
    EXPECT_TRUE(was_sent("<reactions xmlns='urn:xmpp:reactions:0' id='c1'>"));
}

TEST_F(Chat, LetsAnybodySeeThatAPuppetIsThere)
{
    talks->on_presence(parse("<presence type='subscribe' from='" + romeo + "' to='" + alice + "'/>").root());
    EXPECT_TRUE(was_sent("type='subscribed'"));
    wire.stanzas.clear();
    talks->on_presence(parse("<presence type='probe' from='" + romeo + "' to='" + alice + "'/>").root());
    ASSERT_EQ(wire.stanzas.size(), 1U);
    EXPECT_THAT(wire.stanzas[0], HasSubstr("from='" + alice + "/rialto'"));
    talks->on_presence(
        parse("<presence type='subscribe' from='" + romeo + "' to='nobody@bridge.example'/>").root()
    );
    EXPECT_EQ(wire.stanzas.size(), 1U);
}

TEST_F(Chat, HintsTypingInOpenConversationsOnly)
{
    hear("<composing xmlns='http://jabber.org/protocol/chatstates'/>");
    EXPECT_TRUE(core.hints.empty());
    talks->known(id);
    hear("<composing xmlns='http://jabber.org/protocol/chatstates'/>");
    EXPECT_EQ(core.hints.size(), 1U);
}

TEST_F(Chat, OpensOnDemandWithAnAddressThatIsOne)
{
    wish w{person{user_id{alice}}, kind::direct};
    w.addresses.assign(1, "Romeo@Montague.example/phone");
    const auto good = start(talks->open(w));
    ASSERT_TRUE(*good && **good);
    EXPECT_EQ((***good).portal, id);
    w.addresses.assign(1, "montague.example");
    const auto bad = start(talks->open(w));
    ASSERT_TRUE(*bad);
    EXPECT_EQ((**bad).error().kind, cause::malformed);
}

TEST_F(Chat, LosesNoneOfABatchForOneThatCannotBeTaken)
{
    core.refuse_word = "poison";
    for (const auto* text : {"one", "poison", "three"})
        talks->on_message(parse(
                              "<message type='chat' from='" + romeo + "/phone' to='" + alice + "' id='" +
                              text + "'><body>" + text +
                              "</body><request xmlns='urn:xmpp:receipts'/></message>"
        )
                              .root());
    run();
    ASSERT_EQ(core.all<message>().size(), 2U);
    EXPECT_EQ(core.all<message>()[1].body.plain(), "three");
    EXPECT_TRUE(was_sent("<received xmlns='urn:xmpp:receipts' id='three'/>"));
    EXPECT_FALSE(was_sent("<received xmlns='urn:xmpp:receipts' id='poison'/>"));
    EXPECT_TRUE(was_sent("type='error' id='poison'"));
}

TEST_F(Chat, LosesNoMessageForHavingNoId)
{
    hear("<body>ok</body>", "");
    hear("<body>ok</body>", "");
    ASSERT_EQ(core.all<message>().size(), 2U);
    EXPECT_NE(core.accepted[1].id, core.accepted[2].id);
    hear("<body>ok</body>", "id='c1'");
    hear("<body>ok</body>", "id='c1'");
    EXPECT_EQ(core.accepted[3].id, core.accepted[4].id) << "a repeat: the core takes it once";
}

TEST_F(Chat, IsDoneByAReceiptThoughTheLinkIsLostBeforeThePong)
{
    std::string who = romeo;
    wire.answer = [this, &who](const std::string&, const std::string&) -> std::optional<std::string> {
        talks->on_message(parse(
                              "<message from='" + who + "/phone' to='" + alice +
                              "/rialto'><received "
                              "xmlns='urn:xmpp:receipts' id='" +
                              wire_id(message_id{"$1"}) + "'/></message>"
        )
                              .root());
        return std::nullopt;
    };
    EXPECT_TRUE(**start(talks->deliver(said("$1", message{document{"hi"}}))));
    who = "evil@x.example";
    EXPECT_FALSE(**start(talks->deliver(said("$1", message{document{"hi"}}))))
        << "only the receiver can tell";
}

TEST_F(Chat, BelievesARefusalFromTheReceiversSideOnly)
{
    wire.answer = [this](const std::string&, const std::string&) {
        talks->on_message(
            parse(
                "<message type='error' from='evil@x.example' to='" + alice + "/rialto' id='" +
                wire_id(message_id{"$1"}) +
                "'><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
                "</message>"
            )
                .root()
        );
        return std::optional<std::string>{""};
    };
    EXPECT_TRUE(**start(talks->deliver(said("$1", message{document{"hi"}}))));
}

TEST_F(Chat, WritesToNobodyWhenALateRefusalCannotBeNoted)
{
    (void)start(talks->deliver(said("$1", message{document{"hi"}})));
    core.refuse = failure{verdict::try_later, cause::full, "the journal is full"};
    wire.stanzas.clear();
    talks->on_message(
        parse(
            "<message type='error' from='" + romeo + "' to='" + alice + "' id='" + wire_id(message_id{"$1"}) +
            "'><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
        )
            .root()
    );
    run();
    EXPECT_TRUE(wire.stanzas.empty()) << "a stanza to='' would close the stream";
}

TEST_F(Chat, AnswersNoReceiptThatWasNotAskedFor)
{
    hear("<body>x</body>");
    EXPECT_FALSE(was_sent("<received"));
    hear("<received xmlns='urn:xmpp:receipts' id='c0'/>", "id='c5'");
    EXPECT_EQ(core.all<message>().size(), 1U) << "a receipt is no message";
}

TEST_F(Chat, AsksForReceiptsAndSaysTheIdTwice)
{
    (void)start(talks->deliver(said("$1", message{document{"hi"}})));
    EXPECT_TRUE(was_sent("<request xmlns='urn:xmpp:receipts'/>"));
    EXPECT_TRUE(was_sent("<origin-id xmlns='urn:xmpp:sid:0' id='" + wire_id(message_id{"$1"}) + "'/>"));
}

TEST_F(Chat, SendsTheSameIdHoweverOftenItIsAsked)
{
    (void)start(talks->deliver(said("$1", message{document{"hi"}})));
    (void)start(talks->deliver(said("$1", message{document{"hi"}})));
    EXPECT_EQ(times_sent(" id='" + wire_id(message_id{"$1"}) + "'"), 2U);
}

TEST_F(Chat, TriesLaterWhenTheLinkIsDownAndSendsNothing)
{
    wire.is_up = false;
    const auto done = start(talks->deliver(said("$1", message{document{"hi"}})));
    EXPECT_EQ((**done).error().next, verdict::try_later);
    EXPECT_TRUE((**done).error().certain);
}

TEST_F(Chat, RetractsAndEditsItsOwnFirstPart)
{
    reference own{message_id{"w1"}};
    own.also.emplace_back("w1-1");
    (void)start(talks->deliver(said("$2", retraction{own})));
    EXPECT_TRUE(was_sent("<retract xmlns='urn:xmpp:message-retract:1' id='w1'/>"));
    (void)start(talks->deliver(said("$3", edit{own, message{document{"better"}}})));
    EXPECT_TRUE(was_sent("<replace xmlns='urn:xmpp:message-correct:0' id='w1'/>"));
    const auto unknown = start(talks->deliver(said("$4", retraction{reference{message_id{"~x"}}})));
    EXPECT_EQ((**unknown).error().next, verdict::unsupported);
}

TEST_F(Chat, HearsEditsRetractionsAndReactions)
{
    hear("<body>better</body><replace xmlns='urn:xmpp:message-correct:0' id='c0'/>");
    hear("<retract xmlns='urn:xmpp:message-retract:1' id='c0'/><body>fallback</body>", "id='c2'");
    hear("<reactions xmlns='urn:xmpp:reactions:0' id='c0'><reaction>x</reaction></reactions>", "id='c3'");
    ASSERT_EQ(core.accepted.size(), 4U);
    EXPECT_EQ(core.all<edit>().at(0).target.id.value, "c0");
    EXPECT_EQ(core.all<retraction>().at(0).target.id.value, "c0");
    EXPECT_EQ(core.all<reactions>().at(0).target.id.value, "c0");
}

TEST_F(Chat, OpensAnewWhatTheCoreForgot)
{
    talks->known(id);
    core.refuse = failure{verdict::give_up, cause::not_found, "there is no such chat"};
    hear("<body>x</body>");
    EXPECT_EQ(core.accepts, 3) << "together, alone, with the room";
    EXPECT_TRUE(was_sent("item-not-found"));
    core.refuse.reset();
    hear("<body>y</body>", "id='c2'");
    EXPECT_EQ(core.all<room>().size(), 1U);
}

TEST_F(Chat, KeepsWhatCameDuringALostLinkForTheNext)
{
    talks->link_lost();
    run();
    hear("<body>x</body><request xmlns='urn:xmpp:receipts'/>");
    EXPECT_TRUE(core.accepted.empty());
    talks->link_up();
    run();
    EXPECT_EQ(core.all<message>().size(), 1U);
    EXPECT_TRUE(was_sent("<received"));
}

TEST_F(Chat, BoundsWhatWaits)
{
    talks->link_lost();
    run();
    talks->known(id);
    for (std::size_t i = 0; i <= chats::most_waiting; ++i)
        talks->on_message(parse(
                              "<message type='chat' from='" + romeo + "/p' to='" + alice + "' id='c" +
                              std::to_string(i) + "'><body>x</body></message>"
        )
                              .root());
    EXPECT_EQ(times_sent("resource-constraint"), 1U);
}

TEST_F(Chat, IgnoresHeadlinesItselfAndRooms)
{
    hear("<body>x</body>", "id='c1'", alice, "bob_hs.org@bridge.example/rialto");
    talks->on_message(
        parse("<message type='headline' from='" + romeo + "' to='" + alice + "'><body>x</body></message>")
            .root()
    );
    talks->on_message(
        parse("<message type='groupchat' from='" + romeo + "' to='" + alice + "'><body>x</body></message>")
            .root()
    );
    run();
    EXPECT_TRUE(core.accepted.empty());
    EXPECT_TRUE(wire.stanzas.empty());
}

// What was read.

constexpr std::string_view wants_marks = "<markable xmlns='urn:xmpp:chat-markers:0'/>";

reference read_by_name(const std::string& id)
{
    reference r{message_id{"~invented"}};
    r.also.emplace_back(id);
    return r;
}

TEST_F(Chat, TellsThatAMessageWasReadToWhomAskedForIt)
{
    hear("<body>x</body>" + std::string{wants_marks}, "id='c1'");
    (void)start(talks->deliver(said("", receipt{read_by_name("c1")})));
    EXPECT_TRUE(was_sent("<displayed xmlns='urn:xmpp:chat-markers:0' id='c1'/>"));
    EXPECT_TRUE(was_sent("to='romeo@montague.example'"));
}

TEST_F(Chat, TellsNobodyWhatTheyDidNotAskFor)
{
    hear("<body>x</body>", "id='c1'");
    (void)start(talks->deliver(said("", receipt{read_by_name("c1")})));
    (void)start(talks->deliver(said("", receipt{read_by_name("unknown")})));
    (void)start(talks->deliver(said("", receipt{reference{}})));
    EXPECT_FALSE(was_sent("<displayed"));
}

TEST_F(Chat, MarksNothingTwiceAndNeverGoesBack)
{
    for (const std::string heard : {"c1", "c2", "c3"})
        hear("<body>x</body>" + std::string{wants_marks}, "id='" + heard + "'");
    for (const std::string heard : {"c2", "c2", "c1", "c3"})
        (void)start(talks->deliver(said("", receipt{read_by_name(heard)})));
    EXPECT_EQ(times_sent("<displayed"), 2U);
    EXPECT_EQ(times_sent("id='c1'/>"), 0U) << "c2 was read, so c1 was";
}

TEST_F(Chat, PassesOnWhatTheOtherHasRead)
{
    hear("<body>x</body>");
    hear("<displayed xmlns='urn:xmpp:chat-markers:0' id='ours'/>", "id='c2'");
    ASSERT_EQ(core.hints.size(), 1U);
    EXPECT_EQ(std::get<receipt>(core.hints[0].what).up_to.id.value, "ours");
}

}  // namespace
}  // namespace rialto::xmpp::chat_test
