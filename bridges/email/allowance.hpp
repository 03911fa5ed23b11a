// bridges/email/allowance.hpp: how often something may happen for one key within a while, so that floods and
// loops of automatic mail end. A sliding while; bounded: of too many keys the idle ones are forgotten. Pure:
// the caller brings the time. One thread.
#pragma once

#include "core/event.hpp"

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace rialto::email {

class allowance
{
    std::map<std::string, std::deque<timestamp>, std::less<>> taken_;
    std::size_t most_;
    std::chrono::seconds within_;

    void make_room(timestamp now);

public:
    static constexpr std::size_t most_keys = 10'000;
    allowance(std::size_t most, std::chrono::seconds within) : most_{most}, within_{within} {}
    bool take(std::string_view key, timestamp now);  // false: not now, and nothing is counted
    void give_back(std::string_view key);            // what was taken last did not happen
};

}  // namespace rialto::email
