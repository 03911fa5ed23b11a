#include "appservice/commands.hpp"

#include "scripted_core.hpp"

namespace rialto::matrix {
namespace {

command read(std::string_view text)
{
    auto c = read_command(text);
    EXPECT_TRUE(c) << text;
    return c ? std::move(*c) : command{};
}

TEST(Command, OnlyTheCallSignCalls)
{
    for (const char* text : {"", "hello", "!rialtoo help", "hey !rialto help", "rialto help", "!Rialto help"})
        EXPECT_FALSE(read_command(text)) << text;
    EXPECT_EQ(read("!rialto").is, command::what::help);
    EXPECT_EQ(read("  !rialto   help ").is, command::what::help);
    EXPECT_EQ(read("!rialto status").is, command::what::status);
}

TEST(Command, BridgeAndUnbridgeNameNetworkAndAddress)
{
    const auto b = read("!rialto bridge prosody orchard@muc.example");
    EXPECT_EQ(b.is, command::what::bridge);
    EXPECT_EQ(b.network, "prosody");
    EXPECT_EQ(b.address, "orchard@muc.example");
    EXPECT_EQ(read("!rialto unbridge").is, command::what::unbridge);
    EXPECT_EQ(read("!rialto unbridge prosody a@b").address, "a@b");
}

TEST(Command, WhatIsNotUnderstoodIsToldWithAReason)
{
    for (const char* text :
         {"!rialto dance", "!rialto bridge", "!rialto bridge prosody", "!rialto bridge a b c",
          "!rialto unbridge a"}) {
        EXPECT_EQ(read(text).is, command::what::wrong) << text;
        EXPECT_FALSE(read(text).problem.empty()) << text;
    }
    EXPECT_EQ(read("!rialto bridge a " + std::string(4'000, 'x')).is, command::what::wrong);
}

TEST(Command, GlobsPermitWholeNamesOnly)
{
    EXPECT_TRUE(is_permitted({"*:hs"}, "@alice:hs"));
    EXPECT_FALSE(is_permitted({"*:hs"}, "@alice:hs.evil"));
    EXPECT_TRUE(is_permitted({"@b*:hs", "@a?ice:*"}, "@alice:other"));
    EXPECT_TRUE(is_permitted({"*"}, "@x:y"));
    EXPECT_TRUE(is_permitted({"@a*b*c"}, "@axxbyybzzc"));
    EXPECT_FALSE(is_permitted({"@a*b*c"}, "@axxbyybzz"));
    EXPECT_FALSE(is_permitted({}, "@alice:hs"));
    EXPECT_FALSE(is_permitted({""}, "@alice:hs"));
}

TEST(Command, OnlyWhoMayChangeTheRoomMayBridgeIt)
{
    near_room room;
    room.members.emplace_back("@alice:hs", "Alice", 50);
    room.members.emplace_back("@bob:hs", "Bob", 49);
    EXPECT_EQ(objection(room, "@alice:hs"), "");
    EXPECT_NE(objection(room, "@bob:hs"), "");
    EXPECT_NE(objection(room, "@carol:hs"), "");
    room.encrypted = true;
    EXPECT_NE(objection(room, "@alice:hs").find("encrypted"), std::string::npos);
}

TEST(Command, StatusNamesEachPlace)
{
    EXPECT_EQ(status_text({}), "This room is not bridged.");
    near_place p;
    p.network = "prosody";
    p.far_room = "orchard@muc";
    p.waiting = 3;
    p.last_error = "link down";
    EXPECT_EQ(
        status_text({p, p}).substr(0, 64), "prosody orchard@muc: open, 3 waiting, last error: link down\npros"
    );
}

struct Desk : testing::Test
{
    boost::asio::io_context io;
    scripted_near near;
    scripted_intake core;
    command_desk desk{
        io.get_executor(), near, core, [](std::string_view m) { return m.starts_with("@_rialto_"); }, rules()
    };

    static command_rules rules()
    {
        command_rules r;
        r.permitted.emplace_back("*:hs");
        r.networks.emplace_back("prosody");
        r.bot = "@rialto:hs";
        return r;
    }
    Desk()
    {
        near.room.members.emplace_back("@alice:hs", "Alice", 100);
        near.room.members.emplace_back("@bob:hs", "Bob", 0);
    }
    bool says(
        const std::string& who, std::string_view text, manner how = manner::say, const std::string& id = "$1"
    )
    {
        message m{document{text}};
        m.how = how;
        const bool taken = desk.hears(near_event{"!r", id, who, m});
        io.restart();
        io.run();
        return taken;
    }
};

TEST_F(Desk, BridgesForWhoMay)
{
    EXPECT_TRUE(says("@alice:hs", "!rialto bridge prosody orchard@muc"));
    EXPECT_EQ(core.calls, std::vector<std::string>{"bridge !r prosody orchard@muc @alice:hs"});
    ASSERT_EQ(near.notices.size(), 1U);
    EXPECT_EQ(near.notices[0], "This room is now joined to orchard@muc on prosody.");
}

TEST_F(Desk, RefusesWhoLacksPowerAndSaysWhy)
{
    EXPECT_TRUE(says("@bob:hs", "!rialto bridge prosody orchard@muc"));
    EXPECT_TRUE(core.calls.empty());
    EXPECT_NE(near.notices.at(0).find("power"), std::string::npos);
    EXPECT_TRUE(says("@bob:hs", "!rialto unbridge", manner::say, "$2"));
    EXPECT_TRUE(core.calls.empty());
}

TEST_F(Desk, IsDeafToGhostsStrangersNoticesEditsAndFiles)
{
    EXPECT_FALSE(says("@_rialto_x:hs", "!rialto help"));
    EXPECT_FALSE(says("@mallory:evil", "!rialto help"));
    EXPECT_FALSE(says("@alice:hs", "!rialto help", manner::notice));
    EXPECT_FALSE(says("@alice:hs", "!rialto help", manner::emote));
    EXPECT_FALSE(desk.hears(near_event{
        "!r", "$9", "@alice:hs", edit{reference{message_id{"$1"}}, message{document{"!rialto help"}}}
    }));
    EXPECT_TRUE(near.notices.empty());
}

TEST_F(Desk, AnswersOnceWhatIsPushedTwice)
{
    EXPECT_TRUE(says("@alice:hs", "!rialto help"));
    EXPECT_TRUE(says("@alice:hs", "!rialto help"));
    EXPECT_EQ(near.notices.size(), 1U);
}

TEST_F(Desk, TellsStatusHelpMistakesAndUnknownNetworks)
{
    EXPECT_TRUE(says("@alice:hs", "!rialto status", manner::say, "$1"));
    EXPECT_TRUE(says("@bob:hs", "!rialto help", manner::say, "$2"));
    EXPECT_TRUE(says("@bob:hs", "!rialto dance", manner::say, "$3"));
    EXPECT_TRUE(says("@alice:hs", "!rialto bridge irc x", manner::say, "$4"));
    ASSERT_EQ(near.notices.size(), 4U);
    EXPECT_EQ(near.notices[0], "This room is not bridged.");
    EXPECT_NE(near.notices[1].find("prosody"), std::string::npos);
    EXPECT_EQ(near.notices[2].find("I do not know"), 0U);
    EXPECT_EQ(near.notices[3].find("There is no network"), 0U);
}

TEST_F(Desk, UnbridgesWhatIsNamedOrAll)
{
    EXPECT_TRUE(says("@alice:hs", "!rialto unbridge", manner::say, "$1"));
    EXPECT_EQ(near.notices.at(0), "This room is not bridged.");
    core.there.resize(2);
    core.there[0].network = core.there[1].network = "prosody";
    core.there[0].far_room = "a";
    core.there[1].far_room = "b";
    near.room.encrypted = true;
    EXPECT_TRUE(says("@alice:hs", "!rialto unbridge", manner::say, "$2"));
    EXPECT_TRUE(says("@alice:hs", "!rialto unbridge prosody c", manner::say, "$3"));
    EXPECT_EQ(
        core.calls,
        (std::vector<std::string>{"unbridge !r prosody a", "unbridge !r prosody b", "unbridge !r prosody c"})
    );
}

TEST_F(Desk, ARefusalOfTheCoreIsTheAnswer)
{
    core.answer = failure{verdict::give_up, cause::banned, "You are banned there"};
    EXPECT_TRUE(says("@alice:hs", "!rialto bridge prosody x"));
    EXPECT_EQ(near.notices.at(0), "You are banned there");
}

TEST(Command, HelpShowsHowPeopleAndRoomsAreAddressed)
{
    const std::vector<std::string> nets(1, "xmpp");
    const auto text = help_text(nets, "@_rialto_xmpp_somebody=40server.example:hs");
    EXPECT_NE(text.find("start a chat with @_rialto_xmpp_somebody=40server.example:hs"), std::string::npos);
    EXPECT_NE(text.find("join #_rialto_xmpp_somebody=40server.example:hs"), std::string::npos);
    EXPECT_EQ(help_text(nets).find("start a chat"), std::string::npos);
}

TEST(Command, OnlyACallForHelpIsOne)
{
    for (const auto* text : {"help", " Help\n", "!help", "?"})
        EXPECT_TRUE(asks_for_help(text)) << text;
    for (const auto* text : {"", "help me", "helpless", "!rialto help"})
        EXPECT_FALSE(asks_for_help(text)) << text;
}

TEST_F(Desk, HelpsWhoIsAloneWithItWithoutACallSign)
{
    EXPECT_FALSE(says("@alice:hs", "help", manner::say, "$1"));
    EXPECT_EQ(near.notices.size(), 1U);
    EXPECT_FALSE(says("@alice:hs", "help", manner::say, "$1")) << "pushed twice";
    near.room.members.resize(3);
    EXPECT_FALSE(says("@alice:hs", "help", manner::say, "$3"));
    near.room.members.resize(2);
    core.there.resize(1);
    EXPECT_FALSE(says("@alice:hs", "help", manner::say, "$4")) << "somebody is told so over there";
    EXPECT_EQ(near.notices.size(), 1U);
}

TEST_F(Desk, GreetsWhoBeginsAChatWithIt)
{
    near_event asked{"!r", "$1", "@alice:hs", membership{change::invite, user_id{"@rialto:hs"}}};
    asked.direct = true;
    EXPECT_FALSE(desk.hears(asked));
    io.run();
    ASSERT_EQ(near.notices.size(), 1U);
    EXPECT_EQ(near.notices[0].rfind("Hello, I am the bridge.", 0), 0U);
}

TEST_F(Desk, FollowsInvitationsOfThePermitted)
{
    EXPECT_FALSE(
        desk.hears(near_event{"!r", "$1", "@alice:hs", membership{change::invite, user_id{"@rialto:hs"}}})
    );
    EXPECT_FALSE(
        desk.hears(near_event{"!s", "$2", "@mallory:evil", membership{change::invite, user_id{"@rialto:hs"}}})
    );
    EXPECT_FALSE(
        desk.hears(near_event{"!t", "$3", "@alice:hs", membership{change::invite, user_id{"@bob:hs"}}})
    );
    io.run();
    EXPECT_EQ(near.joined, std::vector<std::string>{"!r"});
}

}  // namespace
}  // namespace rialto::matrix
