#include "appservice/homeserver.hpp"

#include "scripted_homeserver.hpp"

#include <nlohmann/json.hpp>

namespace rialto::matrix::rooms_test {
namespace {

const std::string bot = "@rialto:hs", juliet = "@_rialto_xmpp_juliet:hs";

json capabilities(const std::string& available)
{
    return json::parse(
        R"({"capabilities":{"m.room_versions":{"default":"12","available":)" + available + "}}}"
    );
}

room_plan plan(kind k)
{
    room_plan p{k};
    p.alias = "_rialto_x_orchard";
    p.network = "prosody";
    p.far_room = "orchard@muc";
    p.far_name = "Orchard";
    p.info.title = "Orchard";
    p.invite.emplace_back("@alice:hs");
    p.members.push_back(juliet);
    return p;
}

json created(const room_plan& p, const room_version& v) { return json::parse(creation_content(p, bot, v)); }

TEST(RoomVersion, IsElevenElseTheNewestBeforeElseTwelve)
{
    EXPECT_EQ(choose_version(capabilities(R"({"10":"stable","11":"stable","12":"stable"})")).name, "11");
    EXPECT_EQ(choose_version(capabilities(R"({"9":"stable","10":"stable","11":"unstable"})")).name, "10");
    const auto twelve = choose_version(capabilities(R"({"12":"stable","org.x":"stable"})"));
    EXPECT_EQ(twelve.name, "12");
    EXPECT_FALSE(twelve.creator_in_users);
    for (const char* broken : {"{}", "[]", R"({"11":5})", R"({"99999999999999":"stable"})"})
        EXPECT_EQ(choose_version(capabilities(broken)).name, "") << broken;
    EXPECT_EQ(choose_version(json{}).name, "");
}

TEST(RoomContent, AnOpenGroupIsUnlistedAndAllPowerIsTheBots)
{
    const auto c = created(plan(kind::group), {"11", true});
    EXPECT_EQ(c["preset"], "public_chat");
    EXPECT_EQ(c["visibility"], "private");
    EXPECT_EQ(c["room_alias_name"], "_rialto_x_orchard");
    EXPECT_EQ(c["room_version"], "11");
    EXPECT_EQ(c["name"], "Orchard");
    EXPECT_EQ(c["invite"], json::parse(R"(["@alice:hs"])"));
    const auto& levels = c["power_level_content_override"];
    EXPECT_EQ(levels["users"], json::parse(R"({"@rialto:hs":100})"));
    EXPECT_EQ(levels["users_default"], 0);
    EXPECT_EQ(levels["state_default"], 50);
}

TEST(RoomContent, AMembersOnlyGroupIsByInvitationAndHidesItsPast)
{
    auto p = plan(kind::group);
    p.info.members_only = true;
    p.info.listed = true;
    const auto c = created(p, {"11", true});
    EXPECT_EQ(c["preset"], "private_chat");
    EXPECT_EQ(c["visibility"], "private");
    EXPECT_EQ(c["invite"].size(), 2U);
    bool hidden = false;
    for (const auto& e : c["initial_state"])
        hidden |= e["type"] == "m.room.history_visibility" && e["content"]["history_visibility"] == "joined";
    EXPECT_TRUE(hidden);
}

TEST(RoomContent, WhatOpenedAChatIsThereWhenItIsAccepted)
{
    const auto c = created(plan(kind::direct), {"11", true});
    bool seen = false;
    for (const auto& e : c["initial_state"])
        seen |= e["type"] == "m.room.history_visibility" && e["content"]["history_visibility"] == "invited";
    EXPECT_TRUE(seen);
}

TEST(RoomContent, ADirectRoomIsSharedWithWhoIsInvited)
{
    const auto c = created(plan(kind::direct), {"11", true});
    EXPECT_EQ(c["preset"], "trusted_private_chat");
    EXPECT_EQ(c["is_direct"], true);
    EXPECT_EQ(
        c["power_level_content_override"]["users"], json::parse(R"({"@rialto:hs":100,"@alice:hs":100})")
    );
}

TEST(RoomContent, InVersion12TheCreatorIsNotNamed)
{
    const auto c = created(plan(kind::group), {"12", false});
    EXPECT_TRUE(c["power_level_content_override"]["users"].empty());
}

TEST(RoomContent, TheBridgeIsDescribedUnderBothNames)
{
    const auto c = created(plan(kind::group), {"11", true});
    std::vector<std::string> types;
    for (const auto& e : c["initial_state"])
        if (e["state_key"] == "chat.rialto://prosody/orchard@muc")
            types.push_back(e["type"]);
    EXPECT_EQ(types, (std::vector<std::string>{"m.bridge", "uk.half-shot.bridge"}));
    const auto content = bridge_content(plan(kind::direct), bot);
    EXPECT_EQ(content["bridgebot"], bot);
    EXPECT_EQ(content["channel"]["displayname"], "Orchard");
}

TEST(RoomContent, ARoomIsReadFromItsState)
{
    const auto room = read_room(json::parse(R"([null, 5, {},
        {"type":"m.room.name","state_key":"","content":{"name":"Verona"}},
        {"type":"m.room.topic","state_key":"","content":{"topic":7}},
        {"type":"m.room.join_rules","state_key":"","content":{"join_rule":"public"}},
        {"type":"m.room.power_levels","state_key":"","content":{"state_default":60,"users_default":5,"users":{"@a:hs":100,"@b:hs":"x"}}},
        {"type":"m.room.member","state_key":"@a:hs","content":{"membership":"join","displayname":"A"}},
        {"type":"m.room.member","state_key":"@b:hs","content":{"membership":"join","is_direct":true}},
        {"type":"m.room.member","state_key":"@c:hs","content":{"membership":"leave"}},
        {"type":"m.room.encryption","state_key":"","content":{}}])"));
    EXPECT_EQ(room.info.title, "Verona");
    EXPECT_EQ(room.info.topic, "");
    EXPECT_TRUE(room.public_join && room.encrypted && room.direct);
    EXPECT_EQ(room.state_default, 60);
    ASSERT_EQ(room.members.size(), 2U);
    EXPECT_EQ(room.members[0].power, 100);
    EXPECT_EQ(room.members[0].shown_as, "A");
    EXPECT_EQ(room.members[1].power, 5);
    EXPECT_TRUE(read_room(json::parse("{}")).members.empty());
}

TEST(RoomContent, InVersion12TheCreatorHasMoreThanAnyPower)
{
    const auto room = read_room(json::parse(R"([
        {"type":"m.room.create","state_key":"","sender":"@a:hs","content":{"room_version":"12"}},
        {"type":"m.room.member","state_key":"@a:hs","content":{"membership":"join"}}])"));
    EXPECT_GT(room.members.at(0).power, 1'000'000);
}

TEST(RoomContent, MirroredPowerEndsAtFiftyAndNeverTouchesEquals)
{
    const auto levels = json::parse(R"({"users":{"@rialto:hs":100,"@admin:hs":100,"@x:hs":50},"ban":50})");
    const auto power = [&levels](const std::string& whom, rank r) -> std::optional<std::int64_t> {
        const auto changed = with_rank(levels, whom, r, bot);
        if (!changed)
            return {};
        EXPECT_EQ(json::parse(*changed)["ban"], 50);
        return power_of(json::parse(*changed), whom);
    };
    EXPECT_EQ(power("@y:hs", rank::owner), 50);
    EXPECT_EQ(power("@y:hs", rank::moderator), 50);
    EXPECT_EQ(power("@x:hs", rank::member), 0);
    EXPECT_EQ(power("@y:hs", rank::visitor), -1);
    EXPECT_EQ(power("@y:hs", rank::member), std::nullopt);
    EXPECT_EQ(power("@admin:hs", rank::member), std::nullopt);
    EXPECT_EQ(power(bot, rank::member), std::nullopt);
    EXPECT_FALSE(with_rank(json::parse("[]"), "@y:hs", rank::owner, bot));
    EXPECT_FALSE(with_rank(json::parse("{}"), "@y:hs", rank::owner, bot)) << "the bot has no power there";
}

struct Homeserver : testing::Test
{
    boost::asio::io_context io;
    scripted_http http;
    notes_only notes;
    matrix_homeserver hs{
        io.get_executor(), http, notes, client_settings{"http://hs", "t", "hs", bot, "rialto"},
        [](std::string_view m) { return m.starts_with("@_rialto_"); }
    };
    std::map<std::string, net::http_reply> answers;  // by a part of "METHOD url"

