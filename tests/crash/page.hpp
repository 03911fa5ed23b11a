// tests/crash/page.hpp: the memory that the world and the process under test share: what shall happen to it
// at which of its operations, and what has happened. Written by the world before the process begins, then by
// the process; read by the world when it has ended.
#pragma once

#include <atomic>
#include <cstdint>

namespace rialto::crash {

enum class act : std::uint8_t  // what is counted: all that the rest of the world can see, and what it says
{
    connect,
    accept,
    send,
    receive,
    timer,
    open,
    write,
    sync,
    truncate,
    remove
};

enum class blow : std::uint8_t
{
    none,
    kill,     // SIGKILL just before the operation
    tear,     // SIGKILL in the middle of it: half of what it sends or writes
    power,    // the machine loses its power: what was not fsynced is gone, in whole or in part
    cut,      // the operation's link breaks in the middle of it; the process lives
    call,     // the process stops until the world has done something
    full,     // from here on the disk is full, for a while
    bad_sync  // the next fsync fails, and what it should have kept is gone
};

struct page
{
    std::atomic<std::uint64_t> count{0};  // operations so far
    std::atomic<bool> struck{false};
    std::uint64_t at = 0;  // the operation that is struck; 0: none
    blow how = blow::none;
    std::uint64_t seed = 0;      // for what is chosen within the blow
    std::atomic<int> what{-1};   // the act that was struck
    std::uint64_t full_for = 0;  // operations that the disk stays full
    bool dies_too = false;       // after a call
};

const char* name_of(act a);
const char* name_of(blow b);

}  // namespace rialto::crash
