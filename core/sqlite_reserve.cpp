#include "core/sqlite_reserve.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace rialto {

bool reserve::make()
{
    if (kept_)
        return true;
    const auto now = std::chrono::steady_clock::now();
    if (now < not_before_)
        return false;
    not_before_ = now + pause_;
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
    not_before_ = std::chrono::steady_clock::now() + pause_;
}

}  // namespace rialto
