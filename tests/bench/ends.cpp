#include "tests/bench/ends.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <stdexcept>

namespace rialto::bench {

namespace asio = boost::asio;
using asio::awaitable;

namespace {
constexpr std::size_t at_once = 100;  // events of a transaction, stanzas of a write
constexpr std::chrono::seconds stuck{20};
}  // namespace

double seconds_of(clockid_t of)
{
    timespec t{};
    ::clock_gettime(of, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

ends::ends() = default;

bool ends::until(const std::function<bool()>& so, std::chrono::milliseconds most)
{
    const auto end = clock::now() + most;
    while (!so() && clock::now() < end)
        io.run_one_for(std::chrono::milliseconds{5});
    return so();
}

void ends::quiet(clockid_t of)
{
    constexpr double busy = 0.002;
    for (int i = 0; i < 600; ++i) {
        const auto before = seconds_of(of);
        until([] { return false; }, std::chrono::milliseconds{100});
        if (seconds_of(of) - before < busy)
            return;
    }
}

awaitable<void> ends::drive(const load& l, ledger& all, speak by)
{
    asio::steady_timer timer{io};
    const auto start = clock::now();
    const auto rate = static_cast<double>(l.per_second);
    for (std::size_t next = 0; next < l.messages;) {
        auto ready = std::min(l.messages, all.got() + l.window);
        if (l.per_second > 0) {
            const double passed = std::chrono::duration<double>(clock::now() - start).count();
            ready = std::min(l.messages, static_cast<std::size_t>(passed * rate) + 1);
        }
        ready = std::min(ready, next + at_once);
        if (ready > next) {
            for (std::size_t i = next; i < ready; ++i)
                all.said(i);
            co_await by(next, ready);
            next = ready;
            continue;
        }
        timer.expires_after(std::chrono::microseconds{200});
        co_await timer.async_wait(asio::use_awaitable);
    }
}

figures ends::measure(const load& l, ledger& all, clockid_t of, const speak& by)
{
    const auto before = seconds_of(of);
    std::exception_ptr failed;
    asio::co_spawn(io, [&] { return drive(l, all, by); }, [&](std::exception_ptr e) { failed = e; });
    for (std::size_t got = 0;;) {
        const bool done = until([&] { return all.complete() || failed; }, stuck);
        if (failed)
            std::rethrow_exception(failed);
        if (done || all.got() == got)
            break;
        got = all.got();
    }
    if (l.per_second == 0)
        quiet(of);
    else
        until([] { return false; }, std::chrono::milliseconds{300});
    if (const auto wrong = all.complaint(); !wrong.empty())
        throw std::runtime_error{wrong};
    figures f;
    f.cpu_us = 1e6 * (seconds_of(of) - before) / static_cast<double>(l.messages);
    f.per_second = static_cast<double>(l.messages) / all.seconds();
    f.p50_us = all.percentile_us(0.5);
    f.p99_us = all.percentile_us(0.99);
    return f;
}

figures ends::to_far(const load& l, clockid_t of)
{
    ledger all{l.messages, l.lanes};
    far.heard = [&](std::string_view body) { all.arrived(body); };
    const speak by = [&](std::size_t from, std::size_t to) -> awaitable<void> {
        std::string events;
        for (auto i = from; i < to; ++i) {
            const auto who = l.first_person + i / l.lanes % l.people;
            events +=
                (i > from ? "," : "") + lean_homeserver::event(i % l.lanes, who, ledger::text(i), ++events_);
        }
        const auto status = co_await homeserver.push(std::move(events));
        if (status != 200)
            throw std::runtime_error{"a transaction was answered with " + std::to_string(status)};
    };
    const auto f = measure(l, all, of, by);
    far.heard = nullptr;
    return f;
}

figures ends::to_matrix(const load& l, clockid_t of)
{
    ledger all{l.messages, l.lanes};
    homeserver.sent = [&](std::string_view content) {
        constexpr std::string_view key = R"("body":")";
        if (const auto at = content.find(key); at != content.npos)
            all.arrived(content.substr(at + key.size()));
    };
    const speak by = [&](std::size_t from, std::size_t to) -> awaitable<void> {
        for (auto i = from; i < to; ++i)
            far.say(i % l.lanes, l.first_person + i / l.lanes % l.people, ledger::text(i));
        co_return;
    };
    const auto f = measure(l, all, of, by);
    homeserver.sent = nullptr;
    return f;
}

}  // namespace rialto::bench
