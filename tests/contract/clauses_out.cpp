// What a backend owes on the way to the far side.
#include "tests/contract/clauses.hpp"
#include "tests/contract/stage.hpp"

namespace rialto::contract {

namespace {
constexpr std::size_t most_cuts = 30, most_deaths = 16, most_cancels = 16;
constexpr std::chrono::seconds prompt{3};  // a machine may be slow; a farewell to a silent peer takes longer
const texts near_lines{"m1", "m2", "m3"};

std::vector<event> lane_of(life& by, const texts& all, bool again = false)
{
    std::vector<event> out;
    for (const auto& text : all) {
        out.push_back(by.said(text, out.size()));
        out.back().again = again;
        again = false;
    }
    return out;
}

std::string verdicts(const std::vector<failure>& all)
{
    for (const auto& f : all)
        if (f.next != verdict::try_later)
            return "a lost link was called final: " + f.why;
    return "";
}

std::string at_byte(const char* what, std::size_t n, const std::string& breach)
{
    return breach.empty() ? "" : std::string{what} + " " + std::to_string(n) + ": " + breach;
}

std::string arrive(stage& s, life& now, const texts& wanted)
{
    if (!s.until([&] { return now.lane_done() || now.failures().size() > 1000; }))
        return "a delivery hangs";
    s.until([&] { return s.hears().size() >= wanted.size(); });
    s.settle();
    return differ("the far side heard", wanted, s.hears());
}

std::string cut_once(const peer_type& type, tap::way way, std::size_t at)
{
    stage s{type};
    if (!s.broken.empty())
        return s.broken;
    auto& wire = *s.peer->wire();
    wire.cut_at(way, wire.passed(way) + at);
    life now{s.io, *s.peer, s.disk};
    now.run();
    now.lane(lane_of(now, near_lines));
    const auto breach = arrive(s, now, near_lines);
    return breach.empty() ? verdicts(now.failures()) : breach;
}
}  // namespace

std::string delivers_in_order(const peer_type& type)
{
    stage s{type};
    if (!s.broken.empty())
        return s.broken;
    life now{s.io, *s.peer, s.disk};
    if (!now.start())
        return "the link does not come up";
    now.lane(lane_of(now, {"m1", "m2", "m3", "m4", "m5"}));
    const auto breach = arrive(s, now, {"m1", "m2", "m3", "m4", "m5"});
    if (breach.empty() && !now.failures().empty())
        return "failed without reason: " + now.failures().front().why;
    return breach;
}

std::string says_try_later_wherever_the_link_drops(const peer_type& type)
{
    const auto plan = rehearse(type, near_lines, most_cuts);
    if (!plan.broken.empty())
        return plan.broken;
    for (const auto at : plan.out)
        if (const auto breach = cut_once(type, tap::way::out, at); !breach.empty())
            return at_byte("cut after byte sent", at, breach);
    for (const auto at : plan.back)
        if (const auto breach = cut_once(type, tap::way::back, at); !breach.empty())
            return at_byte("cut after byte received", at, breach);
    return "";
}

std::string delivers_once_though_asked_twice(const peer_type& type)
{
    stage s{type};
    if (!s.broken.empty())
        return s.broken;
    {
        life first{s.io, *s.peer, s.disk};
        if (!first.start())
            return "the link does not come up";
        first.lane(lane_of(first, {"m1"}));
        const auto breach = arrive(s, first, {"m1"});
        if (!breach.empty())
            return breach;
    }
    life second{s.io, *s.peer, s.disk};
    second.run();
    second.lane(lane_of(second, {"m1", "m2"}, true));
    return arrive(s, second, {"m1", "m2"});
}

std::string delivers_once_wherever_the_process_dies(const peer_type& type)
{
    const auto plan = rehearse(type, {"m1"}, most_deaths);
    if (!plan.broken.empty())
        return plan.broken;
    for (const auto at : plan.out) {
        stage s{type};
        if (!s.broken.empty())
            return s.broken;
        auto& wire = *s.peer->wire();
        const auto end = wire.passed(tap::way::out) + at;
        wire.cut_at(tap::way::out, end);
        {
            life first{s.io, *s.peer, s.disk};
            first.run();
            first.lane(lane_of(first, {"m1"}));
            s.until([&] { return wire.passed(tap::way::out) >= end || first.lane_done(); });
            first.kill();
        }
        life second{s.io, *s.peer, s.disk};
        second.run();
        second.lane(lane_of(second, {"m1", "m2"}, true));
        if (const auto breach = arrive(s, second, {"m1", "m2"}); !breach.empty())
            return at_byte("died after byte", at, breach);
    }
    return "";
}

std::string refuses_without_a_link(const peer_type& type)
{
    stage s{type};
    if (!s.broken.empty() || s.peer->wire() == nullptr)
        return s.broken;
    life now{s.io, *s.peer, s.disk};
    const auto early = now.wait_for(now.begin(now.said("m1")));
    if (early || early.error().next != verdict::try_later)
        return "before run(): " + (early ? "taken" : early.error().why);
    return "";
}

std::string ends_promptly_when_cancelled(const peer_type& type)
{
    auto plan = rehearse(type, {"m1", "m2"}, most_cancels);
    if (!plan.broken.empty())
        return plan.broken;
    if (plan.out.empty())
        plan.out.push_back(0);
    for (const auto at : plan.out) {
        stage s{type};
        if (!s.broken.empty())
            return s.broken;
        auto* wire = s.peer->wire();
        const auto end = (wire ? wire->passed(tap::way::out) : 0) + at;
        life now{s.io, *s.peer, s.disk};
        now.run();
        now.lane(lane_of(now, {"m1", "m2"}));
        s.until([&] { return wire ? wire->passed(tap::way::out) >= end : now.lane_done(); });
        if (wire)
            wire->hold(true);  // no word of the far side may be needed
        now.cancel();
        if (!until(s.io, [&] { return !now.running(); }, prompt))
            return at_byte("cancelled after byte", at, "run() goes on");
        const auto sent = wire ? wire->passed(tap::way::out) : 0;
        if (!until(s.io, [&] { return now.lane_done(); }, prompt))
            return at_byte("cancelled after byte", at, "a delivery goes on");
        const auto late = now.wait_for(now.begin(now.said("m9")));
        if (wire && (late || late.error().next != verdict::try_later))
            return at_byte("cancelled after byte", at, "a delivery is still taken");
        s.settle();
        if (wire && wire->passed(tap::way::out) != sent)
            return at_byte(
                "cancelled after byte", at, std::to_string(wire->passed(tap::way::out) - sent) + " bytes more"
            );
        if (const auto breach = verdicts(now.failures()); !breach.empty())
            return at_byte("cancelled after byte", at, breach);
    }
    return "";
}

namespace {
// As many at once as the portal's abilities allow. What came after a failure must have failed too.
std::string fill_window(stage& s, std::size_t cut)
{
    life now{s.io, *s.peer, s.disk};
    if (!now.start())
        return "the link does not come up";
    auto* wire = s.peer->wire();
    if (wire && cut > 0)
        wire->cut_at(tap::way::out, wire->passed(tap::way::out) + cut);
    std::vector<std::shared_ptr<delivery>> flying;
    texts wanted, shown;
    for (std::size_t i = 0; i < std::min<std::size_t>(s.state.able.in_flight, 8); ++i)
        flying.push_back(now.begin(now.said("w" + std::to_string(i))));
    bool failed = false;
    for (const auto& d : flying) {
        const auto ended = now.wait_for(d);
        if (ended && failed)
            return d->what.id.value + " went past one that failed";
        failed = failed || !ended;
        if (ended)
            wanted.push_back(d->what.id.value.substr(1));
    }
    s.until([&] { return s.hears().size() >= wanted.size(); });
    s.settle();
    shown = s.hears();
    if (cut == 0 && failed)
        return "a delivery failed without reason";
    if (!std::is_sorted(shown.begin(), shown.end()))
        return "the far side heard " + list(shown);
    return wanted.size() > shown.size() ? differ("the far side heard", wanted, shown) : "";
}
}  // namespace

std::string keeps_order_within_its_window(const peer_type& type)
{
    std::size_t most = 0;
    {
        stage s{type};
        if (!s.broken.empty())
            return s.broken;
        const auto before = s.peer->wire() ? s.peer->wire()->passed(tap::way::out) : 0;
        if (const auto breach = fill_window(s, 0); !breach.empty())
            return breach;
        most = s.peer->wire() ? s.peer->wire()->passed(tap::way::out) - before : 0;
    }
    for (std::size_t cut = 1; cut < most; cut += 1 + most / 10) {
        stage s{type};
        if (!s.broken.empty())
            return s.broken;
        if (const auto breach = fill_window(s, cut); !breach.empty())
            return at_byte("cut after byte", cut, breach);
    }
    return "";
}

// A retry for some recipients: everybody else has it.
std::string honours_only(const peer_type& type)
{
    stage s{type};
    if (!s.broken.empty())
        return s.broken;
    life now{s.io, *s.peer, s.disk};
    if (!now.start())
        return "the link does not come up";
    now.lane(lane_of(now, {"m1"}));
    if (const auto breach = arrive(s, now, {"m1"}); !breach.empty())
        return breach;
    auto retry = now.said("m1");
    retry.only.emplace_back("somebody-else@elsewhere.example");
    const auto done = now.wait_for(now.begin(std::move(retry)));
    if (!done && done.error().kind == cause::other)
        return done.error().why;
    now.lane(lane_of(now, {"m2"}));
    s.until([&] { return now.lane_done() && s.hears().size() >= 2; });
    s.settle();
    texts all;  // also what clients would drop
    for (const auto& h : s.peer->hears())
        all.push_back(h.text);
    return differ("the far side heard", {"m1", "m2"}, all);
}

}  // namespace rialto::contract
