#include "bridges/xmpp/portal.hpp"

#include "bridges/xmpp/ids.hpp"
#include "bridges/xmpp/jid.hpp"
#include "tests/unit/xmpp/fake_link.hpp"

#include <gmock/gmock.h>

namespace rialto::xmpp {
namespace {

using testing::HasSubstr;

const std::string room_jid = "orchard@muc.example";
const std::string alice = "alice_hs.org@bridge.example";
const std::string traits_xml =
    "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='conference' type='text' "
    "name='Orchard'/>"
    "<feature var='http://jabber.org/protocol/muc'/><feature var='urn:xmpp:mam:2'/><feature "
    "var='urn:xmpp:sid:0'/></query>";
const std::string empty_fin = "<fin xmlns='urn:xmpp:mam:2' complete='true'/>";

// A room that lets everybody in, shows what is said, and has romeo in it.
class Portal : public Bench
{
protected:
    std::shared_ptr<muc_portal> portal;
    bool lets_in = true, shows = true, in_room = true;
    int stanza_ids = 0;
    std::vector<std::string> archive;  // <result/>s the next question brings

    void SetUp() override
    {
        portal = std::make_shared<muc_portal>(around, portal_id{room_id{room_jid}}, room_info{});
        wire.answer = [this](const std::string& to, const std::string& payload) {
            return answered(to, payload);
        };
        wire.on_send = [this](const std::string& s) { play(s); };
    }
    void TearDown() override
    {
        wire.is_up = false;
        portal->link_lost();
        run();
    }
    std::optional<std::string> answered(const std::string& to, const std::string& payload)
    {
        if (payload.find("disco#info") != std::string::npos)
            return traits_xml;
        if (payload.find("urn:xmpp:ping") != std::string::npos)
            return in_room ? std::optional<std::string>{""} : std::optional<std::string>{"!not-acceptable"};
        if (payload.find("urn:xmpp:mam:2") != std::string::npos) {
            const auto id = payload.substr(
                payload.find("queryid='") + 9,
                0 + payload.find('\'', payload.find("queryid='") + 9) - payload.find("queryid='") - 9
            );
            for (const auto& row : std::exchange(archive, {}))
                from_room(
                    "message", "", "to='rialto@bridge.example/rialto'",
                    "<result xmlns='urn:xmpp:mam:2' queryid='" + id + "' " + row + "</result>"
                );
            return empty_fin;
        }
        return to == room_jid ? std::optional<std::string>{""} : std::nullopt;
    }
    void from_room(
        std::string_view name, std::string_view nick, std::string_view attributes, std::string_view inside
    )
    {
        const std::string from = nick.empty() ? room_jid : room_jid + "/" + std::string{nick};
        const auto tree = parse(
            "<" + std::string{name} + " from='" + from + "' " + std::string{attributes} + ">" +
            std::string{inside} + "</" + std::string{name} + ">"
        );
        if (name == "presence")
            portal->on_presence(tree.root());
        else
            portal->on_message(tree.root());
    }
    static std::string item(std::string_view inside)
    {
        return "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' "
               "role='participant'/>" +
               std::string{inside} + "</x>";
    }
    void to_listener(std::string_view nick, std::string_view inside, std::string_view more = "")
    {
        from_room(
            "message", nick, "to='rialto@bridge.example/rialto' type='groupchat' " + std::string{more}, inside
        );
    }
    std::string sid()
    {
        return "<stanza-id xmlns='urn:xmpp:sid:0' by='" + room_jid + "' id='s" +
               std::to_string(++stanza_ids) + "'/>";
    }

    void play(const std::string& stanza)  // the room's side
    {
        const auto tree = parse(stanza);
        const auto& s = tree.root();
        const std::string from{s.attr("from")}, nick{resource_of(s.attr("to"))};
        if (s.name == "presence" && !s.has("type")) {
            if (!lets_in)
                return;
            if (from == "rialto@bridge.example/rialto")
                from_room("presence", "romeo", "to='" + from + "'", item(""));
            from_room("presence", nick, "to='" + from + "'", item("<status code='110'/>"));
        } else if (s.name == "message" && s.attr("type") == "groupchat" && shows) {
            const auto* body = s.child("body");
            to_listener(
                nick_of(from),
                body != nullptr ? "<body>" + escaped(body->content()) + "</body>" + sid() : sid(),
                "id='" + std::string{s.attr("id")} + "'"
            );
        }
    }
    std::string nick_of(const std::string& from) { return from.starts_with("alice") ? "Alice" : "Bob"; }

