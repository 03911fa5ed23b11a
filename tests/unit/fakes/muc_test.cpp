#include "tests/unit/fakes/xmpp_fixture.hpp"

namespace rialto::fakes {

using testing::ElementsAre;

struct Muc : Xmpp
{
    std::string romeo = "romeo@bridge.localhost/r", juliet = "juliet@bridge.localhost/j";
    std::unique_ptr<peer> c, a;

    void open(xmpp::options o = {})
    {
        begin(o);
        c = component();
        a = alice();
        ASSERT_TRUE(enter(*a, "", "Alice"));
        ASSERT_TRUE(enter(*c, romeo, "Romeo"));
        a->wait([&] { return a->find([](const element& e) { return e.get("from").ends_with("/Romeo"); }); });
    }
    xmpp::room& it() { return *far->rooms().find(room); }
    element iq(
        peer& p, const std::string& from, const std::string& to, const std::string& type,
        const std::string& inside
    )
    {
        const std::string id = "q" + std::to_string(++ids);
        p.send(
            "<iq" + (from.empty() ? "" : " from='" + from + "'") + " to='" + to + "' type='" + type +
            "' id='" + id + "'>" + inside + "</iq>"
        );
        return p.answer("iq", id);
    }
    element gone(peer& p, const std::string& to, const std::string& nick)
    {
        const auto is = [&](const element& e) {
            return e.name == "presence" && e.get("type") == "unavailable" &&
                   e.get("from") == room + '/' + nick && (to.empty() || e.get("to") == to);
        };
        p.wait([&] { return p.find(is); });
        return p.find(is) ? *p.find(is) : element{"none"};
    }
    void say(const std::string& id, const std::string& body) { a->send(said("", room, id, body)); }
    int ids = 0;
};

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

TEST_F(Muc, WhenAComponentIsAwayItsOccupantsAreKickedByTheNextMessage)
{
    open();
    c->close();
    a->wait([&] { return far->components() == 0; });
    EXPECT_EQ(it().occupants.size(), 2U);
    say("1", "anybody?");
    const element kicked = gone(*a, "", "Romeo");
    EXPECT_TRUE(has_status(kicked, "333"));
    EXPECT_EQ(it().occupants.size(), 1U);
}

TEST_F(Muc, TheArchiveIsPagedForwardsAndBackwards)
{
    open();
    for (int i = 0; i < 7; ++i)
        say("m" + std::to_string(i), std::to_string(i));
    ASSERT_TRUE(c->wait([&] { return c->bodies().size() == 7; }));
    const auto query = [&](const std::string& set) {
        c->got.clear();
        return iq(
            *c, romeo, room, "set",
            "<query xmlns='urn:xmpp:mam:2' queryid='f'><set xmlns='http://jabber.org/protocol/rsm'>" + set +
                "</set></query>"
        );
    };
    const auto found = [&] {
        std::string out;
        for (const auto& e : c->got)
            if (const element* result = e.find("result", "urn:xmpp:mam:2"))
                out += result->find("forwarded", "urn:xmpp:forward:0")
                           ->find("message", "")
                           ->child_text("body", "");
        return out;
    };
    element fin = *query("<max>3</max>").find("fin", "urn:xmpp:mam:2");
    EXPECT_EQ(found(), "012");
    EXPECT_FALSE(fin.has("complete"));
    const auto last = fin.find("set", "http://jabber.org/protocol/rsm")
                          ->child_text("last", "http://jabber.org/protocol/rsm");
    EXPECT_EQ(
        query("<max>10</max><after>" + last + "</after>").find("fin", "urn:xmpp:mam:2")->get("complete"),
        "true"
    );
    EXPECT_EQ(found(), "3456");
    query("<max>2</max><before/>");
    EXPECT_EQ(found(), "56");
    query("<max>2</max><before>" + last + "</before>");
    EXPECT_EQ(found(), "01");
    EXPECT_EQ(condition(query("<after>no-such-id</after>")), "item-not-found");
    EXPECT_EQ(far->rooms().lose_archive(room, 2), 2U);
    query("<max>10</max><after>" + last + "</after>");
    EXPECT_EQ(found(), "34");
}

TEST_F(Muc, ARestartEmptiesTheRoomKeepsTheArchiveAndOnEjabberdTheHistoryIsGone)
{
    xmpp::options o;
    o.as = xmpp::personality::ejabberd;
    open(o);
    it().persistent = true;
    say("1", "before");
    ASSERT_TRUE(c->wait([&] { return c->bodies().size() == 1; }));
    far->restart();
    EXPECT_EQ(it().occupants.size(), 0U);
    EXPECT_EQ(it().archive.size(), 1U);
    c = component();
    ASSERT_TRUE(enter(*c, romeo, "Romeo"));
    EXPECT_TRUE(c->bodies().empty());
}

TEST_F(Muc, ATemporaryRoomEndsWithItsLastOccupant)
{
    open();
    a->send("<presence to='" + room + "/Alice' type='unavailable'/>");
    c->send("<presence from='" + romeo + "' to='" + room + "/Romeo' type='unavailable'/>");
    EXPECT_TRUE(a->wait([&] { return !far->rooms().find(room); }));
}

TEST_F(Muc, AnOwnerConfiguresUnlocksAndDestroys)
{
    xmpp::options o;
    o.room_locking = true;
    begin(o);
    c = component();
    ASSERT_TRUE(enter(*c, romeo, "Romeo"));
    EXPECT_TRUE(has_status(c->answer("presence", "j-" + room + "/Romeo"), "201"));
    EXPECT_TRUE(it().locked);
    c->send(join_of(juliet, room + "/Juliet"));
    EXPECT_EQ(condition(c->answer("presence", "j-" + room + "/Juliet")), "item-not-found");
    const std::string ns = "<query xmlns='http://jabber.org/protocol/muc#owner'>";
    EXPECT_NE(
        to_xml(iq(*c, romeo, room, "get", ns + "</query>")).find("muc#roomconfig_membersonly"),
        std::string::npos
    );
    iq(*c, romeo, room, "set",
       ns + "<x xmlns='jabber:x:data' type='submit'><field "
            "var='muc#roomconfig_membersonly'><value>1</value></field><field "
            "var='muc#roomconfig_persistentroom'><value>1</value></field></x></query>");
    EXPECT_FALSE(it().locked);
    EXPECT_TRUE(it().members_only && it().persistent);
    iq(*c, romeo, room, "set",
       ns + "<destroy jid='new@conference.localhost'><reason>moved</reason></destroy></query>");
    EXPECT_NE(to_xml(gone(*c, romeo, "Romeo")).find("new@conference.localhost"), std::string::npos);
    EXPECT_FALSE(far->rooms().find(room));
}

TEST_F(Muc, InvitationsPassMediatedAndDirect)
{
    open();
    c->send(
        "<message from='" + romeo + "' to='" + room +
        "' id='i'><x xmlns='http://jabber.org/protocol/muc#user'><invite "
        "to='alice@localhost'><reason>come</reason></invite></x></message>"
    );
    EXPECT_TRUE(a->wait([&] {
        return a->find([](const element& e) {
            return to_xml(e).find("<invite from='romeo@bridge.localhost'") != std::string::npos;
        });
    }));
    a->send(
        "<message to='juliet@bridge.localhost' id='d'><x xmlns='jabber:x:conference' jid='" + room +
        "'/></message>"
    );
    EXPECT_EQ(c->answer("message", "d").find_in("jabber:x:conference")->get("jid"), room);
}

TEST_F(Muc, TheSubjectIsForModeratorsUnlessAllMayChangeIt)
{
    open();
    const std::string change = "<message from='" + romeo + "' to='" + room +
                               "' type='groupchat' id='s1'><subject>Roses</subject></message>";
    c->send(change);
    EXPECT_EQ(condition(c->answer("message", "s1")), "forbidden");
    it().change_subject = true;
    c->send(change);
    EXPECT_TRUE(a->wait([&] {
        return a->find([](const element& e) { return e.child_text("subject", "") == "Roses"; });
    }));
    EXPECT_TRUE(enter(*c, juliet, "Juliet"));
    EXPECT_EQ(c->got.back().get("from"), room + "/Romeo");
}

TEST_F(Muc, DiscoTellsWhatTheRoomCan)
{
    open();
    const auto info =
        to_xml(iq(*c, romeo, room, "get", "<query xmlns='http://jabber.org/protocol/disco#info'/>"));
    for (const char* feature :
         {"urn:xmpp:mam:2", "urn:xmpp:sid:0", "urn:xmpp:occupant-id:0", "muc_open", "muc#stable_id"})
        EXPECT_NE(info.find(feature), info.npos) << feature;
    const auto items = to_xml(iq(
        *c, romeo, "conference.localhost", "get", "<query xmlns='http://jabber.org/protocol/disco#items'/>"
    ));
    EXPECT_NE(items.find(room), items.npos);
    EXPECT_EQ(
        condition(
            iq(*c, romeo, "no@conference.localhost", "get",
               "<query xmlns='http://jabber.org/protocol/disco#info'/>")
        ),
        "item-not-found"
    );
}

TEST_F(Muc, ControlOrdersArrangeRoomsAndShowTheArchive)
{
    open();
    far->control(
        {{"do", "room"},
         {"room", "hall@conference.localhost"},
         {"members_only", true},
         {"affiliations", {{"alice@localhost", "owner"}}}}
    );
    EXPECT_TRUE(far->rooms().find("hall@conference.localhost")->members_only);
    say("1", "kept");
    c->wait([&] { return c->bodies().size() == 1; });
    const json archive = far->control({{"do", "archive"}, {"room", room}})["archive"];
    EXPECT_EQ(archive[0]["body"], "kept");
    EXPECT_EQ(far->control({{"do", "stats"}})["rooms"][room]["occupants"].size(), 2U);
    EXPECT_THROW(far->control({{"do", "dance"}}), std::invalid_argument);
}

}  // namespace rialto::fakes
