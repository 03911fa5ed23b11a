// tests/bench/ledger.hpp: what was said and what arrived, message by message: none may be lost, doubled or
// overtaken in its lane, or the figures are worth nothing. Messages are numbered from 0; their text begins
// with
// "#number ". Message n is of lane n % lanes. Latency: from saying to arriving, in microseconds.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rialto::bench {

using clock = std::chrono::steady_clock;

class ledger
{
public:
    ledger(std::size_t messages, std::size_t lanes);

    void said(std::size_t number) { said_at_[number] = clock::now(); }
    // A text of the other side; of which message it is stands in it. What is no text of ours is left alone.
    void arrived(std::string_view text);

    std::size_t size() const noexcept { return said_at_.size(); }
    std::size_t lanes() const noexcept { return newest_.size(); }
    std::size_t got() const noexcept { return got_; }
    bool complete() const noexcept { return got_ == size(); }
    double seconds() const;  // from the first that was said to the last that arrived
    double percentile_us(double share) const;
    std::string complaint() const;  // "": nothing is lost, doubled, overtaken

    static std::string text(std::size_t number);  // some 90 bytes, as people write

private:
    std::vector<clock::time_point> said_at_, arrived_at_;
    std::vector<std::size_t> newest_;  // of each lane, number + 1
    std::size_t got_ = 0, doubled_ = 0, overtaken_ = 0;
};

}  // namespace rialto::bench
