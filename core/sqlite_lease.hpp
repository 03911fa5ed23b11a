// core/sqlite_lease.hpp: only one process uses a database. A lock that dies with its holder, on a file of its
// own beside the database (SQLite closes and locks the database itself as it likes). Blocking, at start only.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

namespace rialto {

struct lease_options
{
    bool wait = true;               // false: lease_held at once
    std::function<bool()> stopped;  // asked while waiting; true ends it with lease_held
    std::chrono::milliseconds poll{200}, say_every{10'000};
    lease_options() = default;
};

class lease
{
    int fd_ = -1;

public:
    // Returns when the lock is ours. Errors: lease_held, config_error.
    lease(const std::filesystem::path& file, const lease_options& how);
    ~lease();
    lease(const lease&) = delete;
    lease& operator=(const lease&) = delete;
};

}  // namespace rialto
