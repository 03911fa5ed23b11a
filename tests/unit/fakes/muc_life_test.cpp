#include "tests/unit/fakes/muc_fixture.hpp"

namespace rialto::fakes::muc_life_test {

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

TEST_F(Muc, ARestartMayTakeTheArchiveAndTheRoomsToo)
{
    open();
    it().persistent = true;
    say("1", "before");
    ASSERT_TRUE(c->wait([&] { return c->bodies().size() == 1; }));
    far->control({{"do", "restart"}, {"keep_archive", false}});
    EXPECT_TRUE(it().archive.empty());
    far->control({{"do", "restart"}, {"keep_rooms", false}});
    EXPECT_FALSE(far->rooms().find(room));
}

TEST_F(Muc, TheServerCanDieJustAfterItHasReflected)
{
    open();
    it().persistent = true;
    fault f{"groupchat", fault::act::restart};
    f.after = true;
    far->faults().add(f);
    c->send(said(romeo, room, "1", "last words"));
    EXPECT_TRUE(c->wait([&] { return c->ended; }));
    EXPECT_EQ(it().archive.size(), 1U);
    EXPECT_EQ(far->components(), 0U);
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

}  // namespace rialto::fakes::muc_life_test
