#include "bridges/email/allowance.hpp"

namespace rialto::email {

void allowance::make_room(timestamp now)
{
    std::erase_if(taken_, [&](const auto& one) {
        return one.second.empty() || now - one.second.back() >= within_;
    });
    if (taken_.size() >= most_keys)
        taken_.erase(taken_.begin());
}

void allowance::give_back(std::string_view key)
{
    const auto found = taken_.find(key);
    if (found != taken_.end() && !found->second.empty())
        found->second.pop_back();
}

bool allowance::take(std::string_view key, timestamp now)
{
    auto found = taken_.find(key);
    if (found == taken_.end()) {
        if (taken_.size() >= most_keys)
            make_room(now);
        found = taken_.emplace(std::string{key}, std::deque<timestamp>{}).first;
    }
    auto& times = found->second;
    while (!times.empty() && now - times.front() >= within_)
        times.pop_front();
    if (times.size() >= most_)
        return false;
    times.push_back(now);
    return true;
}

}  // namespace rialto::email