    Homeserver()
    {
        http.rule = [this](const net::http_request& r) -> result<net::http_reply> {
            const auto line = r.method + " " + r.url;
            for (const auto& [part, reply] : answers)
                if (line.find(part) != std::string::npos)
                    return reply;
            return net::http_reply{
                200,
                R"({"event_id":"$e","room_id":"!r","capabilities":{"m.room_versions":{"available":{"11":"stable"}}}})"
            };
        };
        notes.notes["ghost:" + juliet] = "0 Juliet";
    }
    order said(const std::string& key = "k1")
    {
        order o{"!r", juliet, message{document{"But soft!"}}, key};
        o.shown = profile{"Juliet"};
        return o;
    }
    std::vector<std::string> asked()
    {
        auto all_lines = http.lines();
        for (auto& l : all_lines)
            l = l.substr(0, l.find('?'));
        return all_lines;
    }
    using lines = std::vector<std::string>;
};

TEST_F(Homeserver, AMessageOfAKnownGhostIsOneRequestWithKeyAndDevice)
{
    const auto got = run(hs.deliver(said()));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->id.value, "$e");
    ASSERT_EQ(http.asked.size(), 1U);
    EXPECT_EQ(
        http.lines()[0],
        "PUT rooms/%21r/send/m.room.message/k1?user_id=%40_rialto_xmpp_juliet%3Ahs&device_id=RIALTO0"
    );
    EXPECT_EQ(json::parse(http.asked[0].body)["chat.rialto.key"], "k1");
}

TEST_F(Homeserver, TheBotIsMadeAtItsFirstWordAndHasADevice)
{
    ASSERT_TRUE(run(hs.notice("!r", "hello", "n1")));
    EXPECT_EQ(
        asked(), (lines{"POST register", "PUT devices/RIALTO0", "PUT rooms/%21r/send/m.room.message/n1"})
    );
    EXPECT_EQ(json::parse(http.asked.back().body)["msgtype"], "m.notice");
}

TEST_F(Homeserver, AnOldMessageIsSentWithItsTime)
{
    auto o = said();
    o.past = true;
    o.at = timestamp{std::chrono::milliseconds{1234}};
    ASSERT_TRUE(run(hs.deliver(o)));
    EXPECT_NE(http.asked[0].url.find("&ts=1234"), std::string::npos);
}

TEST_F(Homeserver, WhoIsNotInTheRoomJoinsAndSpeaksAgain)
{
    int sends = 0;
    http.rule = [&sends](const net::http_request& r) -> result<net::http_reply> {
        if (r.url.find("/send/") != std::string::npos && sends++ == 0)
            return refused(403, "M_FORBIDDEN", "not in room");
        return net::http_reply{200, R"({"event_id":"$e"})"};
    };
    ASSERT_TRUE(run(hs.deliver(said())));
    EXPECT_EQ(
        asked(),
        (lines{
            "PUT rooms/%21r/send/m.room.message/k1", "POST join/%21r", "PUT rooms/%21r/send/m.room.message/k1"
        })
    );
}

TEST_F(Homeserver, ARefusalIsGivenUpWithMatrixsWords)
{
    answers["PUT"] = refused(403, "M_FORBIDDEN", "policy server says no");
    const auto got = run(hs.deliver(said()));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().next, verdict::give_up);
    EXPECT_NE(got.error().why.find("policy server says no"), std::string::npos);
}

