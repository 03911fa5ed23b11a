#include "bridges/xmpp/fence.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace rialto::xmpp {

namespace asio = boost::asio;

fence::todo fence::next(std::chrono::milliseconds now)
{
    if (passed_)
        return {step::passed, round_, now};
    if (now >= most_)
        return {step::split, round_, now};
    if (round_ == 0 || now >= began_ + round_length_) {
        ++round_;
        began_ = now;
        missing_ = (std::uint32_t{1} << pings) - 1;
        return {step::send_round, round_, now};
    }
    return {step::wait, round_, std::min(began_ + round_length_, most_)};
}

// A pong of an earlier round counts for nothing: a round must come back whole.
void fence::pong(unsigned round, unsigned which)
{
    if (round != round_ || round == 0 || which >= pings)
        return;
    missing_ &= ~(std::uint32_t{1} << which);
    passed_ = passed_ || missing_ == 0;
}

namespace {
struct run_state
{
    fence machine;
    asio::steady_timer changed;
    std::optional<failure> lost;
    explicit run_state(const asio::any_io_executor& ex) : changed{ex, asio::steady_timer::time_point::max()}
    {
    }
};

// Distinct pairs: ejabberd chooses a link by them, or at random.
void send_round(iq_router& iqs, const std::string& domain, unsigned round, std::shared_ptr<run_state> run)
{
    for (unsigned i = 0; i < fence::pings; ++i) {
        const auto from = "fence-" + std::to_string(i) + "@" + domain + "/from";
        const auto to = "fence-" + std::to_string(i) + "@" + domain + "/to";
        auto then = [run, round, i](result<reply> r) {
            if (r && !r->error)
                run->machine.pong(round, i);
            else if (!r)  // the link is gone: no answer in time would come after we have given up
                run->lost = r.error();
            run->changed.cancel();
        };
        iqs.ask(
            from, to, iq_type::get, "<ping xmlns='urn:xmpp:ping'/>", std::chrono::seconds{12}, std::move(then)
        );
    }
}

awaitable<void> wake(std::shared_ptr<run_state> run, clock* time, std::chrono::milliseconds after)
{
    co_await time->sleep(after);
    run->changed.cancel();
}
}  // namespace

awaitable<outcome> pass_fence(iq_router& iqs, clock& time, std::string domain)
{
    const auto ex = co_await asio::this_coro::executor;
    const auto run = std::make_shared<run_state>(ex);
    const auto start = time.now();
    for (;;) {
        const auto now = std::chrono::floor<std::chrono::milliseconds>(time.now() - start);
        const auto todo = run->machine.next(now);
        if (run->lost)
            co_return *run->lost;
        switch (todo.what) {
            case fence::step::passed: co_return ok();
            case fence::step::split:
                co_return failure{
                    verdict::try_later, cause::conflict,
                    "another link of component " + domain +
                        " still takes part of its stanzas (split): nothing is sent until the server has "
                        "dropped it"
                };
            case fence::step::send_round: {
                send_round(iqs, domain, todo.round, run);
                auto* timer = &time;
                auto alarm = [run, timer] { return wake(run, timer, fence::round_time); };
                asio::co_spawn(ex, alarm, [](std::exception_ptr) {});
                break;
            }
            case fence::step::wait: {
                boost::system::error_code ignored;
                co_await run->changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
                break;
            }
        }
    }
}

}  // namespace rialto::xmpp
