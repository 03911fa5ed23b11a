#include "tests/unit/fakes/xmpp_fixture.hpp"

namespace rialto::fakes::xmpp_link_test {

using testing::ElementsAre;
const std::string me = "romeo@bridge.localhost/r";

struct XmppLink : Xmpp
{
    bool stays_open(const std::string& xml)
    {
        begin();
        auto c = component();
        c->send(xml);
        c->send(
            "<iq from='bridge.localhost' to='localhost' type='get' id='alive'><ping "
            "xmlns='urn:xmpp:ping'/></iq>"
        );
        return c->answer("iq", "alive").get("type") == "result";
    }
};

TEST_F(XmppLink, AHandshakeNeedsTheSecret)
{
    begin();
    EXPECT_EQ(component()->got.front().name, "handshake");
    auto wrong = component("guess");
    EXPECT_TRUE(wrong->wait([&] { return wrong->ended; }));
    EXPECT_NE(wrong->raw.find("not-authorized"), std::string::npos);
}

TEST_F(XmppLink, ProsodyRefusesASecondLinkOfAComponent)
{
    begin();
    auto first = component(), second = component();
    EXPECT_TRUE(second->wait([&] { return second->ended; }));
    EXPECT_NE(second->raw.find("conflict"), std::string::npos);
    first->close();
    first->wait([&] { return far->components() == 0; });
    EXPECT_EQ(component()->got.front().name, "handshake");
}

TEST_F(XmppLink, ProsodyMayBeToldToEndTheOldOne)
{
    xmpp::options o;
    o.kick_old = true;
    begin(o);
    auto first = component(), second = component();
    EXPECT_TRUE(first->wait([&] { return first->ended; }));
    EXPECT_EQ(far->components(), 1U);
}

TEST_F(XmppLink, EjabberdSplitsTheStanzasOfTwoLinks)
{
    as_ejabberd();
    auto first = component(), second = component();
    auto a = alice();
    for (int i = 0; i < 20; ++i)
        a->send(said("", "juliet@bridge.localhost", std::to_string(i), "hi", "chat"));
    EXPECT_TRUE(first->wait([&] { return first->bodies("chat").size() + second->bodies("chat").size() == 20; }
    ));
    EXPECT_GT(first->bodies("chat").size(), 2U);
    EXPECT_GT(second->bodies("chat").size(), 2U);
}

TEST_F(XmppLink, PoisonClosesTheWholeStream)
{
    EXPECT_TRUE(stays_open(said(me, "alice@localhost", "1", "fine", "chat")));
    EXPECT_FALSE(stays_open(said(me, "alice@localhost", "1", "bell \x01", "chat")));
    EXPECT_FALSE(stays_open(said(me, "alice@localhost", "1", "bell &#1;", "chat")));
    EXPECT_FALSE(stays_open(said(me, "alice@localhost", "1", "\xEF\xBF\xBE", "chat")));
    EXPECT_FALSE(stays_open(said(me, "alice@localhost", "1", "\xC3(", "chat")));
    EXPECT_FALSE(stays_open("<!DOCTYPE a>"));
    EXPECT_FALSE(stays_open(said("someone@else.where", "alice@localhost", "1", "hi", "chat")));
    EXPECT_FALSE(stays_open(said(me, "alice@localhost", "1", std::string(600'000, 'x'), "chat")));
}

TEST_F(XmppLink, EjabberdClosesTheStreamWhenAnAddressIsMissingProsodyDoesNot)
{
    EXPECT_TRUE(stays_open("<message to='alice@localhost'/>"));
    as_ejabberd();
    auto c = component();
    c->send("<message to='alice@localhost'/>");
    EXPECT_TRUE(c->wait([&] { return c->ended; }));
}

TEST_F(XmppLink, ClientsLogInAndMessagesPassBothWays)
{
    begin();
    EXPECT_EQ(client("AGFsaWNlAG5v", "a")->got.back().name, "failure");
    auto c = component();
    auto a = alice();
    settle();
    c->send(said(me, "alice@localhost", "1", "hello", "chat"));
    EXPECT_TRUE(a->wait([&] { return a->bodies("chat").size() == 1; }));
    a->send(said("", "romeo@bridge.localhost", "2", "hi", "chat"));
    EXPECT_EQ(c->answer("message", "2").get("from"), "alice@localhost/a");
    a->send("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
    EXPECT_EQ(a->answer("iq", "r").get("type"), "result");
}

TEST_F(XmppLink, WhoIsOfflineMakesAnErrorForTheSender)
{
    begin();
    auto c = component();
    c->send(said(me, "alice@localhost", "1", "hello?", "chat"));
    EXPECT_EQ(condition(c->answer("message", "1")), "service-unavailable");
    EXPECT_FALSE(c->answer("message", "1").find("body", ""));
    c->send(
        "<iq from='" + me + "' to='alice@localhost/x' type='get' id='2'><ping xmlns='urn:xmpp:ping'/></iq>"
    );
    EXPECT_EQ(condition(c->answer("iq", "2")), "service-unavailable");
    c->send(said(me, "bob@no.where", "3", "hello?", "chat"));
    EXPECT_EQ(condition(c->answer("message", "3")), "remote-server-not-found");
}

TEST_F(XmppLink, EjabberdReturnsTheBodyWithTheError)
{
    as_ejabberd();
    auto c = component();
    c->send(said(me, "alice@localhost", "1", "hello?", "chat"));
    EXPECT_EQ(c->answer("message", "1").child_text("body", ""), "hello?");
}

TEST_F(XmppLink, AClientThatDiesIsUnavailableToWhomItHadGreeted)
{
    begin();
    auto c = component();
    auto a = alice();
    a->send(join_of("", "garden@bridge.localhost/alice"));
    c->wait([&] { return c->got.size() == 2; });
    a->close();
    EXPECT_TRUE(c->wait([&] { return c->got.size() == 3; }));
    EXPECT_EQ(c->got.back().get("type"), "unavailable");
    EXPECT_EQ(c->got.back().get("to"), "garden@bridge.localhost/alice");
}

TEST_F(XmppLink, AStalledServerReadsWhatADeadLinkHadWritten)
{
    as_ejabberd();
    auto a = alice();
    auto c = component();
    far->stall(true);
    settle();
    c->send(said(me, "alice@localhost", "1", "late", "chat"));
    c->close();
    auto again = component();
    again->send(said(me, "alice@localhost", "2", "early", "chat"));
    EXPECT_TRUE(a->wait([&] { return a->bodies("chat").size() == 1; }));
    EXPECT_EQ(far->components(), 2U);
    far->stall(false);
    EXPECT_TRUE(a->wait([&] { return a->bodies("chat").size() == 2; }));
    EXPECT_THAT(a->bodies("chat"), ElementsAre("early", "late"));
    EXPECT_TRUE(a->wait([&] { return far->components() == 1; }));
}

TEST_F(XmppLink, ALinkCanBeCutInsideAStanza)
{
    begin();
    auto c = component();
    auto a = alice();
    fault f{"to_component", fault::act::cut};
    f.bytes = 30;
    far->faults().add(f);
    const auto before = c->raw.size();
    a->send(said("", "romeo@bridge.localhost", "1", "cut short", "chat"));
    EXPECT_TRUE(c->wait([&] { return c->ended; }));
    EXPECT_EQ(c->raw.size(), before + 30);
    EXPECT_EQ(far->components(), 0U);
}

TEST_F(XmppLink, AllLinksOfAComponentCanBeCutAfterSoManyBytes)
{
    begin();
    auto c = component();
    auto a = alice();
    const auto before = c->raw.size();
    far->cut_components(40);
    settle();
    EXPECT_FALSE(c->ended);
    a->send(said("", "romeo@bridge.localhost", "1", "cut short", "chat"));
    EXPECT_TRUE(c->wait([&] { return c->ended; }));
    EXPECT_EQ(c->raw.size(), before + 40);
    a->send(said("", "romeo@bridge.localhost", "2", "nobody there", "chat"));
    EXPECT_EQ(condition(a->answer("message", "2")), "remote-server-timeout");
}

TEST_F(XmppLink, StanzasCanBeLostDelayedAndRefused)
{
    begin();
    far->time().freeze();
    auto c = component();
    auto a = alice();
    far->faults().add({"message", fault::act::lose});
    fault late{"message", fault::act::delay};
    late.wait = 1000;
    far->faults().add(late);
    fault no{"ping", fault::act::error};
    no.body = "resource-constraint";
    far->faults().add(no);
    for (const char* id : {"1", "2", "3"})
        c->send(said(me, "alice@localhost", id, id, "chat"));
    c->send("<iq from='bridge.localhost' to='localhost' type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>"
    );
    EXPECT_EQ(condition(c->answer("iq", "p")), "resource-constraint");
    EXPECT_TRUE(a->wait([&] { return a->bodies("chat").size() == 1; }));
    far->time().advance(1000);
    EXPECT_TRUE(a->wait([&] { return a->bodies("chat").size() == 2; }));
    EXPECT_THAT(a->bodies("chat"), ElementsAre("3", "2"));
}

TEST_F(XmppLink, ARestartKeepsThePortsAndForgetsTheLinks)
{
    begin();
    auto c = component();
    const auto port = far->component_port();
    far->control({{"do", "restart"}});
    EXPECT_TRUE(c->wait([&] { return c->ended; }));
    EXPECT_EQ(far->component_port(), port);
    EXPECT_EQ(component()->got.front().name, "handshake");
}

TEST_F(XmppLink, UploadsGoThroughASlot)
{
    begin();
    auto c = component();
    c->send(
        "<iq from='bridge.localhost' to='upload.localhost' type='get' id='s'><request "
        "xmlns='urn:xmpp:http:upload:0' filename='a b.png' size='3'/></iq>"
    );
    const element slot = *c->answer("iq", "s").find("slot", "urn:xmpp:http:upload:0");
    const auto url = slot.find("put", slot.ns)->get("url");
    http_client web{io.get_executor(), far->time(), url.substr(0, url.find("/upload"))};
    const auto path = url.substr(url.find("/upload"));
    std::vector<http_reply> got;
    for (const auto& [method, body] : {std::pair{"PUT", "abc"}, std::pair{"GET", ""}}) {
        const auto before = got.size();
        boost::asio::co_spawn(io, web.ask({method, path, body}), [&](std::exception_ptr, http_reply r) {
            got.push_back(r);
        });
        c->wait([&] { return got.size() > before; });
    }
    EXPECT_EQ(got.front().status, 201U);
    EXPECT_EQ(got.back().body, "abc");
}

}  // namespace rialto::fakes::xmpp_link_test
