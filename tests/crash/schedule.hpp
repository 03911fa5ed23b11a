// tests/crash/schedule.hpp: what nobody thought of: people talk when they like, several lives in a row are
// struck where the dice say, the servers have accidents in between. A schedule is told by its seed; the
// processes' own pace is not, so the same seed is the same story and not always the same end.
#pragma once

#include "tests/crash/conversation.hpp"

#include <iosfwd>

namespace rialto::crash {

struct schedule_result
{
    figures sums;
    std::vector<std::string> findings, story;
    schedule_result() = default;
};

schedule_result play_schedule(stage& on, std::uint64_t seed, const std::string& mark);

struct endless
{
    std::chrono::seconds time{60};
    std::uint64_t seed = 0;
    std::size_t enough = 20;  // findings
    bool talkative = false;
    endless() = default;
};

// Schedules with the seeds seed, seed + 1, … until the time is over. The sums and the number of findings.
std::pair<figures, std::size_t> play_at_random(stage& on, const endless& how, std::ostream& out);

}  // namespace rialto::crash
