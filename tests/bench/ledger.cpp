#include "tests/bench/ledger.hpp"

#include <algorithm>
#include <charconv>

namespace rialto::bench {

ledger::ledger(std::size_t messages, std::size_t lanes)
    : said_at_(messages), arrived_at_(messages), newest_(lanes, 0)
{
}

void ledger::arrived(std::string_view text)
{
    if (!text.starts_with('#'))
        return;
    std::size_t number = size();
    std::from_chars(text.data() + 1, text.data() + text.size(), number);
    if (number >= size())
        return;
    if (arrived_at_[number] != clock::time_point{}) {
        ++doubled_;
        return;
    }
    arrived_at_[number] = clock::now();
    ++got_;
    auto& newest = newest_[number % lanes()];
    overtaken_ += number + 1 < newest ? 1 : 0;
    newest = std::max(newest, number + 1);
}

double ledger::seconds() const
{
    const auto first = *std::min_element(said_at_.begin(), said_at_.end());
    const auto last = *std::max_element(arrived_at_.begin(), arrived_at_.end());
    return std::chrono::duration<double>(last - first).count();
}

double ledger::percentile_us(double share) const
{
    std::vector<double> all;
    for (std::size_t i = 0; i < size(); ++i)
        all.push_back(std::chrono::duration<double, std::micro>(arrived_at_[i] - said_at_[i]).count());
    std::sort(all.begin(), all.end());
    const auto at = static_cast<std::size_t>(share * static_cast<double>(all.size()));
    return all.empty() ? 0 : all[std::min(at, all.size() - 1)];
}

std::string ledger::complaint() const
{
    if (complete() && doubled_ == 0 && overtaken_ == 0)
        return {};
    return "lost " + std::to_string(size() - got_) + ", doubled " + std::to_string(doubled_) +
           ", overtaken " + std::to_string(overtaken_) + " of " + std::to_string(size()) + " messages";
}

std::string ledger::text(std::size_t number)
{
    return '#' + std::to_string(number) +
           " What news on the Rialto? Three thousand ducats for three months, and Antonio bound.";
}

}  // namespace rialto::bench
