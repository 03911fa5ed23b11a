// appservice/media_store.hpp: files of the Matrix side as backends see them (core/backend.hpp `media_store`):
// their facts, their bytes, our signed link to them, or a PUT of them to where the far network keeps files
// (XEP-0363); and files that backends bring, gathered in the spool and uploaded by the bot. One io_context
// thread. Errors: `unsupported` from link(): no public address is configured.
#pragma once

#include "appservice/media_files.hpp"
#include "core/backend.hpp"

namespace rialto::matrix {

class matrix_media final : public media_store
{
    struct coming
    {
        file about;
        std::shared_ptr<spool_file> bytes;
        timestamp since;
    };
    media_files& files_;
    client& api_;
    media_spool& spool_;
    net::http_client& http_;
    const clock& time_;
    std::string public_url_, secret_;
    std::chrono::hours lasts_;
    std::map<std::string, coming> coming_;
    std::uint64_t numbers_ = 0;

    awaitable<result<stored_ptr>> bytes_of(media_id id);

public:
    matrix_media(
        media_files& files, client& api, media_spool& spool, net::http_client& http, const clock& time,
        std::string public_url, std::chrono::hours lasts
    );
    void secret(std::string s) { secret_ = std::move(s); }  // REQUIRES: called before any network runs

    awaitable<result<file>> stat(media_id id) override;
    awaitable<result<std::string>> read(media_id id, std::uint64_t offset, std::size_t most) override;
    awaitable<result<media_id>> create(file about) override;
    awaitable<outcome> append(media_id id, std::string bytes) override;
    awaitable<result<file>> finish(media_id id) override;
    awaitable<outcome> push(media_id id, std::string url, std::vector<note> headers) override;
    awaitable<result<std::string>> link(file f) override;
};

}  // namespace rialto::matrix
