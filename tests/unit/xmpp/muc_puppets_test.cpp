#include "bridges/xmpp/muc_puppets.hpp"

#include "tests/unit/xmpp/tree.hpp"

#include <gmock/gmock.h>

namespace rialto::xmpp::muc_puppets_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using what = puppet_change::is;

const std::string alice = "alice_hs.org@bridge.example";
const std::string bob = "bob_hs.org@bridge.example";
const timestamp noon{std::chrono::hours{480'000}};

room_presence told(
    const std::string& to, const std::string& nick, const std::string& attributes, const std::string& inside
)
{
    const auto tree = parse(
        "<presence from='orchard@muc.example/" + nick + "' to='" + to + "/rialto' " + attributes + ">" +
        inside + "</presence>"
    );
    return read_presence(tree.root(), true);
}
std::string muc_user(const std::string& inside)
{
    return "<x xmlns='http://jabber.org/protocol/muc#user'>" + inside + "</x>";
}
room_presence self(const std::string& to, const std::string& nick, const std::string& more = "")
{
    return told(
        to, nick, "", muc_user("<item affiliation='none' role='participant'/><status code='110'/>" + more)
    );
}
room_presence out_of(const std::string& to, const std::string& nick, const std::string& codes)
{
    return told(
        to, nick, "type='unavailable'",
        muc_user("<item affiliation='none' role='none'/>" + codes + "<status code='110'/>")
    );
}
room_presence error(const std::string& to, const std::string& nick, const std::string& condition)
{
    return told(
        to, nick, "type='error'",
        "<error type='cancel'><" + condition + " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    );
}

struct Puppets : testing::Test
{
    muc_puppets all;
    void in(const std::string& jid, const std::string& nick)
    {
        all.begin_join(jid, nick, noon + std::chrono::seconds{30});
        ASSERT_EQ(all.apply(self(jid, nick)).what, what::joined);
    }
    standing of(const std::string& jid) const { return all.find(jid)->is; }
};

TEST_F(Puppets, AreInWithTheirOwnPresenceAndNotBefore)
{
    all.begin_join(alice, "Alice", noon);
    EXPECT_EQ(of(alice), standing::joining);
    EXPECT_EQ(
        all.apply(told(alice, "romeo", "", muc_user("<item role='participant'/>"))).what, what::nothing
    );
    EXPECT_EQ(all.apply(told(alice, "Alice", "", muc_user("<item role='participant'/>"))).what, what::nothing)
        << "it may be somebody else who has that nick; 110 is to come";
    EXPECT_EQ(all.apply(self(alice, "Alice")).what, what::joined);
    EXPECT_EQ(of(alice), standing::in);
    EXPECT_EQ(all.apply(self(alice, "Alice")).what, what::nothing) << "a change of role";
}

TEST_F(Puppets, HaveTheNickThatTheRoomGaveThem)
{
    all.begin_join(alice, "Henry IV", noon);
    all.apply(self(alice, "Henry  iv", "<status code='210'/>"));
    EXPECT_EQ(all.find(alice)->nick, "Henry  iv");
    EXPECT_EQ(all.in_by_nick("Henry  iv"), alice);
    EXPECT_EQ(all.in_by_nick("Henry IV"), "") << "asked for, never had";
}

TEST_F(Puppets, TakeOnlyWhatIsToldToThemselves)
{
    in(alice, "Alice");
    auto p = out_of(alice, "Alice", "");
    p.to = alice + "/other";
    EXPECT_EQ(all.apply(p).what, what::nothing) << "another resource is not ours";
    p.to = "stranger@bridge.example/rialto";
    EXPECT_EQ(all.apply(p).what, what::nothing);
    EXPECT_EQ(of(alice), standing::in);
}

TEST_F(Puppets, AreRefusedOnlyWhileTheyJoinAndLoseTheNickThatWasAnothers)
{
    all.begin_join(alice, "romeo", noon);
    EXPECT_EQ(all.by_nick("romeo"), alice);
    EXPECT_EQ(all.apply(error(alice, "romeo", "conflict")).what, what::refused);
    EXPECT_EQ(of(alice), standing::out);
    EXPECT_EQ(all.find(alice)->refused->condition, "conflict");
    EXPECT_EQ(all.by_nick("romeo"), "") << "or romeo's words would be taken for ours";
    in(alice, "Alice");
    EXPECT_EQ(all.apply(error(alice, "Al", "conflict")).what, what::nothing) << "a refused nick change";
    EXPECT_EQ(of(alice), standing::in);
}

TEST_F(Puppets, KeepTheNickOfAnotherPuppetWhenTheyAreRefusedIt)
{
    in(alice, "Alice");
    all.begin_join(bob, "Alice", noon);
    in(alice, "Alice");
    all.apply(error(bob, "Alice", "conflict"));
    EXPECT_EQ(all.by_nick("Alice"), alice);
}

TEST_F(Puppets, FollowTheirNickChanges)
{
    in(alice, "Alice");
    auto away = told(
        alice, "Alice", "type='unavailable'",
        muc_user("<item nick='Alys' role='participant'/><status code='303'/><status code='110'/>")
    );
    EXPECT_EQ(all.apply(away).what, what::renamed);
    EXPECT_EQ(all.apply(self(alice, "Alys")).what, what::nothing);
    EXPECT_EQ(all.in_by_nick("Alys"), alice);
    EXPECT_EQ(all.in_by_nick("Alice"), "");
    EXPECT_EQ(all.by_nick("Alice"), alice) << "what they said under it is theirs";
}

struct leave_case
{
    std::string name, codes;
    departure why;
    bool willed;
};
class Leaves : public testing::TestWithParam<leave_case>
{
};
TEST_P(Leaves, TellWhoseWillItWas)
{
    muc_puppets all;
    all.begin_join(alice, "Alice", noon);
    all.apply(self(alice, "Alice"));
    const auto gone = all.apply(out_of(alice, "Alice", GetParam().codes));
    EXPECT_EQ(gone.what, what::left);
    EXPECT_EQ(gone.jid, alice);
    EXPECT_EQ(gone.why, GetParam().why);
    EXPECT_EQ(is_willed(gone.why), GetParam().willed);
    EXPECT_EQ(all.find(alice)->is, standing::out);
    EXPECT_EQ(all.apply(out_of(alice, "Alice", GetParam().codes)).what, what::nothing) << "told twice";
}
INSTANTIATE_TEST_SUITE_P(
    All, Leaves,
    testing::Values(
        leave_case{"Kicked307", "<status code='307'/>", departure::kicked, true},
        leave_case{"Banned301", "<status code='301'/>", departure::banned, true},
        leave_case{"BannedAndKicked", "<status code='307'/><status code='301'/>", departure::banned, true},
        leave_case{"Affiliation321", "<status code='321'/>", departure::not_member, true},
        leave_case{"MembersOnly322", "<status code='322'/>", departure::not_member, true},
        leave_case{"Shutdown332", "<status code='332'/>", departure::shutdown, false},
        leave_case{"Technical333", "<status code='333'/>", departure::technical, false},
        leave_case{
            "Prosody307And333", "<status code='307'/><status code='333'/>", departure::technical, false
        },
        leave_case{"Plain", "", departure::left, false},
        leave_case{"Destroyed", "<destroy jid='tomb@muc.example'/>", departure::destroyed, false}
    ),
    [](const auto& of) { return of.param.name; }
);

TEST_F(Puppets, AreUnsureAfterALostLinkAndAfterAJoinWithoutAnswer)
{
    in(alice, "Alice");
    all.begin_join(bob, "Bob", noon + std::chrono::seconds{30});
    all.expire(noon + std::chrono::seconds{29});
    EXPECT_EQ(of(bob), standing::joining);
    all.expire(noon + std::chrono::seconds{30});
    EXPECT_EQ(of(bob), standing::unsure) << "the room may have let him in without telling us";
    EXPECT_EQ(all.find(bob)->refused->type, "wait");
    all.link_lost();
    EXPECT_EQ(of(alice), standing::unsure);
    EXPECT_EQ(all.in_by_nick("Alice"), alice);
    EXPECT_EQ(all.inside(), 2U);
}

TEST_F(Puppets, AreBarredUntilTheyAreUnbarredWhateverElseHappens)
{
    in(alice, "Alice");
    all.bar(alice, departure::banned, "Avaunt", "romeo");
    all.link_lost();
    all.left(alice);
    EXPECT_EQ(of(alice), standing::barred);
    all.unbar(bob);
    all.unbar(alice);
    EXPECT_EQ(of(alice), standing::out);
    in(bob, "Bob");
    all.unbar(bob);
    EXPECT_EQ(of(bob), standing::in) << "who is in stays in";
}

TEST_F(Puppets, GivePlaceByTheLengthOfTheirSilence)
{
    in(alice, "Alice");
    in(bob, "Bob");
    in("rialto@bridge.example", "rialto");
    all.at(alice).spoke = noon;
    all.at(bob).spoke = noon - std::chrono::hours{1};
    EXPECT_EQ(all.longest_silent("rialto@bridge.example"), bob);
    EXPECT_THAT(all.silent_since(noon, "rialto@bridge.example"), ElementsAre(bob));
    all.left(bob);
    EXPECT_EQ(all.longest_silent("rialto@bridge.example"), alice);
    all.left(alice);
    EXPECT_EQ(all.longest_silent("rialto@bridge.example"), "");
}

TEST_F(Puppets, SurviveARestart)
{
    in(alice, "Alice");
    all.apply(told(
        alice, "Alice", "",
        muc_user("<item role='participant'/><status code='110'/>") +
            "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='o1'/>"
    ));
    in(bob, "Bob");
    all.bar(bob, departure::banned, "two\nlines\tand a tab", "romeo");
    EXPECT_TRUE(all.take_changed());
    EXPECT_FALSE(all.take_changed());
    muc_puppets again;
    again.read(all.to_text());
    EXPECT_EQ(again.find(alice)->is, standing::unsure);
    EXPECT_EQ(again.find(alice)->occupant_id, "o1");
    EXPECT_EQ(again.in_by_nick("Alice"), alice);
    EXPECT_TRUE(again.our_occupant_id("o1"));
    EXPECT_FALSE(again.our_occupant_id("o2"));
    EXPECT_EQ(again.find(bob)->is, standing::barred);
    EXPECT_EQ(again.find(bob)->why, departure::banned);
    EXPECT_EQ(again.find(bob)->reason, "two lines and a tab");
    EXPECT_EQ(again.find(bob)->by, "romeo");
    EXPECT_EQ(again.by_nick("Bob"), bob);
    EXPECT_EQ(again.in_by_nick("Bob"), "");
    EXPECT_FALSE(again.take_changed()) << "nothing to be saved yet";
    EXPECT_EQ(again.to_text(), all.to_text());
}

TEST_F(Puppets, ReadGarbageAsNothing)
{
    all.read("\n\t\t\nin\nin\tx\nbarred\ta\tb\nwhat\tever\tthis\tis\tnot\noccupant");
    EXPECT_TRUE(all.all().empty());
    all.read("barred\t" + alice + "\tnonsense\tromeo\twhy\n");
    EXPECT_EQ(all.find(alice)->why, departure::kicked) << "at least that";
}

TEST_F(Puppets, RememberABoundedNumberOfNicks)
{
    for (std::size_t i = 0; i < muc_puppets::most_nicks + 100; ++i)
        all.begin_join(alice, "n" + std::to_string(i), noon);
    const auto text = all.to_text();
    EXPECT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), muc_puppets::most_nicks);
}

TEST_F(Puppets, LearnTheirNewNickFromWhatAnotherWasTold)
{
    in(alice, "Alice");
    all.take_changed();
    all.renamed(alice, "Alys");
    EXPECT_EQ(all.in_by_nick("Alys"), alice);
    EXPECT_TRUE(all.take_changed());
}

}  // namespace
}  // namespace rialto::xmpp::muc_puppets_test
