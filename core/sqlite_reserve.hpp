// core/sqlite_reserve.hpp: a file that only takes room, so that there is room left on a full disk for what
// ends work (marks that something is delivered), when nothing new can be taken in. Of the store thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace rialto {

class reserve
{
    std::filesystem::path file_;
    std::int64_t bytes_;
    bool kept_ = false;
    std::chrono::milliseconds pause_;
    std::chrono::steady_clock::time_point not_before_{};

public:
    reserve(std::filesystem::path file, std::int64_t bytes, std::chrono::milliseconds pause)
        : file_{std::move(file)}, bytes_{bytes}, pause_{pause}
    {
    }

    bool kept() const noexcept { return kept_; }
    bool make();     // after a failure only when the pause is over: on a full disk each try costs something
    void give_up();  // the room is free now
};

}  // namespace rialto
