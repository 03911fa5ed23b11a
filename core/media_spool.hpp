// core/media_spool.hpp: where the bytes of files wait between two networks: nameless files of a folder on
// disk, so that memory stays small and a crash leaves nothing behind; together never more than a bound. One
// thread; a write goes to the page cache. Errors: a full spool or disk takes nothing more (body_sink::take is
// false).
#pragma once

#include "core/net/http.hpp"

#include <filesystem>

namespace rialto {

class media_spool;

class spool_file final : public net::body_sink, public net::body_source
{
    int fd_;
    std::uint64_t size_ = 0;
    std::shared_ptr<std::uint64_t> used_;  // by all files of the spool
    std::uint64_t bound_;
    friend class media_spool;
    spool_file(int fd, std::shared_ptr<std::uint64_t> used, std::uint64_t bound)
        : fd_{fd}, used_{std::move(used)}, bound_{bound}
    {
    }

public:
    ~spool_file() override;
    spool_file(const spool_file&) = delete;
    spool_file& operator=(const spool_file&) = delete;
    bool take(std::string_view piece) override;
    std::uint64_t size() const override { return size_; }
    std::string read(std::uint64_t from, std::size_t most) const override;
    void clear();  // what was taken before a redirect or another try
};

class media_spool
{
    std::filesystem::path folder_;
    std::uint64_t bound_;
    std::shared_ptr<std::uint64_t> used_ = std::make_shared<std::uint64_t>(0);

public:
    media_spool(std::filesystem::path folder, std::uint64_t bound) : folder_{std::move(folder)}, bound_{bound}
    {
    }
    // nullptr: the folder takes no file; logged.
    std::shared_ptr<spool_file> make();
    std::uint64_t used() const noexcept { return *used_; }
    std::uint64_t bound() const noexcept { return bound_; }
};

}  // namespace rialto
