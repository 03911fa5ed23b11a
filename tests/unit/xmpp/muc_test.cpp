#include "bridges/xmpp/muc.hpp"

#include "tests/unit/xmpp/tree.hpp"

#include <gmock/gmock.h>

namespace rialto::xmpp::muc_test {
namespace {

using testing::HasSubstr;

muc_traits traits_of(std::string_view inside)
{
    const auto tree = parse(
        "<iq type='result' from='orchard@muc.example' to='rialto@bridge.example/rialto' id='1'><query "
        "xmlns='http://jabber.org/protocol/disco#info'>" +
        std::string{inside} + "</query></iq>"
    );
    return read_traits(tree.root().child("query"));
}
std::string feature(std::string_view var) { return "<feature var='" + std::string{var} + "'/>"; }

stanza_error refused(std::string condition, std::string type = "cancel")
{
    return stanza_error{std::move(type), std::move(condition)};
}

TEST(MucTraits, AreReadAsProsodyTellsThem)
{
    const auto t = traits_of(
        "<identity category='conference' type='text' name='orchard'/>"
        "<feature var='http://jabber.org/protocol/muc'/><feature "
        "var='http://jabber.org/protocol/muc#stable_id'/>"
        "<feature var='http://jabber.org/protocol/muc#self-ping-optimization'/><feature var='muc_public'/>"
        "<feature var='muc_persistent'/><feature var='muc_open'/><feature var='muc_unmoderated'/>"
        "<feature var='muc_semianonymous'/><feature var='muc_unsecured'/><feature var='urn:xmpp:mam:2'/>"
        "<feature var='urn:xmpp:sid:0'/><feature var='urn:xmpp:occupant-id:0'/>"
        "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'><value>"
        "http://jabber.org/protocol/muc#roominfo</value></field><field var='muc#roomconfig_roomname' "
        "type='text-single'><value>The Capulets' orchard</value></field></x>"
    );
    EXPECT_TRUE(t.is_muc && t.archive && t.stanza_ids && t.occupant_ids);
    EXPECT_FALSE(t.members_only || t.hidden || t.password || t.moderated || t.shows_people);
    EXPECT_EQ(t.moderation, -1);
    EXPECT_EQ(t.title, "The Capulets' orchard");
}

TEST(MucTraits, AreReadAsEjabberdTellsThem)
{
    const auto t = traits_of(
        "<identity category='conference' type='text' name='Orchard'/>" + feature("vcard-temp") +
        feature("http://jabber.org/protocol/muc") + feature("muc_hidden") + feature("muc_persistent") +
        feature("muc_membersonly") + feature("muc_nonanonymous") + feature("muc_moderated") +
        feature("muc_passwordprotected") + feature("urn:xmpp:mam:2") + feature("urn:xmpp:mam:1") +
        feature("urn:xmpp:sid:0") + feature("urn:xmpp:message-moderate:0") +
        feature("urn:xmpp:message-moderate:1")
    );
    EXPECT_TRUE(t.members_only && t.hidden && t.password && t.moderated && t.shows_people);
    EXPECT_FALSE(t.occupant_ids) << "mod_muc_occupantid is off by default";
    EXPECT_EQ(t.moderation, 1) << "the newer of both";
    EXPECT_EQ(t.title, "Orchard");
    EXPECT_EQ(
        traits_of(feature("urn:xmpp:message-moderate:1") + feature("urn:xmpp:message-moderate:0")).moderation,
        1
    );
    EXPECT_EQ(traits_of(feature("urn:xmpp:message-moderate:0")).moderation, 0);
}

TEST(MucTraits, OfWhatIsNoRoomSayThatItIsNone)
{
    EXPECT_FALSE(traits_of("<identity category='client' type='pc'/>" + feature("urn:xmpp:ping")).is_muc);
    EXPECT_FALSE(read_traits(nullptr).is_muc);
    EXPECT_TRUE(traits_of("<identity category='conference' type='irc'/>").is_muc);
    EXPECT_EQ(
        traits_of("<identity category='conference' name='A'/><x xmlns='jabber:x:data'><field "
                  "var='muc#roomconfig_roomname'/></x>")
            .title,
        "A"
    );
}

TEST(MucTraits, MakeARoomThatNotEverybodyMayEnterInviteOnlyOnMatrix)
{
    muc_traits t;
    EXPECT_EQ(t.info().members_only, false);
    EXPECT_EQ(t.info().listed, true);
    EXPECT_FALSE(t.info().title.has_value()) << "no name is not an empty name";
    t.password = true;
    EXPECT_EQ(t.info().members_only, true);
    t.password = false;
    t.members_only = t.hidden = t.moderated = true;
    t.title = "Tomb";
    EXPECT_EQ(t.info().members_only, true);
    EXPECT_EQ(t.info().listed, false);
    EXPECT_EQ(t.info().moderated, true);
    EXPECT_EQ(t.info().title, "Tomb");
}

TEST(MucWords, JoinAsksForNoHistoryOrForWhatWasMissed)
{
    const auto first = parse(write_join("a@b/rialto", "orchard@muc.example", "Ann", "Ann", std::nullopt));
    const auto& p = first.root();
    EXPECT_EQ(p.name, "presence");
    EXPECT_EQ(p.attr("to"), "orchard@muc.example/Ann");
    EXPECT_FALSE(p.has("type"));
    const auto* x = p.child("x", "http://jabber.org/protocol/muc");
    ASSERT_NE(x, nullptr);
    EXPECT_EQ(x->child("history")->attr("maxstanzas"), "0");
    EXPECT_EQ(p.child("nick"), nullptr) << "the nick says it already";
    const auto later = parse(write_join(
        "a@b/rialto", "orchard@muc.example", "Ann", "Ann \xF0\x9F\x98\x80",
        timestamp{std::chrono::hours{480'000}}
    ));
    EXPECT_THAT(
        std::string{later.root().child("x")->child("history")->attr("since")},
        HasSubstr("2024-10-04T00:00:00")
    );
    EXPECT_FALSE(later.root().child("x")->child("history")->has("maxstanzas"));
    EXPECT_EQ(
        later.root().child("nick", "http://jabber.org/protocol/nick")->content(), "Ann \xF0\x9F\x98\x80"
    ) << "XEP-0172: the name that no nick can be";
}

TEST(MucWords, SurviveNicksAndReasonsThatAreMarkup)
{
    const auto leave =
        parse(write_leave("a@b/r", "orchard@muc.example", "<O'Neil & \"co\">", "</presence>\x01"));
    EXPECT_EQ(leave.root().attr("to"), "orchard@muc.example/<O'Neil & \"co\">");
    EXPECT_EQ(leave.root().attr("type"), "unavailable");
    EXPECT_EQ(leave.root().child("status")->content(), "</presence>\xEF\xBF\xBD");
    EXPECT_EQ(parse(write_leave("a@b/r", "o@m", "n", "")).root().child("status"), nullptr);
    EXPECT_EQ(parse(write_nick_change("a@b/r", "o@m", "new")).root().attr("to"), "o@m/new");
}

TEST(MucWords, AdministerByNickAndByAddress)
{
    const auto kick = parse(write_kick("Tybalt", "Avaunt"));
    EXPECT_TRUE(kick.root().is("query", "http://jabber.org/protocol/muc#admin"));
    EXPECT_EQ(kick.root().child("item")->attr("nick"), "Tybalt");
    EXPECT_EQ(kick.root().child("item")->attr("role"), "none");
    EXPECT_EQ(kick.root().child("item")->child("reason")->content(), "Avaunt");
    const auto ban = parse(write_affiliation("tybalt@capulet.example", "outcast", ""));
    EXPECT_EQ(ban.root().child("item")->attr("jid"), "tybalt@capulet.example");
    EXPECT_EQ(ban.root().child("item")->attr("affiliation"), "outcast");
    EXPECT_EQ(ban.root().child("item")->child("reason"), nullptr);
    const auto invite = parse(write_invite("a@b/r", "romeo@montague.example", "o@m", "come"));
    EXPECT_EQ(invite.root().child("x", "jabber:x:conference")->attr("jid"), "o@m");
    EXPECT_EQ(invite.root().child("x")->attr("reason"), "come");
    EXPECT_FALSE(parse(write_invite("a@b/r", "c@d", "o@m", "")).root().child("x")->has("reason"));
}

TEST(MucWords, ModerateInTheVersionThatTheRoomSpeaks)
{
    const auto now = parse(write_moderation(1, "s7", "spam"));
    EXPECT_TRUE(now.root().is("moderate", "urn:xmpp:message-moderate:1"));
    EXPECT_EQ(now.root().attr("id"), "s7");
    EXPECT_NE(now.root().child("retract", "urn:xmpp:message-retract:1"), nullptr);
    EXPECT_EQ(now.root().child("reason")->content(), "spam");
    const auto before = parse(write_moderation(0, "s7", ""));
    EXPECT_TRUE(before.root().is("apply-to", "urn:xmpp:fasten:0"));
    EXPECT_EQ(before.root().attr("id"), "s7");
    const auto* m = before.root().child("moderate", "urn:xmpp:message-moderate:0");
    ASSERT_NE(m, nullptr);
    EXPECT_NE(m->child("retract", "urn:xmpp:message-retract:0"), nullptr);
    EXPECT_EQ(m->child("reason"), nullptr);
}

struct join_case
{
    std::string condition, type;
    verdict next;
    cause kind;
    std::string says;
};

class JoinFailure : public testing::TestWithParam<join_case>
{
};

TEST_P(JoinFailure, NamesItsCauseAndWhatCanBeDone)
{
    const auto& c = GetParam();
    const auto f = join_failure(refused(c.condition, c.type), "orchard@muc.example", "alice@bridge.example");
    EXPECT_EQ(f.next, c.next);
    EXPECT_EQ(f.kind, c.kind);
    EXPECT_THAT(f.why, HasSubstr("orchard@muc.example"));
    EXPECT_THAT(f.why, HasSubstr(c.says));
}

INSTANTIATE_TEST_SUITE_P(
    All, JoinFailure,
    testing::Values(
        join_case{
            "registration-required", "auth", verdict::give_up, cause::members_only, "add alice@bridge.example"
        },
        join_case{"not-authorized", "auth", verdict::give_up, cause::forbidden, "password"},
        join_case{"forbidden", "auth", verdict::give_up, cause::banned, "lift the ban"},
        join_case{"item-not-found", "cancel", verdict::give_up, cause::not_found, "does not exist"},
        join_case{"gone", "modify", verdict::give_up, cause::not_found, "does not exist"},
        join_case{"not-allowed", "cancel", verdict::give_up, cause::not_found, "may not be made"},
        join_case{"conflict", "cancel", verdict::give_up, cause::conflict, "every nick"},
        join_case{"service-unavailable", "wait", verdict::try_later, cause::full, "full"},
        join_case{"resource-constraint", "wait", verdict::try_later, cause::full, "full"},
        join_case{"remote-server-not-found", "cancel", verdict::give_up, cause::not_found, "after the @"},
        join_case{"remote-server-timeout", "wait", verdict::try_later, cause::away, "away"},
        join_case{"internal-server-error", "cancel", verdict::try_later, cause::away, "away"},
        join_case{"policy-violation", "wait", verdict::try_later, cause::too_large, "did not let"},
        join_case{"undefined-condition", "cancel", verdict::give_up, cause::other, "did not let"}
    ),
    [](const auto& of) {
        std::string out;
        for (const char c : of.param.condition)
            if (c != '-')
                out += c;
        return out;
    }
);

TEST(SendFailure, TellsNoVoiceFromTooLongFromTooFast)
{
    const auto voice = send_failure(refused("forbidden", "auth"), "alice");
    EXPECT_EQ(voice.kind, cause::forbidden);
    EXPECT_THAT(voice.why, HasSubstr("alice has no voice"));
    EXPECT_EQ(send_failure(refused("policy-violation", "modify"), "a").kind, cause::too_large);
    EXPECT_EQ(send_failure(refused("policy-violation", "modify"), "a").next, verdict::give_up);
    EXPECT_EQ(send_failure(refused("policy-violation", "wait"), "a").next, verdict::try_later)
        << "a limit on the rate passes";
    EXPECT_EQ(send_failure(refused("not-allowed"), "a").kind, cause::forbidden);
    EXPECT_EQ(send_failure(refused("resource-constraint", "wait"), "a").next, verdict::try_later)
        << "ejabberd: Traffic rate limit is exceeded";
}

TEST(AdminFailure, SaysWhomAnOwnerMustMakeAnAdmin)
{
    for (const auto* condition : {"forbidden", "not-allowed", "not-authorized"}) {
        const auto f = admin_failure(refused(condition), "rialto@bridge.example");
        EXPECT_EQ(f.kind, cause::forbidden);
        EXPECT_THAT(f.why, HasSubstr("rialto@bridge.example"));
    }
    EXPECT_EQ(admin_failure(refused("remote-server-timeout", "wait"), "r").next, verdict::try_later);
}

TEST(Rejoin, FollowsARefusalThatOnlyMeansNotInTheRoom)
{
    EXPECT_TRUE(wants_rejoin(refused("not-acceptable", "modify")))
        << "ejabberd: Only occupants are allowed ...";
    EXPECT_TRUE(wants_rejoin(refused("not-acceptable"))) << "Prosody";
    EXPECT_TRUE(wants_rejoin(refused("item-not-found")));
    EXPECT_TRUE(wants_rejoin(refused("recipient-unavailable")));
    EXPECT_FALSE(wants_rejoin(refused("forbidden")));
    EXPECT_FALSE(wants_rejoin(refused("policy-violation")));
}

// XEP-0410 §3.
TEST(SelfPing, TellsInFromOutFromUnknown)
{
    using enum presence_truth;
    EXPECT_EQ(after_self_ping(std::nullopt), in);
    EXPECT_EQ(after_self_ping(refused("service-unavailable")), in);
    EXPECT_EQ(after_self_ping(refused("feature-not-implemented")), in);
    EXPECT_EQ(after_self_ping(refused("not-acceptable")), out);
    EXPECT_EQ(after_self_ping(refused("not-allowed")), out);
    EXPECT_EQ(after_self_ping(refused("bad-request", "modify")), out);
    EXPECT_EQ(after_self_ping(refused("item-not-found")), out);
    EXPECT_EQ(after_self_ping(refused("remote-server-timeout", "wait")), unknown);
    EXPECT_EQ(after_self_ping(refused("remote-server-not-found")), unknown);
    EXPECT_EQ(after_self_ping(refused("internal-server-error")), unknown);
}

TEST(MucWords, AskAndPingInTheirNamespaces)
{
    EXPECT_TRUE(parse(disco_query()).root().is("query", "http://jabber.org/protocol/disco#info"));
    EXPECT_TRUE(parse(ping_payload()).root().is("ping", "urn:xmpp:ping"));
}

}  // namespace
}  // namespace rialto::xmpp::muc_test
