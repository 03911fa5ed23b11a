// core/clock.hpp: the one source of time and of luck, so that tests can hold both still.
#pragma once

#include "core/event.hpp"

#include <boost/asio/awaitable.hpp>

namespace rialto {

class clock
{
public:
    virtual ~clock() = default;
    virtual timestamp now() const = 0;
    // Ends early by cancellation only.
    virtual boost::asio::awaitable<void> sleep(std::chrono::milliseconds time) = 0;
    virtual double luck() = 0;  // in [0, 1)
};

inline std::int64_t to_ms(timestamp t)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch()).count();
}
inline timestamp from_ms(std::int64_t ms) { return timestamp{std::chrono::milliseconds{ms}}; }

}  // namespace rialto
