#include "tests/crash/seams.hpp"

#include "tests/crash/disk.hpp"
#include "tests/crash/saboteur.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <limits>

namespace rialto::crash {

namespace {

constexpr std::int64_t second = 1'000'000'000;
double faster = 1;
std::int64_t base[2] = {0, 0};  // of the monotonic and of the wall clock, when time began to hurry
page* mine = nullptr;
int world = -1;
std::atomic<bool> dying{false};

std::int64_t raw(clockid_t which)
{
    timespec t{};
    ::syscall(SYS_clock_gettime, which, &t);
    return t.tv_sec * second + t.tv_nsec;
}

void ask_the_world()
{
    char byte = '!';
    if (::syscall(SYS_write, world, &byte, 1) != 1 || ::syscall(SYS_read, world, &byte, 1) != 1)
        die();  // the world has ended
}

bool is_link(act a) { return a == act::send || a == act::receive; }

verdict strike(page& p, act a)
{
    p.what = static_cast<int>(a);
    switch (p.how) {
        case blow::none: return verdict::go;
        case blow::kill: die();
        case blow::tear:
            if (a == act::send || a == act::write)
                return verdict::half_then_die;
            die();
        case blow::power:
            dying = true;  // the other thread does nothing more
            lose_power(p.seed);
            die();
        case blow::cut: return verdict::cut_here;
        case blow::call:
            ask_the_world();
            if (p.dies_too)
                die();
            return verdict::go;
        case blow::full: fill_disk(p.full_for); return verdict::go;
        case blow::bad_sync: break_sync(p.seed); return verdict::go;
    }
    return verdict::go;
}

}  // namespace

const char* name_of(act a)
{
    static constexpr const char* names[] = {"connect", "accept", "send", "receive",  "timer",
                                            "open",    "write",  "sync", "truncate", "remove"};
    return names[static_cast<std::size_t>(a)];
}

const char* name_of(blow b)
{
    static constexpr const char* names[] = {"none", "kill", "tear", "power",
                                            "cut",  "call", "full", "bad_sync"};
    return names[static_cast<std::size_t>(b)];
}

void hurry(double by)
{
    base[0] = raw(CLOCK_MONOTONIC);
    base[1] = raw(CLOCK_REALTIME);
    faster = by;
}

std::chrono::milliseconds true_time() { return std::chrono::milliseconds{raw(CLOCK_MONOTONIC) / 1'000'000}; }

void become_victim(page& p, int channel)
{
    mine = &p;
    world = channel;
}

page* this_page() { return mine; }

void die()
{
    ::kill(::getpid(), SIGKILL);
    for (;;)
        ::pause();
}

verdict count(act a)
{
    if (!mine)
        return verdict::go;
    while (dying)
        ::pause();
    const auto n = ++mine->count;
    if (mine->at == 0 || n < mine->at || (mine->how == blow::cut && !is_link(a)))
        return verdict::go;
    if (mine->struck.exchange(true))
        return verdict::go;
    return strike(*mine, a);
}

namespace {

timespec hurried(clockid_t which)
{
    const bool wall = which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE;
    const auto from = base[wall ? 1 : 0];
    const auto passed = static_cast<double>(raw(wall ? CLOCK_REALTIME : CLOCK_MONOTONIC) - from) * faster;
    const auto now = from + static_cast<std::int64_t>(passed);
    return {now / second, now % second};
}

bool keeps_time(clockid_t which)
{
    switch (which) {
        case CLOCK_MONOTONIC:
        case CLOCK_MONOTONIC_COARSE:
        case CLOCK_BOOTTIME:
        case CLOCK_REALTIME:
        case CLOCK_REALTIME_COARSE: return faster != 1;
        default: return false;
    }
}

timespec shorter(const timespec& t)
{
    const auto n = static_cast<double>(t.tv_sec * second + t.tv_nsec) / faster;
    const auto ns = n > 0 && n < 1 ? 1 : static_cast<std::int64_t>(n);
    return {ns / second, ns % second};
}

ssize_t sys(long number, int fd, const void* data, std::size_t size, int flags)
{
    return ::syscall(number, fd, data, size, flags, nullptr, nullptr);
}

ssize_t broken(int fd)
{
    ::shutdown(fd, SHUT_RDWR);
    errno = ECONNRESET;
    return -1;
}

// Of several buffers the first half of the bytes, as one.
ssize_t send_half(int fd, const msghdr& all)
{
    std::size_t size = 0;
    for (std::size_t i = 0; i < all.msg_iovlen; ++i)
        size += all.msg_iov[i].iov_len;
    size /= 2;
    for (std::size_t i = 0; i < all.msg_iovlen && size > 0; ++i) {
        const auto n = all.msg_iov[i].iov_len < size ? all.msg_iov[i].iov_len : size;
        sys(SYS_sendto, fd, all.msg_iov[i].iov_base, n, MSG_NOSIGNAL);
        size -= n;
    }
    return 0;
}

ssize_t send_some(int fd, const msghdr& all, verdict v)
{
    send_half(fd, all);
    if (v == verdict::half_then_die)
        die();
    return broken(fd);
}

// What would block is no operation: how often that happens is luck.
ssize_t received(int fd, ssize_t n)
{
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return n;
    const int code = errno;
    if (count(act::receive) == verdict::cut_here)
        return broken(fd);
    errno = code;
    return n;
}

}  // namespace
}  // namespace rialto::crash

