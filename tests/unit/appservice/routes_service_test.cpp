#include "appservice/routes_service.hpp"

#include <gmock/gmock.h>
#include <boost/asio.hpp>

namespace rialto::routes_service_test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::HasSubstr;

struct still_clock : clock
{
    timestamp now() const override { return timestamp{std::chrono::hours{500'000}}; }
    awaitable<void> sleep(std::chrono::milliseconds) override { co_return; }
    double luck() override { return 0; }
};

struct core_that_opens : intake
{
    std::vector<far_name> asked;
    std::function<awaitable<result<std::string>>()> then;

    awaitable<result<std::string>> open(std::string network, std::string address, std::string) override
    {
        asked.emplace_back(std::move(network), std::move(address));
        co_return co_await then();
    }
    awaitable<outcome> take_in(std::vector<near_event>, arrival) override { co_return ok(); }
    void hint(near_event) override {}
    awaitable<outcome> bridge(std::string, std::string, std::string, std::string) override { co_return ok(); }
    awaitable<outcome> unbridge(std::string, std::string, std::string, std::string) override
    {
        co_return ok();
    }
    awaitable<std::vector<near_place>> places(std::string) override { co_return std::vector<near_place>{}; }
    std::optional<std::string> ghost_of(std::string_view, std::string_view) const override
    {
        return std::nullopt;
    }
};

struct transactions : http::transaction_sink
{
    std::string txn, body;
    std::uint64_t from = 0;
    std::vector<std::uint64_t> open;

    awaitable<http::response> on_transaction(std::string t, std::string b, http::connection c) override
    {
        txn = std::move(t);
        body = std::move(b);
        from = c.id;
        co_return http::response{503, "{\"busy\":1}"};
    }
    void opened(std::uint64_t id) override { open.push_back(id); }
    void closed(std::uint64_t id) override { std::erase(open, id); }
};

struct RoutesService : testing::Test
{
    asio::io_context io;
    names ours{
        "hs.example", "_rialto_bot", "_rialto_", std::vector<named_network>(1, named_network{"prosody"})
    };
    core_that_opens core;
    transactions sink;
    still_clock time;
    std::unique_ptr<routes_service> it;

    void SetUp() override { make(55s); }
    void make(std::chrono::milliseconds deadline)
    {
        routes_service::parts with{
            io.get_executor(),
            "secret",
            ours,
            std::vector<network_card>(1, network_card{"prosody", "xmpp", "Prosody"}),
            core,
            sink,
            time
        };
        with.room_deadline = deadline;
        it = std::make_unique<routes_service>(std::move(with));
    }
    static http::request asking(std::string method, std::string path, std::string token = "secret")
    {
        http::request out;
        out.method = std::move(method);
        out.path = "/_matrix/app/v1/" + std::move(path);
        out.authorization.push_back("Bearer " + token);
        return out;
    }
    http::response answered(http::request r)
    {
        http::response out;
        asio::co_spawn(io, it->answer(std::move(r)), [&](std::exception_ptr e, http::response said) {
            EXPECT_FALSE(e);
            out = std::move(said);
        });
        io.run_for(10s);
        io.restart();
        return out;
    }
};

TEST_F(RoutesService, NobodyWithoutTheTokenLearnsWhetherAnEndpointExists)
{
    for (const char* path : {"ping", "nowhere"}) {
        const auto said = it->refuse(asking("POST", path, "wrong"));
        ASSERT_TRUE(said);
        EXPECT_EQ(said->status, 403u);
        EXPECT_THAT(said->body, HasSubstr("M_FORBIDDEN"));
        EXPECT_THAT(said->body, testing::Not(HasSubstr("secret")));
    }
    http::request none;
    EXPECT_EQ(it->refuse(none)->status, 403u);
}

TEST_F(RoutesService, RefusedTokensAreCounted)
{
    const auto counted = [] {
        return metrics::count(
                   "rialto_appservice_requests_total", "Requests of the homeserver, by endpoint and status.",
                   {{"endpoint", "token_wrong"}, {"status", "403"}}
        )
            .value();
    };
    const auto before = counted();
    (void)it->refuse(asking("GET", "users/x", "wrong"));
    EXPECT_EQ(counted(), before + 1);
}

TEST_F(RoutesService, UnknownIs404AndAWrongMethod405)
{
    EXPECT_EQ(it->refuse(asking("GET", "nowhere"))->status, 404u);
    EXPECT_EQ(it->refuse(asking("GET", "ping"))->status, 405u);
    EXPECT_THAT(it->refuse(asking("GET", "ping"))->body, HasSubstr("M_UNRECOGNIZED"));
    EXPECT_FALSE(it->refuse(asking("POST", "ping")));
}

TEST_F(RoutesService, ATransactionGoesToItsSinkAndItsAnswerReturnsAsItIs)
{
    auto asked = asking("PUT", "transactions/7");
    asked.body = "{}";
    asked.from.id = 42;
    const auto said = answered(std::move(asked));
    EXPECT_EQ(said.status, 503u);
    EXPECT_EQ(said.body, "{\"busy\":1}");
    EXPECT_EQ(sink.txn, "7");
    EXPECT_EQ(sink.body, "{}");
    EXPECT_EQ(sink.from, 42u);
}

TEST_F(RoutesService, TheSinkSeesConnectionsComeAndGo)
{
    it->opened(3);
    it->opened(4);
    it->closed(3);
    EXPECT_THAT(sink.open, testing::ElementsAre(4u));
    it->closed(4);
}

TEST_F(RoutesService, AUserIsOursByGrammarAlone)
{
    EXPECT_EQ(answered(asking("GET", "users/@_rialto_prosody_a=40b:hs.example")).status, 200u);
    EXPECT_EQ(answered(asking("GET", "users/@_rialto_bot:hs.example")).status, 200u);
    const auto no = answered(asking("GET", "users/@alice:hs.example"));
    EXPECT_EQ(no.status, 404u);
    EXPECT_THAT(no.body, HasSubstr("M_NOT_FOUND"));
    EXPECT_EQ(answered(asking("GET", "users/@_rialto_prosody_a:evil.example")).status, 404u);
    EXPECT_TRUE(core.asked.empty());
}

TEST_F(RoutesService, ARoomIsOpenedByTheCore)
{
    core.then = []() -> awaitable<result<std::string>> { co_return result<std::string>{std::string{"!r"}}; };
    EXPECT_EQ(answered(asking("GET", "rooms/#_rialto_prosody_v=40muc:hs.example")).status, 200u);
    EXPECT_THAT(core.asked, testing::ElementsAre(far_name{"prosody", "v@muc"}));
}

TEST_F(RoutesService, ARoomThatCannotBeOpenedIs404WithTheReason)
{
    core.then = []() -> awaitable<result<std::string>> {
        co_return result<std::string>{failure{verdict::give_up, cause::members_only, "members only"}};
    };
    const auto said = answered(asking("GET", "rooms/#_rialto_prosody_v=40muc:hs.example"));
    EXPECT_EQ(said.status, 404u);
    EXPECT_THAT(said.body, HasSubstr("members only"));
}

TEST_F(RoutesService, AnAliasThatIsNotOursNeverReachesTheCore)
{
    for (const char* alias :
         {"#general:hs.example", "#_rialto_prosody_v@muc:hs.example", "#_rialto_irc_x:hs.example",
          "#_rialto_prosody_x:evil.example", "", "x"})
        EXPECT_EQ(answered(asking("GET", std::string{"rooms/"} + alias)).status, 404u) << alias;
    EXPECT_TRUE(core.asked.empty());
}

TEST_F(RoutesService, ASlowRoomIsAnsweredInTimeAndOpenedAllTheSame)
{
    make(30ms);
    bool done = false;
    core.then = [&]() -> awaitable<result<std::string>> {
        asio::steady_timer slow{io, 600ms};
        co_await slow.async_wait(asio::use_awaitable);
        done = true;
        co_return result<std::string>{std::string{"!r"}};
    };
    http::response first, second;
    bool done_at_first = true;
    const auto ask = [&](http::response& into) {
        asio::co_spawn(
            io, it->answer(asking("GET", "rooms/#_rialto_prosody_v=40muc:hs.example")),
            [&](std::exception_ptr, http::response said) {
                into = std::move(said);
                done_at_first = done_at_first && done;
            }
        );
    };
    ask(first);
    ask(second);
    io.run_for(10s);
    EXPECT_EQ(first.status, 404u);
    EXPECT_THAT(first.body, HasSubstr("still being tried"));
    EXPECT_EQ(second.status, 404u);
    EXPECT_FALSE(done_at_first);
    EXPECT_TRUE(done);
    EXPECT_EQ(core.asked.size(), 1u) << "two askers, one opening";
}

TEST_F(RoutesService, ACoreThatThrowsIsANotFoundAndTheNextAskerTriesAnew)
{
    core.then = []() -> awaitable<result<std::string>> {
        throw std::runtime_error("boom");
        co_return result<std::string>{};
    };
    const std::string path = "rooms/#_rialto_prosody_v=40muc:hs.example";
    EXPECT_EQ(answered(asking("GET", path)).status, 404u);
    EXPECT_EQ(answered(asking("GET", path)).status, 404u);
    EXPECT_EQ(core.asked.size(), 2u);
}

TEST_F(RoutesService, ThirdPartiesAndPingAreAnswered)
{
    EXPECT_EQ(answered(asking("POST", "ping")).body, "{}");
    EXPECT_EQ(answered(asking("GET", "thirdparty/protocol/xmpp")).status, 200u);
    EXPECT_EQ(answered(asking("GET", "thirdparty/protocol/irc")).status, 404u);
    auto user = asking("GET", "thirdparty/user");
    user.query.emplace("userid", "@_rialto_prosody_a=40b:hs.example");
    EXPECT_THAT(answered(std::move(user)).body, HasSubstr("a@b"));
    auto location = asking("GET", "thirdparty/location/xmpp");
    location.query.emplace("room", "v@muc");
    EXPECT_THAT(answered(std::move(location)).body, HasSubstr("#_rialto_prosody_v=40muc:hs.example"));
    EXPECT_EQ(answered(asking("GET", "thirdparty/location")).status, 404u);
    EXPECT_EQ(answered(asking("GET", "thirdparty/user/xmpp")).status, 404u);
}

}  // namespace
}  // namespace rialto::routes_service_test
