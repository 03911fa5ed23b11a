#include "core/sqlite_lease.hpp"

#include "core/log.hpp"
#include "core/secrets.hpp"
#include "core/sqlite_store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

namespace rialto {

namespace {

// An open file description lock (fcntl(2)): not lost when some other part of the program closes the file.
bool take(int fd)
{
    struct flock whole = {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (::fcntl(fd, F_OFD_SETLK, &whole) == 0)
        return true;
    if (errno == EAGAIN || errno == EACCES || errno == EINTR)
        return false;
    throw config_error{
        std::string{"the lock of the database cannot be taken: "} + std::strerror(errno) +
        " (is it on a file system that knows locks?)"
    };
}

std::string holder(int fd)
{
    std::array<char, 24> text{};
    const auto n = ::pread(fd, text.data(), text.size(), 0);
    std::string pid{text.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
    pid.erase(std::min(pid.find_first_not_of("0123456789"), pid.size()));
    return pid.empty() ? "?" : pid;
}

void sign(int fd)
{
    const auto pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) < 0)
        log::warn("the lock does not say who holds it", "why", std::strerror(errno));
}

bool wait_for(int fd, const std::filesystem::path& file, const lease_options& how)
{
    auto silent = how.say_every;  // speaks at once
    while (!take(fd)) {
        if (!how.wait || (how.stopped && how.stopped()))
            return false;
        if (silent >= how.say_every) {
            log::info("waiting for another rialto to end", "pid", holder(fd), "lock", file.string());
            silent = std::chrono::milliseconds{0};
        }
        std::this_thread::sleep_for(how.poll);
        silent += how.poll;
    }
    return true;
}

}  // namespace

lease::lease(const std::filesystem::path& file, const lease_options& how)
{
    make_private_file(file);
    fd_ = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
    if (fd_ < 0)
        throw config_error{file.string() + " cannot be opened: " + std::strerror(errno)};
    bool ours = false;
    try {
        ours = wait_for(fd_, file, how);
    } catch (...) {
        ::close(fd_);
        throw;
    }
    if (ours) {
        sign(fd_);
        return;
    }
    const auto pid = holder(fd_);
    ::close(fd_);
    throw lease_held{
        "the database is in use by the rialto with process id " + pid + " (" + file.string() +
        "): stop that one first, or let this one wait for it"
    };
}

// Emptied, not removed: a waiting process has this very file open.
lease::~lease()
{
    if (::ftruncate(fd_, 0) != 0)
        log::debug("the lock keeps our process id");
    ::close(fd_);
}

}  // namespace rialto
