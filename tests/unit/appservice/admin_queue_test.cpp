// What `rialto queue` asks of a running Rialto, and what it prints.
#include "appservice/admin.hpp"
#include "appservice/queue_text.hpp"
#include "scripted_core.hpp"
#include "tests/fakes/sim.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace rialto::admin_queue_test {
namespace {

using testing::HasSubstr;
using testing::Not;

struct AdminQueue : testing::Test
{
    test::sim_clock time;
    matrix::scripted_queue queue;
    std::string token = admin_token("as", "hs");
    admin_service admin{
        [] { return std::vector<component>{}; }, queue_endpoint{queue, time, admin_token("as", "hs")}
    };

    http::request asking(std::string method, std::string path, std::string body = "")
    {
        http::request r;
        r.method = std::move(method);
        r.path = std::move(path);
        r.body = std::move(body);
        r.authorization.push_back("Bearer " + token);
        return r;
    }
    http::response answered(http::request r)
    {
        if (auto no = admin.refuse(r))
            return *no;
        boost::asio::io_context io;
        http::response out;
        boost::asio::co_spawn(io, admin.answer(std::move(r)), [&](std::exception_ptr, http::response said) {
            out = std::move(said);
        });
        io.run();
        return out;
    }
};

TEST_F(AdminQueue, IsForWhoCanReadTheRegistration)
{
    EXPECT_EQ(answered(asking("GET", "/queue")).status, 200u);
    token = admin_token("as", "other");
    EXPECT_EQ(answered(asking("GET", "/queue")).status, 403u);
    auto none = asking("GET", "/queue");
    none.authorization.clear();
    EXPECT_EQ(answered(none).status, 403u);
    EXPECT_THAT(admin_token("as", "hs"), Not(HasSubstr("as"))) << "it gives the others away to nobody";
}

TEST_F(AdminQueue, ListsForMachinesAndForPeople)
{
    queue.all.dead.push_back(matrix::dead_letter(17, "!r", "@bob:hs"));
    queued_lane l;
    l.of.network = "prosody";
    l.of.far_room = "orchard@muc";
    l.waiting = 3;
    l.head = 21;
    l.oldest_ms = to_ms(time.now()) - 250'000;
    l.again_ms = to_ms(time.now()) + 10'000;
    l.tries = 2;
    l.certain = false;
    l.why = "link\ndown";
    queue.all.lanes.push_back(l);
    const auto said = answered(asking("GET", "/queue")).body;
    EXPECT_EQ(nlohmann::json::parse(said).at("dead").at(0).at("seq"), 17);
    EXPECT_THAT(said, Not(HasSubstr("secret")));
    const auto text = queue_text(said);
    EXPECT_THAT(
        text,
        HasSubstr("to prosody orchard@muc: 3 messages, the oldest (21) for 4 min, 2 tries, waiting, again in "
                  "10 s, may have arrived: link")
    );
    EXPECT_THAT(text, HasSubstr("17  message of @bob:hs to prosody orchard@muc"));
    EXPECT_THAT(text, HasSubstr("not delivered: you are banned there"));
    EXPECT_EQ(queue_text("nonsense"), "");
    EXPECT_THAT(queue_text(queue_json(queue_view{}, 0)), HasSubstr("Nothing waits"));
}

TEST_F(AdminQueue, ShowsWordsOnlyWhenAsked)
{
    queue.all.dead.push_back(matrix::dead_letter(17, "!r", "@bob:hs"));
    auto r = asking("GET", "/queue/letter");
    r.query.emplace("seq", "17");
    EXPECT_THAT(answered(r).body, Not(HasSubstr("secret")));
    r.query.emplace("body", "1");
    const auto shown = answered(r).body;
    EXPECT_THAT(letter_text(shown), HasSubstr("secret"));
    r.query.clear();
    r.query.emplace("seq", "99999999999999999999");
    EXPECT_EQ(answered(r).status, 404u);
}

TEST_F(AdminQueue, RetriesAndDrops)
{
    queue.all.dead.push_back(matrix::dead_letter(17, "!r", "@bob:hs"));
    auto gone = matrix::dead_letter(18, "", "@bob:hs");
    gone.of.network.clear();
    queue.all.dead.push_back(gone);
    EXPECT_THAT(answered(asking("POST", "/queue/retry", "{\"seqs\": [17, 21]}")).body, HasSubstr("2"));
    EXPECT_EQ(answered(asking("POST", "/queue/retry", "{\"all\": true}")).status, 200u);
    EXPECT_EQ(answered(asking("POST", "/queue/drop", "{\"seq\": 17}")).status, 200u);
    EXPECT_EQ(
        queue.calls, (std::vector<std::string>{
                         "retry 17", "retry 21", "list ", "retry 17", "drop 17 the bridge's administrator"
                     })
    );
    EXPECT_EQ(answered(asking("POST", "/queue/retry", "[]")).status, 400u);
    EXPECT_EQ(answered(asking("POST", "/queue/retry", "{")).status, 400u);
    EXPECT_EQ(answered(asking("GET", "/queue/retry")).status, 405u);
    EXPECT_EQ(answered(asking("GET", "/queue/nothing")).status, 404u);
}

}  // namespace
}  // namespace rialto::admin_queue_test
