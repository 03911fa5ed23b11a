// tests/crash/run.hpp: one point of the matrix: people talk, Rialto is struck at one operation, comes up
// again, people talk on; then the ledgers are compared.
#pragma once

#include "tests/crash/families.hpp"

namespace rialto::crash {

struct outcome_of_run
{
    figures sums;
    std::vector<std::string> findings;  // what makes it red
    std::uint64_t operations = 0;       // of the life that was to be struck
    bool struck = false;
    int what = -1;  // act
    outcome_of_run() = default;
};

// at: the operation; 0: nothing happens. Texts begin with `mark`, which is used once.
outcome_of_run play(stage& on, const family& f, std::uint64_t at, const std::string& mark);

}  // namespace rialto::crash
