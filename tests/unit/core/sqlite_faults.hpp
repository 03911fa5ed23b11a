// tests/unit/core/sqlite_faults.hpp: a disk that can be full, break, or lose its power, as a file layer of
// SQLite. Wraps the system's own. What a file held at its last fsync is remembered: lose_power() puts that
// back.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace rialto {

struct faulty_disk
{
    std::function<bool()> full;  // asked before each write
    bool broken_writes = false;  // EIO
    bool broken_syncs = false;
    int writes = 0, syncs = 0;  // so far
    faulty_disk() = default;
};

// Registers the layer "faulty" once and resets it. One test at a time; its calls come from the store thread.
faulty_disk& use_faulty_disk();

// Every file written through the layer becomes what it was at its last fsync; one never fsynced becomes
// empty. REQUIRES: its files are closed.
void lose_power();

}  // namespace rialto
