#include "core/opening_limit.hpp"

#include <algorithm>

namespace rialto {

void opening_limit::forget_one()
{
    const auto last = [](const auto& a) { return a.second.empty() ? timestamp{} : a.second.back(); };
    by_account_.erase(std::min_element(
        by_account_.begin(), by_account_.end(),
        [&](const auto& a, const auto& b) { return last(a) < last(b); }
    ));
}

bool opening_limit::allow(std::string_view account, timestamp now)
{
    auto found = by_account_.find(account);
    if (found == by_account_.end()) {
        if (by_account_.size() >= most_accounts)
            forget_one();
        found = by_account_.emplace(std::string{account}, std::deque<timestamp>{}).first;
    }
    auto& times = found->second;
    while (!times.empty() && now - times.front() >= std::chrono::hours{1})
        times.pop_front();
    if (times.size() >= most_)
        return false;
    times.push_back(now);
    return true;
}

}  // namespace rialto
