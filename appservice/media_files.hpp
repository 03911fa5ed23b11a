// appservice/media_files.hpp: files of our homeserver on their way out: fetched once into the spool
// (CS-API 1.11, authenticated media), shared by all who ask meanwhile, kept a little for those who ask next,
// as a room full of people does. One io_context thread. Errors: what the homeserver said; too_large; full: no
// place in the spool.
#pragma once

#include "appservice/client.hpp"
#include "core/clock.hpp"
#include "core/media_sniff.hpp"
#include "core/media_spool.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <map>

namespace rialto::matrix {

struct stored_file
{
    std::shared_ptr<const spool_file> bytes;
    sniffed_kind kind;
    stored_file(std::shared_ptr<const spool_file> b, sniffed_kind k) : bytes{std::move(b)}, kind{k} {}
};
using stored_ptr = std::shared_ptr<const stored_file>;

class media_files
{
public:
    media_files(
        boost::asio::any_io_executor on, client& api, media_spool& spool, clock& time, std::uint64_t most
    );
    ~media_files();
    awaitable<result<stored_ptr>> get(std::string mxc);
    std::uint64_t most() const noexcept { return most_; }

private:
    struct entry;
    using entry_ptr = std::shared_ptr<entry>;
    static awaitable<result<stored_ptr>> fetch(
        client& api, media_spool& spool, std::string mxc, std::uint64_t most
    );
    void make_place();

    boost::asio::any_io_executor on_;
    client& api_;
    media_spool& spool_;
    clock& time_;
    std::uint64_t most_;
    std::map<std::string, entry_ptr> known_;
};

}  // namespace rialto::matrix
