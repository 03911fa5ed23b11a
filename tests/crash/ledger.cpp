#include "tests/crash/ledger.hpp"

#include <algorithm>

namespace rialto::crash {

namespace {

struct differences
{
    std::vector<std::string> lost, doubled, inverted, repeated, unknown;
};

// An inversion is a message that came after one that was accepted later.
differences compare(const lane_ledger& l)
{
    differences out;
    std::map<std::string, std::size_t> order;
    for (const auto& text : l.accepted)
        order.emplace(text, order.size());
    std::map<std::string, std::set<std::string>> ids;
    std::size_t furthest = 0;
    for (const auto& a : l.arrived) {
        const auto known = ids.find(a.text);
        if (known != ids.end()) {
            const bool same = !a.id.empty() && known->second.contains(a.id);
            (same ? out.repeated : out.doubled).push_back(a.text);
            known->second.insert(a.id);
            continue;
        }
        ids[a.text].insert(a.id);
        const auto at = order.find(a.text);
        if (at == order.end())
            continue;
        if (at->second < furthest)
            out.inverted.push_back(a.text);
        furthest = std::max(furthest, at->second);
    }
    for (const auto& text : l.accepted)
        if (!ids.contains(text) && !l.dead.contains(text) && !l.withdrawn.contains(text))
            (l.offered.contains(text) ? out.unknown : out.lost).push_back(text);
    return out;
}

std::uint64_t named_by(const std::set<std::string>& some, const std::vector<std::string>& all)
{
    return static_cast<std::uint64_t>(std::count_if(all.begin(), all.end(), [&](const auto& text) {
        return some.contains(text);
    }));
}

}  // namespace

figures& figures::operator+=(const figures& more)
{
    points += more.points;
    schedules += more.schedules;
    accepted += more.accepted;
    delivered += more.delivered;
    dead += more.dead;
    withdrawn += more.withdrawn;
    lost += more.lost;
    doubled += more.doubled;
    inversions += more.inversions;
    repeated += more.repeated;
    unknown += more.unknown;
    return *this;
}

std::string to_line(const figures& f)
{
    const auto n = [](std::uint64_t v) { return std::to_string(v); };
    return "points " + n(f.points) + ", schedules " + n(f.schedules) + ", accepted " + n(f.accepted) +
           ", delivered " + n(f.delivered) + ", dead " + n(f.dead) + ", withdrawn " + n(f.withdrawn) +
           ", lost " + n(f.lost) + ", doubled " + n(f.doubled) + ", inversions " + n(f.inversions);
}

figures lane_ledger::judge() const
{
    const auto d = compare(*this);
    figures f;
    f.accepted = accepted.size() - d.unknown.size();
    std::set<std::string> seen;
    for (const auto& a : arrived)
        seen.insert(a.text);
    f.delivered = named_by(seen, accepted);
    f.dead = named_by(dead, accepted);
    f.withdrawn = named_by(withdrawn, accepted);
    f.lost = d.lost.size();
    f.doubled = d.doubled.size();
    f.inversions = d.inverted.size();
    f.repeated = d.repeated.size();
    f.unknown = d.unknown.size();
    return f;
}

bool lane_ledger::complete() const { return compare(*this).lost.empty(); }

std::vector<std::string> lane_ledger::findings() const
{
    const auto d = compare(*this);
    std::vector<std::string> out;
    for (const auto& text : d.lost)
        out.push_back("lost: " + text);
    for (const auto& text : d.doubled)
        out.push_back("doubled: " + text);
    for (const auto& text : d.inverted)
        out.push_back("came after a later one: " + text);
    return out;
}

figures judge(const ledgers& all)
{
    figures f;
    for (const auto& [name, lane] : all)
        f += lane.judge();
    return f;
}

}  // namespace rialto::crash
