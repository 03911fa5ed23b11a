// tests/crash/ledger.hpp: what was accepted on one side of each lane next to what arrived on the other, and
// the difference. Values only.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace rialto::crash {

struct figures
{
    std::uint64_t points = 0, schedules = 0;
    std::uint64_t accepted = 0, delivered = 0, dead = 0, withdrawn = 0;
    std::uint64_t lost = 0, doubled = 0, inversions = 0;
    std::uint64_t repeated = 0;  // shown twice under one id, which a client that honours ids shows once
    std::uint64_t unknown = 0;   // came to the bridge and was never promised: no receipt, no delivery
    figures() = default;
    figures& operator+=(const figures& more);
    bool good() const { return lost == 0 && doubled == 0 && inversions == 0; }
    bool operator==(const figures&) const = default;
};

std::string to_line(const figures& f);  // `points P, schedules S, accepted A, …`

struct arrival
{
    std::string text, id;  // id: where the receiver drops a second copy by it; "" where each copy counts
    arrival() = default;
    explicit arrival(std::string t, std::string i = {}) : text{std::move(t)}, id{std::move(i)} {}
};

struct lane_ledger
{
    std::vector<std::string> accepted;  // in the origin's order
    std::vector<arrival> arrived;       // in the order of arrival
    std::set<std::string> dead;         // its author was told
    std::set<std::string> withdrawn;    // by its author, before it was shown
    std::set<std::string> offered;      // sent to us, never acknowledged: may arrive, need not

    figures judge() const;
    bool complete() const;                      // nothing of what was accepted is missing
    std::vector<std::string> findings() const;  // one sentence a loss, double, inversion
};

using ledgers = std::map<std::string, lane_ledger>;  // by the lane's name
figures judge(const ledgers& all);

}  // namespace rialto::crash