TEST_F(Homeserver, TroubleIsTriedLater)
{
    answers["PUT"] = net::http_reply{502, ""};
    EXPECT_EQ(run(hs.deliver(said())).error().next, verdict::try_later);
}

TEST_F(Homeserver, ADuplicateReactionIsDone)
{
    answers["PUT"] = refused(400, "M_DUPLICATE_ANNOTATION");
    order o{"!r", juliet, reactions{reference{message_id{"$t"}}, {"👍"}}, "k1"};
    o.shown = profile{"Juliet"};
    EXPECT_TRUE(run(hs.deliver(o)));
}

TEST_F(Homeserver, ALostDeviceIsRemadeAndThenTheKeyIsLookedFor)
{
    answers["/send/"] = refused(400, "ORG.MATRIX.MSC4326.M_UNKNOWN_DEVICE");
    const auto first = run(hs.deliver(said()));
    ASSERT_FALSE(first);
    EXPECT_EQ(first.error().next, verdict::try_later);
    EXPECT_FALSE(first.error().certain);
    EXPECT_EQ(notes.notes["ghost:" + juliet], "1 Juliet");

    answers.clear();
    answers["/messages"] = net::http_reply{
        200,
        R"({"chunk":[{"event_id":"$had","sender":")" + juliet + R"(","content":{"chat.rialto.key":"k1"}}]})"
    };
    http.asked.clear();
    const auto second = run(hs.deliver(said()));
    ASSERT_TRUE(second);
    EXPECT_EQ(second->id.value, "$had");
    EXPECT_EQ(asked(), lines{"GET rooms/%21r/messages"});
}

