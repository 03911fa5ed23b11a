#include "appservice/content.hpp"

#include "appservice/matrix_event.hpp"
#include "core/rich/html.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace rialto::matrix {

namespace {

const char* msgtype(const message& m, const file* f)
{
    if (f == nullptr)
        return m.how == manner::emote ? "m.emote" : m.how == manner::notice ? "m.notice" : "m.text";
    switch (f->shown) {
        case file::as::image:
        case file::as::sticker: return "m.image";  // a far sticker has no pack: it is shown as a picture
        case file::as::audio:
        case file::as::voice: return "m.audio";
        case file::as::video: return "m.video";
        case file::as::file: break;
    }
    return "m.file";
}

// What has no place on our homeserver yet is told by its address.
document with_addresses(const message& m, const file* shown)
{
    document body = m.body;
    if (!m.subject.empty()) {
        block title{block::is::paragraph};
        title.runs.emplace_back(m.subject, mark::bold);
        body.blocks.insert(body.blocks.begin(), std::move(title));
    }
    for (const auto& f : m.files) {
        if (&f == shown)
            continue;
        block line{block::is::paragraph};
        const auto& words = f.name.empty() ? f.url : f.name;
        line.runs.emplace_back(words.empty() ? std::string{"(a file)"} : words);
        if (!f.url.empty()) {
            line.runs.back().link = f.url;
            if (words != f.url)
                line.runs.emplace_back(" " + f.url);
        }
        body.blocks.push_back(std::move(line));
    }
    return body;
}

json file_info(const file& f)
{
    json info = json::object();
    const auto put = [&info](const char* key, std::uint64_t value) {
        if (value > 0)
            info[key] = value;
    };
    if (!f.mime.empty())
        info["mimetype"] = f.mime;
    put("size", f.size);
    put("w", f.width);
    put("h", f.height);
    put("duration", f.millis);
    return info;
}

void put_file(json& content, const file& f, bool captioned)
{
    content["url"] = f.bytes.value;
    content["info"] = file_info(f);
    const auto name = f.name.empty() ? std::string{"file"} : f.name;
    if (captioned)
        content["filename"] = name;
    else
        content["body"] = name;
    if (f.shown == file::as::voice)
        content["org.matrix.msc3245.voice"] = json::object();
}

// No reply fallback in the body: CS-API 1.13 took it away.
void put_relation(json& content, const message& m)
{
    if (!m.thread && !m.reply_to)
        return;
    json relates = json::object();
    if (m.thread) {
        relates["rel_type"] = "m.thread";
        relates["event_id"] = m.thread->id.value;
        relates["is_falling_back"] = !m.reply_to;
    }
    relates["m.in_reply_to"]["event_id"] = m.reply_to ? m.reply_to->id.value : m.thread->id.value;
    content["m.relates_to"] = std::move(relates);
}

// Always there, so that no client looks for names in the text.
json mentions_of(const message& m)
{
    auto who = m.mentions;
    add_mentions(m.body, who);
    json out = json::object();
    for (const auto& one : who)
        if (is_id(one.value, '@'))
            out["user_ids"].push_back(one.value);
    return out;
}

// Formatting goes first, then the end of the text.
void fit(json& content, std::size_t most)
{
    auto size = written(content).size();
    if (size > most && content.erase("formatted_body") > 0) {
        content.erase("format");
        size = written(content).size();
    }
    while (size > most && content["body"].get_ref<const std::string&>().size() > 64) {
        const auto& body = content["body"].get_ref<const std::string&>();
        content["body"] = clipped(body, body.size() / 2) + " […]";
        size = written(content).size();
    }
}

std::string edit_content(const edit& e, const std::string& key)
{
    json fresh = message_content(e.now, longest_content / 2);
    fresh.erase("m.relates_to");
    json content = json::object();
    content["msgtype"] = fresh["msgtype"];
    content["body"] = "* " + clipped(fresh["body"].get_ref<const std::string&>(), 2'000);
    // Who is mentioned by an edit was told by the message already.
    content["m.mentions"] = json::object();
    content["m.new_content"] = std::move(fresh);
    content["m.relates_to"]["rel_type"] = "m.replace";
    content["m.relates_to"]["event_id"] = e.target.id.value;
    content[key_field] = key;
    return written(content);
}

std::string reaction_content(const reactions& r, const std::string& key)
{
    json content = json::object();
    auto& relates = content["m.relates_to"];
    relates["rel_type"] = "m.annotation";
    relates["event_id"] = r.target.id.value;
    relates["key"] = r.set.front();
    content[key_field] = key;
    return written(content);
}

matrix_send state(const char* type, const char* field, const std::string& value, const std::string& key)
{
    json content = json::object();
    content[field] = value;
    content[key_field] = key;
    return {matrix_send::by::state, type, written(content)};
}

std::vector<matrix_send> info_sends(const room_info& info, const std::string& key)
{
    std::vector<matrix_send> all;
    if (info.title)
        all.push_back(state("m.room.name", "name", *info.title, key));
    if (info.topic)
        all.push_back(state("m.room.topic", "topic", *info.topic, key));
    if (info.avatar)
        all.push_back(state("m.room.avatar", "url", info.avatar->value, key));
    // A far room may close a Matrix room, and never opens one: that is for its own people.
    if (info.members_only.value_or(false))
        all.push_back(state("m.room.join_rules", "join_rule", "invite", key));
    if (!info.history_open.value_or(true))
        all.push_back(state("m.room.history_visibility", "history_visibility", "joined", key));
    return all;
}

const char* reason_code(const failure& why)
{
    if (why.next == verdict::unsupported)
        return "com.beeper.unsupported_event";
    if (why.kind == cause::forbidden || why.kind == cause::members_only || why.kind == cause::banned)
        return "m.no_permission";
    return why.next == verdict::try_later ? "m.bridge_unavailable" : "m.foreign_network_error";
}

}  // namespace

json message_content(const message& m, std::size_t most)
{
    const auto media =
        std::find_if(m.files.begin(), m.files.end(), [](const file& f) { return is_mxc(f.bytes.value); });
    const file* shown = media == m.files.end() ? nullptr : &*media;
    const document body = with_addresses(m, shown);
    json content = json::object();
    content["msgtype"] = msgtype(m, shown);
    content["body"] = body.plain();
    if (!body.is_plain()) {
        content["format"] = "org.matrix.custom.html";
        content["formatted_body"] = rich::to_html(body);
    }
    if (shown != nullptr)
        put_file(content, *shown, !body.empty());
    content["m.mentions"] = mentions_of(m);
    put_relation(content, m);
    fit(content, most);
    return content;
}

std::vector<matrix_send> sends_of(const order& o)
{
    using by = matrix_send::by;
    std::vector<matrix_send> all;
    if (const auto* said = std::get_if<message>(&o.what)) {
        json content = message_content(*said);
        content[key_field] = o.key;
        all.emplace_back(by::message, "m.room.message", written(content));
    } else if (const auto* changed = std::get_if<edit>(&o.what)) {
        all.emplace_back(by::message, "m.room.message", edit_content(*changed, o.key));
    } else if (const auto* reacted = std::get_if<reactions>(&o.what)) {
        if (!reacted->set.empty())
            all.emplace_back(by::message, "m.reaction", reaction_content(*reacted, o.key));
    } else if (const auto* taken = std::get_if<retraction>(&o.what)) {
        json content = json::object();
        if (!taken->reason.empty())
            content["reason"] = taken->reason;
        all.emplace_back(by::redaction, "m.room.redaction", written(content));
        all.back().target = taken->target.id.value;
    } else if (const auto* info = std::get_if<room_info>(&o.what)) {
        all = info_sends(*info, o.key);
    }
    return all;
}

std::string status_content(const std::string& event, fate is, const std::optional<failure>& why)
{
    json content = json::object();
    content["m.relates_to"]["rel_type"] = "m.reference";
    content["m.relates_to"]["event_id"] = event;
    content["network"] = "chat.rialto";
    switch (is) {
        case fate::queued:
        case fate::delayed: content["status"] = "PENDING"; break;
        case fate::relayed:
        case fate::delivered: content["status"] = "SUCCESS"; break;
        case fate::failed:
            content["status"] = why && why->next == verdict::try_later ? "FAIL_RETRIABLE" : "FAIL_PERMANENT";
            break;
    }
    if (why) {
        content["reason"] = reason_code(*why);
        content["message"] = clipped(why->why, 2'000);
    }
    return written(content);
}

}  // namespace rialto::matrix
