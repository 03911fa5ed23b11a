// core/backoff.hpp: how long to wait before the next try. Arithmetic only: no clock, no I/O.
#pragma once

#include <algorithm>
#include <chrono>

namespace rialto {

class backoff
{
    std::chrono::milliseconds next_{500}, most_;

public:
    explicit backoff(std::chrono::milliseconds most = std::chrono::minutes{5}) : most_{most} {}

    // Doubles up to `most`. `luck` in [0, 1) spreads reconnections after a server restart.
    std::chrono::milliseconds after_failure(double luck)
    {
        const auto wait = next_;
        next_ = std::min(next_ * 2, most_);
        return wait / 2 +
               std::chrono::milliseconds{static_cast<long>(static_cast<double>(wait.count()) * luck / 2)};
    }

    // A link that lasted a minute was a good one: start over.
    void after_success(std::chrono::milliseconds lasted)
    {
        if (lasted >= std::chrono::minutes{1})
            next_ = std::chrono::milliseconds{500};
    }
};

}  // namespace rialto
