#include "tests/unit/fakes/muc_fixture.hpp"

namespace rialto::fakes::muc_test {

using testing::ElementsAre;

TEST_F(Muc, OthersThenSelfThenHistoryThenSubject)
{
    open();
    say("1", "before");
    ASSERT_TRUE(c->wait([&] { return c->bodies().size() == 1; }));
    c->got.clear();
    ASSERT_TRUE(enter(*c, juliet, "Juliet"));
    std::vector<std::string> order;
    for (const auto& e : c->got)
        if (e.get("to") == juliet)
            order.push_back(
                e.name + ' ' +
                e.get("from").substr(room.size() < e.get("from").size() ? room.size() + 1 : 0) +
                (has_status(e, "110") ? " 110" : "")
            );
    EXPECT_THAT(
        order,
        ElementsAre(
            "presence Alice", "presence Romeo", "presence Juliet 110", "message Alice", "message " + room
        )
    );
    const auto* old = c->find([](const element& e) { return e.find("delay", "urn:xmpp:delay"); });
    ASSERT_TRUE(old);
    EXPECT_TRUE(old->find("stanza-id", xmpp::sid_ns));
    EXPECT_EQ(c->answer("presence", "j-" + room + "/Juliet").get("from"), room + "/Juliet");
}

TEST_F(Muc, ReflectsToAllWithTheSameIdAndItsOwnStanzaId)
{
    open();
    c->send(
        "<message from='" + romeo + "' to='" + room +
        "' type='groupchat' id='m1'><body>hi</body><stanza-id xmlns='urn:xmpp:sid:0' by='" + room +
        "' id='forged'/><occupant-id xmlns='urn:xmpp:occupant-id:0' id='forged'/><origin-id "
        "xmlns='urn:xmpp:sid:0' id='m1'/></message>"
    );
    const element echo = c->answer("message", "m1"), copy = a->answer("message", "m1");
    EXPECT_EQ(echo.get("from"), room + "/Romeo");
    EXPECT_EQ(to_xml(echo).find("forged"), std::string::npos);
    EXPECT_EQ(
        echo.find("stanza-id", xmpp::sid_ns)->get("id"), copy.find("stanza-id", xmpp::sid_ns)->get("id")
    );
    EXPECT_TRUE(copy.find("origin-id", xmpp::sid_ns));
    EXPECT_TRUE(copy.find("occupant-id", "urn:xmpp:occupant-id:0"));
    // Nobody dedupes: the same id again is a second message.
    c->send(said(romeo, room, "m1", "hi"));
    EXPECT_TRUE(a->wait([&] { return a->bodies().size() == 2; }));
}

TEST_F(Muc, WhoIsNotInTheRoomMayNotSpeak)
{
    open();
    c->send(said(juliet, room, "1", "hi"));
    EXPECT_EQ(condition(c->answer("message", "1")), "not-acceptable");
    EXPECT_EQ(
        condition(iq(*c, juliet, room + "/Juliet", "get", "<ping xmlns='urn:xmpp:ping'/>")), "not-acceptable"
    );
    c->send("<presence from='" + juliet + "' to='" + room + "/Juliet' id='gc1'/>");
    EXPECT_EQ(condition(c->answer("presence", "gc1")), "not-acceptable");
    EXPECT_EQ(iq(*c, romeo, room + "/Romeo", "get", "<ping xmlns='urn:xmpp:ping'/>").get("type"), "result");
}

TEST_F(Muc, ANickIsTakenOnceAndMustBePreparable)
{
    open();
    c->send(join_of(juliet, room + "/Alice"));
    EXPECT_EQ(condition(c->answer("presence", "j-" + room + "/Alice")), "conflict");
    c->send(join_of(juliet, room + "/\xF0\x9F\x98\x80"));
    EXPECT_TRUE(c->wait([&] {
        return c->find([](const element& e) { return condition(e) == "jid-malformed"; });
    }));
}

TEST_F(Muc, ANickChangeIs303AndThenANewPresence)
{
    open();
    c->got.clear();
    c->send("<presence from='" + romeo + "' to='" + room + "/Montague'/>");
    const element old = gone(*c, romeo, "Romeo");
    EXPECT_TRUE(has_status(old, "303"));
    EXPECT_TRUE(has_status(old, "110"));
    EXPECT_TRUE(a->wait([&] {
        return a->find([&](const element& e) { return e.get("from") == room + "/Montague"; });
    }));
}

TEST_F(Muc, AKickIs307AndABan301WithActorAndReason)
{
    open();
    ASSERT_TRUE(enter(*c, juliet, "Juliet"));
    const std::string ns = "<query xmlns='http://jabber.org/protocol/muc#admin'>";
    EXPECT_EQ(
        condition(iq(*c, romeo, room, "set", ns + "<item nick='Alice' role='none'/></query>")), "not-allowed"
    );
    EXPECT_EQ(
        iq(*a, "", room, "set", ns + "<item nick='Romeo' role='none'><reason>enough</reason></item></query>")
            .get("type"),
        "result"
    );
    const element kicked = gone(*c, romeo, "Romeo");
    EXPECT_TRUE(has_status(kicked, "307") && has_status(kicked, "110"));
    const element* item = kicked.find("x", xmpp::muc_user_ns)->find("item", xmpp::muc_user_ns);
    EXPECT_EQ(item->child_text("reason", xmpp::muc_user_ns), "enough");
    EXPECT_EQ(item->find("actor", xmpp::muc_user_ns)->get("nick"), "Alice");
    iq(*a, "", room, "set", ns + "<item jid='juliet@bridge.localhost' affiliation='outcast'/></query>");
    EXPECT_TRUE(has_status(gone(*c, juliet, "Juliet"), "301"));
    c->send(join_of(juliet, room + "/J2"));
    EXPECT_EQ(condition(c->answer("presence", "j-" + room + "/J2")), "forbidden");
    const element list = iq(*a, "", room, "get", ns + "<item affiliation='outcast'/></query>");
    EXPECT_NE(to_xml(list).find("juliet@bridge.localhost"), std::string::npos);
}

TEST_F(Muc, DoorsThatAreShutSaySo)
{
    open();
    const auto try_again = [&](const std::string& nick) {
        c->send(join_of(juliet, room + '/' + nick));
        return condition(c->answer("presence", "j-" + room + '/' + nick));
    };
    it().members_only = true;
    EXPECT_EQ(try_again("J1"), "registration-required");
    it().affiliations["bridge.localhost"] = "member";
    it().password = "open sesame";
    EXPECT_EQ(try_again("J2"), "not-authorized");
    EXPECT_TRUE(enter(*c, juliet, "J2b", "<password>open sesame</password>"));
    it().password.clear();
    it().max_users = 3;
    c->send(join_of("nurse@bridge.localhost/n", room + "/Nurse"));
    EXPECT_EQ(condition(c->answer("presence", "j-" + room + "/Nurse")), "service-unavailable");
}

TEST_F(Muc, PrivateMessagesAndQuestionsPassThroughTheRoom)
{
    open();
    a->send(said("", room + "/Romeo", "pm", "psst", "chat"));
    const element pm = c->answer("message", "pm");
    EXPECT_EQ(pm.get("from"), room + "/Alice");
    EXPECT_EQ(pm.get("to"), romeo);
    EXPECT_TRUE(pm.find("x", xmpp::muc_user_ns));
    a->send("<iq to='" + room + "/Romeo' type='get' id='v'><vCard xmlns='vcard-temp'/></iq>");
    const element asked = c->answer("iq", "v");
    c->send("<iq from='" + romeo + "' to='" + asked.get("from") + "' type='result' id='v'/>");
    EXPECT_EQ(a->answer("iq", "v").get("from"), room + "/Romeo");
}

}  // namespace rialto::fakes::muc_test
