#include "appservice/media_files.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace rialto::matrix {

namespace asio = boost::asio;

namespace {
constexpr std::chrono::minutes kept{10};
constexpr std::size_t most_known = 1'000;
}  // namespace

struct media_files::entry
{
    asio::steady_timer done;
    std::optional<result<stored_ptr>> got;
    timestamp used;
    entry(const asio::any_io_executor& on, timestamp now)
        : done{on, asio::steady_timer::time_point::max()}, used{now}
    {
    }
};

media_files::media_files(
    asio::any_io_executor on, client& api, media_spool& spool, clock& time, std::uint64_t most
)
    : on_{std::move(on)}, api_{api}, spool_{spool}, time_{time}, most_{most}
{
}
media_files::~media_files() = default;

awaitable<result<stored_ptr>> media_files::fetch(
    client& api, media_spool& spool, std::string mxc, std::uint64_t most
)
{
    auto bytes = spool.make();
    if (!bytes)
        co_return failure{verdict::try_later, cause::full, "there is no place on disk for files"};
    auto there = co_await api.download(std::move(mxc), static_cast<std::size_t>(most), bytes);
    if (!there)
        co_return there.error();
    const auto kind = sniff(bytes->read(0, sniffed_bytes));
    co_return std::make_shared<const stored_file>(std::move(bytes), kind);
}

// What nobody asked for lately goes; when the spool is half full, the longest unused goes before that.
void media_files::make_place()
{
    const auto now = time_.now();
    std::erase_if(known_, [&](const auto& e) { return e.second->got && now - e.second->used > kept; });
    while (spool_.used() > spool_.bound() / 2 || known_.size() >= most_known) {
        auto oldest = known_.end();
        for (auto it = known_.begin(); it != known_.end(); ++it)
            if (it->second->got && (oldest == known_.end() || it->second->used < oldest->second->used))
                oldest = it;
        if (oldest == known_.end())
            return;
        known_.erase(oldest);  // who reads it keeps it
    }
}

awaitable<result<stored_ptr>> media_files::get(std::string mxc)
{
    auto at = known_.find(mxc);
    if (at == known_.end()) {
        make_place();
        if (known_.size() >= most_known)
            co_return failure{verdict::try_later, cause::too_many, "too many files are asked for at once"};
        auto fresh = std::make_shared<entry>(on_, time_.now());
        at = known_.emplace(mxc, fresh).first;
        // A task of its own: whoever asked first may go away, the others still wait.
        asio::co_spawn(
            on_, fetch(api_, spool_, mxc, most_),
            [this, fresh, mxc](std::exception_ptr broken, result<stored_ptr> got) {
                if (broken)
                    got = failure{verdict::try_later, cause::other, "a file could not be fetched"};
                const bool failed = !got;
                fresh->got.emplace(std::move(got));
                const auto here = known_.find(mxc);
                if (failed && here != known_.end() && here->second == fresh)
                    known_.erase(here);  // the next one tries anew
                fresh->done.cancel();
            }
        );
    }
    const auto one = at->second;
    one->used = time_.now();
    while (!one->got)
        (void)co_await one->done.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return *one->got;
}

}  // namespace rialto::matrix
