// core/sqlite_store.hpp: core/store.hpp on SQLite (WAL, synchronous=FULL), with a thread of its own.
// Everything that is asked while the disk is busy goes into the next transaction together (group commit); a
// commit that is refused does not spoil its neighbours. What a question answers holds everything whose commit
// has resumed. Results come back on the executor, whose context must outlive the store. The destructor
// finishes what was asked.
#pragma once

#include "core/backend.hpp"
#include "core/sqlite_lease.hpp"
#include "core/store.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>

namespace rialto {

struct lease_held : config_error  // another process has the database: main exits with 75 (EX_TEMPFAIL)
{
    using config_error::config_error;
};

struct store_figures  // for metrics and tests; written by the store thread
{
    std::atomic<std::uint64_t> transactions{0}, commits{0}, refused{0}, full{0}, questions{0};
};

struct open_options
{
    lease_options waiting;                          // for another process to end
    std::int64_t reserve_bytes = 16 << 20;          // kept free for the end of work on a full disk
    std::chrono::milliseconds reserve_pause{1000};  // between tries to take it back
    // The disk cannot be trusted any more: nothing more is acknowledged. Called on the store thread; unset:
    // the process ends at once with 75, so that the service manager starts it again.
    std::function<void(const std::string& why)> on_broken;
    std::shared_ptr<store_figures> figures;  // unset: not counted
    std::string vfs;                         // SQLite's file layer; "" the system's own
    open_options() = default;
};

// Waits for the lease, then migrates and checks. Errors: lease_held; config_error with file, cause, remedy.
std::unique_ptr<store> open_store(
    boost::asio::any_io_executor ex, std::filesystem::path file, open_options how = {}
);

}  // namespace rialto
