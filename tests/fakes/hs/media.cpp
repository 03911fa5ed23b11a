// Media (CS-API §Content repository). New uploads are served to those with a token only (MSC3916): the old
// download path says 404, as Synapse does.
#include "tests/fakes/hs/call.hpp"
#include "tests/fakes/hs/render.hpp"

#include <nlohmann/json.hpp>

namespace rialto::fakes::hs {

namespace {
constexpr std::size_t largest = 50U << 20U;

http_reply content_uri(const call& c, const std::string& id)
{
    return http_reply{"{\"content_uri\":" + json_text("mxc://" + c.data.name + '/' + id) + '}'};
}

void store(call& c, world::medium& m)
{
    if (c.http.body.size() > largest)
        throw refusal{413, "M_TOO_LARGE", "Upload request body is too large"};
    m.type = c.http.type.empty() ? "application/octet-stream" : c.http.type;
    m.bytes = c.http.body;
    m.owner = c.who->id;
    m.there = true;
}

http_reply upload(call& c)
{
    const std::string id = c.data.fresh(24);
    store(c, c.data.media[id]);
    return content_uri(c, id);
}

http_reply create(call& c)
{
    const std::string id = c.data.fresh(24);
    c.data.media[id].owner = c.who->id;
    return content_uri(c, id);
}

http_reply upload_later(call& c)
{
    const auto at = c.data.media.find(c.args[1]);
    if (at == c.data.media.end())
        throw refusal{404, "M_NOT_FOUND", "Unknown media ID"};
    if (at->second.there)
        throw refusal{409, "M_CANNOT_OVERWRITE_MEDIA", "Media ID already has content"};
    if (at->second.owner != c.who->id)
        throw refusal{403, "M_FORBIDDEN", "Only the creator of the media ID can upload to it"};
    store(c, at->second);
    return http_reply{"{}"};
}

http_reply download(call& c)
{
    const auto at = c.data.media.find(c.args[1]);
    if (at == c.data.media.end() || c.args[0] != c.data.name)
        throw refusal{404, "M_NOT_FOUND", "Not found"};
    if (!at->second.there)
        throw refusal{504, "M_NOT_YET_UPLOADED", "Media has not been uploaded yet"};
    http_reply out{at->second.bytes};
    out.type = at->second.type;
    out.headers.emplace_back("Content-Disposition", "attachment");
    return out;
}

http_reply not_any_more(call&) { throw refusal{404, "M_NOT_FOUND", "Not found"}; }
http_reply config(call&) { return http_reply{"{\"m.upload.size\":" + std::to_string(largest) + '}'}; }
}  // namespace

std::vector<route> media_routes()
{
    return {
        {"POST", "@media/upload", "upload", upload},
        {"POST", "@media/create", "create_media", create},
        {"PUT", "@media/upload/{}/{}", "upload", upload_later},
        {"GET", "@media/config", "media_config", config},
        {"GET", "media/config", "media_config", config},
        {"GET", "media/download/{}/{}", "download", download},
        {"GET", "media/download/{}/{}/{}", "download", download},
        {"GET", "media/thumbnail/{}/{}", "download", download},
        {"GET", "@media/download/{}/{}", "download", not_any_more, true},
        {"GET", "@media/download/{}/{}/{}", "download", not_any_more, true},
        {"GET", "@media/thumbnail/{}/{}", "download", not_any_more, true},
    };
}

}  // namespace rialto::fakes::hs