    void enter()
    {
        portal->link_up();
        run();
    }
    event said(std::string id, std::string text)
    {
        return event{
            portal->id(), person{user_id{alice}, "Alice"}, time.now(), message_id{std::move(id)},
            message{document{text}}
        };
    }
    void pass(std::chrono::seconds how_long)
    {
        time.time += how_long;
        portal->tick(time.now());
        run();
    }
};

TEST_F(Portal, EntersWithItsListenerAndTellsWhoIsThere)
{
    enter();
    EXPECT_TRUE(was_sent("to='orchard@muc.example/rialto'"));
    ASSERT_EQ(core.all<room>().size(), 1U);
    const auto whole = core.all<room>().front();
    EXPECT_EQ(whole.info.title, "Orchard");
    ASSERT_EQ(whole.members.size(), 1U);
    EXPECT_EQ(whole.members[0].who.id.value, "orchard@muc.example/romeo");
    EXPECT_TRUE(whole.able.reactions);
}

TEST_F(Portal, CommitsWhatIsSaidWithItsCursor)
{
    enter();
    to_listener("romeo", "<body>But soft!</body>" + sid(), "id='m1'");
    run();
    ASSERT_EQ(core.all<message>().size(), 1U);
    EXPECT_EQ(core.accepted.back().id.value, "s1");
    EXPECT_EQ(core.accepted.back().also.at(0), own_name(user_id{"orchard@muc.example/romeo"}, "m1"));
    EXPECT_THAT(core.notes["mam/" + room_jid], HasSubstr(" s1"));
}

TEST_F(Portal, BringsAPuppetInOnFirstSpeechAndIsDoneWhenTheRoomShowsIt)
{
    enter();
    EXPECT_FALSE(was_sent(alice));
    const auto done = start(portal->deliver(said("$1", "hi")));
    ASSERT_TRUE(*done);
    ASSERT_TRUE(**done) << (**done).error().why;
    EXPECT_EQ((***done).id.value, "s1");
    EXPECT_EQ((***done).also.at(0), own_name(user_id{alice}, wire_id(message_id{"$1"})));
    EXPECT_TRUE(was_sent("to='orchard@muc.example/Alice'"));
    EXPECT_TRUE(core.all<message>().empty()) << "our own echo is no news";
    EXPECT_THAT(core.notes["puppets/" + room_jid], HasSubstr("Alice\t" + alice))
        << "known as ours after a crash";
}

TEST_F(Portal, WaitsForNobodyWhenTheLinkIsLostAndSaysItIsUncertain)
{
    enter();
    shows = false;
    const auto done = start(portal->deliver(said("$1", "hi")));
    EXPECT_FALSE(*done);
    portal->link_lost();
    run();
    ASSERT_TRUE(*done);
    EXPECT_EQ((**done).error().next, verdict::try_later);
    EXPECT_FALSE((**done).error().certain);
}

TEST_F(Portal, LooksIntoTheArchiveBeforeItSendsAgain)
{
    enter();
    (void)start(portal->deliver(said("$0", "first")));
    wire.stanzas.clear();
    archive.push_back(
        "id='s77'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='groupchat' "
        "from='orchard@muc.example/Alice' id='" +
        wire_id(message_id{"$1"}) + "'><body>hi</body></message></forwarded>"
    );
    auto e = said("$1", "hi");
    e.again = true;
    const auto done = start(portal->deliver(std::move(e)));
    ASSERT_TRUE(*done && **done);
    EXPECT_EQ((***done).id.value, "s77");
    EXPECT_TRUE(wire.stanzas.empty()) << "it was there already";
}

TEST_F(Portal, SendsAgainWhatTheArchiveDoesNotHave)
{
    enter();
    auto e = said("$1", "hi");
    e.again = true;
    const auto done = start(portal->deliver(std::move(e)));
    ASSERT_TRUE(*done && **done);
    EXPECT_EQ((***done).id.value, "s1");
}

TEST_F(Portal, LooksAgainAfterTenSecondsWithoutAnEcho)
{
    enter();
    shows = false;
    const auto done = start(portal->deliver(said("$1", "hi")));
    archive.push_back(
        "id='s9'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='groupchat' "
        "from='orchard@muc.example/Alice' id='" +
        wire_id(message_id{"$1"}) + "'><body>hi</body></message></forwarded>"
    );
    pass(std::chrono::seconds{11});
    ASSERT_TRUE(*done);
    ASSERT_TRUE(**done) << (**done).error().why;
    EXPECT_EQ((***done).id.value, "s9");
}

TEST_F(Portal, RejoinsAndSaysItAgainWhenTheServerLostThePuppet)
{
    enter();
    (void)start(portal->deliver(said("$0", "first")));
    bool once = true;
    wire.on_send = [this, &once](const std::string& s) {
        if (once && s.find("second") != std::string::npos) {
            once = false;
            from_room(
                "message", "",
                "to='" + alice + "/rialto' type='error' id='" + wire_id(message_id{"$1"}) + "'",
                "<error type='modify'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
            );
            return;
        }
        play(s);
    };
    const auto done = start(portal->deliver(said("$1", "second")));
    ASSERT_TRUE(*done && **done);
    EXPECT_EQ((***done).id.value, "s2");
}

TEST_F(Portal, GivesUpWithASentenceWhenTheAuthorHasNoVoice)
{
    enter();
    wire.on_send = [this](const std::string& s) {
        if (s.find("<body>") == std::string::npos)
            return play(s);
        from_room(
            "message", "", "to='" + alice + "/rialto' type='error' id='" + wire_id(message_id{"$1"}) + "'",
            "<error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
        );
    };
    const auto done = start(portal->deliver(said("$1", "hi")));
    ASSERT_TRUE(*done);
    EXPECT_EQ((**done).error().next, verdict::give_up);
    EXPECT_EQ((**done).error().kind, cause::forbidden);
    EXPECT_THAT((**done).error().why, HasSubstr("moderated"));
}

TEST_F(Portal, DoesNotBringBackWhoAPersonKickedUntilTheyJoinAnew)
{
    enter();
    (void)start(portal->deliver(said("$0", "first")));
    from_room(
        "presence", "Alice", "type='unavailable' to='" + alice + "/rialto'",
        "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='none'><actor "
        "nick='romeo'/>"
        "<reason>Avaunt</reason></item><status code='307'/><status code='110'/></x>"
    );
    run();
    ASSERT_EQ(core.all<membership>().size(), 1U);
    EXPECT_EQ(core.all<membership>()[0], (membership{change::kick, user_id{alice}, "Avaunt"}));
    EXPECT_EQ(core.accepted.back().sender.id.value, "orchard@muc.example/romeo");
    const auto barred = start(portal->deliver(said("$1", "again")));
    ASSERT_TRUE(*barred);
    EXPECT_EQ((**barred).error().next, verdict::give_up);
    EXPECT_THAT(core.notes["puppets/" + room_jid], HasSubstr("barred\t" + alice));
    event back{
        portal->id(), person{user_id{alice}, "Alice"}, time.now(), message_id{"$2"},
        membership{change::join, user_id{alice}}
    };
    (void)start(portal->deliver(std::move(back)));
    const auto done = start(portal->deliver(said("$3", "here")));
    EXPECT_TRUE(*done && **done);
}

TEST_F(Portal, BringsBackWhomTheServerMerelyLost)
{
    enter();
    (void)start(portal->deliver(said("$0", "first")));
    from_room(
        "presence", "Alice", "type='unavailable' to='" + alice + "/rialto'",
        item("<status code='307'/><status code='333'/>")
    );
    run();
    EXPECT_TRUE(core.all<membership>().empty());
    const auto done = start(portal->deliver(said("$1", "here")));
    EXPECT_TRUE(*done && **done);
}

TEST_F(Portal, TellsComingsAndGoingsAfterItsOwn)
{
    enter();
    from_room("presence", "juliet", "to='rialto@bridge.example/rialto'", item(""));
    from_room("presence", "juliet", "type='unavailable' to='rialto@bridge.example/rialto'", item(""));
    run();
    const auto moves = core.all<membership>();
    ASSERT_EQ(moves.size(), 2U);
    EXPECT_EQ(moves[0].what, change::join);
    EXPECT_EQ(moves[1].what, change::leave);
}

TEST_F(Portal, GoesInAgainWhenTheListenerWasLostAndReportsWhenItWasBanned)
{
    enter();
    wire.stanzas.clear();
    from_room(
        "presence", "rialto", "type='unavailable' to='rialto@bridge.example/rialto'",
        item("<status code='332'/><status code='110'/>")
    );
    run();
    pass(std::chrono::seconds{2});
    EXPECT_TRUE(was_sent("to='orchard@muc.example/rialto'"));
    from_room(
        "presence", "rialto", "type='unavailable' to='rialto@bridge.example/rialto'",
        item("<status code='301'/><status code='110'/>")
    );
    run();
    EXPECT_EQ(core.all<gone>().size(), 1U);
}

TEST_F(Portal, SaysWhyItCannotEnter)
{
    wire.answer = [](const std::string&, const std::string&) {
        return std::optional<std::string>{"!item-not-found"};
    };
    const auto ready = start(portal->until_ready(std::chrono::seconds{20}));
    enter();
    ASSERT_TRUE(*ready);
    EXPECT_EQ((**ready).error().kind, cause::not_found);
    EXPECT_THAT((**ready).error().why, HasSubstr("does not exist"));
}

TEST_F(Portal, HoldsLiveCopiesUntilTheArchiveIsCommitted)
{
    core.notes["mam/" + room_jid] = "1727999999000 s0";
    archive.push_back(
        "id='a1'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='groupchat' "
        "from='orchard@muc.example/romeo' id='x1'>"
        "<body>missed</body></message></forwarded>"
    );
    wire.answer = [this](const std::string& to, const std::string& payload) {
        if (payload.find("urn:xmpp:mam:2") != std::string::npos && !archive.empty())
            to_listener("romeo", "<body>live</body>" + sid(), "id='x2'");
        return answered(to, payload);
    };
    enter();
    const auto all = core.all<message>();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].body.plain(), "missed");
    EXPECT_EQ(all[1].body.plain(), "live");
}

