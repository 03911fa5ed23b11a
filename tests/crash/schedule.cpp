#include "tests/crash/schedule.hpp"

#include "tests/crash/seams.hpp"

#include <ostream>
#include <random>
#include <utility>

namespace rialto::crash {

namespace {

class dice
{
    std::mt19937_64 luck_;

public:
    explicit dice(std::uint64_t seed) : luck_{seed} {}
    std::uint64_t below(std::uint64_t n) { return luck_() % n; }
    bool one_in(std::uint64_t n) { return below(n) == 0; }
};

class schedule
{
    stage& on_;
    dice luck_;
    conversation talk_;
    schedule_result out_;
    bool counted_ = true;

    void count_blows()
    {
        if (on_.rialto().told().struck && !std::exchange(counted_, true))
            ++out_.sums.points;
    }
    void note(std::string what) { out_.story.push_back(std::move(what)); }

    const family& any_family()
    {
        const auto& all = families();
        for (;;) {
            const auto& f = all[luck_.below(all.size())];
            if (f.must_hold && !f.dan_only && !f.alone && luck_.one_in(f.sparse))
                return f;
        }
    }
    // Early operations as often as late ones: a start is as good a moment to die as any.
    std::uint64_t any_operation() { return 1 + luck_.below(std::uint64_t{8} << luck_.below(7)); }

    void begin_life()
    {
        if (on_.rialto().running())
            return;
        const auto& f = any_family();
        const auto at = luck_.one_in(6) ? 0 : any_operation();
        counted_ = false;
        note("a life, " + std::string{f.name} + " at " + std::to_string(at));
        on_.rialto().start(plan_of(on_, f, at));
    }
    void somebody_talks()
    {
        const auto& lanes = conversation::lanes();
        const auto& lane = lanes[luck_.below(lanes.size())];
        const auto times = 1 + luck_.below(3);
        note(lane + " " + std::to_string(times));
        for (std::uint64_t i = 0; i < times; ++i)
            talk_.say(lane);
    }
    void an_accident()
    {
        const auto& f = any_family();
        if (f.world) {
            note(std::string{f.name} + " now");
            f.world(on_);
        } else if (luck_.one_in(2)) {
            note("killed now");
            on_.rialto().kill();
        } else {
            note("terminated now");
            on_.rialto().terminate();
        }
    }
    void step()
    {
        const auto what = luck_.below(10);
        if (what < 5)
            somebody_talks();
        else if (what < 8)
            on_.pass(std::chrono::milliseconds{luck_.below(12)});
        else if (what < 9)
            begin_life();
        else
            an_accident();
        count_blows();
    }

public:
    schedule(stage& on, std::uint64_t seed, const std::string& mark) : on_{on}, luck_{seed}, talk_{on, mark}
    {
    }

    schedule_result play()
    {
        const auto steps = 10 + luck_.below(50);
        for (std::uint64_t i = 0; i < steps; ++i)
            step();
        note("calm");
        talk_.survive();
        count_blows();
        out_.findings = talk_.end();
        out_.sums += judge(talk_.read());
        ++out_.sums.schedules;
        return std::move(out_);
    }
};

}  // namespace

schedule_result play_schedule(stage& on, std::uint64_t seed, const std::string& mark)
{
    return schedule{on, seed, mark}.play();
}

std::pair<figures, std::size_t> play_at_random(stage& on, const endless& how, std::ostream& out)
{
    const auto until = true_time() + how.time;
    std::pair<figures, std::size_t> sum;
    for (auto seed = how.seed; true_time() < until && sum.second < how.enough; ++seed) {
        const auto got = play_schedule(on, seed, "seed" + std::to_string(seed));
        sum.first += got.sums;
        sum.second += got.findings.size();
        if (!how.talkative && got.findings.empty())
            continue;
        out << "seed " << seed;
        for (const auto& each : got.story)
            out << "; " << each;
        for (const auto& each : got.findings)
            out << "\n    " << each;
        out << std::endl;
    }
    return sum;
}

}  // namespace rialto::crash
