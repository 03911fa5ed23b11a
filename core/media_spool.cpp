#include "core/media_spool.hpp"

#include "core/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace rialto {

spool_file::~spool_file()
{
    *used_ -= size_;
    ::close(fd_);
}

bool spool_file::take(std::string_view piece)
{
    if (*used_ + piece.size() > bound_)
        return false;
    while (!piece.empty()) {
        const auto wrote = ::pwrite(fd_, piece.data(), piece.size(), static_cast<off_t>(size_));
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            log::warn("a file cannot be kept on its way", "error", std::strerror(errno));
            return false;
        }
        const auto bytes = static_cast<std::size_t>(wrote);
        size_ += bytes;
        *used_ += bytes;
        piece.remove_prefix(bytes);
    }
    return true;
}

std::string spool_file::read(std::uint64_t from, std::size_t most) const
{
    if (from >= size_)
        return {};
    std::string out(static_cast<std::size_t>(std::min<std::uint64_t>(most, size_ - from)), '\0');
    const auto got = ::pread(fd_, out.data(), out.size(), static_cast<off_t>(from));
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
}

void spool_file::clear()
{
    *used_ -= size_;
    size_ = 0;
    if (::ftruncate(fd_, 0) != 0)
        log::warn("a file on its way cannot be emptied", "error", std::strerror(errno));
}

std::shared_ptr<spool_file> media_spool::make()
{
    int fd = ::open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) {  // not every file system has nameless files
        std::string name = (folder_ / ".rialto-media-XXXXXX").string();
        fd = ::mkostemp(name.data(), O_CLOEXEC);
        if (fd >= 0)
            ::unlink(name.c_str());
    }
    if (fd < 0) {
        log::error(
            "no file can be made for media", "folder", folder_.string(), "error", std::strerror(errno)
        );
        return nullptr;
    }
    return std::shared_ptr<spool_file>{new spool_file{fd, used_, bound_}};
}

}  // namespace rialto
