#include "bridges/email/unsubscribe.hpp"

#include "bridges/email/talk.hpp"
#include "core/net/http.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

namespace rialto::email::unsubscribe_test {
namespace {

list_exit of(const std::string& headers, bool proven = true)
{
    auto read = read_mail("From: l@x.example\r\n" + headers + "\r\nwords\r\n");
    return list_exit_of(*read, proven);
}
const std::string click = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";

TEST(Unsubscribe, IsOneClickWhereAProvenListOffersIt)
{
    const std::string both = "List-Unsubscribe: <mailto:off@x.example>, <https://x.example/off?u=1>\r\n";
    EXPECT_EQ(of(both + click), (list_exit{"https://x.example/off?u=1", true}));
    EXPECT_EQ(of(both), (list_exit{"mailto:off@x.example", false}));
    EXPECT_EQ(of(both + click, false), (list_exit{"mailto:off@x.example", false}))
        << "anybody could name a URL";
    EXPECT_EQ(of(click), list_exit{});
}

TEST(Unsubscribe, AsksNothingButPlainHttps)
{
    for (const auto* bad :
         {"http://x.example/off", "https://user@x.example/", "javascript:alert(1)", "https://x.example/a b",
          ""})
        EXPECT_FALSE(of("List-Unsubscribe: <" + std::string{bad} + ">\r\n" + click).one_click) << bad;
    EXPECT_EQ(
        of("List-Unsubscribe: <https://x.example/" + std::string(3000, 'a') + ">\r\n" + click), list_exit{}
    );
}

TEST(Unsubscribe, IsRememberedByTheTalk)
{
    talk_state state;
    state.leave = list_exit{"https://x.example/off?u=1", true};
    state.went_on("<1@x>", "News");
    EXPECT_EQ(talk_state::from_note(state.note()), state);
    state.leave = list_exit{"mailto:off@x.example", false};
    EXPECT_EQ(talk_state::from_note(state.note()), state);
}

struct scripted : net::http_client
{
    net::http_request asked;
    int status = 200;
    awaitable<result<net::http_reply>> send(net::http_request r) override
    {
        asked = std::move(r);
        co_return net::http_reply{status, ""};
    }
};

outcome leave(scripted& web, const std::string& url)
{
    boost::asio::io_context io;
    outcome out = ok();
    boost::asio::co_spawn(io, leave_list(web, url), [&](std::exception_ptr, outcome done) { out = done; });
    io.run();
    return out;
}

TEST(Unsubscribe, PostsTheOneWordOfTheStandard)
{
    scripted web;
    EXPECT_TRUE(leave(web, "https://x.example/off?u=1"));
    EXPECT_EQ(web.asked.method, "POST");
    EXPECT_EQ(web.asked.body, "List-Unsubscribe=One-Click");
    web.status = 302;
    EXPECT_FALSE(leave(web, "https://x.example/off")) << "no redirect is followed";
    web.asked.url.clear();
    EXPECT_FALSE(leave(web, "http://x.example/off"));
    EXPECT_EQ(web.asked.url, "");
}

}  // namespace
}  // namespace rialto::email::unsubscribe_test
