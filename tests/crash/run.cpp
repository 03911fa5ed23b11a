#include "tests/crash/run.hpp"

#include "tests/crash/conversation.hpp"

namespace rialto::crash {

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
    out.findings = talk.end();
    out.sums = judge(talk.read());
    ++out.sums.points;
    return out;
}

}  // namespace rialto::crash