TEST_F(Portal, BelievesNoArchiveRowFromAnOccupant)
{
    enter();
    from_room(
        "message", "romeo", "to='rialto@bridge.example/rialto'",
        "<result xmlns='urn:xmpp:mam:2' queryid='q1' id='f'><forwarded xmlns='urn:xmpp:forward:0'><message "
        "type='groupchat' "
        "from='orchard@muc.example/juliet'><body>forged</body></message></forwarded></result>"
    );
    run();
    EXPECT_TRUE(core.all<message>().empty());
}

TEST_F(Portal, DropsTheCopiesOfAllButItsListener)
{
    enter();
    (void)start(portal->deliver(said("$0", "first")));
    const std::string romeo = room_jid + "/romeo";
    EXPECT_TRUE(portal->wants("message", romeo, "rialto@bridge.example/rialto", "groupchat"));
    EXPECT_FALSE(portal->wants("message", romeo, alice + "/rialto", "groupchat"));
    EXPECT_TRUE(portal->wants("message", room_jid, alice + "/rialto", "error"));
    EXPECT_FALSE(portal->wants("presence", romeo, alice + "/rialto", ""));
    EXPECT_TRUE(portal->wants("presence", room_jid + "/Alice", alice + "/rialto", "unavailable"));
}

}  // namespace
}  // namespace rialto::xmpp
