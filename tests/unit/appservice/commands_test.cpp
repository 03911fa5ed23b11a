#include "appservice/commands.hpp"

#include "scripted_core.hpp"
#include "scripted_homeserver.hpp"
#include "tests/fakes/sim.hpp"

#include <boost/asio/detached.hpp>

namespace rialto::matrix::commands_test {
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

TEST(Command, QueueTakesAVerbAndANumber)
{
    EXPECT_EQ(read("!rialto queue").is, command::what::queue);
    EXPECT_EQ(read("!rialto queue list").verb, "");
    const auto retry = read("!rialto queue retry 17");
    EXPECT_EQ(retry.verb, "retry");
    EXPECT_EQ(retry.number, 17);
    EXPECT_EQ(read("!rialto queue retry all").number, 0);
    for (const char* text : {"queue drop", "queue drop all", "queue show x", "queue retry 0", "queue eat 3"})
        EXPECT_EQ(read("!rialto " + std::string{text}).is, command::what::wrong) << text;
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
    scripted_queue queue;
    notes_only disk;
    test::sim_clock time;
    command_desk desk{
        io.get_executor(),
        near,
        core,
        queue,
        disk,
        time,
        [](std::string_view m) { return m.starts_with("@_rialto_"); },
        rules()
    };

    static command_rules rules()
    {
        command_rules r;
        r.permitted.emplace_back("*:hs");
        r.networks.emplace_back("prosody");
        r.bot = "@rialto:hs";
        r.admins.emplace_back("@root:hs");
        r.calls.emplace_back("mail", "mail");
        r.calls.emplace_back("email", "mail");
        r.calls.emplace_back("prosody", "prosody");
        r.may_use = [](std::string_view who) { return who == "@dora:other"; };
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

TEST_F(Desk, KeepsACommandOnDiskUntilItIsDone)
{
    message m{document{"!rialto help"}};
    ASSERT_TRUE(desk.hears(near_event{"!r", "$1", "@alice:hs", m}));
    std::optional<outcome> kept;
    boost::asio::co_spawn(io, desk.keep(), [&](std::exception_ptr, outcome o) {
        EXPECT_EQ(disk.notes.count("command/$1"), 1u) << "before the homeserver is answered";
        kept = std::move(o);
    });
    io.run();
    ASSERT_TRUE(kept && *kept);
    EXPECT_EQ(near.notices.size(), 1u);
    EXPECT_EQ(disk.notes["command/$1"], "") << "done";
}

TEST_F(Desk, DoesAfterACrashWhatAFormerLifeHadHeard)
{
    disk.notes["command/$7"] =
        written_word({"!r", "$7", "@alice:hs", "!rialto bridge prosody orchard@muc", false});
    disk.notes["command/$8"] = written_word({"!s", "$8", "@alice:hs", "", false});
    disk.notes["command/$9"] = "spoiled";
    boost::asio::co_spawn(io, desk.resume(), boost::asio::detached);
    io.run();
    EXPECT_EQ(core.calls, std::vector<std::string>{"bridge !r prosody orchard@muc @alice:hs"});
    EXPECT_EQ(near.joined, std::vector<std::string>{"!s"});
    EXPECT_EQ(disk.notes["command/$7"], "");
    EXPECT_TRUE(says("@alice:hs", "!rialto bridge prosody orchard@muc", manner::say, "$7"));
    EXPECT_EQ(core.calls.size(), 1u) << "pushed again, it is not done again";
}

TEST_F(Desk, SaysThatItIsBusyInsteadOfBeingSilent)
{
    message m{document{"!rialto help"}};
    for (int i = 0; i < 20; ++i)
        EXPECT_TRUE(desk.hears(near_event{"!r", "$" + std::to_string(i), "@alice:hs", m}));
    io.run();
    ASSERT_EQ(near.notices.size(), 20U);
    EXPECT_EQ(
        std::count_if(
            near.notices.begin(), near.notices.end(), [](const auto& n) { return n.find("busy") != n.npos; }
        ),
        4
    );
}

TEST_F(Desk, ListsTheQueueOfTheRoomOnly)
{
    EXPECT_TRUE(says("@bob:hs", "!rialto queue", manner::say, "$0"));
    EXPECT_EQ(near.notices.back(), "This room is not bridged.");
    core.there.resize(1);
    queue.all.dead.push_back(dead_letter(17, "!r", "@bob:hs"));
    EXPECT_TRUE(says("@bob:hs", "!rialto queue"));
    EXPECT_EQ(queue.calls.back(), "list !r");
    EXPECT_NE(near.notices.back().find("17  message of @bob:hs to prosody orchard@muc"), std::string::npos)
        << near.notices.back();
    EXPECT_EQ(near.notices.back().find("secret"), std::string::npos);
    EXPECT_TRUE(says("@bob:hs", "!rialto queue show 17", manner::say, "$2"));
    EXPECT_NE(near.notices.back().find("you are banned there"), std::string::npos);
    EXPECT_EQ(near.notices.back().find("secret"), std::string::npos) << "never in a room";
}

TEST_F(Desk, SaysInTheStatusWhatWaitsAndWhatWasNotDelivered)
{
    core.there.resize(1);
    core.there[0].network = "prosody";
    core.there[0].far_room = "orchard@muc";
    EXPECT_TRUE(says("@bob:hs", "!rialto status", manner::say, "$1"));
    EXPECT_EQ(near.notices.back(), "prosody orchard@muc: open");
    queue.all.dead.push_back(dead_letter(17, "!r", "@bob:hs"));
    queue.all.lanes.resize(1);
    queue.all.lanes[0].oldest_ms = to_ms(time.now()) - 240'000;
    EXPECT_TRUE(says("@bob:hs", "!rialto status", manner::say, "$2"));
    EXPECT_NE(near.notices.back().find("waits for 4 min"), std::string::npos);
    EXPECT_NE(near.notices.back().find("Not delivered: 1."), std::string::npos);
}

TEST_F(Desk, LetsAuthorsAndTheMightyRetryAndDrop)
{
    core.there.resize(1);
    queue.all.dead.push_back(dead_letter(17, "!r", "@alice:hs"));
    queue.all.dead.push_back(dead_letter(18, "!r", "@bob:hs"));
    queue.all.dead.push_back(dead_letter(19, "!elsewhere", "@bob:hs"));
    EXPECT_TRUE(says("@bob:hs", "!rialto queue retry 17", manner::say, "$1"));
    EXPECT_NE(near.notices.back().find("power"), std::string::npos);
    EXPECT_TRUE(says("@bob:hs", "!rialto queue retry 18", manner::say, "$2"));
    EXPECT_TRUE(says("@bob:hs", "!rialto queue drop 19", manner::say, "$3"));
    EXPECT_NE(near.notices.back().find("of this room"), std::string::npos);
    EXPECT_TRUE(says("@alice:hs", "!rialto queue drop 18", manner::say, "$4"));
    EXPECT_TRUE(says("@bob:hs", "!rialto queue retry all", manner::say, "$5"));
    EXPECT_NE(near.notices.back().find("power"), std::string::npos);
    EXPECT_EQ(queue.calls, (std::vector<std::string>{"retry 18", "drop 18 @alice:hs"}));
    EXPECT_TRUE(says("@root:hs", "!rialto queue retry all", manner::say, "$6"));
    EXPECT_EQ(queue.calls.size(), 6u) << "the list, and three letters";
}

TEST_F(Desk, LetsAdministratorsAskAboutAllInARoomThatIsNotBridged)
{
    queue.all.dead.push_back(dead_letter(19, "!elsewhere", "@bob:hs"));
    EXPECT_TRUE(says("@root:hs", "!rialto queue", manner::say, "$1"));
    EXPECT_EQ(queue.calls.back(), "list ");
    EXPECT_TRUE(says("@root:hs", "!rialto queue drop 19", manner::say, "$2"));
    EXPECT_EQ(queue.calls.back(), "drop 19 @root:hs");
}

TEST_F(Desk, TellsANetworkWhatIsForIt)
{
    core.mail_words = "!mail to";
    message m{document{"!mail  block carol@ext.example "}};
    m.reply_to = reference{message_id{"$0"}};
    EXPECT_TRUE(desk.hears(near_event{"!r", "$1", "@bob:hs", m}));
    io.restart();
    io.run();
    ASSERT_EQ(core.asked.size(), 1u);
    EXPECT_EQ(core.asked[0].line, "block carol@ext.example");
    EXPECT_EQ(core.asked[0].about, "$0");
    EXPECT_NE(core.asked[0].objection, "") << "bob may not change the room";
    EXPECT_EQ(near.notices.at(0), "done");
    EXPECT_TRUE(says("@dora:other", "!email status", manner::say, "$2")) << "whoever may use the bridge";
    EXPECT_EQ(core.asked.size(), 2u);
    EXPECT_TRUE(says("@alice:hs", "!mail", manner::say, "$3"));
    EXPECT_EQ(near.notices.back(), "!mail to");
    EXPECT_EQ(core.asked.size(), 2u);
}

TEST_F(Desk, LeavesToOthersWhatNoNetworkUnderstands)
{
    EXPECT_FALSE(says("@alice:hs", "!mail status")) << "it takes no commands";
    core.mail_words = "!mail to";
    EXPECT_FALSE(says("@alice:hs", "!prosody status"));
    EXPECT_FALSE(says("@alice:hs", "mail status"));
    EXPECT_FALSE(says("@alice:hs", "!mails status"));
    EXPECT_FALSE(says("@mallory:other", "!mail status"));
    EXPECT_FALSE(says("@dora:other", "!rialto status"));
    EXPECT_TRUE(core.asked.empty());
}

TEST_F(Desk, AnswersThroughTheOtherWhereTheBotIsNoMember)
{
    core.mail_words = "!mail to";
    near.mute = failure{verdict::give_up, cause::forbidden, "not in the room"};
    EXPECT_TRUE(says("@alice:hs", "!mail status"));
    EXPECT_EQ(core.told, std::vector<std::string>{"done"});
}

TEST_F(Desk, RetriesOnesOwnLettersOfTheNetworkAndWithPowerAll)
{
    core.mail_words = "!mail to";
    queue.all.dead.push_back(dead_letter(4, "!r", "@bob:hs"));
    queue.all.dead.push_back(dead_letter(5, "!r", "@alice:hs"));
    for (auto& d : queue.all.dead)
        d.of.network = "mail";
    queue.all.dead.push_back(dead_letter(6, "!r", "@bob:hs"));
    EXPECT_TRUE(says("@bob:hs", "!mail retry"));
    EXPECT_EQ(queue.calls, (std::vector<std::string>{"list !r", "retry 4"}));
    queue.calls.clear();
    EXPECT_TRUE(says("@alice:hs", "!mail retry", manner::say, "$2"));
    EXPECT_EQ(queue.calls, (std::vector<std::string>{"list !r", "retry 4", "retry 5"}));
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
}  // namespace rialto::matrix::commands_test
