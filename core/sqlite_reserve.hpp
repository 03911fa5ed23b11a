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
    std::chrono::steady_clock::time_point last_try_{};

public:
    reserve(std::filesystem::path file, std::int64_t bytes) : file_{std::move(file)}, bytes_{bytes} {}

    bool kept() const noexcept { return kept_; }
    bool make();     // at most one try a second: on a full disk each costs something
    void give_up();  // the room is free now
};

}  // namespace rialto
