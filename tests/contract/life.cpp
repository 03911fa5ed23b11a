#include "tests/contract/life.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <stdexcept>

namespace rialto::contract {

namespace asio = boost::asio;

namespace {
using real = std::chrono::steady_clock;
constexpr std::chrono::milliseconds breath{2};  // the core's back-off, in small

awaitable<void> pause(std::chrono::milliseconds time)
{
    asio::steady_timer timer{co_await asio::this_coro::executor, time};
    co_await timer.async_wait(asio::use_awaitable);
}

template <class T>
T get(asio::io_context& io, awaitable<T> task)
{
    std::optional<T> value;
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr broken, T v) {
        if (broken)
            std::rethrow_exception(broken);
        value.emplace(std::move(v));
    });
    if (!until(io, [&] { return value.has_value(); }))
        throw std::runtime_error("a call of the backend hangs");
    return std::move(*value);
}
}  // namespace

bool until(asio::io_context& io, const std::function<bool()>& so, std::chrono::seconds hang)
{
    const auto end = real::now() + hang;
    while (!so()) {
        if (real::now() >= end)
            return false;
        io.restart();
        io.run_one_for(std::chrono::milliseconds{20});
    }
    return true;
}

void settle(asio::io_context& io)
{
    for (int quiet = 0; quiet < 3;) {
        io.restart();
        quiet = io.run_one_for(breath) == 0 ? quiet + 1 : 0;
    }
}

struct life::state
{
    test::recording_host& core;
    backend& far;
    asio::cancellation_signal stop;
    std::vector<failure> failures;
    std::size_t tasks = 0, lanes = 0;  // that have not ended
    bool supervised = false, in_run = false, stopped = false, dead = false;

    state(test::recording_host& h, backend& b) : core{h}, far{b} {}
};

life::life(asio::io_context& io, contract_peer& peer, test::ledger& disk)
    : io_{io},
      peer_{peer},
      disk_{disk},
      host_{std::make_unique<test::recording_host>(io.get_executor(), disk)},
      far_{peer.make(*host_)},
      state_{std::make_shared<state>(*host_, *far_)}
{
    if (!disk.portals.empty())
        portal_ = disk.portals.begin()->first;
    for (const auto& who : peer.authors()) {
        auto address = get(io_, far_->address_of(who));
        if (!address)
            throw std::runtime_error(address.error().why);
        authors_.emplace_back(*address, who.shown_as);
    }
}

// What is left of the dead is buried: its coroutines end before the backend goes.
life::~life()
{
    kill();
    cancel();
    until(io_, [this] { return state_->tasks == 0; });
    settle(io_);
}

void life::kill()
{
    state_->dead = true;
    host_->die();
    if (auto* wire = peer_.wire())
        wire->cut();
}

awaitable<void> life::supervise(std::shared_ptr<state> s)
{
    while (!s->stopped && !s->dead) {
        s->in_run = true;
        auto ended = co_await s->far.run(account_id{});
        s->in_run = s->core.up = false;
        if (!ended)
            s->failures.push_back(ended.error());
        co_await pause(breath);
    }
}

void life::run()
{
    if (std::exchange(state_->supervised, true))
        return;
    ++state_->tasks;
    auto work = [s = state_]() -> awaitable<void> { return supervise(s); };
    asio::co_spawn(
        io_, work,
        asio::bind_cancellation_slot(
            state_->stop.slot(),
            [s = state_](std::exception_ptr) {
                s->in_run = s->core.up = false;
                --s->tasks;
            }
        )
    );
}

bool life::start()
{
    run();
    return until(io_, [this] { return host_->up; });
}

void life::cancel()
{
    state_->stopped = true;
    state_->stop.emit(asio::cancellation_type::terminal);
}

bool life::running() const { return state_->in_run; }
const std::vector<failure>& life::failures() const { return state_->failures; }

result<opened> life::open_portal()
{
    auto made = get(io_, far_->open(peer_.wanted(authors_.front())));
    if (made) {
        disk_.portals[made->portal] = made->state;
        portal_ = made->portal;
    }
    return made;
}

event life::said(std::string text, std::size_t author)
{
    const auto now = std::chrono::system_clock::now();
    return event{
        portal_, authors_[author % authors_.size()], now, message_id{"$" + text}, message{document{text}}
    };
}

awaitable<void> life::deliver(std::shared_ptr<state> s, std::shared_ptr<delivery> d)
{
    auto what = d->what;
    auto ended = co_await s->far.deliver(std::move(what));
    d->ended = std::move(ended);
}

awaitable<void> life::relay(std::shared_ptr<state> s, std::vector<event> all)
{
    for (auto& e : all) {
        while (!s->dead && !s->stopped) {
            auto copy = e;
            auto done = co_await s->far.deliver(std::move(copy));
            if (done)
                break;
            s->failures.push_back(done.error());
            e.again = e.again || !done.error().certain;
            if (done.error().next != verdict::try_later)
                break;
            do {
                co_await pause(breath);
            } while (!s->dead && !s->stopped && !s->core.up);
        }
    }
}

void life::lane(std::vector<event> all)
{
    ++state_->tasks;
    ++state_->lanes;
    auto work = [s = state_, all]() -> awaitable<void> { return relay(s, all); };
    asio::co_spawn(io_, work, [s = state_](std::exception_ptr broken) {
        --s->tasks;
        --s->lanes;
        if (broken)
            s->failures.emplace_back(verdict::give_up, cause::other, "deliver() threw");
    });
}

bool life::lane_done() const { return state_->lanes == 0; }

std::shared_ptr<delivery> life::begin(event e)
{
    ++state_->tasks;
    auto d = std::make_shared<delivery>(std::move(e));
    auto work = [s = state_, d]() -> awaitable<void> { return deliver(s, d); };
    asio::co_spawn(io_, work, [s = state_, d](std::exception_ptr broken) {
        --s->tasks;
        if (broken)
            d->ended = failure{verdict::give_up, cause::other, "deliver() threw"};
    });
    return d;
}

outcome life::wait_for(const std::shared_ptr<delivery>& d)
{
    if (!until(io_, [&] { return d->ended.has_value(); }))
        return failure{verdict::give_up, cause::other, "deliver() hangs"};
    if (!*d->ended)
        return d->ended->error();
    return ok();
}

}  // namespace rialto::contract
