#include "appservice/ghosts.hpp"

#include "scripted_homeserver.hpp"

namespace rialto::matrix::ghosts_test {
namespace {

using step = ghost_book::step;
const std::string juliet = "@_rialto_xmpp_juliet:hs";

TEST(GhostBook, OneStepFollowsTheOther)
{
    ghost_book book;
    for (const auto s : {step::enroll, step::make_device, step::set_name, step::join}) {
        EXPECT_EQ(book.next(juliet, "Juliet", "!r"), s);
        book.did(s, juliet, "Juliet", "!r");
    }
    EXPECT_EQ(book.next(juliet, "Juliet", "!r"), step::act);
    EXPECT_EQ(book.next(juliet, "Juliet", "!other"), step::join);
    EXPECT_EQ(book.next(juliet, "", "!r"), step::act);
    EXPECT_TRUE(book.in(juliet, "!r"));
    EXPECT_FALSE(book.in(juliet, "!other"));
    EXPECT_FALSE(book.in("@nobody:hs", "!r"));
}

TEST(GhostBook, AChangedNameIsSetAndAnEmptyOneIsLeft)
{
    ghost_book book;
    book.recall(juliet, {0, "Juliet"});
    EXPECT_EQ(book.next(juliet, "Juliet C.", ""), step::set_name);
    EXPECT_EQ(book.next(juliet, "", ""), step::act);
}

TEST(GhostBook, ARecalledGhostIsBelievedToBeInItsRoomsUntilItIsNot)
{
    ghost_book book;
    book.recall(juliet, {0, "Juliet"});
    EXPECT_EQ(book.next(juliet, "Juliet", "!r"), step::act);
    EXPECT_FALSE(book.in(juliet, "!r"));
    book.left(juliet, "!r");
    EXPECT_EQ(book.next(juliet, "Juliet", "!r"), step::join);
}

TEST(GhostBook, ANewGenerationIsANewDevice)
{
    ghost_book book;
    book.recall(juliet, {1, "Juliet"});
    book.want_generation(juliet, 1);
    EXPECT_EQ(book.next(juliet, "Juliet", ""), step::act);
    book.want_generation(juliet, 2);
    EXPECT_EQ(book.next(juliet, "Juliet", ""), step::make_device);
    EXPECT_EQ(book.generation(juliet), 2U);
    EXPECT_EQ(device_name(2), "RIALTO2");
}

TEST(GhostBook, WhatIsKeptIsReadBack)
{
    const ghost_book::kept k{3, "Juliet of Verona"};
    EXPECT_EQ(from_note(to_note(k)), k);
    EXPECT_EQ(from_note("0 "), (ghost_book::kept{0, ""}));
    for (const char* broken : {"", "x", "3", "-1 a", "99999999999999 a"})
        EXPECT_FALSE(from_note(broken)) << broken;
}

struct Ghosts : testing::Test
{
    scripted_http http;
    notes_only notes;
    client api{http, client_settings{"http://hs", "t", "hs", "@rialto:hs", "rialto"}};
    ghosts all{api, notes};

