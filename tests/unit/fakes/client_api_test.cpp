#include "tests/unit/fakes/fixture.hpp"

#include <gmock/gmock.h>

namespace rialto::fakes::client_api_test {

using testing::ElementsAre;
using ClientApi = Homeserver;

TEST_F(ClientApi, RegisterAndLoginGiveTokensThatWork)
{
    http_client client{io.get_executor(), server.time(), server.url()};
    const auto post = [&](const std::string& path, const json& body) {
        return wait_for(client.ask({"POST", "/_matrix/client/v3" + path, body.dump()}));
    };
    EXPECT_EQ(post("/register", {{"username", "carol"}}).status, 401U);
    const json auth{{"type", "m.login.dummy"}};
    const auto made = post("/register", {{"username", "carol"}, {"password", "pw"}, {"auth", auth}});
    EXPECT_EQ(id_of(made, "user_id"), "@carol:localhost");
    EXPECT_EQ(code(post("/register", {{"username", "carol"}, {"auth", auth}})), "400 M_USER_IN_USE");
    EXPECT_EQ(code(post("/register", {{"username", "_x_carol"}, {"auth", auth}})), "400 M_EXCLUSIVE");
    json login{{"type", "m.login.password"}, {"identifier", {{"type", "m.id.user"}, {"user", "carol"}}}};
    login["password"] = "wrong";
    EXPECT_EQ(code(post("/login", login)), "403 M_FORBIDDEN");
    login["password"] = "pw";
    const auto token = id_of(post("/login", login), "access_token");
    http_client::asking who{"GET", "/_matrix/client/v3/account/whoami"};
    who.headers.emplace_back("Authorization", "Bearer " + token);
    EXPECT_EQ(id_of(wait_for(client.ask(who)), "user_id"), "@carol:localhost");
}

TEST_F(ClientApi, AGhostMustBeRegisteredTheSenderNeedNot)
{
    EXPECT_EQ(id_of(http("GET", "/account/whoami"), "user_id"), "@_x_bot:localhost");
    EXPECT_EQ(code(http("GET", "/account/whoami?user_id=" + ghost)), "403 M_FORBIDDEN");
    EXPECT_EQ(code(http("GET", "/account/whoami?user_id=" + alice)), "403 M_FORBIDDEN");
    register_ghost("_x_romeo");
    EXPECT_EQ(id_of(http("GET", "/account/whoami?user_id=" + ghost), "user_id"), ghost);
    const json again{{"type", "m.login.application_service"}, {"username", "_x_romeo"}};
    EXPECT_EQ(code(http("POST", "/register", again)), "400 M_USER_IN_USE");
    EXPECT_EQ(http("POST", "/register", {{"username", "_x_juliet"}}).status, 400U);
    EXPECT_EQ(
        code(http("GET", "/account/whoami?user_id=" + ghost + "&device_id=D")),
        "400 ORG.MATRIX.MSC4326.M_UNKNOWN_DEVICE"
    );
    EXPECT_EQ(http("PUT", "/devices/D?user_id=" + ghost, json::object()).status, 201U);
    EXPECT_EQ(http("PUT", "/devices/D?user_id=" + ghost, json::object()).status, 200U);
    EXPECT_EQ(id_of(http("GET", "/account/whoami?user_id=" + ghost + "&device_id=D"), "device_id"), "D");
}

struct Sending : Homeserver
{
    std::string room;
    json hello{{"msgtype", "m.text"}, {"body", "hello"}};
    void SetUp() override
    {
        Homeserver::SetUp();
        room = room_with_ghost();
        http("PUT", "/devices/D?user_id=" + ghost, json::object());
    }
    std::string send(const std::string& txn_id, const std::string& query)
    {
        return id_of(
            http("PUT", "/rooms/" + room + "/send/m.room.message/" + txn_id + "?" + query, hello), "event_id"
        );
    }
};

TEST_F(Sending, TheSameTransactionIsTheSameEvent)
{
    EXPECT_EQ(send("t", "user_id=" + ghost), send("t", "user_id=" + ghost));
}

TEST_F(Sending, WithoutADeviceARestartForgetsTheTransaction)
{
    const auto first = send("t", "user_id=" + ghost);
    server.restart();
    EXPECT_NE(send("t", "user_id=" + ghost), first);
}

TEST_F(Sending, WithADeviceARestartDoesNot)
{
    const auto first = send("t", "user_id=" + ghost + "&device_id=D");
    server.restart();
    EXPECT_EQ(send("t", "user_id=" + ghost + "&device_id=D"), first);
    // A device made anew under the old name has forgotten what it sent.
    http("DELETE", "/devices/D?user_id=" + ghost);
    http("PUT", "/devices/D?user_id=" + ghost, json::object());
    server.restart();
    EXPECT_NE(send("t", "user_id=" + ghost + "&device_id=D"), first);
}

TEST_F(Sending, AllGhostsOfAServiceShareTheTransactionIds)
{
    register_ghost("_x_juliet");
    http("POST", "/rooms/" + room + "/join?user_id=@_x_juliet:localhost");
    const auto first = send("t", "user_id=" + ghost);
    EXPECT_EQ(send("t", "user_id=@_x_juliet:localhost"), first);
}

TEST_F(Sending, ALostAnswerLeavesTheEventBehind)
{
    fault lost{"send", fault::act::drop};
    lost.after = true;
    server.faults().add(lost);
    const auto before = server.data().stream.size();
    http("PUT", "/rooms/" + room + "/send/m.room.message/t?user_id=" + ghost, hello);
    EXPECT_EQ(server.data().stream.size(), before + 1);
    send("t", "user_id=" + ghost);
    EXPECT_EQ(server.data().stream.size(), before + 1);
}

TEST_F(Sending, TheServerCanDieBeforeOrAfterARequestTookEffect)
{
    for (const bool after : {false, true}) {
        fault f{"send", fault::act::restart};
        f.after = after;
        server.faults().add(f);
        const auto before = server.data().stream.size();
        const auto path =
            "/rooms/" + room + "/send/m.room.message/" + (after ? "a" : "b") + "?user_id=" + ghost;
        EXPECT_EQ(http("PUT", path, hello).status, 0U);
        settle();
        EXPECT_EQ(server.data().stream.size(), before + (after ? 1 : 0));
        EXPECT_EQ(http("GET", "/account/whoami").status, 200U);
    }
}

TEST_F(Sending, FaultsHitTheRequestTheyWereMeantFor)
{
    fault limited{"send", fault::act::status};
    limited.skip = 1;
    limited.status = 429;
    limited.body = R"({"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":500})";
    server.faults().add(limited);
    const auto path = "/rooms/" + room + "/send/m.room.message/";
    EXPECT_EQ(http("PUT", path + "a?user_id=" + ghost, hello).status, 200U);
    EXPECT_EQ(code(http("PUT", path + "b?user_id=" + ghost, hello)), "429 M_LIMIT_EXCEEDED");
    EXPECT_EQ(http("PUT", path + "b?user_id=" + ghost, hello).status, 200U);
    server.faults().add({"*", fault::act::half});
    EXPECT_EQ(http("GET", "/account/whoami").status, 0U);
}

TEST_F(Sending, TakesTheTimeOfAServiceAndRefusesNonsense)
{
    const auto id = send("t", "user_id=" + ghost + "&ts=1234");
    EXPECT_EQ(get(alice, "/rooms/" + room + "/event/" + id)["origin_server_ts"], 1234);
    const auto path = "/rooms/" + room + "/send/m.room.message/";
    EXPECT_EQ(http("PUT", path + "u?user_id=" + ghost + "&ts=-1", hello).status, 400U);
    EXPECT_EQ(http("PUT", path + "v?user_id=" + ghost + "&ts=abc", hello).status, 400U);
}

TEST_F(Sending, RefusesWhatSynapseRefuses)
{
    const auto put = [&](const json& content) {
        return code(
            ask(alice, "PUT", "/rooms/" + room + "/send/m.room.message/x" + std::to_string(++txn), content)
        );
    };
    EXPECT_EQ(put({{"msgtype", "m.text"}}), "400 M_UNKNOWN");
    EXPECT_EQ(put({{"msgtype", "m.text"}, {"body", "x"}, {"n", 1.5}}), "400 M_BAD_JSON");
    EXPECT_EQ(put({{"msgtype", "m.text"}, {"body", std::string(70'000, 'x')}}), "413 M_TOO_LARGE");
    EXPECT_EQ(
        put(
            {{"msgtype", "m.text"},
             {"body", "x"},
             {"m.relates_to", {{"rel_type", "m.replace"}, {"event_id", "$no"}}}}
        ),
        "400 M_UNKNOWN"
    );
    EXPECT_EQ(
        code(wait_for(server.ask(alice, "PUT", "/rooms/" + room + "/send/m.room.message/y", "{"))),
        "400 M_NOT_JSON"
    );
    EXPECT_EQ(code(ask(bob, "PUT", "/rooms/" + room + "/send/m.room.message/z", hello)), "403 M_FORBIDDEN");
    EXPECT_EQ(code(ask(bob, "PUT", "/rooms/!no:localhost/send/m.room.message/z", hello)), "403 M_FORBIDDEN");
}

TEST_F(Sending, ASecondReactionOfTheSameKindIsADuplicateUntilRedacted)
{
    const auto target = say(alice, room, "like me");
    const json like{{"m.relates_to", {{"rel_type", "m.annotation"}, {"event_id", target}, {"key", "+"}}}};
    const auto path = "/rooms/" + room + "/send/m.reaction/";
    const auto first = id_of(ask(alice, "PUT", path + "a", like), "event_id");
    EXPECT_EQ(code(ask(alice, "PUT", path + "b", like)), "400 M_DUPLICATE_ANNOTATION");
    EXPECT_EQ(ask(alice, "PUT", "/rooms/" + room + "/redact/" + first + "/c", json::object()).status, 200U);
    EXPECT_EQ(ask(alice, "PUT", path + "d", like).status, 200U);
}

TEST_F(Sending, PowerDecidesAboutKicksBansStateAndRedactions)
{
    ask(bob, "POST", "/join/" + room);
    const auto mine = say(alice, room, "mine");
    EXPECT_EQ(
        code(ask(bob, "PUT", "/rooms/" + room + "/redact/" + mine + "/r", json::object())), "403 M_FORBIDDEN"
    );
    EXPECT_EQ(
        code(ask(bob, "PUT", "/rooms/" + room + "/state/m.room.name", {{"name", "bob's"}})), "403 M_FORBIDDEN"
    );
    EXPECT_EQ(code(ask(bob, "POST", "/rooms/" + room + "/kick", {{"user_id", alice}})), "403 M_FORBIDDEN");
    EXPECT_EQ(
        ask(alice, "POST", "/rooms/" + room + "/ban", {{"user_id", bob}, {"reason", "spam"}}).status, 200U
    );
    EXPECT_EQ(code(ask(bob, "POST", "/join/" + room)), "403 M_FORBIDDEN");
    EXPECT_EQ(get(alice, "/rooms/" + room + "/state/m.room.member/" + bob)["reason"], "spam");
    EXPECT_EQ(ask(alice, "POST", "/rooms/" + room + "/unban", {{"user_id", bob}}).status, 200U);
    EXPECT_EQ(ask(bob, "POST", "/join/" + room).status, 200U);
    EXPECT_EQ(ask(alice, "POST", "/rooms/" + room + "/kick", {{"user_id", bob}}).status, 200U);
    const json raise{{"users", {{alice, 100}, {bob, 200}}}};
    EXPECT_EQ(
        code(ask(alice, "PUT", "/rooms/" + room + "/state/m.room.power_levels", raise)), "403 M_FORBIDDEN"
    );
}

TEST_F(ClientApi, AVersion12RoomHasNoServerInItsIdAndNoCreatorInItsPowers)
{
    const json how{{"room_version", "12"}};
    const auto room = make_room(alice, how);
    EXPECT_EQ(room.find(':'), room.npos);
    EXPECT_EQ(room[0], '!');
    json over = how;
    over["power_level_content_override"] = {{"users", {{alice, 100}}}};
    const auto refused = ask(alice, "POST", "/createRoom", over);
    EXPECT_EQ(refused.status, 400U);
    EXPECT_NE(refused.body.find("must not appear in content.users"), refused.body.npos);
    EXPECT_EQ(ask(alice, "PUT", "/rooms/" + room + "/state/m.room.name", {{"name", "mine"}}).status, 200U);
}

TEST_F(ClientApi, AnInviteOnlyRoomLetsInTheInvitedOnly)
{
    const auto room = make_room(alice, {{"preset", "private_chat"}, {"is_direct", true}, {"invite", {bob}}});
    server.make_user("carol", "");
    EXPECT_EQ(code(ask("@carol:localhost", "POST", "/rooms/" + room + "/join")), "403 M_FORBIDDEN");
    EXPECT_EQ(
        get(alice, "/rooms/" + room + "/members?membership=invite")["chunk"][0]["content"]["is_direct"], true
    );
    EXPECT_EQ(ask(bob, "POST", "/rooms/" + room + "/join").status, 200U);
    const json joined = get(alice, "/rooms/" + room + "/joined_members")["joined"];
    EXPECT_EQ(joined.size(), 2U);
    EXPECT_TRUE(joined[bob]["avatar_url"].is_null());
    EXPECT_EQ(ask(bob, "POST", "/rooms/" + room + "/leave").status, 200U);
    EXPECT_EQ(ask(bob, "POST", "/rooms/" + room + "/forget").status, 200U);
    EXPECT_EQ(get(bob, "/joined_rooms")["joined_rooms"].size(), 0U);
}

TEST_F(ClientApi, AnUnknownAliasOfTheServiceIsAskedForAndMayAppear)
{
    const std::string alias = "%23_x_orchard%3Alocalhost";
    EXPECT_EQ(code(ask(alice, "POST", "/join/" + alias)), "404 M_NOT_FOUND");
    EXPECT_EQ(as.got.back().target, "/_matrix/app/v1/rooms/" + alias);
    as.answer = [&](const http_request& r) {
        if (r.target.find("/rooms/") != r.target.npos &&
            !server.data().aliases.contains("#_x_orchard:localhost")) {
            auto& world = server.data();
            auto& made = world.rooms["!made:localhost"];
            made = std::make_unique<hs::room>();
            world.aliases["#_x_orchard:localhost"] = made.get();
        }
        return http_reply{"{}"};
    };
    EXPECT_EQ(ask(alice, "GET", "/directory/room/" + alias).status, 200U);
}

TEST_F(ClientApi, AliasesAreUniqueAndThoseOfTheServiceReserved)
{
    const auto room = make_room(alice, {{"room_alias_name", "garden"}});
    EXPECT_EQ(code(ask(bob, "POST", "/createRoom", {{"room_alias_name", "garden"}})), "400 M_ROOM_IN_USE");
    EXPECT_EQ(code(ask(bob, "POST", "/createRoom", {{"room_alias_name", "_x_garden"}})), "400 M_EXCLUSIVE");
    EXPECT_EQ(ask(alice, "PUT", "/directory/room/%23garden%3Alocalhost", {{"room_id", room}}).status, 409U);
    EXPECT_EQ(ask(alice, "DELETE", "/directory/room/%23garden%3Alocalhost").status, 200U);
    EXPECT_EQ(code(ask(bob, "GET", "/directory/room/%23garden%3Alocalhost")), "404 M_NOT_FOUND");
}

TEST_F(ClientApi, MediaIsForThoseWithATokenOnly)
{
    auto up = wait_for(server.ask(alice, "POST", "/_matrix/media/v3/upload", "bytes"));
    const auto path = id_of(up, "content_uri").substr(6);
    EXPECT_EQ(
        wait_for(server.ask(alice, "GET", "/_matrix/client/v1/media/download/" + path, "")).body, "bytes"
    );
    EXPECT_EQ(wait_for(server.ask(alice, "GET", "/_matrix/media/v3/download/" + path, "")).status, 404U);
    up = wait_for(server.ask(alice, "POST", "/_matrix/media/v1/create", ""));
    const auto later = id_of(up, "content_uri").substr(6);
    EXPECT_EQ(
        code(wait_for(server.ask(alice, "GET", "/_matrix/client/v1/media/download/" + later, ""))),
        "504 M_NOT_YET_UPLOADED"
    );
    EXPECT_EQ(wait_for(server.ask(alice, "PUT", "/_matrix/media/v3/upload/" + later, "late")).status, 200U);
    EXPECT_EQ(
        wait_for(server.ask(alice, "GET", "/_matrix/client/v1/media/download/" + later, "")).body, "late"
    );
}

TEST_F(ClientApi, ANewNameShowsInEveryRoom)
{
    const auto room = make_room(alice);
    EXPECT_EQ(
        ask(alice, "PUT", "/profile/" + alice + "/displayname", {{"displayname", "Alice!"}}).status, 200U
    );
    EXPECT_EQ(get(bob, "/profile/" + alice)["displayname"], "Alice!");
    EXPECT_EQ(get(alice, "/rooms/" + room + "/state/m.room.member/" + alice)["displayname"], "Alice!");
    EXPECT_EQ(
        code(ask(alice, "PUT", "/profile/" + alice + "/displayname", {{"displayname", std::string(300, 'x')}})
        ),
        "400 M_INVALID_PARAM"
    );
}

TEST_F(ClientApi, UnknownRoutesAndMethodsAreUnrecognized)
{
    EXPECT_EQ(code(ask(alice, "GET", "/no/such/thing")), "404 M_UNRECOGNIZED");
    EXPECT_EQ(code(ask(alice, "DELETE", "/createRoom")), "405 M_UNRECOGNIZED");
    EXPECT_EQ(code(ask("@nobody:localhost", "GET", "/sync")), "401 M_MISSING_TOKEN");
}

}  // namespace rialto::fakes::client_api_test
