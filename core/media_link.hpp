// core/media_link.hpp: how a file that lives on the Matrix side is named to those outside. Two names:
//   claim  what a backend holds as file::bytes: the file and the message it was shown in. Opaque to the
//   backend. link   what people get: our own URL, signed (HMAC over all of it), with an end. It is worth
//   something only
//          while the message stands (not redacted) and the room is bridged: whoever serves it asks
//          `link_register`.
// Pure; any thread.
#pragma once

#include "core/store.hpp"

namespace rialto {

struct media_claim
{
    portal_key portal = 0;
    std::string about;   // event id of the message it was shown in
    std::string source;  // the Matrix side's own name: mxc://…
    media_claim() = default;
    media_claim(portal_key p, std::string a, std::string s)
        : portal{p}, about{std::move(a)}, source{std::move(s)}
    {
    }
    bool operator==(const media_claim&) const = default;
};
media_id to_media_id(const media_claim& c);
std::optional<media_claim> read_claim(const media_id& id);
void claim_files(happening& what, portal_key portal, const std::string& about);  // those that are not yet

struct media_link
{
    portal_key portal = 0;
    std::string tag;  // link_tag of the message
    std::string source, name;
    std::int64_t until = 0;  // seconds since 1970
    media_link() = default;
    bool operator==(const media_link&) const = default;
};
std::string link_tag(std::string_view event);
std::string revoked_note(std::string_view tag);  // the store's note that the message is gone

inline constexpr std::string_view link_path = "/_rialto/media/";
// The path: link_path, the parts, the name for those who tell a file's kind by its ending.
std::string write_link(const media_link& link, std::string_view secret);
// `path` as it is after percent-decoding. Errors: not_found: no link of ours; away: it has ended.
result<media_link> read_link(std::string_view path, std::string_view secret, timestamp now);

class link_register  // the core, as whoever serves links sees it
{
public:
    virtual ~link_register() = default;
    // Is the portal open, and the message not taken back?
    virtual awaitable<result<bool>> stands(portal_key portal, std::string tag) = 0;
};

}  // namespace rialto
