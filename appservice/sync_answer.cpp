#include "appservice/sync_answer.hpp"

#include "core/net/http.hpp"

#include <nlohmann/json.hpp>

namespace rialto::matrix {

namespace {

constexpr std::size_t largest_answer = 64 * 1024 * 1024;

// In /sync the room's id stands above its events.
near_event read_in(const std::string& room, json raw, const is_ours& ours)
{
    if (raw.is_object())
        raw["room_id"] = room;
    if (auto e = read_event(raw, ours))
        return std::move(*e);
    near_event place;
    place.room = room;
    place.id = text_or(raw, "event_id", "");
    place.sender = text_or(raw, "sender", "");
    place.hollow = true;
    return place;
}

void read_timelines(const json& rooms, const is_ours& ours, sync_news& into)
{
    for (const auto& [id, room] : rooms.items()) {
        const auto& timeline = inside(room, "timeline");
        room_news news;
        news.id = id;
        news.limited = flag(timeline, "limited");
        for (const auto& raw : list(timeline, "events"))
            news.events.push_back(read_in(id, raw, ours));
        if (news.limited || !news.events.empty())
            into.rooms.push_back(std::move(news));
    }
}

constexpr std::string_view types =
    R"("types":["m.room.message","m.room.encrypted","m.sticker","m.reaction","m.room.redaction","m.room.member",)"
    R"("m.room.name","m.room.topic","m.room.avatar","m.room.tombstone","m.room.encryption",)"
    R"("chat.rialto.marker"])";

std::string filter_of(std::size_t limit, std::uint32_t nonce)
{
    std::string out =
        R"({"presence":{"types":[]},"account_data":{"types":[]},"room":{"state":{"types":[]},)"
        R"("ephemeral":{"types":[]},"account_data":{"types":[]},"include_leave":false,"timeline":{)";
    out.append(types).append(",\"limit\":").append(std::to_string(limit)).append("}}}");
    for (int bit = 0; bit < 32; ++bit)
        out += (nonce >> bit & 1U) != 0 ? '\t' : ' ';
    return out;
}

void add(std::string& query, std::string_view key, std::string_view value)
{
    query.append(query.empty() ? "" : "&").append(key).append("=").append(net::percent_encoded(value));
}

}  // namespace

std::optional<sync_news> read_sync(std::string_view body, const is_ours& ours)
{
    const auto parsed = parse(body);
    if (!parsed)
        return {};
    sync_news news;
    news.next = text_or(*parsed, "next_batch", "");
    if (news.next.empty())
        return {};
    const auto& rooms = inside(*parsed, "rooms");
    read_timelines(inside(rooms, "join"), ours, news);
    read_timelines(inside(rooms, "leave"), ours, news);
    for (const auto& [id, invited] : inside(rooms, "invite").items())
        for (const auto& raw : list(inside(invited, "invite_state"), "events"))
            if (text(raw, "type") == "m.room.member" && member(raw, "event_id") != nullptr)
                if (auto e = read_in(id, raw, ours); !e.hollow)
                    news.invites.push_back(std::move(e));
    return news;
}

std::optional<message_page> read_messages(std::string_view room, std::string_view body, const is_ours& ours)
{
    const auto parsed = parse(body);
    if (!parsed || member(*parsed, "chunk") == nullptr)
        return {};
    message_page page;
    const std::string id{room};
    for (const auto& raw : list(*parsed, "chunk"))
        page.events.push_back(read_in(id, raw, ours));
    page.end = text_or(*parsed, "end", "");
    return page;
}

std::vector<std::string> read_joined_rooms(std::string_view body)
{
    std::vector<std::string> out;
    const auto parsed = parse(body);
    if (parsed)
        for (const auto& id : list(*parsed, "joined_rooms"))
            if (id.is_string())
                out.push_back(id.get<std::string>());
    return out;
}

namespace calls {

call sync(const acting& who, std::string_view since, std::uint32_t nonce)
{
    constexpr std::size_t at_once = 100, at_first = 20;
    call c{"GET", "/_matrix/client/v3/sync"};
    add(c.query, "user_id", who.mxid);
    add(c.query, "set_presence", "offline");
    add(c.query, "timeout", "0");
    add(c.query, "filter", filter_of(since.empty() ? at_first : at_once, nonce));
    if (!since.empty())
        add(c.query, "since", since);
    c.most = largest_answer;
    return c;
}

call messages_between(const acting& who, std::string_view room, std::string_view from, std::string_view to)
{
    call c{"GET", "/_matrix/client/v3/rooms/" + net::percent_encoded(room) + "/messages"};
    add(c.query, "user_id", who.mxid);
    add(c.query, "dir", "f");
    if (!from.empty())
        add(c.query, "from", from);
    if (!to.empty())
        add(c.query, "to", to);
    add(c.query, "limit", "100");
    add(c.query, "filter", "{" + std::string{types} + "}");
    c.most = largest_answer;
    return c;
}

call joined_rooms(const acting& who)
{
    call c{"GET", "/_matrix/client/v3/joined_rooms"};
    add(c.query, "user_id", who.mxid);
    c.most = largest_answer;
    return c;
}

}  // namespace calls

}  // namespace rialto::matrix
