// tests/crash/families.hpp: what can go wrong at a point of the matrix, one entry a kind. Data.
#pragma once

#include "tests/crash/stage.hpp"

#include <string_view>
#include <vector>

namespace rialto::crash {

struct family
{
    std::string_view name;
    blow how;
    void (*world)(stage&) = nullptr;  // blow::call: what the world does at the point
    bool dies_too = false;            // … and Rialto is killed then
    std::uint64_t lasts = 0;          // blow::full: so many operations
    std::uint64_t sparse = 1;         // a point that takes long: only each so many-th is tried
    bool must_hold = true;            // false: known to fail, not played unless named
    bool dan_only = false;            // alice says nothing: the homeserver has no push to forget
    bool alone = false;               // takes away what heals others: not mixed with them at random
};

const std::vector<family>& families();
const family& family_named(std::string_view name);  // throws std::invalid_argument

}  // namespace rialto::crash