TEST_F(Homeserver, InDoubtTheKeyIsLookedForAndOnlyBelievedOfItsSender)
{
    answers["/messages"] = net::http_reply{
        200, R"({"chunk":[{"event_id":"$not","sender":"@mallory:hs","content":{"chat.rialto.key":"k1"}}]})"
    };
    auto o = said();
    o.again = true;
    const auto got = run(hs.deliver(o));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->id.value, "$e");
    EXPECT_EQ(asked(), (lines{"GET rooms/%21r/messages", "PUT rooms/%21r/send/m.room.message/k1"}));
}

TEST_F(Homeserver, AKickOfAFarModeratorIsDoneByTheBotWhoNamesThem)
{
    int kicks = 0;
    http.rule = [&kicks](const net::http_request& r) -> result<net::http_reply> {
        if (r.url.find("/kick") != std::string::npos && kicks++ == 0)
            return refused(403, "M_FORBIDDEN", "no power");
        return net::http_reply{200, "{}"};
    };
    order o{"!r", juliet, membership{change::kick, user_id{"@bob:hs"}, "spam"}, "k"};
    o.shown = profile{"dan"};
    ASSERT_TRUE(run(hs.deliver(o)));
    ASSERT_EQ(http.asked.size(), 2U);
    EXPECT_EQ(json::parse(http.asked[0].body)["reason"], "spam");
    EXPECT_EQ(json::parse(http.asked[1].body)["reason"], "kicked by dan: spam");
    EXPECT_NE(http.asked[1].url.find("user_id=%40rialto%3Ahs"), std::string::npos) << "the bot does it";
}

TEST_F(Homeserver, AKickOfWhoIsGoneAlreadyIsDone)
{
    answers["/kick"] = refused(403, "M_FORBIDDEN", "not in the room");
    answers["/state/m.room.member"] = net::http_reply{200, R"({"membership":"leave"})"};
    order o{"!r", "", membership{change::kick, user_id{"@bob:hs"}}, "k"};
    EXPECT_TRUE(run(hs.deliver(o)));
    answers["/state/m.room.member"] = net::http_reply{200, R"({"membership":"join"})"};
    EXPECT_EQ(run(hs.deliver(o)).error().kind, cause::forbidden);
}

TEST_F(Homeserver, JoinsAndLeavesAreTheGhostsOwn)
{
    order in{"!r", "@_rialto_xmpp_new:hs", membership{change::join, user_id{"@_rialto_xmpp_new:hs"}}, "k"};
    in.shown = profile{"New"};
    ASSERT_TRUE(run(hs.deliver(in)));
    EXPECT_EQ(asked().back(), "POST join/%21r");
    order out{
        "!r", "@_rialto_xmpp_new:hs", membership{change::leave, user_id{"@_rialto_xmpp_new:hs"}, "bye"}, "k"
    };
    out.shown = profile{"New"};
    ASSERT_TRUE(run(hs.deliver(out)));
    EXPECT_EQ(asked().back(), "POST rooms/%21r/leave");
}

TEST_F(Homeserver, ANewNameIsAProfileAndNoMessage)
{
    order o{"", juliet, profile{"Juliet C."}, "k"};
    ASSERT_TRUE(run(hs.deliver(o)));
    EXPECT_EQ(asked(), (lines{"PUT profile/%40_rialto_xmpp_juliet%3Ahs/displayname"}));
}

TEST_F(Homeserver, WhatMatrixCannotSayIsUnsupported)
{
    order o{"!r", juliet, contact{user_id{"x"}, bond::asked}, "k"};
    o.shown = profile{"Juliet"};
    EXPECT_EQ(run(hs.deliver(o)).error().next, verdict::unsupported);
}

TEST_F(Homeserver, ARoomIsMadeByTheBotAndGhostsJoinIt)
{
    const auto got = run(hs.make_room(plan(kind::group)));
    ASSERT_TRUE(got);
    EXPECT_EQ(*got, "!r");
    EXPECT_EQ(asked(), (lines{"GET capabilities", "POST createRoom", "POST join/%21r"}));
    EXPECT_EQ(http.lines()[1], "POST createRoom");
}

TEST_F(Homeserver, ARoomMadeTwiceIsTheFirst)
{
    answers["createRoom"] = refused(400, "M_ROOM_IN_USE");
    answers["directory/room"] = net::http_reply{200, R"({"room_id":"!first"})"};
    EXPECT_EQ(*run(hs.make_room(plan(kind::group))), "!first");
    EXPECT_EQ(asked().at(2), "GET directory/room/%23_rialto_x_orchard%3Ahs");
}

