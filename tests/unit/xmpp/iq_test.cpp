#include "bridges/xmpp/iq.hpp"

#include "bridges/xmpp/xml_stream.hpp"
#include "tests/unit/xmpp/wire_fixture.hpp"

#include <algorithm>
#include <set>

namespace rialto::xmpp::iq_test {
namespace {

using namespace std::chrono_literals;

constexpr const char* ping = "<ping xmlns='urn:xmpp:ping'/>";

struct Iq : wire
{
    std::vector<std::string> out;
    bool link_is_up = true;
    std::optional<result<reply>> asked;  // outlives the router, which answers when it ends
    std::unique_ptr<iq_router> router;

    Iq() { make({}); }
    void make(self_description about)
    {
        about.version = "1.2";
        router = std::make_unique<iq_router>(
            io.get_executor(), time, "bridge.example",
            [this](std::string s) {
                if (link_is_up)
                    out.push_back(std::move(s));
                return link_is_up;
            },
            std::move(about)
        );
    }
    void take(const std::string& stanza)
    {
        stream_handlers on;
        on.on_stanza = [this](const node& n) { router->take(n); };
        xml_stream stream{std::move(on)};
        ASSERT_TRUE(stream.feed("<s xmlns='jabber:component:accept'>" + stanza)) << stream.error();
    }
    std::string answer_to(const std::string& attributes, const std::string& payload)
    {
        out.clear();
        take("<iq from='u@x.example/r' id='q1' " + attributes + ">" + payload + "</iq>");
        EXPECT_EQ(out.size(), 1u) << payload;
        return out.empty() ? "" : out.back();
    }
    static std::string error(const std::string& from, const std::string& type, const std::string& condition)
    {
        return "<iq type='error' from='" + from + "' to='u@x.example/r' id='q1'><error type='" + type +
               "'><" + condition + " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
    }
    static std::string id_of(const std::string& stanza)
    {
        const auto at = stanza.find(" id='") + 5;
        return stanza.substr(at, stanza.find('\'', at) - at);
    }
    std::string ask(std::string from, std::string to, std::chrono::milliseconds timeout = 30s)
    {
        asked.reset();
        router->ask(std::move(from), std::move(to), iq_type::get, ping, timeout, [this](result<reply> r) {
            asked.emplace(std::move(r));
        });
        return out.empty() ? "" : id_of(out.back());
    }
};

TEST_F(Iq, AnswersAPingFromTheAddressThatWasAsked)
{
    EXPECT_EQ(
        answer_to("type='get' to='p@bridge.example/res'", ping),
        "<iq type='result' from='p@bridge.example/res' to='u@x.example/r' id='q1'/>"
    );
    EXPECT_EQ(
        answer_to("type='get' to='bridge.example'", ping),
        "<iq type='result' from='bridge.example' to='u@x.example/r' id='q1'/>"
    );
    EXPECT_EQ(
        answer_to("type='get'", ping), "<iq type='result' from='bridge.example' to='u@x.example/r' id='q1'/>"
    );
}

TEST_F(Iq, AnswersWhatItDoesNotKnow)
{
    for (const auto* payload :
         {"<x xmlns='anything'/>", "<ping xmlns='other'/>", "<vCard xmlns='vcard-temp'/>",
          "<query xmlns='jabber:iq:roster'/>"})
        for (const auto* type : {"get", "set"})
            EXPECT_EQ(
                answer_to("to='p@bridge.example' type='" + std::string{type} + "'", payload),
                error("p@bridge.example", "cancel", "service-unavailable")
            );
    EXPECT_EQ(
        answer_to("to='p@bridge.example' type='set'", ping),
        error("p@bridge.example", "cancel", "not-allowed")
    );
}

TEST_F(Iq, RefusesMalformedQuestionsAndStillAnswersThem)
{
    const auto bad = error("p@bridge.example", "modify", "bad-request");
    EXPECT_EQ(answer_to("to='p@bridge.example' type='get'", ""), bad);
    EXPECT_EQ(answer_to("to='p@bridge.example' type='get'", "text"), bad);
    EXPECT_EQ(answer_to("to='p@bridge.example' type='get'", "<a/><b/>"), bad);
    EXPECT_EQ(answer_to("to='p@bridge.example' type='gte'", ping), bad);
    EXPECT_EQ(answer_to("to='p@bridge.example'", ping), bad);
    out.clear();
    take("<iq from='u@x' to='p@bridge.example' type='get'>" + std::string{ping} + "</iq>");  // no id
    EXPECT_EQ(out.size(), 1u);
    out.clear();
    take("<iq id='1' type='get'>" + std::string{ping} + "</iq>");  // from nobody
    EXPECT_TRUE(out.empty());
}

TEST_F(Iq, NeverAnswersAnAnswer)
{
    take(
        "<iq from='u@x' to='bridge.example' id='1' type='result'/><iq from='u@x' to='bridge.example' id='1' "
        "type='error'/>"
    );
    EXPECT_TRUE(out.empty());
}

TEST_F(Iq, DescribesTheComponentAndItsPuppets)
{
    self_description about;
    about.identities.emplace_back("gateway", "matrix", "Rialto <1>");
    about.features = {"http://jabber.org/protocol/muc"};
    about.puppet_features = {"urn:xmpp:receipts"};
    make(std::move(about));
    const std::string info = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
    const std::string tail =
        "<feature var='http://jabber.org/protocol/disco#info'/><feature "
        "var='http://jabber.org/protocol/disco#items'/><feature "
        "var='urn:xmpp:ping'/><feature var='jabber:iq:version'/></query></iq>";
    EXPECT_EQ(
        answer_to("type='get' to='bridge.example'", info),
        "<iq type='result' from='bridge.example' to='u@x.example/r' id='q1'><query "
        "xmlns='http://jabber.org/protocol/disco#info'><identity category='gateway' type='matrix' "
        "name='Rialto &lt;1&gt;'/><feature "
        "var='http://jabber.org/protocol/muc'/>" +
            tail
    );
    const std::string puppet = "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='";
    EXPECT_EQ(
        answer_to("type='get' to='p@bridge.example'", info),
        "<iq type='result' from='p@bridge.example' to='u@x.example/r' id='q1'>" + puppet +
            "account' type='registered'/><feature var='urn:xmpp:receipts'/>" + tail
    );
    EXPECT_NE(
        answer_to("type='get' to='p@bridge.example/m'", info).find(puppet + "client' type='pc'/>"),
        std::string::npos
    );
    EXPECT_EQ(
        answer_to(
            "type='get' to='bridge.example'",
            "<query xmlns='http://jabber.org/protocol/disco#info' node='n'/>"
        ),
        error("bridge.example", "cancel", "item-not-found")
    );
    EXPECT_EQ(
        answer_to(
            "type='get' to='bridge.example'", "<query xmlns='http://jabber.org/protocol/disco#items'/>"
        ),
        "<iq type='result' from='bridge.example' to='u@x.example/r' id='q1'><query "
        "xmlns='http://jabber.org/protocol/disco#items'/></iq>"
    );
    EXPECT_EQ(
        answer_to("type='get' to='p@bridge.example'", "<query xmlns='jabber:iq:version'/>"),
        "<iq type='result' from='p@bridge.example' to='u@x.example/r' id='q1'><query "
        "xmlns='jabber:iq:version'><name>Rialto</name><version>1.2</version></query></iq>"
    );
}

TEST_F(Iq, ShowsAPuppetsNameOnItsCard)
{
    self_description about;
    about.name_of = [](std::string who) -> awaitable<std::string> {
        co_return who == "p@bridge.example" ? "Pat <x>" : "";
    };
    make(std::move(about));
    const std::string card = "<vCard xmlns='vcard-temp'/>";
    const auto ask_card = [&](const std::string& to, const std::string& type) {
        out.clear();
        take("<iq from='u@x.example/r' id='q1' to='" + to + "' type='" + type + "'>" + card + "</iq>");
        run([&]() -> awaitable<void> { co_await until([&] { return !out.empty(); }); });
        return out.size() == 1 ? out.back() : "";
    };
    EXPECT_EQ(
        ask_card("p@bridge.example", "get"),
        "<iq type='result' from='p@bridge.example' to='u@x.example/r' id='q1'><vCard "
        "xmlns='vcard-temp'><FN>Pat &lt;x&gt;</FN></vCard></iq>"
    );
    EXPECT_EQ(ask_card("q@bridge.example", "get"), error("q@bridge.example", "cancel", "item-not-found"));
    EXPECT_EQ(
        ask_card("p@bridge.example", "set"), error("p@bridge.example", "cancel", "service-unavailable")
    );
    EXPECT_EQ(ask_card("bridge.example", "get"), error("bridge.example", "cancel", "service-unavailable"));
}

TEST_F(Iq, AsksTheLastHandlerFirstAndPassesOn)
{
    router->serve("n", "q", [](const iq_query& q) -> std::optional<iq_answer> {
        return iq_answer{"<first to='" + q.to + "'/>"};
    });
    router->serve("n", "q", [](const iq_query& q) -> std::optional<iq_answer> {
        if (q.type == iq_type::set)
            return iq_answer{stanza_error{"auth", "forbidden"}};
        return std::nullopt;
    });
    router->serve("urn:xmpp:ping", "ping", [](const iq_query&) -> std::optional<iq_answer> {
        return std::nullopt;
    });
    EXPECT_EQ(
        answer_to("to='a@bridge.example' type='get'", "<q xmlns='n'/>"),
        "<iq type='result' from='a@bridge.example' to='u@x.example/r' id='q1'><first "
        "to='a@bridge.example'/></iq>"
    );
    EXPECT_EQ(
        answer_to("to='a@bridge.example' type='set'", "<q xmlns='n'/>"),
        error("a@bridge.example", "auth", "forbidden")
    );
    EXPECT_EQ(
        answer_to("to='a@bridge.example' type='get'", ping),
        "<iq type='result' from='a@bridge.example' to='u@x.example/r' id='q1'/>"
    );
    EXPECT_EQ(
        answer_to("to='a@bridge.example' type='get'", "<q xmlns='m'/>"),
        error("a@bridge.example", "cancel", "service-unavailable")
    );
}

TEST_F(Iq, AnswersWhateverAHandlerDoes)
{
    router->serve("n", "quick", [](const iq_query&) -> std::optional<iq_answer> {
        throw std::runtime_error{"mine"};
    });
    router->serve_slowly("n", "slow", [](iq_query) -> awaitable<std::optional<iq_answer>> {
        throw std::runtime_error{"mine"};
        co_return std::nullopt;
    });
    router->serve_slowly("n", "passes", [](iq_query) -> awaitable<std::optional<iq_answer>> {
        co_return std::nullopt;
    });
    EXPECT_EQ(
        answer_to("to='a@bridge.example' type='get'", "<quick xmlns='n'/>"),
        error("a@bridge.example", "cancel", "internal-server-error")
    );
    out.clear();
    take("<iq from='u@x.example/r' id='q1' to='a@bridge.example' type='get'><slow xmlns='n'/></iq>");
    take("<iq from='u@x.example/r' id='q1' to='a@bridge.example' type='get'><passes xmlns='n'/></iq>");
    run([&]() -> awaitable<void> { co_await until([&] { return out.size() == 2; }); });
    std::ranges::sort(out);
    EXPECT_EQ(out.at(0), error("a@bridge.example", "cancel", "internal-server-error"));
    EXPECT_EQ(out.at(1), error("a@bridge.example", "cancel", "service-unavailable"));
}

TEST_F(Iq, GivesASlowHandlerAQuestionThatOutlivesItsStanza)
{
    asio::steady_timer gate{io, asio::steady_timer::time_point::max()};
    router->serve_slowly("n", "q", [&](iq_query q) -> awaitable<std::optional<iq_answer>> {
        error_code ignored;
        co_await gate.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        co_return iq_answer{to_string(*q.payload.root().child("item"), "n") + q.from};
    });
    take(
        "<iq from='u@x.example/r' id='q1' to='a@bridge.example' type='get'><q xmlns='n'><item "
        "v='1'>t</item></q></iq>"
    );
    run([&]() -> awaitable<void> {
        co_await settle();
        EXPECT_TRUE(out.empty());
        gate.cancel();
        co_await until([&] { return !out.empty(); });
    });
    EXPECT_EQ(
        out, std::vector<std::string>{"<iq type='result' from='a@bridge.example' to='u@x.example/r' "
                                      "id='q1'><item v='1'>t</item>u@x.example/r</iq>"}
    );
}

TEST_F(Iq, BoundsWhatItThinksAbout)
{
    asio::steady_timer gate{io, asio::steady_timer::time_point::max()};
    router->serve_slowly("n", "q", [&](iq_query) -> awaitable<std::optional<iq_answer>> {
        error_code ignored;
        co_await gate.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        co_return iq_answer{};
    });
    for (int i = 0; i < 513; ++i)
        take("<iq from='u@x.example/r' id='q1' to='a@bridge.example' type='get'><q xmlns='n'/></iq>");
    EXPECT_EQ(out, std::vector<std::string>{error("a@bridge.example", "wait", "resource-constraint")});
    run([&]() -> awaitable<void> {
        co_await settle();
        gate.cancel();
        co_await until([&] { return out.size() == 513; });
    });
    EXPECT_EQ(out.size(), 513u);
}

TEST_F(Iq, SaysNothingAfterItsEnd)
{
    asio::steady_timer gate{io, asio::steady_timer::time_point::max()};
    router->serve_slowly("n", "q", [&](iq_query) -> awaitable<std::optional<iq_answer>> {
        error_code ignored;
        co_await gate.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        co_return iq_answer{};
    });
    take("<iq from='u@x.example/r' id='q1' to='a@bridge.example' type='get'><q xmlns='n'/></iq>");
    run([&]() -> awaitable<void> {
        co_await settle();
        router.reset();
        gate.cancel();
        co_await settle();
    });
    EXPECT_TRUE(out.empty());
}

TEST_F(Iq, TakesAnAnswerOnlyFromWhomItAskedAndForTheAsker)
{
    const auto id = ask("bridge.example", "Room@MUC.example/Nick");
    EXPECT_EQ(
        out.back(),
        "<iq type='get' from='bridge.example' to='Room@MUC.example/Nick' id='" + id + "'>" + ping + "</iq>"
    );
    const auto result = [&](const std::string& from, const std::string& to, const std::string& with) {
        take("<iq type='result' from='" + from + "' to='" + to + "' id='" + with + "'><y/></iq>");
    };
    result("evil@attacker.example", "bridge.example", id);
    result("room@muc.example/nick", "bridge.example", id);  // another occupant
    result("room@muc.example/Nick", "other@bridge.example", id);
    result("room@muc.example/Nick", "bridge.example", id + "x");
    take("<iq type='result' to='bridge.example' id='" + id + "'/>");
    EXPECT_FALSE(asked);
    EXPECT_EQ(router->open_questions(), 1u);
    result("room@muc.example/Nick", "bridge.example", id);
    ASSERT_TRUE(asked && *asked);
    EXPECT_FALSE((*asked)->error);
    ASSERT_TRUE((*asked)->payload());
    EXPECT_EQ((*asked)->payload()->name, "y");
    EXPECT_EQ(router->open_questions(), 0u);
    asked.reset();
    result("room@muc.example/Nick", "bridge.example", id);  // once
    EXPECT_FALSE(asked);
}

TEST_F(Iq, HandsARefusalOverAsAReply)
{
    const auto id = ask("bridge.example", "a@b.example");
    take(
        "<iq type='error' from='a@b.example' to='bridge.example' id='" + id +
        "'><error type='cancel'><service-unavailable "
        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    );
    ASSERT_TRUE(asked && *asked);
    EXPECT_EQ((*asked)->error, (stanza_error{"cancel", "service-unavailable"}));
}

TEST_F(Iq, IdsAreNotRepeated)
{
    std::set<std::string> ids;
    for (int i = 0; i < 1000; ++i)
        ids.insert(ask("bridge.example", "a@b.example"));
    EXPECT_EQ(ids.size(), 1000u);
    EXPECT_GE(ids.begin()->size(), 24u);
}

TEST_F(Iq, EachQuestionHasItsOwnTime)
{
    run([&]() -> awaitable<void> {
        std::vector<std::string> order;
        const auto note_failure = [&](std::string name) {
            return [&, name](result<reply> r) {
                EXPECT_FALSE(r);
                EXPECT_FALSE(r.error().certain);
                EXPECT_EQ(r.error().next, verdict::try_later);
                order.push_back(name + r.error().why.substr(0, 2));
            };
        };
        router->ask("bridge.example", "a@b.example", iq_type::get, ping, 30s, note_failure("slow "));
        router->ask("bridge.example", "c@b.example", iq_type::get, ping, 5s, note_failure("fast "));
        co_await pass(4s);
        EXPECT_TRUE(order.empty());
        co_await pass(1s);
        EXPECT_EQ(order, std::vector<std::string>{"fast c@"});
        co_await pass(24s);
        EXPECT_EQ(order.size(), 1u);
        co_await pass(1s);
        EXPECT_EQ(order, (std::vector<std::string>{"fast c@", "slow a@"}));
        EXPECT_EQ(router->open_questions(), 0u);
    });
}

TEST_F(Iq, FailsAtOnceWhenTheLinkIsDownOrTooMuchIsOpen)
{
    link_is_up = false;
    ask("bridge.example", "a@b.example");
    ASSERT_TRUE(asked);
    EXPECT_TRUE(!*asked && asked->error().certain);
    link_is_up = true;
    for (int i = 0; i < 4096; ++i)
        ask("bridge.example", "a@b.example");
    EXPECT_FALSE(asked);
    ask("bridge.example", "a@b.example");
    ASSERT_TRUE(asked && !*asked);
    EXPECT_EQ(asked->error().kind, cause::full);
}

TEST_F(Iq, FailsAllQuestionsWhenTheLinkIsLost)
{
    ask("bridge.example", "a@b.example");
    router->lost();
    ASSERT_TRUE(asked && !*asked);
    EXPECT_FALSE(asked->error().certain);
    ask("bridge.example", "a@b.example");
    router.reset();
    EXPECT_TRUE(asked && !*asked);
}

TEST_F(Iq, ResumesTheCoroutineThatAsked)
{
    run([&]() -> awaitable<void> {
        std::string got;
        auto other = [&]() -> awaitable<void> {
            auto r = co_await router->request("bridge.example", "a@b.example", iq_type::set, ping);
            got = r ? std::string{r->stanza.root().attr("id")} : r.error().why;
        };
        asio::co_spawn(io, other, asio::detached);
        co_await until([&] { return !out.empty(); });
        const auto id = id_of(out.back());
        take("<iq type='result' from='a@b.example' to='bridge.example' id='" + id + "'/>");
        co_await until([&] { return !got.empty(); });
        EXPECT_EQ(got, id);
    });
}

TEST_F(Iq, ForgetsTheQuestionOfACancelledCoroutine)
{
    run([&]() -> awaitable<void> {
        bool ended = false;
        asio::cancellation_signal stop;
        auto other = [&]() -> awaitable<void> {
            (void)co_await router->request("bridge.example", "a@b.example", iq_type::get, ping);
        };
        asio::co_spawn(io, other, asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e) {
                           ended = e != nullptr;
                       }));
        co_await until([&] { return router->open_questions() == 1; });
        stop.emit(asio::cancellation_type::terminal);
        co_await until([&] { return ended; });
        EXPECT_TRUE(ended);
        EXPECT_EQ(router->open_questions(), 0u);
    });
}

}  // namespace
}  // namespace rialto::xmpp::iq_test
