#include "tests/crash/run.hpp"

#include "tests/crash/seams.hpp"

#include <algorithm>

namespace rialto::crash {

namespace {

using std::chrono::milliseconds;
constexpr milliseconds patience{5'000};
constexpr milliseconds last_patience{16'000};  // longer than the ten minutes after which all is read again
constexpr milliseconds afterwards{10};         // half a second of theirs: what comes late comes in it
const std::vector<std::string> lanes{"alice-room", "dan-room", "alice-chat", "dan-chat"};

class conversation
{
    stage& on_;
    std::string mark_;
    bool dan_only_;
    int number_ = 0;
    milliseconds looked_{0};

public:
    conversation(stage& on, std::string mark, bool dan_only)
        : on_{on}, mark_{std::move(mark) + '.'}, dan_only_{dan_only}
    {
        on_.begin();
    }

    // Nobody answers for a chat while the component is away: that is told to dan at once.
    bool talks(const std::string& lane) const
    {
        if (lane.starts_with("alice"))
            return !dan_only_;
        return lane == "dan-room" || on_.far().components() > 0;
    }
    void wave(int rounds)
    {
        for (int i = 0; i < rounds; ++i) {
            ++number_;
            for (const auto& lane : lanes)
                if (talks(lane))
                    on_.say(lane, mark_ + lane + '.' + std::to_string(number_));
        }
    }
    bool complete()
    {
        const auto now = true_time();
        if (now == looked_)  // a look costs something
            return false;
        looked_ = now;
        const auto all = on_.read(mark_);
        return std::all_of(all.begin(), all.end(), [](const auto& l) { return l.second.complete(); });
    }
    // Until all has arrived, or the process is dead.
    void wait(milliseconds most = patience)
    {
        on_.until([&] { return !on_.rialto().running() || complete(); }, most);
        // What it has still to push tells nobody anything new; Synapse may even keep it until it has more.
        on_.until([&] { return !on_.rialto().running() || on_.homeserver_idle(); }, afterwards);
    }
    // The same with a new life for each death.
    void survive()
    {
        const auto end = true_time() + last_patience;
        while (true_time() < end) {
            if (!on_.rialto().running())
                on_.rialto().start(plan{});
            wait(last_patience);
            if (on_.rialto().running())
                return;
        }
    }
    ledgers read() const { return on_.read(mark_); }
};

plan plan_of(stage& on, const family& f, std::uint64_t at)
{
    plan p;
    p.at = at;
    p.how = at == 0 ? blow::none : f.how;
    p.seed = at;
    p.full_for = f.lasts;
    p.dies_too = f.dies_too;
    on.rialto().on_call = [&on, world = f.world] {
        if (world)
            world(on);
    };
    return p;
}

void end(stage& on, outcome_of_run& out)
{
    on.pass(afterwards);
    on.homeserver().faults().clear();
    on.homeserver().service(0).faults.clear();
    on.far().faults().clear();
    on.rialto().terminate();
    if (!on.until([&] { return !on.rialto().running(); }, patience))
        out.findings.emplace_back("rialto does not end on SIGTERM");
    on.rialto().kill();
}

}  // namespace

outcome_of_run play(stage& on, const family& f, std::uint64_t at, const std::string& mark)
{
    outcome_of_run out;
    conversation talk{on, mark, f.dan_only};
    talk.wave(1);
    on.rialto().start(plan_of(on, f, at));
    talk.wait();
    if (on.rialto().running()) {
        talk.wave(2);
        talk.wait();
    }
    out.operations = on.rialto().told().count;
    out.struck = on.rialto().told().struck;
    out.what = on.rialto().told().what;
    if (!on.rialto().running()) {
        talk.wave(1);
        on.rialto().start(plan{});
    }
    talk.wave(1);
    talk.survive();
    end(on, out);
    const auto all = talk.read();
    out.sums = judge(all);
    ++out.sums.points;
    for (const auto& [name, lane] : all)
        for (const auto& finding : lane.findings())
            out.findings.push_back(finding);
    return out;
}

}  // namespace rialto::crash
