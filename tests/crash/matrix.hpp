// tests/crash/matrix.hpp: which points are played, and what came of them. Values and one loop; what a point
// is stands in families.hpp and run.hpp.
#pragma once

#include "tests/crash/run.hpp"

#include <iosfwd>

namespace rialto::crash {

struct selection
{
    std::vector<std::string> families;    // none: all that must be green
    std::uint64_t every = 1, offset = 0;  // of the operations: offset + 1, offset + 1 + every, …
    std::uint64_t shard = 0, shards = 1;  // of those points, dealt out in turn
    std::uint64_t at = 0;                 // one operation alone; 0: as above
    std::size_t enough = 20;              // findings
    bool talkative = false;
    selection() = default;
};

struct matrix_result
{
    figures sums;
    std::size_t findings = 0;
};

matrix_result play_matrix(stage& on, const selection& which, std::ostream& out);

}  // namespace rialto::crash
