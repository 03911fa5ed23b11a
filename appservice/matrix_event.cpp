#include "appservice/matrix_event.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace rialto::matrix {

namespace {

constexpr std::size_t longest_reaction = 256, longest_text = 16 * 1024;

// origin_server_ts is whatever a client or a far server said; beyond 2100 it would not fit a time_point.
timestamp time_of(const json& event)
{
    constexpr std::int64_t end_of_time = 4'102'444'800'000;
    const auto ms = std::clamp<std::int64_t>(integer(event, "origin_server_ts").value_or(0), 0, end_of_time);
    return timestamp{std::chrono::milliseconds{ms}};
}

reference refers(std::string_view event) { return reference{message_id{std::string{event}}}; }

std::optional<happening> read_room_message(const json& content)
{
    const json& relates = inside(content, "m.relates_to");
    if (text(relates, "rel_type") == "m.replace") {
        const auto target = text_or(relates, "event_id", "");
        const json* fresh = member(content, "m.new_content");
        if (is_id(target, '$') && fresh != nullptr && fresh->is_object()) {
            auto now = read_message(*fresh);
            if (!now)
                return {};
            return edit{refers(target), std::move(*now)};
        }
    }
    if (auto said = read_message(content))
        return std::move(*said);
    return {};
}

std::optional<happening> read_reaction(const json& content)
{
    const json& relates = inside(content, "m.relates_to");
    const auto target = text_or(relates, "event_id", ""), key = text_or(relates, "key", "");
    if (text(relates, "rel_type") != "m.annotation" || !is_id(target, '$') || key.empty() ||
        key.size() > longest_reaction)
        return {};
    return reactions{refers(target), std::vector<std::string>(1, std::string{key})};
}

// Room versions up to 10 name the target at the top, 11 and later in the content (MSC2174).
std::optional<happening> read_redaction(const json& event, const json& content)
{
    auto target = text_or(content, "redacts", "");
    if (!is_id(target, '$'))
        target = text_or(event, "redacts", "");
    if (!is_id(target, '$'))
        return {};
    retraction r{refers(target)};
    r.reason = clipped(text_or(content, "reason", ""), longest_text);
    return r;
}

const json& previous_content(const json& event)
{
    const json& below = inside(inside(event, "unsigned"), "prev_content");
    return below.empty() ? inside(event, "prev_content") : below;  // COMPAT Synapse repeats it at the top
}

// CS-API m.room.member: what a membership means is told by the one before and by who wrote it.
std::optional<change> read_change(std::string_view was, std::string_view is, bool by_self)
{
    if (is == "join")
        return change::join;
    if (is == "invite")
        return change::invite;
    if (is == "knock")
        return change::knock;
    if (is == "ban")
        return was == "ban" ? std::nullopt : std::optional{change::ban};
    if (is != "leave" || was == "leave")
        return {};
    if (was == "ban")
        return change::unban;
    return by_self ? change::leave : change::kick;
}

std::optional<happening> read_member(const json& event, const json& content)
{
    const auto whom = text_or(event, "state_key", ""), is = text_or(content, "membership", "");
    if (!is_id(whom, '@'))
        return {};
    const json& before = previous_content(event);
    const auto was = text_or(before, "membership", "");
    if (is == "join" && was == "join") {
        const auto name = text_or(content, "displayname", ""), picture = text_or(content, "avatar_url", "");
        if (name == text_or(before, "displayname", "") && picture == text_or(before, "avatar_url", ""))
            return {};
        profile now{clipped(name, longest_text)};
        if (is_mxc(picture))
            now.avatar_hash = std::string{picture};
        return now;
    }
    const auto what = read_change(was, is, text(event, "sender") == whom);
    if (!what)
        return {};
    return membership{
        *what, user_id{std::string{whom}}, clipped(text_or(content, "reason", ""), longest_text)
    };
}

std::optional<happening> read_room_state(std::string_view type, const json& content)
{
    room_info info;
    if (type == "m.room.name") {
        info.title = clipped(text_or(content, "name", ""), longest_text);
    } else if (type == "m.room.topic") {
        info.topic = clipped(text_or(content, "topic", ""), longest_text);
    } else if (type == "m.room.avatar") {
        const auto url = text_or(content, "url", "");
        info.avatar = media_id{is_mxc(url) ? std::string{url} : std::string{}};
    } else if (type == "m.room.tombstone") {
        gone left{clipped(text_or(content, "body", ""), longest_text)};
        if (const auto next = text_or(content, "replacement_room", ""); is_id(next, '!'))
            left.moved_to = room_id{std::string{next}};
        return left;
    } else if (type != "m.room.encryption") {
        return {};
    }
    return info;
}

std::optional<happening> read_happening(const json& event, std::string_view type, const json& content)
{
    if (const json* key = member(event, "state_key"); key != nullptr) {
        if (type == "m.room.member")
            return read_member(event, content);
        // Only the empty key means the room; a message type with a state key is nobody's message.
        return text(event, "state_key") == "" ? read_room_state(type, content) : std::nullopt;
    }
    if (type == "m.room.message")
        return read_room_message(content);
    if (type == "m.reaction")
        return read_reaction(content);
    if (type == "m.room.redaction")
        return read_redaction(event, content);
    if (type == "m.room.encrypted")  // redacted meanwhile: nobody needs to hear of it
        return member(content, "algorithm") != nullptr ? std::optional<happening>{message{}} : std::nullopt;
    if (type == "m.sticker")
        if (auto sticker = read_message(content, true))
            return std::move(*sticker);
    return {};
}

}  // namespace

bool has_envelope(const json& event)
{
    const auto type = text(event, "type");
    return type && type->size() <= 255 && is_id(text_or(event, "sender", ""), '@') &&
           is_id(text_or(event, "room_id", ""), '!') && is_id(text_or(event, "event_id", ""), '$');
}

std::optional<near_event> read_event(const json& event, const is_ours& ours)
{
    if (!has_envelope(event))
        return {};
    const json& content = inside(event, "content");
    const auto type = text_or(event, "type", ""), sender = text_or(event, "sender", "");
    auto what = read_happening(event, type, content);
    if (!what)
        return {};
    near_event e{
        std::string{text_or(event, "room_id", "")}, std::string{text_or(event, "event_id", "")},
        std::string{sender}, std::move(*what)
    };
    e.at = time_of(event);
    e.encrypted = type == "m.room.encrypted" || type == "m.room.encryption";
    if (type == "m.room.member") {
        e.direct = flag(content, "is_direct");
        if (text(event, "state_key") == sender)
            e.sender_name = clipped(text_or(content, "displayname", ""), longest_text);
    }
    if (ours(sender))
        e.stamp = clipped(text_or(content, key_field, ""), 255);
    return e;
}

}  // namespace rialto::matrix
