#include "core/sqlite_reserve.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace rialto {

bool reserve::make()
{
    const auto now = std::chrono::steady_clock::now();
    if (kept_)
        return true;
    if (last_try_ != std::chrono::steady_clock::time_point{} && now - last_try_ < std::chrono::seconds{1})
        return false;
    last_try_ = now;
    const int fd = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    kept_ = ::posix_fallocate(fd, 0, bytes_) == 0;
    ::close(fd);
    if (!kept_)
        ::unlink(file_.c_str());
    return kept_;
}

void reserve::give_up()
{
    ::unlink(file_.c_str());
    kept_ = false;
}

}  // namespace rialto
