#include "appservice/client.hpp"

#include "scripted_homeserver.hpp"

#include <nlohmann/json.hpp>

namespace rialto::matrix::client_test {
namespace {

using nlohmann::json;

client_settings settings() { return {"http://hs/", "as_token", "hs", "@rialto:hs", "rialto"}; }

net::http_reply limited(const std::string& header, const std::string& body)
{
    net::http_reply r{429, body};
    if (!header.empty())
        r.headers.emplace_back("retry-after", header);
    return r;
}

failure failed(net::http_reply r)
{
    auto got = read_answer(std::move(r));
    EXPECT_FALSE(got);
    return got ? failure{verdict::give_up, cause::other, ""} : got.error();
}

TEST(ClientCall, EncodesEveryIdInThePath)
{
    const auto c =
        calls::send(acting{"@_rialto_a/b:hs", "RIALTO0", 5}, "!r:hs", "m.room.message", "k/1?", "{}");
    EXPECT_EQ(c.method, "PUT");
    EXPECT_EQ(c.path, "/_matrix/client/v3/rooms/%21r%3Ahs/send/m.room.message/k%2F1%3F");
    EXPECT_EQ(c.query, "user_id=%40_rialto_a%2Fb%3Ahs&device_id=RIALTO0&ts=5");
    EXPECT_EQ(calls::room_of_alias("#a:hs").path, "/_matrix/client/v3/directory/room/%23a%3Ahs");
}

TEST(ClientCall, TheBotActsWithoutAssertingWhoItIs)
{
    EXPECT_EQ(calls::join(acting{}, "!r").query, "");
    EXPECT_EQ(calls::leave(acting{}, "!r", "").body, "{}");
}

TEST(ClientCall, RegistersAsTheApplicationServiceAndWithoutLogin)
{
    const auto body = json::parse(calls::enroll("_rialto_x").body);
    EXPECT_EQ(body["type"], "m.login.application_service");
    EXPECT_EQ(body["username"], "_rialto_x");
    EXPECT_EQ(body["inhibit_login"], true);
}

TEST(ClientCall, MediaIsFetchedWithOurTokenFromOurHomeserver)
{
    EXPECT_EQ(
        calls::download("mxc://far.example/abc", 10, {}).path,
        "/_matrix/client/v1/media/download/far.example/abc"
    );
    EXPECT_EQ(calls::upload(acting{}, "a b.png", "image/png", {}).query, "filename=a%20b.png");
    EXPECT_EQ(calls::upload(acting{}, "", "", {}).content_type, "application/octet-stream");
}

TEST(ClientCall, OthersAreWhatTheSpecificationSays)
{
    const acting g{"@g:hs"};
    EXPECT_EQ(calls::make_device(g, "RIALTO0").path, "/_matrix/client/v3/devices/RIALTO0");
    EXPECT_EQ(calls::set_name(g, "G").path, "/_matrix/client/v3/profile/%40g%3Ahs/displayname");
    EXPECT_EQ(
        json::parse(calls::member(g, "!r", "kick", "@b:hs", "spam").body),
        json::parse(R"({"user_id":"@b:hs","reason":"spam"})")
    );
    EXPECT_EQ(calls::redact(g, "!r", "$e", "k", "{}").path, "/_matrix/client/v3/rooms/%21r/redact/%24e/k");
    EXPECT_EQ(
        calls::put_state(g, "!r", "m.room.name", "", "{}").path,
        "/_matrix/client/v3/rooms/%21r/state/m.room.name/"
    );
    EXPECT_EQ(calls::joined_members(g, "!r").path, "/_matrix/client/v3/rooms/%21r/joined_members");
    EXPECT_EQ(calls::delete_alias("#a:hs").method, "DELETE");
    EXPECT_EQ(calls::messages(g, "!r", "t1", 10).query, "user_id=%40g%3Ahs&dir=b&from=t1&limit=10");
    EXPECT_EQ(calls::context(g, "!r", "$e").query, "user_id=%40g%3Ahs&limit=0");
    EXPECT_EQ(calls::typing(g, "!r", true).path, "/_matrix/client/v3/rooms/%21r/typing/%40g%3Ahs");
    EXPECT_EQ(json::parse(calls::typing(g, "!r", false).body)["typing"], false);
    EXPECT_EQ(calls::receipt(g, "!r", "$e").path, "/_matrix/client/v3/rooms/%21r/receipt/m.read/%24e");
    EXPECT_EQ(calls::ping("rialto", "1").path, "/_matrix/client/v1/appservice/rialto/ping");
    EXPECT_EQ(calls::versions().path, "/_matrix/client/versions");
    EXPECT_EQ(calls::create_room("{}").method, "POST");
    EXPECT_EQ(calls::get_state(g, "!r", "t", "k").method, "GET");
    EXPECT_GT(calls::all_state(g, "!r").most, calls::get_state(g, "!r", "t", "k").most);
}

TEST(ClientAnswer, RateLimitsAreRepeatedWithTheServersDelay)
{
    EXPECT_EQ(failed(limited("7", R"({"errcode":"M_LIMIT_EXCEEDED"})")).after, std::chrono::seconds{7});
    EXPECT_EQ(failed(limited("", R"({"retry_after_ms":2001})")).after, std::chrono::seconds{3});
    EXPECT_EQ(failed(limited("Wed, 21 Oct 2026 07:28:00 GMT", "no json")).after, std::chrono::seconds{0});
    EXPECT_EQ(failed(limited("999999999", "{}")).after, std::chrono::hours{1});
    EXPECT_EQ(failed(limited("-5", "{}")).after, std::chrono::seconds{0});
    EXPECT_EQ(failed(limited("", "{}")).next, verdict::try_later);
    EXPECT_EQ(failed(limited("", "{}")).kind, cause::too_many);
}

TEST(ClientAnswer, ServerErrorsAreRepeatedAndUncertain)
{
    const auto f = failed(refused(502, "M_UNKNOWN"));
    EXPECT_EQ(f.next, verdict::try_later);
    EXPECT_FALSE(f.certain);
    EXPECT_EQ(failed(net::http_reply{503, "<html>"}).next, verdict::try_later);
}

TEST(ClientAnswer, AWrongTokenIsTheOperatorsMatterAndLosesNothing)
{
    const auto f = failed(refused(401, "M_UNKNOWN_TOKEN"));
    EXPECT_EQ(f.next, verdict::try_later);
    EXPECT_NE(f.why.find("registration"), std::string::npos);
    EXPECT_EQ(failed(refused(403, "M_RESOURCE_LIMIT_EXCEEDED")).kind, cause::full);
}

TEST(ClientAnswer, WhoSpeaksNoMatrixIsNotBelieved)
{
    EXPECT_EQ(failed(net::http_reply{404, "<html>nginx</html>"}).next, verdict::try_later);
    EXPECT_EQ(failed(net::http_reply{200, "<html>captive</html>"}).next, verdict::try_later);
    EXPECT_FALSE(failed(net::http_reply{200, ""}).certain);
    EXPECT_EQ(failed(net::http_reply{302, ""}).next, verdict::try_later);
}

TEST(ClientAnswer, RefusalsAreGivenUpWithTheirCauseAndMatrixsWords)
{
    const auto why = [](int status, const std::string& code, const std::string& words = "no") {
        auto a = read_answer(refused(status, code, words));
        return a ? refusal(*a, "a test") : failure{verdict::try_later, cause::away, "not an answer"};
    };
    EXPECT_EQ(why(403, "M_FORBIDDEN").kind, cause::forbidden);
    EXPECT_EQ(why(403, "M_FORBIDDEN", "@a:hs is banned from this room").kind, cause::banned);
    EXPECT_EQ(why(404, "M_NOT_FOUND").kind, cause::not_found);
    EXPECT_EQ(why(413, "M_TOO_LARGE").kind, cause::too_large);
    EXPECT_EQ(why(400, "M_ROOM_IN_USE").kind, cause::conflict);
    EXPECT_EQ(why(400, "M_BAD_JSON").kind, cause::malformed);
    EXPECT_EQ(why(400, "M_INVALID_PARAM").kind, cause::malformed);
    EXPECT_EQ(why(400, "M_SOMETHING").kind, cause::other);
    EXPECT_EQ(why(403, "M_FORBIDDEN").next, verdict::give_up);
    EXPECT_EQ(
        why(403, "M_FORBIDDEN", "not here").why, "The homeserver refused a test: not here (M_FORBIDDEN)"
    );
    EXPECT_EQ(why(400, "M_SOMETHING", "").why, "The homeserver refused a test: M_SOMETHING");
    auto proxy = read_answer(net::http_reply{413, "<html>"});
    ASSERT_TRUE(proxy);
    EXPECT_EQ(refusal(*proxy, "x").kind, cause::too_large);
}

TEST(ClientAnswer, AnUnknownDeviceIsSeenUnderBothNames)
{
    EXPECT_TRUE(read_answer(refused(400, "ORG.MATRIX.MSC4326.M_UNKNOWN_DEVICE"))->unknown_device());
    EXPECT_TRUE(read_answer(refused(400, "M_UNKNOWN_DEVICE"))->unknown_device());
    EXPECT_FALSE(read_answer(refused(400, "M_UNKNOWN"))->unknown_device());
}

TEST(Client, SendsItsTokenAndReadsTheAnswer)
{
    scripted_http http;
    client c{http, settings()};
    http.rule = [](const auto&) { return net::http_reply{200, R"({"event_id":"$e"})"}; };
    auto got = run(c.ask(calls::join(acting{"@g:hs"}, "!r")));
    ASSERT_TRUE(got);
    EXPECT_EQ(field(*got, "event_id"), "$e");
    EXPECT_EQ(field(*got, "other"), "");
    EXPECT_EQ(http.asked.at(0).url, "http://hs/_matrix/client/v3/join/%21r?user_id=%40g%3Ahs");
    EXPECT_EQ(
        http.asked[0].headers.at(0), (std::pair<std::string, std::string>{"Authorization", "Bearer as_token"})
    );
}

struct text_body final : net::body_source, net::body_sink
{
    std::string text;
    explicit text_body(std::string t = {}) : text{std::move(t)} {}
    std::uint64_t size() const override { return text.size(); }
    std::string read(std::uint64_t from, std::size_t most) const override { return text.substr(from, most); }
    bool take(std::string_view piece) override
    {
        text += piece;
        return true;
    }
};

TEST(Client, UploadsAndDownloads)
{
    scripted_http http;
    client c{http, settings()};
    http.rule = [](const net::http_request& r) {
        if (r.into)
            r.into->take("\xff\xd8 not json");
        return net::http_reply{200, r.from ? R"({"content_uri":"mxc://hs/a"})" : ""};
    };
    const auto bytes = std::make_shared<text_body>("bytes"), got = std::make_shared<text_body>();
    EXPECT_EQ(*run(c.upload(acting{}, "a", "image/png", bytes)), "mxc://hs/a");
    EXPECT_EQ(http.asked.back().headers.back().second, "image/png");
    EXPECT_EQ(http.asked.back().from, bytes);
    EXPECT_TRUE(run(c.download("mxc://hs/a", 100, got)));
    EXPECT_EQ(got->text, "\xff\xd8 not json");
    EXPECT_FALSE(run(c.download("http://evil/", 100, got)));
    EXPECT_EQ(http.asked.size(), 2U);
    http.rule = [](const auto&) { return net::http_reply{200, R"({"content_uri":"https://x"})"}; };
    EXPECT_FALSE(run(c.upload(acting{}, "a", "", bytes)));
    http.rule = [](const auto&) { return refused(404, "M_NOT_FOUND"); };
    EXPECT_EQ(run(c.download("mxc://hs/a", 100, got)).error().kind, cause::not_found);
}

TEST(Client, PingsAndForgivesServersThatCannot)
{
    scripted_http http;
    client c{http, settings()};
    EXPECT_TRUE(run(c.ping("1")));
    http.rule = [](const auto&) { return refused(404, "M_UNRECOGNIZED"); };
    EXPECT_TRUE(run(c.ping("1")));
    http.rule = [](const auto&) { return refused(400, "M_URL_NOT_SET"); };
    EXPECT_EQ(run(c.ping("1")).error().next, verdict::give_up);
    http.rule = [](const auto&) { return failure{verdict::try_later, cause::away, "No answer"}; };
    const auto away = run(c.ping("1")).error();
    EXPECT_EQ(away.next, verdict::try_later);
    EXPECT_NE(away.why.find("No answer: is the homeserver running, and is homeserver.url"), std::string::npos)
        << away.why;
    EXPECT_FALSE(run(c.reach()));
    http.rule = [](const auto&) { return net::http_reply{200, R"({"versions":[]})"}; };
    EXPECT_TRUE(run(c.reach()));
}

}  // namespace
}  // namespace rialto::matrix::client_test
