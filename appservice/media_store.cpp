#include "appservice/media_store.hpp"

#include "core/media_link.hpp"

#include <algorithm>

namespace rialto::matrix {

namespace {
constexpr std::chrono::minutes put_patience{5}, to_finish{60};
constexpr std::size_t most_coming = 1'000;

failure no_such_media()
{
    return {verdict::give_up, cause::not_found, "the file is not known to the bridge"};
}
failure no_place() { return {verdict::try_later, cause::full, "there is no place on disk for files"}; }
}  // namespace

matrix_media::matrix_media(
    media_files& files, client& api, media_spool& spool, net::http_client& http, const clock& time,
    std::string public_url, std::chrono::hours lasts
)
    : files_{files},
      api_{api},
      spool_{spool},
      http_{http},
      time_{time},
      public_url_{std::move(public_url)},
      lasts_{lasts}
{
    while (public_url_.ends_with('/'))
        public_url_.pop_back();
}

awaitable<result<stored_ptr>> matrix_media::bytes_of(media_id id)
{
    auto claim = read_claim(id);
    if (!claim)
        co_return no_such_media();
    co_return co_await files_.get(std::move(claim->source));
}

awaitable<result<file>> matrix_media::stat(media_id id)
{
    auto got = co_await bytes_of(id);
    if (!got)
        co_return got.error();
    file out;
    out.bytes = std::move(id);
    settle_kind(out, (*got)->kind, (*got)->bytes->size());
    co_return out;
}

awaitable<result<std::string>> matrix_media::read(media_id id, std::uint64_t offset, std::size_t most)
{
    constexpr std::size_t largest_piece = 1024 * 1024;
    auto got = co_await bytes_of(std::move(id));
    if (!got)
        co_return got.error();
    co_return (*got)->bytes->read(offset, std::min(most, largest_piece));
}

awaitable<result<media_id>> matrix_media::create(file about)
{
    const auto now = time_.now();
    std::erase_if(coming_, [now](const auto& one) { return now - one.second.since > to_finish; });
    auto bytes = coming_.size() < most_coming ? spool_.make() : nullptr;
    if (!bytes)
        co_return no_place();
    const auto id = "coming/" + std::to_string(++numbers_);
    coming one;
    one.about = std::move(about);
    one.bytes = std::move(bytes);
    one.since = now;
    coming_.emplace(id, std::move(one));
    co_return media_id{id};
}

awaitable<outcome> matrix_media::append(media_id id, std::string bytes)
{
    const auto at = coming_.find(id.value);
    if (at == coming_.end())
        co_return no_such_media();
    const failure larger{verdict::give_up, cause::too_large, "the file is larger than the bridge passes on"};
    const bool too_large = at->second.bytes->size() + bytes.size() > files_.most();
    if (!too_large && at->second.bytes->take(bytes))
        co_return ok();
    coming_.erase(at);
    if (too_large)
        co_return larger;
    co_return no_place();
}

awaitable<result<file>> matrix_media::finish(media_id id)
{
    auto one = coming_.extract(id.value);
    if (one.empty())
        co_return no_such_media();
    file out = std::move(one.mapped().about);
    auto bytes = std::move(one.mapped().bytes);
    settle_kind(out, sniff(bytes->read(0, sniffed_bytes)), bytes->size());
    auto mxc = co_await api_.upload(acting{}, out.name, out.mime, std::move(bytes));
    if (!mxc)
        co_return mxc.error();
    out.bytes = media_id{std::move(*mxc)};
    co_return out;
}

awaitable<outcome> matrix_media::push(media_id id, std::string url, std::vector<note> headers)
{
    auto got = co_await bytes_of(std::move(id));
    if (!got)
        co_return got.error();
    net::http_request r{"PUT", std::move(url)};
    r.headers.emplace_back("Content-Type", std::string{(*got)->kind.mime});
    for (auto& h : headers)
        r.headers.emplace_back(std::move(h.key), std::move(h.value));
    r.from = (*got)->bytes;
    r.deadline = put_patience;
    const std::string host{net::host_of(r.url)};
    auto put = co_await http_.send(std::move(r));
    if (!put)
        co_return put.error();
    if (put->status >= 200 && put->status < 300)
        co_return ok();
    const auto why = host + " refused a file with " + std::to_string(put->status);
    if (put->status == 413)
        co_return failure{verdict::give_up, cause::too_large, why};
    if (put->status == 429 || put->status >= 500)
        co_return failure{verdict::try_later, cause::away, why};
    co_return failure{verdict::give_up, cause::forbidden, why};
}

awaitable<result<std::string>> matrix_media::link(file f)
{
    const failure nowhere{
        verdict::unsupported, cause::other, "the bridge has no public address for files (media.public_url)"
    };
    if (public_url_.empty())
        co_return nowhere;
    const auto claim = read_claim(f.bytes);
    if (!claim)
        co_return no_such_media();
    if (f.size > files_.most())
        co_return failure{verdict::give_up, cause::too_large, "the file is larger than the bridge passes on"};
    // Whole hours, so that the same file said again within one has the same address.
    const timestamp end = std::chrono::ceil<std::chrono::hours>(time_.now()) + lasts_;
    media_link made;
    made.portal = claim->portal;
    made.tag = link_tag(claim->about);
    made.source = claim->source;
    made.name = f.name;
    made.until = std::chrono::duration_cast<std::chrono::seconds>(end.time_since_epoch()).count();
    co_return public_url_ + write_link(made, secret_);
}

}  // namespace rialto::matrix
