#include "appservice/media_intake.hpp"

#include "core/log.hpp"
#include "core/media_sniff.hpp"

#include <algorithm>

namespace rialto::matrix {

namespace {
constexpr std::chrono::seconds fetch_patience{30};
constexpr std::size_t most_remembered = 1'000;
}  // namespace

media_intake::media_intake(client& api, net::guarded_fetch fetch, media_spool& spool, std::uint64_t most)
    : api_{api}, fetch_{std::move(fetch)}, spool_{spool}, most_{most}
{
}

void media_intake::remember(std::string key, const file& f)
{
    if (order_.size() >= most_remembered) {
        brought_.erase(order_.front());
        order_.pop_front();
    }
    if (brought_.insert_or_assign(key, f).second)
        order_.push_back(std::move(key));
}

awaitable<result<file>> media_intake::carry(file f, std::string ghost)
{
    auto bytes = spool_.make();
    if (!bytes)
        co_return failure{verdict::give_up, cause::full, "there is no place on disk for files"};
    net::fetch_limits limits;
    limits.bytes = static_cast<std::size_t>(most_);
    limits.deadline = fetch_patience;
    auto got = co_await fetch_.get(f.url, limits, bytes);
    if (!got) {
        auto lost = got.error();
        lost.next =
            verdict::give_up;  // the address in the text will do: the lane waits for no stranger's server
        co_return lost;
    }
    settle_kind(f, sniff(bytes->read(0, sniffed_bytes)), bytes->size());
    auto mxc = co_await api_.upload(acting{ghost}, f.name, f.mime, std::move(bytes));
    if (!mxc)
        co_return mxc.error();
    f.bytes = media_id{std::move(*mxc)};
    f.url.clear();
    co_return f;
}

awaitable<result<message>> media_intake::bring(message m, std::string ghost, std::string key)
{
    const auto wanted = std::find_if(m.files.begin(), m.files.end(), [](const file& f) {
        return f.bytes.empty() && !f.url.empty();
    });
    if (wanted == m.files.end())
        co_return m;
    key += " " + wanted->url;
    if (const auto known = brought_.find(key); known != brought_.end()) {
        *wanted = known->second;
        co_return m;
    }
    auto carried = co_await carry(*wanted, std::move(ghost));
    if (carried) {
        remember(std::move(key), *carried);
        *wanted = std::move(*carried);
    } else if (carried.error().next == verdict::try_later) {
        co_return carried.error();
    } else {
        log::info(
            "a file stays an address", "why", carried.error().why, "remedy",
            "an upload service of your own at a private address is named in media.fetch_allow"
        );
    }
    co_return m;
}

}  // namespace rialto::matrix
