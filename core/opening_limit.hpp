// core/opening_limit.hpp: how many conversations one account may begin in an hour, so that one stranger
// cannot make the bridge invite, or write to, everybody. A sliding hour; bounded: the account that began
// nothing for longest is forgotten first. Pure: the caller brings the time.
#pragma once

#include "core/event.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace rialto {

class opening_limit
{
    std::map<std::string, std::deque<timestamp>, std::less<>> by_account_;
    std::size_t most_;

    void forget_one();

public:
    static constexpr std::size_t most_accounts = 10'000;
    explicit opening_limit(std::size_t most) : most_{most} {}
    bool allow(std::string_view account, timestamp now);  // counts it when it is allowed
};

}  // namespace rialto
