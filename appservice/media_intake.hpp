// appservice/media_intake.hpp: files that far people point to with an address, brought to our homeserver
// before the message that shows them. Fetched guarded, into the spool, within a time that a lane may wait;
// judged by their bytes, not by what they are called. What cannot be had stays an address in the text:
// nothing is lost. Doing it twice uploads twice, which harms nobody; the message's own key keeps it one. One
// io_context thread.
#pragma once

#include "appservice/client.hpp"
#include "core/media_spool.hpp"
#include "core/net/guarded_fetch.hpp"

#include <deque>
#include <map>

namespace rialto::matrix {

class media_intake
{
public:
    media_intake(client& api, net::guarded_fetch fetch, media_spool& spool, std::uint64_t most);

    // The message with its first file on the homeserver, if that can be. Uploaded as `ghost`. `key`: of the
    // order; what was uploaded for it is remembered for its next try. Errors: try_later, when the homeserver
    // is away.
    awaitable<result<message>> bring(message m, std::string ghost, std::string key);

private:
    awaitable<result<file>> carry(file f, std::string ghost);
    void remember(std::string key, const file& f);

    client& api_;
    net::guarded_fetch fetch_;
    media_spool& spool_;
    std::uint64_t most_;
    std::map<std::string, file> brought_;
    std::deque<std::string> order_;  // of brought_, oldest first
};

}  // namespace rialto::matrix
