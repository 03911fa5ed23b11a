#include "tests/crash/conversation.hpp"

#include "tests/crash/seams.hpp"

#include <algorithm>

namespace rialto::crash {

conversation::conversation(stage& on, std::string mark, bool dan_only)
    : on_{on}, mark_{std::move(mark) + '.'}, dan_only_{dan_only}
{
    on_.begin();
}

const std::vector<std::string>& conversation::lanes()
{
    static const std::vector<std::string> all{"alice-room", "dan-room", "alice-chat", "dan-chat"};
    return all;
}

// Nobody answers for a chat while the component is away: that is told to dan at once.
bool conversation::talks(const std::string& lane) const
{
    if (lane.starts_with("alice"))
        return !dan_only_;
    return lane == "dan-room" || on_.far().components() > 0;
}

void conversation::say(const std::string& lane)
{
    const auto text = [&](int number) { return mark_ + lane + '.' + std::to_string(number); };
    const int number = ++said_[lane];
    if (talks(lane))
        on_.say(lane, text(number), number % 3 == 0 ? text(number - 1) : std::string{});
    if (lane.starts_with("alice") && number % 6 == 4)
        on_.retract(lane, text(number));
    if (lane.starts_with("alice") && number % 6 == 3)
        on_.retract(lane, text(number - 2));
}

void conversation::wave(int rounds)
{
    for (int i = 0; i < rounds; ++i)
        for (const auto& lane : lanes())
            say(lane);
}

bool conversation::complete()
{
    const auto now = true_time();
    if (now == looked_)  // a look costs something
        return false;
    looked_ = now;
    const auto all = on_.read(mark_);
    return std::all_of(all.begin(), all.end(), [](const auto& l) { return l.second.complete(); });
}

void conversation::wait(std::chrono::milliseconds most)
{
    on_.until([&] { return !on_.rialto().running() || complete(); }, most);
    // What it has still to push tells nobody anything new; Synapse may even keep it until it has more.
    on_.until([&] { return !on_.rialto().running() || on_.homeserver_idle(); }, afterwards);
}

void conversation::survive()
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

void conversation::terminate(std::vector<std::string>& findings)
{
    on_.rialto().terminate();
    if (!on_.until([&] { return !on_.rialto().running(); }, patience))
        findings.emplace_back("rialto does not end on SIGTERM");
    on_.rialto().kill();
}

std::vector<std::string> conversation::end()
{
    std::vector<std::string> findings;
    on_.pass(afterwards);
    on_.calm();
    terminate(findings);
    looked_ = {};
    if (!complete()) {  // accepted while it ended: on its disk, for the next one
        on_.rialto().start(plan{});
        wait(last_patience);
        terminate(findings);
    }
    for (const auto& [name, lane] : read())
        for (auto& finding : lane.findings())
            findings.push_back(std::move(finding));
    return findings;
}

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

}  // namespace rialto::crash
