#include "bridges/xmpp/file_places.hpp"

#include "tests/unit/xmpp/fake_link.hpp"

#include <gmock/gmock.h>

namespace rialto::xmpp::file_places_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const failure no_public_address{verdict::unsupported, cause::other, "no public address"};
const std::string feature =
    "<query xmlns='http://jabber.org/protocol/disco#info'><feature "
    "var='urn:xmpp:http:upload:0'/></query>";
const std::string slot_given =
    "<slot xmlns='urn:xmpp:http:upload:0'><put url='https://up.example/1'><header "
    "name='Authorization'>a</header></put><get url='https://get.example/1'/></slot>";

class Places : public Bench
{
protected:
    std::string offers = "upload.example";
    std::optional<std::string> gives = slot_given;

    void SetUp() override
    {
        around.config.domain = "bridge.example.org";
        wire.answer =
            [this](const std::string& to, const std::string& payload) -> std::optional<std::string> {
            if (payload.find("disco#items") != std::string::npos)
                return "<query xmlns='http://jabber.org/protocol/disco#items'><item jid='muc.example'/><item "
                       "jid='" +
                       offers + "'/></query>";
            if (payload.find("disco#info") != std::string::npos)
                return to == offers ? feature : "!service-unavailable";
            return gives;
        };
    }
    static message pictured()
    {
        message m;
        m.files.emplace_back("moon.gif", "image/png", media_id{"m1"});
        m.files.back().size = 99;
        return m;
    }
    happening place(happening what)
    {
        const auto done = start(place_files(around, what));
        EXPECT_TRUE(*done && **done);
        return what;
    }
    message placed(message m = pictured()) { return std::get<message>(place(std::move(m))); }
    failure failed()
    {
        happening what = pictured();
        const auto done = start(place_files(around, what));
        return *done && !**done ? (**done).error() : failure{verdict::give_up, cause::other, "it went well"};
    }
};

TEST_F(Places, ALinkOfOursComesFirst)
{
    EXPECT_EQ(placed().files.at(0).url, "https://media.example/m1");
    EXPECT_TRUE(wire.asked.empty());
}

TEST_F(Places, AnEditHasFilesToo)
{
    const auto what = place(edit{reference{message_id{"x"}}, pictured()});
    EXPECT_EQ(std::get<edit>(what).now.files.at(0).url, "https://media.example/m1");
    place(typing{true});
}

TEST_F(Places, WithoutAPublicAddressTheServersUploadTakesIt)
{
    core.no_links = no_public_address;
    EXPECT_EQ(placed().files.at(0).url, "https://get.example/1");
    EXPECT_THAT(core.pushed, ElementsAre("m1 https://up.example/1 Authorization=a"));
    EXPECT_TRUE(was_asked("example.org <query xmlns='http://jabber.org/protocol/disco#items'/>"));
    EXPECT_TRUE(was_asked("size='12'")) << "as large as its bytes, whatever was claimed";
    EXPECT_TRUE(was_asked("content-type='image/gif'"));
}

TEST_F(Places, WhatWasUploadedIsNotUploadedAgainAndTheServiceIsKnown)
{
    core.no_links = no_public_address;
    placed();
    const auto asked = wire.asked.size();
    EXPECT_EQ(placed().files.at(0).url, "https://get.example/1");
    EXPECT_EQ(wire.asked.size(), asked);
    auto other = pictured();
    other.files[0].bytes = media_id{"m2"};
    placed(other);
    EXPECT_EQ(wire.asked.size(), asked + 1) << "a slot alone";
}

TEST_F(Places, TheConfiguredServiceIsTheOneThatIsAsked)
{
    core.no_links = no_public_address;
    around.config.upload = offers = "files.elsewhere";
    EXPECT_EQ(placed().files.at(0).url, "https://get.example/1");
    EXPECT_FALSE(was_asked("disco#items"));
}

TEST_F(Places, WordsTakeTheirPlaceWhereNothingElseIsToBeHad)
{
    core.no_links = no_public_address;
    gives = "!forbidden";
    auto m = pictured();
    m.body = document{"look"};
    m = placed(m);
    EXPECT_TRUE(m.files.empty());
    EXPECT_THAT(m.body.plain(), HasSubstr("look"));
    EXPECT_THAT(m.body.plain(), HasSubstr("moon.gif"));
    EXPECT_THAT(m.body.plain(), HasSubstr("lets the bridge upload nothing"));
    core.no_links = failure{verdict::give_up, cause::too_large, "it is larger than the bridge passes on"};
    EXPECT_THAT(placed().body.plain(), HasSubstr("larger than the bridge passes on"));
}

TEST_F(Places, AServerWithoutUploadsIsAskedSeldom)
{
    core.no_links = no_public_address;
    offers.clear();
    EXPECT_THAT(placed().body.plain(), HasSubstr("has a place for files"));
    const auto asked = wire.asked.size();
    placed();
    EXPECT_EQ(wire.asked.size(), asked);
    time.time += std::chrono::minutes{11};
    placed();
    EXPECT_GT(wire.asked.size(), asked);
}

TEST_F(Places, ABrokenServiceHoldsUpItsLaneNotForLong)
{
    core.no_links = no_public_address;
    core.no_push = failure{verdict::try_later, cause::away, "up.example does not answer"};
    EXPECT_EQ(failed().next, verdict::try_later);
    EXPECT_EQ(failed().next, verdict::try_later);
    EXPECT_THAT(placed().body.plain(), HasSubstr("up.example does not answer"));
}

TEST_F(Places, ALostLinkIsWaitedFor)
{
    core.no_links = no_public_address;
    gives.reset();
    wire.is_up = false;
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(failed().next, verdict::try_later);
}

TEST_F(Places, AnAddressThatIsThereStays)
{
    auto m = pictured();
    m.files[0].url = "https://elsewhere.example/x";
    EXPECT_EQ(placed(m).files.at(0).url, "https://elsewhere.example/x");
}

}  // namespace
}  // namespace rialto::xmpp::file_places_test
