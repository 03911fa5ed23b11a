// tests/crash/disk.hpp: the disk of the process under test, as SQLite's file layer: every change counts as an
// operation, nothing is really fsynced (so it is quick), and what a sync would have kept is known, so that
// power can be lost: what was written since is forgotten or torn, sector by sector; files that were made may
// vanish, files that were deleted may come back.
#pragma once

#include <cstdint>

namespace rialto::crash {

void mount_disk();  // becomes SQLite's own layer; of the process under test

void lose_power(std::uint64_t seed);  // an even seed forgets all, an odd one tears
void break_sync(std::uint64_t seed);  // the next sync fails and loses what it should have kept
void fill_disk(std::uint64_t operations);
bool disk_is_full();

}  // namespace rialto::crash
