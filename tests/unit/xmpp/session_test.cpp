#include "tests/unit/xmpp/session_fixture.hpp"

namespace rialto::xmpp::session_test {
namespace {

TEST_F(Session, ShakesHandsThenCarriesStanzasBothWays)
{
    std::string got;
    serve([&](peer& p) -> awaitable<void> {
        const auto header = co_await p.until("version='1.0'>");
        EXPECT_TRUE(has(header, "xmlns='jabber:component:accept'")) << header;
        EXPECT_TRUE(has(header, "to='bridge.localhost'")) << header;
        co_await p.say(answer_header);
        co_await p.until("</handshake>");
        co_await p.say("<handshake/> \n <message from='a@b' to='c@bridge.localhost'><body>hi</body></message>"
        );
        got = co_await p.until("<two/>");
        co_await p.rest();
    });
    run([&]() -> awaitable<void> {
        auto& s = fresh();
        EXPECT_FALSE(s.up());
        EXPECT_FALSE(s.send("<too-early/>"));
        auto opened = co_await s.open();
        EXPECT_TRUE(opened);
        EXPECT_TRUE(s.up());
        EXPECT_TRUE(s.send("<one/>"));
        EXPECT_TRUE(s.send("<two/>"));
        co_await until([&] { return !got.empty() && !heard.empty(); });
        EXPECT_EQ(got, "<one/><two/>");
        EXPECT_EQ(
            heard,
            std::vector<std::string>{"<message from='a@b' to='c@bridge.localhost'><body>hi</body></message>"}
        );
    });
}

TEST_F(Session, EndsAtTheServersCloseAndSaysGoodbye)
{
    std::string last;
    serve([&](peer& p) -> awaitable<void> {
        co_await shake(p);
        co_await p.say("<message/></stream:stream>");
        last = co_await p.rest();
    });
    run([&]() -> awaitable<void> {
        auto& s = fresh();
        (void)co_await s.open();
        auto ended = co_await s.closed();
        EXPECT_FALSE(ended);
        EXPECT_TRUE(has(ended.error().why, "closed the stream")) << ended.error().why;
        EXPECT_EQ(heard.size(), 1u);
        link.reset();
        co_await until([&] { return !last.empty(); });
        EXPECT_EQ(last, "</stream:stream>");
    });
}

TEST_F(Session, EndsWithTheServersReason)
{
    serve([](peer& p) -> awaitable<void> {
        co_await shake(p);
        co_await p.say(stream_error_xml("system-shutdown"));
        co_await p.rest();
    });
    run([&]() -> awaitable<void> {
        (void)co_await fresh().open();
        auto ended = co_await link->closed();
        EXPECT_FALSE(ended);
        EXPECT_TRUE(has(ended.error().why, "ended the stream: system-shutdown")) << ended.error().why;
        EXPECT_EQ(ended.error().next, verdict::try_later);
    });
}

TEST_F(Session, OwnCloseSendsWhatWasQueuedThenTheEnd)
{
    std::string last;
    serve([&](peer& p) -> awaitable<void> {
        co_await shake(p);
        last = co_await p.rest();
        co_await p.say("<message/></stream:stream>");
    });
    run([&]() -> awaitable<void> {
        auto& s = fresh();
        (void)co_await s.open();
        std::string expected;
        for (int i = 0; i < 1000; ++i) {
            const std::string stanza =
                "<message id='" + std::to_string(i) + "'>" + std::string(1000, 'x') + "</message>";
            expected += stanza;
            EXPECT_TRUE(s.send(stanza));
        }
        s.close();
        EXPECT_FALSE(s.send("<late/>"));
        EXPECT_FALSE(s.up());
        auto ended = co_await s.closed();
        EXPECT_TRUE(ended);
        EXPECT_TRUE(heard.empty());  // no callback after close()
        link.reset();
        co_await until([&] { return !last.empty(); });
        EXPECT_TRUE(last == expected + "</stream:stream>") << last.size();
    });
}

TEST_F(Session, OwnCloseDoesNotWaitForEverForThePeersFin)
{
    serve([&](peer& p) -> awaitable<void> {
        co_await shake(p);
        co_await p.rest();
        asio::steady_timer never{io, asio::steady_timer::time_point::max()};
        co_await never.async_wait(asio::use_awaitable);
    });
    run([&]() -> awaitable<void> {
        std::optional<outcome> ended;
        auto& s = fresh();
        (void)co_await s.open();
        s.close();
        asio::co_spawn(
            io, [&]() -> awaitable<void> { ended = co_await s.closed(); }, [](std::exception_ptr) {}
        );
        co_await pass(4900ms);
        EXPECT_FALSE(ended);
        co_await pass(200ms);
        co_await until([&] { return ended.has_value(); });
        EXPECT_TRUE(ended && *ended);
    });
}

TEST_F(Session, NotOneByteFollowsAnAbort)
{
    std::string all;
    bool clean_end = true;
    serve([&](peer& p) -> awaitable<void> {
        co_await shake(p);
        asio::steady_timer later{io, 30ms};
        co_await later.async_wait(asio::use_awaitable);
        error_code e;
        co_await asio::async_read(
            p.socket, asio::dynamic_buffer(all), asio::redirect_error(asio::use_awaitable, e)
        );
        clean_end = e == asio::error::eof;
    });
    run([&]() -> awaitable<void> {
        auto& s = fresh();
        (void)co_await s.open();
        for (int i = 0; i < 20'000; ++i)
            s.send(std::string(1000, 'x'));
        EXPECT_GT(s.queued(), 1'000'000u);
        s.abort();
        EXPECT_FALSE(s.send("<late/>"));
        auto ended = co_await s.closed();
        EXPECT_TRUE(ended);
        for (int i = 0; i < 4; ++i)
            co_await settle();
        EXPECT_LT(all.size(), 10'000'000u);
        EXPECT_EQ(all.find("stream"), all.npos);
        EXPECT_FALSE(clean_end);
    });
}

TEST_F(Session, MayBeDestroyedInsideACallback)
{
    serve([](peer& p) -> awaitable<void> {
        co_await shake(p);
        co_await p.say("<message/><message/>");
        co_await p.rest();
    });
    run([&]() -> awaitable<void> {
        int calls = 0;
        fresh().on_stanza([&](const node&) {
            ++calls;
            link.reset();
        });
        (void)co_await link->open();
        co_await until([&] { return calls > 0; });
        co_await settle();
        EXPECT_EQ(calls, 1);
        EXPECT_FALSE(link);
    });
}

TEST_F(Session, SurvivesAThrowingHandler)
{
    serve([](peer& p) -> awaitable<void> {
        co_await shake(p);
        co_await p.say("<a/><b/>");
        co_await p.rest();
    });
    run([&]() -> awaitable<void> {
        int calls = 0;
        fresh().on_stanza([&](const node&) {
            ++calls;
            throw std::runtime_error{"mine"};
        });
        (void)co_await link->open();
        co_await until([&] { return calls == 2; });
        EXPECT_EQ(calls, 2);
        EXPECT_TRUE(link->up());
    });
}

TEST_F(Session, ReportsAnOversizedStanzaAndGoesOn)
{
    serve([](peer& p) -> awaitable<void> {
        co_await shake(p);
        co_await p.say("<message from='a@b' id='big'>" + std::string(2'000'000, 'x') + "</message><after/>");
        co_await p.rest();
    });
    run([&]() -> awaitable<void> {
        std::vector<std::string> skipped;
        auto& s = fresh();
        s.on_oversize([&](const node& top, std::string_view why) {
            skipped.push_back(std::string{top.attr("id")} + " " + std::string{why});
        });
        (void)co_await s.open();
        co_await until([&] { return !heard.empty(); });
        EXPECT_EQ(skipped, std::vector<std::string>{"big too many bytes"});
        EXPECT_EQ(heard, std::vector<std::string>{"<after/>"});
    });
}

TEST_F(Session, DropsUnwantedStanzasButNeverAStreamError)
{
    serve([](peer& p) -> awaitable<void> {
        co_await shake(p);
        co_await p.say("<message to='puppet'/><iq/>" + stream_error_xml("reset"));
        co_await p.rest();
    });
    run([&]() -> awaitable<void> {
        auto& s = fresh();
        s.wanted([](const start_tag& tag) { return tag.name == "iq"; });
        (void)co_await s.open();
        auto ended = co_await s.closed();
        EXPECT_EQ(heard, std::vector<std::string>{"<iq/>"});
        EXPECT_TRUE(!ended && has(ended.error().why, "reset"));
    });
}

TEST_F(Session, EndsWhenTheStreamIsNoXmlAnyMore)
{
    serve([](peer& p) -> awaitable<void> {
        co_await shake(p);
        co_await p.say("<a/><b><c></b>");
        co_await p.rest();
    });
    run([&]() -> awaitable<void> {
        (void)co_await fresh().open();
        auto ended = co_await link->closed();
        EXPECT_TRUE(!ended && has(ended.error().why, "broke: not XML: mismatched tag")) << ended.error().why;
        EXPECT_EQ(heard.size(), 1u);
    });
}

TEST_F(Session, PingsASilentServerAndGivesUpOnADeadOne)
{
    std::vector<std::string> pings;
    serve([&](peer& p) -> awaitable<void> {
        co_await shake(p);
        pings.push_back(co_await p.until("</iq>"));
        co_await p.say("<iq type='result' id='x'/>");
        pings.push_back(co_await p.until("</iq>"));
        co_await p.rest();
    });
    run([&]() -> awaitable<void> {
        auto s = settings();
        s.ping_to = "localhost";
        (void)co_await fresh(std::move(s)).open();
        co_await pass(59s);
        EXPECT_TRUE(pings.empty());
        co_await pass(1s);
        co_await until([&] { return pings.size() == 1; });
        EXPECT_EQ(pings.size(), 1u);
        EXPECT_EQ(
            pings.at(0),
            "<iq type='get' from='bridge.localhost' to='localhost' id='alive-0'><ping "
            "xmlns='urn:xmpp:ping'/></iq>"
        );
        co_await pass(30s);
        EXPECT_TRUE(link->up());  // it answered
        co_await pass(60s);
        co_await until([&] { return pings.size() == 2; });
        EXPECT_EQ(pings.size(), 2u);
        co_await pass(30s);
        EXPECT_FALSE(link->up());
        auto ended = co_await link->closed();
        EXPECT_TRUE(!ended && has(ended.error().why, "silent")) << ended.error().why;
    });
}

TEST_F(Session, DoesNotPingAServerThatTalks)
{
    bool pinged = false, said = false;
    serve([&](peer& p) -> awaitable<void> {
        co_await shake(p);
        asio::steady_timer soon{io, 10ms};
        co_await soon.async_wait(asio::use_awaitable);
        co_await p.say(" ");  // whitespace keepalive
        said = true;
        const auto more = co_await p.rest();
        pinged = has(more, "ping");
    });
    run([&]() -> awaitable<void> {
        (void)co_await fresh().open();
        co_await until([&] { return said; });
        co_await pass(60s);
        EXPECT_TRUE(link->up());
        link.reset();
        co_await settle();
        EXPECT_FALSE(pinged);
    });
}

TEST_F(Session, PausedItReadsNoFurtherAndTakesNoSilenceForDeath)
{
    serve([&](peer& p) -> awaitable<void> {
        co_await shake(p);
        for (int i = 0; i < 100; ++i) {
            asio::steady_timer soon{io, 1ms};
            co_await soon.async_wait(asio::use_awaitable);
            co_await p.say("<message id='" + std::to_string(i) + "'/>");
        }
        co_await p.rest();
    });
    run([&]() -> awaitable<void> {
        (void)co_await fresh().open();
        link->pause();
        co_await until([&] { return !heard.empty(); });  // the read under way
        const auto before = heard.size();
        co_await pass(60s);
        co_await pass(60s);
        co_await pass(60s);
        EXPECT_EQ(heard.size(), before);
        EXPECT_TRUE(link->up());
        link->resume();
        co_await until([&] { return heard.size() == 100; });
        EXPECT_EQ(heard.size(), 100u);
    });
}

TEST_F(Session, GivesUpOnAServerThatDoesNotRead)
{
    serve([&](peer& p) -> awaitable<void> {
        co_await shake(p);
        asio::steady_timer never{io, asio::steady_timer::time_point::max()};
        co_await never.async_wait(asio::use_awaitable);
    });
    run([&]() -> awaitable<void> {
        auto s = settings();
        s.most_queued = 1'000'000;
        (void)co_await fresh(std::move(s)).open();
        int taken = 0;
        while (taken < 100'000 && link->send(std::string(1000, 'x')))
            ++taken;
        EXPECT_LT(taken, 100'000);
        EXPECT_LE(link->queued(), 1'000'000u);
        auto ended = co_await link->closed();
        EXPECT_TRUE(!ended && ended.error().kind == cause::full);
    });
}

TEST_F(Session, TellsWhenItsQueueIsShortAgain)
{
    std::size_t received = 0;
    serve([&](peer& p) -> awaitable<void> {
        co_await shake(p);
        received = (co_await p.rest()).size();
    });
    run([&]() -> awaitable<void> {
        (void)co_await fresh().open();
        for (int i = 0; i < 10'000; ++i)
            link->send(std::string(1000, 'x'));
        EXPECT_GT(link->queued(), 5'000'000u);
        co_await link->drained(1000);
        EXPECT_LT(link->queued(), 1000u);
        link->close();
        (void)co_await link->closed();
        co_await until([&] { return received > 0; });
        EXPECT_EQ(received, 10'000'000u + 16);
    });
}

}  // namespace
}  // namespace rialto::xmpp::session_test