    outcome ready(const std::string& room = "!r") { return run(all.ready(juliet, profile{"Juliet"}, room)); }
};

TEST_F(Ghosts, AreNamedBeforeTheyJoinAndRememberedBeforeTheyAreSeen)
{
    http.rule = [this](const net::http_request& r) {
        if (r.url.find("/join/") != std::string::npos) {
            EXPECT_EQ(notes.notes["ghost:" + juliet], "0 Juliet");
        }
        return net::http_reply{200, "{}"};
    };
    ASSERT_TRUE(ready());
    const std::string who = "?user_id=%40_rialto_xmpp_juliet%3Ahs";
    EXPECT_EQ(
        http.lines(), (std::vector<std::string>{
                          "POST register?kind=user", "PUT devices/RIALTO0" + who,
                          "PUT profile/%40_rialto_xmpp_juliet%3Ahs/displayname" + who, "POST join/%21r" + who
                      })
    );
    EXPECT_EQ(notes.commits, 1);
    http.asked.clear();
    ASSERT_TRUE(ready());
    EXPECT_TRUE(http.asked.empty());
    EXPECT_EQ(notes.commits, 1);
}

TEST_F(Ghosts, CostNothingAfterARestart)
{
    notes.notes["ghost:" + juliet] = "0 Juliet";
    ASSERT_TRUE(ready());
    EXPECT_TRUE(http.asked.empty());
    EXPECT_EQ(notes.commits, 0);
    EXPECT_EQ(all.as(juliet).device, "RIALTO0");
}

TEST_F(Ghosts, RejoinAfterARestartWithoutBeingMadeAgain)
{
    notes.notes["ghost:" + juliet] = "0 Juliet";
    all.left(juliet, "!r");
    ASSERT_TRUE(run(all.rejoin(juliet, profile{"Juliet"}, "!r")));
    EXPECT_EQ(http.lines(), (std::vector<std::string>{"POST join/%21r?user_id=%40_rialto_xmpp_juliet%3Ahs"}));
}

TEST_F(Ghosts, ThatAreRegisteredAlreadyAreFine)
{
    http.rule = [](const net::http_request& r) {
        return r.url.find("/register") != std::string::npos ? refused(400, "M_USER_IN_USE")
                                                            : net::http_reply{200, "{}"};
    };
    EXPECT_TRUE(ready());
}

TEST_F(Ghosts, AreInvitedWhereTheyMayNotJoin)
{
    bool invited = false;
    http.rule = [&invited](const net::http_request& r) {
        if (r.url.find("/invite") != std::string::npos) {
            invited = true;
            EXPECT_NE(r.url.find("user_id=%40rialto%3Ahs"), std::string::npos) << "the bot invites";
        }
        return r.url.find("/join/") != std::string::npos && !invited ? refused(403, "M_FORBIDDEN")
                                                                     : net::http_reply{200, "{}"};
    };
    EXPECT_TRUE(ready());
    EXPECT_TRUE(invited);
}

TEST_F(Ghosts, ABannedOneIsGivenUpWithTheReason)
{
    http.rule = [](const net::http_request& r) {
        const bool room =
            r.url.find("/join/") != std::string::npos || r.url.find("/invite") != std::string::npos;
        return room ? refused(403, "M_FORBIDDEN", "she is banned from the room") : net::http_reply{200, "{}"};
    };
    const auto got = ready();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, cause::banned);
    EXPECT_EQ(got.error().next, verdict::give_up);
}

TEST_F(Ghosts, GoOnWhereTheyWereInterrupted)
{
    int left = 0;
    http.rule = [&left](const net::http_request&) -> result<net::http_reply> {
        if (left-- <= 0)
            return failure{verdict::try_later, cause::away, "No answer from hs"};
        return net::http_reply{200, "{}"};
    };
    // Cut after 0, 1, 2 … requests: the next try makes only what is missing.
    for (int cut = 0; cut < 4; ++cut) {
        left = 1;
        const auto got = ready();
        EXPECT_EQ(static_cast<bool>(got), cut == 3);
        if (!got) {
            EXPECT_EQ(got.error().next, verdict::try_later);
        }
    }
}

TEST_F(Ghosts, ARefusedNameKeepsNobodyFromSpeaking)
{
    http.rule = [](const net::http_request& r) {
        return r.url.find("/displayname") != std::string::npos ? refused(400, "M_INVALID_PARAM")
                                                               : net::http_reply{200, "{}"};
    };
    EXPECT_TRUE(ready());
}

TEST_F(Ghosts, ALostDeviceIsFollowedByOneOfAnotherName)
{
    ASSERT_TRUE(ready());
    http.asked.clear();
    ASSERT_TRUE(run(all.renew_device(juliet)));
    EXPECT_EQ(http.lines().at(0).substr(0, 19), "PUT devices/RIALTO1");
    EXPECT_EQ(notes.notes["ghost:" + juliet], "1 Juliet");
    EXPECT_EQ(all.as(juliet).device, "RIALTO1");
}

}  // namespace
}  // namespace rialto::matrix::ghosts_test
