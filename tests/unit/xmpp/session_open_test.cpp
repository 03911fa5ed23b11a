#include "tests/unit/xmpp/session_fixture.hpp"

namespace rialto::xmpp::session_open_test {
namespace {

using Opening = Session;

TEST_F(Opening, FailsWithASentenceWhereverTheServerLeaves)
{
    // The whole conversation, cut after each step by FIN or by RST.
    const std::vector<std::string> steps{
        "",       "<?xml version='1.0'?>", std::string{answer_header}.substr(21), "<handshake/>", "<message>",
        "<body>x"
    };
    for (std::size_t last = 0; last < steps.size(); ++last) {
        for (const bool reset : {false, true}) {
            serve([&, last, reset](peer& p) -> awaitable<void> {
                co_await p.until("version='1.0'>");
                for (std::size_t i = 0; i <= last; ++i) {
                    co_await p.say(steps[i]);
                    if (i == 2)
                        co_await p.until("</handshake>");
                }
                if (reset)
                    p.reset();
            });
            run([&]() -> awaitable<void> {
                auto& s = fresh();
                auto opened = co_await s.open();
                auto ended = co_await s.closed();
                EXPECT_FALSE(ended) << last;
                EXPECT_EQ(ended.error().next, verdict::try_later) << ended.error().why;
                EXPECT_TRUE(has(ended.error().why, "127.0.0.1:")) << ended.error().why;
                if (last < 3) {
                    EXPECT_FALSE(opened) << last;
                }
                EXPECT_FALSE(s.up());
                EXPECT_FALSE(s.send("<late/>"));
                EXPECT_TRUE(heard.empty());
            });
            link.reset();
            acceptor = tcp::acceptor{io, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
        }
    }
}

TEST_F(Opening, SaysThatNothingListens)
{
    auto s = settings();
    const auto free = s.port;
    acceptor.close();
    run([&]() -> awaitable<void> {
        auto opened = co_await fresh(std::move(s)).open();
        EXPECT_FALSE(opened);
        EXPECT_TRUE(has(opened.error().why, "nothing listens on 127.0.0.1:" + std::to_string(free)))
            << opened.error().why;
        EXPECT_EQ(opened.error().next, verdict::try_later);
    });
}

TEST_F(Opening, SaysThatTheHostHasNoAddress)
{
    run([&]() -> awaitable<void> {
        auto s = settings();
        s.host = "no-such-host.invalid";
        auto opened = co_await fresh(std::move(s)).open();
        EXPECT_FALSE(opened);
        EXPECT_TRUE(has(opened.error().why, "no address found for the XMPP server no-such-host.invalid"))
            << opened.error().why;
    });
}

TEST_F(Opening, SaysThatTheSecretIsWrong)
{
    const auto why = refused_with(answer_header + stream_error_xml("not-authorized"));
    EXPECT_EQ(why.next, verdict::give_up);
    EXPECT_EQ(why.kind, cause::forbidden);
    EXPECT_TRUE(has(why.why, "refused the secret of component bridge.localhost")) << why.why;
    EXPECT_TRUE(has(why.why, "not-authorized (\"said so\")")) << why.why;
    // ejabberd says no more than this of a component that it does not have.
    EXPECT_TRUE(has(why.why, "see that it has a component of this name")) << why.why;
}

TEST_F(Opening, SaysHowToResolveAConflict)
{
    const auto why = refused_with(answer_header + stream_error_xml("conflict"));
    EXPECT_EQ(why.next, verdict::try_later);
    EXPECT_EQ(why.kind, cause::conflict);
    EXPECT_TRUE(has(why.why, "component_conflict_resolve = \"kick_old\"")) << why.why;
}

// Prosody with kick_old: the newer link of two gets the component, the older one this.
TEST_F(Opening, SaysThatAnotherProgramTookTheComponent)
{
    failure why{verdict::unsupported, cause::other, ""};
    serve([](peer& p) -> awaitable<void> {
        co_await shake(p);
        co_await p.say(stream_error_xml("conflict"));
    });
    run([&]() -> awaitable<void> {
        auto& s = fresh();
        (void)co_await s.open();
        auto ended = co_await s.closed();
        EXPECT_FALSE(ended);
        why = ended.error();
    });
    EXPECT_EQ(why.next, verdict::try_later);
    EXPECT_EQ(why.kind, cause::conflict);
    EXPECT_TRUE(has(why.why, "as component bridge.localhost")) << why.why;
    EXPECT_TRUE(has(why.why, "stop one of the two")) << why.why;
}

TEST_F(Opening, SaysThatTheServerDoesNotKnowTheComponent)
{
    const auto why = refused_with(
        "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' "
        "id=''>" +
        stream_error_xml("host-unknown")
    );
    EXPECT_EQ(why.kind, cause::not_found);
    EXPECT_EQ(why.next, verdict::give_up);
    EXPECT_TRUE(has(why.why, "has no component bridge.localhost")) << why.why;
}

TEST_F(Opening, SaysThatThePortIsForClients)
{
    const std::string client =
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='x' "
        "version='1.0'>";
    for (const auto& answer :
         {client + "<stream:features/>", client + stream_error_xml("invalid-namespace"),
          client + stream_error_xml("host-unknown"), client,
          std::string{answer_header} + "<stream:features/>", std::string{"HTTP/1.1 400 Bad Request\r\n\r\n"},
          std::string{"\x15\x03\x01\x00\x02\x02\x16", 7}, std::string{"<html>"}}) {
        failure why{verdict::unsupported, cause::other, ""};
        serve([answer](peer& p) -> awaitable<void> {
            co_await p.until("version='1.0'>");
            co_await p.say(answer);
        });
        run([&]() -> awaitable<void> {
            auto opened = co_await fresh().open();
            EXPECT_FALSE(opened);
            why = opened.error();
        });
        EXPECT_TRUE(has(why.why, "is not a component port")) << why.why << " after " << answer;
        EXPECT_EQ(why.next, verdict::give_up) << why.why;
        link.reset();
        acceptor = tcp::acceptor{io, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
    }
}

TEST_F(Opening, RefusesADomainThatCannotBeOne)
{
    run([&]() -> awaitable<void> {
        for (const auto& domain :
             {std::string{}, std::string{"a b"}, std::string{"UPPER.example"}, std::string(1023, 'a')}) {
            auto s = settings();
            s.domain = domain;
            auto opened = co_await fresh(std::move(s)).open();
            EXPECT_FALSE(opened);
            EXPECT_EQ(opened.error().kind, cause::malformed);
        }
    });
}

TEST_F(Opening, GivesUpWhenTheServerSaysNothingInTime)
{
    serve([](peer& p) -> awaitable<void> { co_await p.rest(); });
    run([&]() -> awaitable<void> {
        std::optional<outcome> opened;
        auto& s = fresh();
        asio::co_spawn(
            io, [&]() -> awaitable<void> { opened = co_await s.open(7s); }, [](std::exception_ptr) {}
        );
        co_await pass(6900ms);
        EXPECT_FALSE(opened);
        co_await pass(100ms);
        co_await until([&] { return opened.has_value(); });
        EXPECT_TRUE(opened);
        if (opened) {
            EXPECT_TRUE(has(opened->error().why, "waiting for an answer of the XMPP server"))
                << opened->error().why;
        }
        EXPECT_EQ(time.sleeping(), 0u);
    });
}

TEST_F(Opening, MayBeAbortedOrDestroyedAtAnyMomentOfItsOpening)
{
    for (int steps = 0; steps < 40; ++steps) {
        serve([](peer& p) -> awaitable<void> {
            co_await shake(p);
            co_await p.say("<message/><message/>");
            co_await p.rest();
        });
        bool begun = false, resumed = false;
        fresh();
        asio::co_spawn(
            io,
            [&, s = &*link]() -> awaitable<void> {
                begun = true;
                (void)co_await s->open();
                resumed = true;
            },
            [](std::exception_ptr) {}
        );
        while (!begun)
            io.run_one_for(1ms);
        for (int i = 0; i < steps; ++i)
            io.run_one_for(1ms);
        const auto heard_before = heard.size();
        link.reset();
        run([&]() -> awaitable<void> { co_await settle(); });
        EXPECT_TRUE(resumed) << steps;
        EXPECT_EQ(heard.size(), heard_before);
        acceptor = tcp::acceptor{io, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
    }
}

}  // namespace
}  // namespace rialto::xmpp::session_open_test
