// The interface's second hard case: a mail with several recipients and fates out, and a mail in whose 250
// waits for the commit.
#include "hub_kit.hpp"

namespace rialto::lmtp_test {
namespace {

using namespace rialto::test;
using texts = std::vector<std::string>;

const portal_id thread{room_id{"team@chat|carol@x"}};

// Answers for each recipient on its own, as LMTP and SMTP do.
class mailer final : public backend
{
    host& host_;

public:
    std::map<std::string, int> answers;  // recipient -> reply code, 250 when not named
    std::vector<texts> went;             // the recipients of each attempt

    explicit mailer(host& h) : host_{h} {}
    awaitable<outcome> run(account_id a) override
    {
        host_.link_up(a);
        boost::asio::steady_timer forever{
            co_await boost::asio::this_coro::executor, boost::asio::steady_timer::time_point::max()
        };
        co_await forever.async_wait(boost::asio::use_awaitable);
        co_return ok();
    }
    awaitable<result<sent>> deliver(event e) override
    {
        if (!std::holds_alternative<message>(e.what))
            co_return no("such happening");
        texts to;
        for (const auto& u : e.only)
            to.push_back(u.value);
        if (to.empty()) {
            auto view = co_await host_.look(e.portal);
            if (!view)
                co_return view.error();
            for (const auto& m : view->members)
                if (!m.puppet)
                    to.push_back(m.who.id.value);
        }
        went.push_back(to);
        sent done{message_id{"<" + e.id.value + "@chat>"}};
        for (const auto& who : to) {
            const auto at = answers.find(who);
            if (at == answers.end() || at->second / 100 == 2)
                continue;
            const auto next = at->second / 100 == 4 ? verdict::try_later : verdict::give_up;
            done.refused.emplace_back(user_id{who}, failure{next, cause::other, who + " was refused"});
        }
        done.settled = false;
        co_return done;
    }
    awaitable<result<user_id>> address_of(native w) override { co_return user_id{w.local + "@chat"}; }

    awaitable<std::string> on_mail(std::string rcpt, std::string from, std::string id, std::string text)
    {
        room all{kind::group};
        all.members.emplace_back(person{user_id{rcpt}}, rank::owner, true);
        all.members.emplace_back(person{user_id{from}, from}, rank::member, false);
        std::vector<event> batch;
        batch.emplace_back(thread, person{user_id{from}}, timestamp{}, message_id{}, std::move(all));
        batch.emplace_back(
            thread, person{user_id{from}}, timestamp{}, message_id{id}, message{document{text}}
        );
        auto taken = co_await host_.accept(std::move(batch), note{"imap", id});
        if (taken)
            co_return "250 2.0.0";
        if (taken.error().next == verdict::try_later)
            co_return "451 4.3.1";
        co_return "550 5.7.1";
    }
};

struct Lmtp : ::testing::Test
{
    world w;
    memory_store disk{w.io.get_executor()};
    life one{w, disk};
    mailer* mail = nullptr;

    void SetUp() override
    {
        one.core.add("g", [&](host& h) {
            auto made = std::make_unique<mailer>(h);
            mail = made.get();
            return made;
        });
        one.start();
        boost::asio::co_spawn(w.io, one.core.run("g"), [](std::exception_ptr) {});
        w.settle();
    }
    std::string receive(const std::string& id, const std::string& text)
    {
        return w.get(mail->on_mail("team@chat", "carol@x", id, text));
    }
    void members(const texts& far)
    {
        for (const auto& a : far)
            one.matrix.view.members.emplace_back(*test_names().ghost("g", a), a, 0);
    }
};

TEST_F(Lmtp, Says250OnlyWhenTheMailIsOnDisk)
{
    disk.hold();
    std::optional<std::string> answer;
    boost::asio::co_spawn(
        w.io, mail->on_mail("team@chat", "carol@x", "<1>", "hi"),
        [&](std::exception_ptr, std::string s) { answer = std::move(s); }
    );
    w.settle();
    EXPECT_FALSE(answer);
    disk.release();
    w.settle();
    EXPECT_EQ(answer, "250 2.0.0");
}

TEST_F(Lmtp, Says451WhenTheDiskIsFullAndTakesTheRepeat)
{
    disk.fail_commit(1, memory_store::disk_full());
    EXPECT_EQ(receive("<1>", "hi"), "451 4.3.1");
    EXPECT_EQ(receive("<1>", "hi"), "250 2.0.0");
    EXPECT_EQ(receive("<1>", "hi"), "250 2.0.0") << "a repeat is acknowledged";
    ASSERT_TRUE(w.until([&] { return one.core.waiting() == 0; }));
    EXPECT_EQ(one.matrix.made.size(), 1u);
    texts said;
    for (const auto& line : one.shown())
        if (line.find("hi") != line.npos)
            said.push_back(line);
    EXPECT_EQ(said.size(), 1u);
}

TEST_F(Lmtp, KeepsTheCursorWithTheMail)
{
    EXPECT_EQ(receive("<1>", "hi"), "250 2.0.0");
    EXPECT_EQ(*w.get(disk.note("g/imap")), "<1>");
}

TEST_F(Lmtp, RetriesOnlyTheRecipientThatAskedForIt)
{
    EXPECT_EQ(receive("<1>", "hi"), "250 2.0.0");
    ASSERT_TRUE(w.until([&] { return one.core.waiting() == 0; }));
    members({"carol@x", "grey@x", "bad@x"});
    mail->answers = {{"grey@x", 451}, {"bad@x", 550}};
    one.push(near_said(one.matrix.made.empty() ? "" : "!made1", "$1", "answer"));
    ASSERT_TRUE(w.until([&] { return !mail->went.empty(); }));
    EXPECT_EQ(mail->went[0], (texts{"carol@x", "grey@x", "bad@x"}));
    ASSERT_TRUE(w.until([&] { return mail->went.size() == 2; }));
    EXPECT_EQ(mail->went[1], (texts{"grey@x"})) << "the others have it";
    mail->answers.clear();
    ASSERT_TRUE(w.until([&] { return mail->went.size() == 3; }));
    EXPECT_EQ(mail->went[2], (texts{"grey@x"}));
    w.pass(std::chrono::minutes{30});
    EXPECT_EQ(mail->went.size(), 3u);
    ASSERT_EQ(one.matrix.notices.size(), 1u) << "the author hears of the definite refusal, once";
    EXPECT_EQ(one.matrix.notices[0].second.rfind("bad@x was refused", 0), 0u);
}

TEST_F(Lmtp, DoesNotLetOneGreylistedAddressStopTheRoom)
{
    EXPECT_EQ(receive("<1>", "hi"), "250 2.0.0");
    ASSERT_TRUE(w.until([&] { return one.core.waiting() == 0; }));
    members({"carol@x", "grey@x"});
    mail->answers = {{"grey@x", 451}};
    one.push(near_said("!made1", "$1", "one"));
    one.push(near_said("!made1", "$2", "two"));
    ASSERT_TRUE(w.until([&] { return mail->went.size() >= 2; }, std::chrono::milliseconds{100}))
        << "the second goes to those who take it";
}

}  // namespace
}  // namespace rialto::lmtp_test