TEST_F(Homeserver, TheRoomOfAnAliasIsFoundOrNot)
{
    EXPECT_EQ(*run(hs.room_of_alias("#a:hs")), "!r");
    answers["directory"] = refused(404, "M_NOT_FOUND");
    EXPECT_EQ(run(hs.room_of_alias("a")).error().kind, cause::not_found);
}

TEST_F(Homeserver, LeavingWhatOneIsNotInIsDone)
{
    answers["user_id=%40_rialto_xmpp_juliet"] = refused(403, "M_FORBIDDEN", "not in room");
    EXPECT_TRUE(run(hs.leave("!r", {juliet, ""}, "unbridged")));
    EXPECT_EQ(http.asked.size(), 2U);
}

TEST_F(Homeserver, HistoryIsReadBackwardsAsTheGhost)
{
    answers["/messages"] = net::http_reply{
        200, R"({"chunk":[
        {"type":"m.room.message","room_id":"!r","event_id":"$2","sender":"@a:hs","origin_server_ts":2,"content":{"body":"two"}},
        {"type":"m.unknown","room_id":"!r","event_id":"$x","sender":"@a:hs","content":{}},
        {"type":"m.room.message","room_id":"!r","event_id":"$1","sender":"@a:hs","origin_server_ts":1,"content":{"body":"one"}}]})"
    };
    extent of;
    of.newest_first = false;
    const auto got = run(hs.history("!r", juliet, of));
    ASSERT_TRUE(got);
    ASSERT_EQ(got->events.size(), 2U);
    EXPECT_EQ(got->events[0].id.value, "$1");
    EXPECT_TRUE(got->complete);
    EXPECT_NE(http.asked[0].url.find("user_id=%40_rialto"), std::string::npos);
    of.after = message_id{"$1"};
    EXPECT_EQ(run(hs.history("!r", juliet, of))->events.size(), 1U);
    of.before = message_id{"$9"};
    EXPECT_TRUE(run(hs.history("!r", juliet, of)));
    EXPECT_EQ(asked().at(2), "GET rooms/%21r/context/%249");
}

TEST_F(Homeserver, HintsAreOnlyForGhostsThatAreSurelyThere)
{
    order o{"!r", juliet, typing{true}, ""};
    hs.hint(o);
    io.run();
    EXPECT_TRUE(http.asked.empty());
    ASSERT_TRUE(run(hs.deliver(said())));
    http.asked.clear();
    hs.hint(o);
    o.what = receipt{reference{message_id{"$e"}}};
    hs.hint(o);
    o.what = presence{};
    hs.hint(o);
    io.restart();
    io.run();
    EXPECT_EQ(
        asked(),
        (lines{"PUT rooms/%21r/typing/%40_rialto_xmpp_juliet%3Ahs", "POST rooms/%21r/receipt/m.read/%24e"})
    );
}

TEST_F(Homeserver, ARoleIsPowerSetByTheBot)
{
    answers["GET http://hs/_matrix/client/v3/rooms/%21r/state/m.room.power_levels"] =
        net::http_reply{200, R"({"users":{"@rialto:hs":100}})"};
    ASSERT_TRUE(run(hs.deliver(order{"!r", juliet, role{user_id{juliet}, rank::owner}, "k"})));
    EXPECT_EQ(json::parse(http.asked.back().body)["users"][juliet], 50);
}

TEST_F(Homeserver, OtherCallsAskForWhatTheyAreNamedAfter)
{
    EXPECT_TRUE(run(hs.bot_join("!r")));
    EXPECT_TRUE(run(hs.ghost_join("!r", juliet, profile{"Juliet"})));
    EXPECT_TRUE(run(hs.describe_bridge("!r", plan(kind::group))));
    EXPECT_TRUE(run(hs.status("!r", "$e", fate::delivered, {})));
    EXPECT_TRUE(run(hs.look("!r")));
    EXPECT_EQ(
        asked(),
        (lines{
            "POST join/%21r", "POST join/%21r",
            "PUT rooms/%21r/state/m.bridge/chat.rialto%3A%2F%2Fprosody%2Forchard%40muc",
            "PUT rooms/%21r/state/uk.half-shot.bridge/chat.rialto%3A%2F%2Fprosody%2Forchard%40muc",
            "POST register", "PUT devices/RIALTO0",
            "PUT rooms/%21r/send/com.beeper.message_send_status/status-2-%24e", "GET rooms/%21r/state"
        })
    );
}

}  // namespace
}  // namespace rialto::matrix::rooms_test
