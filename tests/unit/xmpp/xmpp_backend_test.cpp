#include "bridges/xmpp/xmpp_backend.hpp"

#include "bridges/xmpp/xml_stream.hpp"
#include "bridges/xmpp/xmpp_world.hpp"
#include "tests/unit/xmpp/fake_link.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace rialto::xmpp::xmpp_backend_test {
namespace {

using testing::HasSubstr;

class Backend : public Bench
{
protected:
    std::unique_ptr<backend> xmpp = make(core, nlohmann::json{{"domain", "bridge.example"}, {"secret", "s"}});

    std::string address_of(native::what what, const std::string& local, const std::string& server)
    {
        const auto got = start(xmpp->address_of(native{what, local, server}));
        return (**got) ? (***got).value : (**got).error().why;
    }
    result<native> native_of(const std::string& address) { return **start(xmpp->native_of(address)); }
};

TEST_F(Backend, NamesPeopleAndRoomsAndKnowsThemAgain)
{
    using what = native::what;
    EXPECT_EQ(address_of(what::person, "alice", "hs.org"), "alice_hs.org@bridge.example");
    EXPECT_EQ(address_of(what::room, "balcony", "hs.org"), "#balcony#hs.org@bridge.example");
    for (const auto is : {what::person, what::room}) {
        const auto back = native_of(address_of(is, "Old_Name/x", "hs.org:8448"));
        ASSERT_TRUE(back);
        EXPECT_EQ(back->is, is);
        EXPECT_EQ(back->local, "Old_Name/x");
        EXPECT_EQ(back->server, "hs.org:8448");
    }
}

TEST_F(Backend, KnowsNobodyUnderOtherAddresses)
{
    for (const auto* address :
         {"alice_hs.org@elsewhere.example", "alice@bridge.example", "bridge.example", "",
          "!\\41bc#hs.org@bridge.example"}) {
        const auto got = native_of(address);
        ASSERT_FALSE(got) << address;
        EXPECT_EQ(got.error().kind, cause::not_found);
    }
}

TEST_F(Backend, RefusesAWrongConfiguration)
{
    EXPECT_THROW((void)make(core, nlohmann::json{{"domain", "bridge.example"}}), config_error);
}

TEST_F(Backend, TriesLaterWithoutALink)
{
    const event e{
        portal_id{room_id{"o@muc.example"}}, person{user_id{"a"}}, time.now(), message_id{"$1"},
        message{document{"x"}}
    };
    const auto room = start(xmpp->deliver(e));
    EXPECT_EQ((**room).error().next, verdict::try_later);
    event c = e;
    c.portal = chat_portal("alice_hs.org@bridge.example", "romeo@montague.example");
    EXPECT_EQ((**start(xmpp->deliver(c))).error().next, verdict::try_later);
    EXPECT_EQ(
        (**start(xmpp->open(wish{person{user_id{"a"}}, kind::group}))).error().next, verdict::try_later
    );
    EXPECT_TRUE(**start(xmpp->close(e.portal))) << "a room that is not there is closed";
}

class World : public Bench
{
protected:
    xmpp_world world{io.get_executor(), core, time, settings()};
    bool wanted(std::string_view stanza)
    {
        bool out = false;
        stream_handlers on;
        on.wanted = [&](const start_tag& t) {
            out = world.wanted(t);
            return out;
        };
        xml_stream stream{std::move(on)};
        std::string text =
            "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'>";
        text += stanza;
        EXPECT_TRUE(stream.feed(text));
        return out;
    }
};

TEST_F(World, LearnsItsRoomsAndChatsFromTheCore)
{
    core.mine.rooms.emplace_back(portal_id{room_id{"orchard@muc.example"}}, room{kind::group});
    const auto chat = chat_portal("alice_hs.org@bridge.example", "romeo@montague.example");
    core.mine.rooms.emplace_back(chat, room{kind::direct});
    EXPECT_TRUE(**start(world.learn_portals()));
    EXPECT_FALSE(wanted(
        "<message type='groupchat' from='orchard@muc.example/romeo' to='alice_hs.org@bridge.example/rialto'/>"
    )) << "a known room: its listener's copy is enough";
    EXPECT_TRUE(wanted(
        "<message type='groupchat' from='orchard@muc.example/romeo' to='rialto@bridge.example/rialto'/>"
    ));
    EXPECT_TRUE(wanted(
        "<message type='chat' from='orchard@muc.example/romeo' to='alice_hs.org@bridge.example/rialto'/>"
    ));
}

TEST_F(World, WantsNothingSaidInRoomsThatItIsNotIn)
{
    EXPECT_FALSE(wanted("<message type='groupchat' from='x@muc.example/y' to='rialto@bridge.example/rialto'/>"
    ));
    EXPECT_TRUE(
        wanted("<message type='chat' from='romeo@montague.example/p' to='alice_hs.org@bridge.example'/>")
    );
    EXPECT_TRUE(wanted("<message from='romeo@montague.example/p' to='alice_hs.org@bridge.example'/>"));
    EXPECT_TRUE(
        wanted("<iq type='get' from='romeo@montague.example/p' to='alice_hs.org@bridge.example' id='1'/>")
    );
    EXPECT_TRUE(wanted("<presence from='romeo@montague.example/p' to='alice_hs.org@bridge.example'/>"));
}

TEST_F(World, TakesAnyStanzaWithoutALink)
{
    core.mine.rooms.emplace_back(portal_id{room_id{"orchard@muc.example"}}, room{kind::group});
    EXPECT_TRUE(**start(world.learn_portals()));
    for (const auto* stanza :
         {"<iq type='get' id='1' from='a@b' to='bridge.example'/>",
          "<presence from='a@b' to='bridge.example'/>",
          "<presence from='orchard@muc.example/x' to='rialto@bridge.example/rialto'/>",
          "<message from='orchard@muc.example/x' to='alice_hs.org@bridge.example/rialto' "
          "type='chat'><body>psst</body></message>",
          "<message from='orchard@muc.example' to='alice_hs.org@bridge.example/rialto' type='error'/>",
          "<message/>", "<presence/>", "<other xmlns='x'/>"}) {
        const auto tree = parse(stanza);
        world.take(tree.root());
        world.oversize(tree.root(), "too large");
    }
    run();
    EXPECT_TRUE(core.all<message>().empty()) << "whispers stay in the room";
}

TEST_F(World, KnowsWhoMayInvite)
{
    EXPECT_TRUE(around.config.invites_from.empty());
    const auto asked = parse(
        "<message from='romeo@montague.example/p' to='alice_hs.org@bridge.example'>"
        "<x xmlns='jabber:x:conference' jid='orchard@muc.example'/><body>come</body></message>"
    );
    world.take(asked.root());
    run();
    EXPECT_TRUE(core.accepted.empty()) << "an invitation is no message, and nobody is trusted here";
}

TEST_F(World, OpensNothingWithoutALink)
{
    wish w{person{user_id{"alice_hs.org@bridge.example"}}, kind::direct};
    w.addresses.assign(1, "romeo@montague.example");
    EXPECT_THAT((**start(world.open(w))).error().why, HasSubstr("try again later"));
}

}  // namespace
}  // namespace rialto::xmpp::xmpp_backend_test
