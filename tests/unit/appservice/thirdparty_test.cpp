// The answers are held against what the specification's schema requires (AS-API, GET /thirdparty/…).
#include "appservice/thirdparty.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rialto::thirdparty_test {
namespace {

using nlohmann::json;

struct Thirdparty : testing::Test
{
    names ours{"hs.example", "_rialto_bot", "_rialto_", networks()};
    third_parties it{ours, cards()};

    static std::vector<named_network> networks()
    {
        std::vector<named_network> out;
        for (const char* name : {"prosody", "ejabberd", "mail"})
            out.emplace_back(name);
        return out;
    }
    static std::vector<network_card> cards()
    {
        std::vector<network_card> out;
        out.emplace_back("prosody", "xmpp", "Prosody");
        out.emplace_back("ejabberd", "xmpp", "ejabberd");
        out.emplace_back("mail", "email", "Mail");
        return out;
    }
    static json parsed(const std::optional<std::string>& text) { return text ? json::parse(*text) : json{}; }
};

void is_protocol(const json& j)
{
    for (const char* list : {"user_fields", "location_fields"}) {
        ASSERT_TRUE(j.at(list).is_array());
        for (const auto& each : j.at(list)) {
            ASSERT_TRUE(each.is_string());
            ASSERT_TRUE(j.at("field_types").contains(each)) << "each field MUST have a type: " << each;
        }
    }
    EXPECT_TRUE(j.at("icon").is_string());
    for (const auto& type : j.at("field_types")) {
        EXPECT_TRUE(type.at("regexp").is_string());
        EXPECT_TRUE(type.at("placeholder").is_string());
    }
    ASSERT_TRUE(j.at("instances").is_array());
    for (const auto& each : j.at("instances")) {
        EXPECT_TRUE(each.at("desc").is_string());
        EXPECT_TRUE(each.at("network_id").is_string());
        EXPECT_TRUE(each.at("fields").is_object());
    }
}

void are(const json& list, const char* id)
{
    ASSERT_TRUE(list.is_array());
    for (const auto& each : list) {
        EXPECT_TRUE(each.at(id).is_string());
        EXPECT_TRUE(each.at("protocol").is_string());
        EXPECT_TRUE(each.at("fields").is_object());
    }
}

TEST_F(Thirdparty, AProtocolListsItsNetworksAsInstances)
{
    const auto it_is = parsed(it.protocol("xmpp"));
    is_protocol(it_is);
    ASSERT_EQ(it_is.at("instances").size(), 2u);
    EXPECT_EQ(it_is["instances"][1]["network_id"], "ejabberd");
    EXPECT_EQ(it_is["instances"][1]["fields"]["network"], "ejabberd");
    is_protocol(parsed(it.protocol("email")));
    EXPECT_FALSE(it.protocol("irc"));
    EXPECT_FALSE(it.protocol(""));
}

TEST_F(Thirdparty, AnAddressIsTheSameGhostThatWouldSpeak)
{
    const auto found =
        parsed(it.users("xmpp", {{"network", "prosody"}, {"address", "juliet@capulet.example"}}));
    are(found, "userid");
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0]["userid"], "@_rialto_prosody_juliet=40capulet.example:hs.example");
    EXPECT_EQ(found[0]["fields"], (json{{"network", "prosody"}, {"address", "juliet@capulet.example"}}));
}

TEST_F(Thirdparty, WithoutANetworkEachOfTheProtocolAnswers)
{
    const auto found = parsed(it.locations("xmpp", {{"room", "verona@muc.example"}, {"access_token", "x"}}));
    are(found, "alias");
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0]["alias"], "#_rialto_prosody_verona=40muc.example:hs.example");
    EXPECT_EQ(found[1]["fields"], (json{{"network", "ejabberd"}, {"room", "verona@muc.example"}}));
}

TEST_F(Thirdparty, WhatNobodyCanBeIsNotFound)
{
    EXPECT_FALSE(it.users("xmpp", {}));
    EXPECT_FALSE(it.users("irc", {{"address", "a@b"}}));
    EXPECT_FALSE(it.users("xmpp", {{"network", "mail"}, {"address", "a@b"}}));
    EXPECT_FALSE(it.users("xmpp", {{"address", "a b"}}));
    EXPECT_FALSE(it.users("xmpp", {{"address", std::string("a\0b", 3)}}));
    EXPECT_FALSE(it.users("xmpp", {{"address", std::string(300, 'a')}}));
    EXPECT_FALSE(it.users("xmpp", {{"address", std::string(250, '@')}}));
    EXPECT_FALSE(it.locations("xmpp", {{"address", "a@b"}}));
}

TEST_F(Thirdparty, AGhostAndAnAliasLeadBackToTheirAddress)
{
    const auto user = parsed(it.user_behind("@_rialto_mail_bob=40mail.example:hs.example"));
    are(user, "userid");
    EXPECT_EQ(user[0]["protocol"], "email");
    EXPECT_EQ(user[0]["fields"]["address"], "bob@mail.example");
    const auto room = parsed(it.room_behind("#_rialto_prosody_verona=40muc.example:hs.example"));
    are(room, "alias");
    EXPECT_EQ(room[0]["fields"]["room"], "verona@muc.example");
    EXPECT_FALSE(it.user_behind("@alice:hs.example"));
    EXPECT_FALSE(it.user_behind(""));
    EXPECT_FALSE(it.room_behind("#general:hs.example"));
}

TEST_F(Thirdparty, BytesThatAreNoTextStillMakeJson)
{
    const auto found = it.user_behind("@_rialto_mail_=ff=fe:hs.example");
    ASSERT_TRUE(found);
    EXPECT_TRUE(json::accept(*found));
}

}  // namespace
}  // namespace rialto::thirdparty_test
