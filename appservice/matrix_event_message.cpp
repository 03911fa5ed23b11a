// The contents of messages: text, media, replies, mentions.
#include "appservice/matrix_event.hpp"
#include "core/rich/html.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace rialto::matrix {

namespace {

constexpr std::size_t most_mentions = 100, longest_name = 255;

std::uint32_t small_number(const json& object, std::string_view key)
{
    const auto value = integer(object, key).value_or(0);
    return value > 0 && value < 1'000'000'000 ? static_cast<std::uint32_t>(value) : 0;
}

// A file name is shown and saved by others: no path, no line, nothing that hides what it is.
std::string safe_name(std::string_view name)
{
    if (const auto slash = name.find_last_of("/\\"); slash != std::string_view::npos)
        name.remove_prefix(slash + 1);
    std::string out;
    for (const char c : name)
        if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F)
            out += c;
    return clipped(out, longest_name);
}

// type/subtype (RFC 6838 §4.2), else "": it becomes a header or an attribute over there.
std::string safe_mime(std::string_view mime)
{
    const bool fine = mime.size() <= 127 && std::count(mime.begin(), mime.end(), '/') == 1 &&
                      std::all_of(mime.begin(), mime.end(), [](char c) {
                          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                 std::string_view{"/.+-_"}.find(c) != std::string_view::npos;
                      });
    return fine ? std::string{mime} : std::string{};
}

std::optional<file::as> media_kind(const json& content, bool sticker)
{
    if (sticker)
        return file::as::sticker;
    const auto type = text_or(content, "msgtype", "");
    if (type == "m.image")
        return file::as::image;
    if (type == "m.video")
        return file::as::video;
    if (type == "m.file")
        return file::as::file;
    if (type == "m.audio")
        return member(content, "org.matrix.msc3245.voice") != nullptr ? file::as::voice : file::as::audio;
    return {};
}

std::optional<file> read_file(const json& content, bool sticker)
{
    const auto kind = media_kind(content, sticker);
    const auto url = text_or(content, "url", "");
    if (!kind || !is_mxc(url))
        return {};
    const json& info = inside(content, "info");
    file f;
    f.shown = *kind;
    f.bytes = media_id{std::string{url}};
    f.name = safe_name(text_or(content, "filename", text_or(content, "body", "")));
    f.mime = safe_mime(text_or(info, "mimetype", ""));
    f.size = static_cast<std::uint64_t>(std::max<std::int64_t>(integer(info, "size").value_or(0), 0));
    f.width = small_number(info, "w");
    f.height = small_number(info, "h");
    f.millis = small_number(info, "duration");
    return f;
}

// CS-API "Media captions": body is a caption when there is a filename and it is another text.
bool has_caption(const json& content)
{
    const auto filename = text(content, "filename");
    return filename && text(content, "body") != filename;
}

// Where the HTML says nothing that can be read, the plain body stands.
document read_text(const json& content, bool reply)
{
    auto plain = text_or(content, "body", "");
    if (reply)
        plain = without_quoted_reply(plain);
    if (text(content, "format") != "org.matrix.custom.html")
        return document{plain};
    return rich::from_matrix(text_or(content, "formatted_body", ""), plain);
}

void read_relation(const json& content, message& into)
{
    const json& relates = inside(content, "m.relates_to");
    const bool thread = text(relates, "rel_type") == "m.thread";
    if (const auto root = text_or(relates, "event_id", ""); thread && is_id(root, '$'))
        into.thread.emplace(message_id{std::string{root}});
    // In a thread the reply may only be there for clients that know no threads (CS-API "Threading").
    if (into.thread && flag(relates, "is_falling_back"))
        return;
    if (const auto to = text_or(inside(relates, "m.in_reply_to"), "event_id", ""); is_id(to, '$'))
        into.reply_to.emplace(message_id{std::string{to}});
}

void add_mention(std::string_view mxid, std::vector<user_id>& to)
{
    if (!is_id(mxid, '@') || to.size() >= most_mentions)
        return;
    user_id who{std::string{mxid}};
    if (std::find(to.begin(), to.end(), who) == to.end())
        to.push_back(std::move(who));
}

// Pills lie in shallow places; the document's own depth is bounded by its reader.
void add_mentions_of(const std::vector<block>& blocks, std::vector<user_id>& to, int depth)
{
    for (const auto& b : blocks) {
        for (const auto& r : b.runs)
            add_mention(r.mention, to);
        if (depth > 0)
            add_mentions_of(b.inside, to, depth - 1);
    }
}

}  // namespace

void add_mentions(const document& body, std::vector<user_id>& to) { add_mentions_of(body.blocks, to, 128); }

std::string_view without_quoted_reply(std::string_view body)
{
    if (!body.starts_with("> <@") && !body.starts_with("> * <@"))
        return body;
    auto rest = body;
    while (rest.starts_with('>')) {
        const auto end = rest.find('\n');
        if (end == std::string_view::npos)
            return body;  // nothing but a quotation: it is what was said
        rest.remove_prefix(end + 1);
    }
    if (rest.starts_with('\n'))
        rest.remove_prefix(1);
    return rest;
}

std::optional<message> read_message(const json& content, bool sticker)
{
    message m;
    read_relation(content, m);
    // A thread's fallback reply quotes as well.
    const bool reply = member(inside(content, "m.relates_to"), "m.in_reply_to") != nullptr;
    auto media = read_file(content, sticker);
    if (!media || has_caption(content))
        m.body = read_text(content, reply);
    if (!media && media_kind(content, sticker) && member(content, "file") != nullptr) {
        block why{block::is::paragraph};
        why.runs.emplace_back("(an encrypted file, which the bridge cannot read)");
        m.body.blocks.push_back(std::move(why));
    }
    if (media)
        m.files.push_back(std::move(*media));
    if (m.body.empty() && m.files.empty())
        return {};
    const auto type = text_or(content, "msgtype", "");
    m.how = type == "m.emote" ? manner::emote : type == "m.notice" ? manner::notice : manner::say;
    for (const auto& who : list(inside(content, "m.mentions"), "user_ids"))
        if (who.is_string())
            add_mention(who.get_ref<const std::string&>(), m.mentions);
    // CS-API "User and room mentions": where m.mentions is, it alone says who is meant.
    if (member(content, "m.mentions") == nullptr)
        add_mentions(m.body, m.mentions);
    return m;
}

}  // namespace rialto::matrix