using namespace rialto::crash;

extern "C" {

int clock_gettime(clockid_t which, timespec* to) noexcept
{
    if (!keeps_time(which))
        return static_cast<int>(::syscall(SYS_clock_gettime, which, to));
    *to = hurried(which);
    return 0;
}

int nanosleep(const timespec* time, timespec* left)
{
    const auto less = shorter(*time);
    return static_cast<int>(::syscall(SYS_nanosleep, &less, left));
}

int clock_nanosleep(clockid_t which, int flags, const timespec* time, timespec* left)
{
    const auto less = flags == 0 ? shorter(*time) : *time;
    return ::syscall(SYS_clock_nanosleep, which, flags, &less, left) == 0 ? 0 : errno;
}

int timerfd_settime(int fd, int flags, const itimerspec* time, itimerspec* old) noexcept
{
    if ((flags & TFD_TIMER_ABSTIME) != 0)  // Asio: at once
        return static_cast<int>(::syscall(SYS_timerfd_settime, fd, flags, time, old));
    count(act::timer);
    itimerspec less = *time;
    less.it_value = shorter(time->it_value);
    return static_cast<int>(::syscall(SYS_timerfd_settime, fd, flags, &less, old));
}

int epoll_wait(int fd, epoll_event* events, int most, int timeout)
{
    if (timeout > 0)
        timeout = static_cast<int>(timeout / faster) + 1;
    return static_cast<int>(::syscall(SYS_epoll_pwait, fd, events, most, timeout, nullptr, 8));
}

int connect(int fd, const sockaddr* to, socklen_t size)
{
    if (to->sa_family == AF_INET || to->sa_family == AF_INET6)
        count(act::connect);
    return static_cast<int>(::syscall(SYS_connect, fd, to, size));
}

int accept(int fd, sockaddr* from, socklen_t* size)
{
    const auto got = ::syscall(SYS_accept4, fd, from, size, 0);
    if (got >= 0)
        count(act::accept);
    return static_cast<int>(got);
}

int accept4(int fd, sockaddr* from, socklen_t* size, int flags)
{
    const auto got = ::syscall(SYS_accept4, fd, from, size, flags);
    if (got >= 0)
        count(act::accept);
    return static_cast<int>(got);
}

ssize_t sendmsg(int fd, const msghdr* what, int flags)
{
    if (const auto v = count(act::send); v != verdict::go)
        return send_some(fd, *what, v);
    if (what->msg_iovlen > 0)
        betray_sent(fd, what->msg_iov->iov_base, what->msg_iov->iov_len);
    return ::syscall(SYS_sendmsg, fd, what, flags);
}

ssize_t send(int fd, const void* what, std::size_t size, int flags)
{
    if (const auto v = count(act::send); v != verdict::go) {
        iovec one{const_cast<void*>(what), size};
        msghdr all{};
        all.msg_iov = &one;
        all.msg_iovlen = 1;
        return send_some(fd, all, v);
    }
    betray_sent(fd, what, size);
    return sys(SYS_sendto, fd, what, size, flags);
}

ssize_t recvmsg(int fd, msghdr* to, int flags)
{
    const auto n = received(fd, ::syscall(SYS_recvmsg, fd, to, flags));
    if (to->msg_iovlen > 0)
        betray_received(fd, to->msg_iov->iov_base, n);
    return n;
}

ssize_t recv(int fd, void* to, std::size_t size, int flags)
{
    const auto n = received(fd, sys(SYS_recvfrom, fd, to, size, flags));
    betray_received(fd, to, n);
    return n;
}

// The spare file that a store keeps for a full disk: a real 16 MiB would cost more than all the rest.
int posix_fallocate(int fd, off_t at, off_t size)
{
    if (disk_is_full())
        return ENOSPC;
    return ::ftruncate(fd, at + (size < 4096 ? size : 4096)) == 0 ? 0 : errno;
}
}
