#include "appservice/rooms.hpp"

#include "core/log.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace rialto::matrix {

awaitable<result<room_version>> rooms::version()
{
    if (!version_) {
        auto got = co_await client_.must(calls::capabilities(), "to say its room versions");
        if (!got)
            co_return got.error();
        version_ = choose_version(parse(got->body).value_or(json{}));
    }
    co_return *version_;
}

awaitable<result<std::string>> rooms::create(room_plan plan)
{
    auto v = co_await version();
    if (!v)
        co_return v.error();
    auto c = calls::create_room(creation_content(plan, client_.settings().bot, *v));
    auto got = co_await client_.ask(std::move(c));
    if (!got)
        co_return got.error();
    if (got->is("M_ROOM_IN_USE") && !plan.alias.empty()) {
        auto found = co_await of_alias(plan.alias);
        co_return found;
    }
    if (!got->done())
        co_return refusal(*got, "to make a room");
    auto room = field(*got, "room_id");
    if (room.empty())
        co_return failure{verdict::give_up, cause::malformed, "The homeserver made a room and gave no id"};
    co_return room;
}

awaitable<result<std::string>> rooms::make(room_plan plan)
{
    // A ghost is registered and named before it is invited: the name is in the invitation.
    for (const auto& ghost : plan.members) {
        auto there = co_await ghosts_.ready(ghost, profile{}, "");
        if (!there)
            co_return there.error();
    }
    auto room = co_await create(plan);
    if (!room)
        co_return room.error();
    for (const auto& ghost : plan.members) {
        auto joined = co_await ghosts_.rejoin(ghost, profile{}, *room);
        if (!joined)
            co_return joined.error();
    }
    co_return room;
}

awaitable<result<std::string>> rooms::of_alias(std::string alias)
{
    if (!alias.starts_with('#'))
        alias = "#" + alias + ":" + client_.settings().server_name;
    auto got = co_await client_.must(calls::room_of_alias(alias), "to find " + alias);
    if (!got)
        co_return got.error();
    co_return field(*got, "room_id");
}

awaitable<result<near_room>> rooms::look(std::string room)
{
    auto got = co_await client_.must(calls::all_state(acting{}, room), "a look at " + room);
    if (!got)
        co_return got.error();
    co_return read_room(parse(got->body).value_or(json{}));
}

awaitable<outcome> rooms::bot_join(std::string room)
{
    auto got = co_await client_.must(calls::join(acting{}, room), "the bot's joining " + room);
    if (!got)
        co_return got.error();
    co_return ok();
}

awaitable<outcome> rooms::describe(std::string room, room_plan plan)
{
    const auto key = bridge_state_key(plan);
    const auto content = written(bridge_content(plan, client_.settings().bot));
    for (const char* type : {"m.bridge", "uk.half-shot.bridge"}) {
        auto c = calls::put_state(acting{}, room, type, key, content);
        auto got = co_await client_.must(std::move(c), "the bridge's description of " + room);
        if (!got)
            co_return got.error();
    }
    co_return ok();
}

awaitable<outcome> rooms::leave(std::string room, std::vector<std::string> who, std::string why)
{
    std::optional<failure> first;
    for (const auto& mxid : who) {
        auto got = co_await client_.ask(calls::leave(acting{mxid}, room, why));
        ghosts_.left(mxid, room);
        // 403 and 404: it was not in it, or there is no such room.
        if (got && !got->done() && !got->forbidden() && got->status != 404 && !first)
            first = refusal(*got, mxid + "'s leaving");
        if (!got)
            co_return got.error();
    }
    if (first)
        co_return *first;
    co_return ok();
}

awaitable<result<page>> rooms::history(std::string room, std::string as, extent of)
{
    page out;
    std::string from;
    const acting who{as};
    if (!of.before.empty()) {
        auto at = co_await client_.must(calls::context(who, room, of.before.value), "to find a message");
        if (!at)
            co_return at.error();
        from = field(*at, "start");
    }
    const auto most = std::clamp<std::size_t>(of.most, 1, 500);
    for (int pages = 0; pages < 20 && out.events.size() < most; ++pages) {
        auto got = co_await client_.must(calls::messages(who, room, from, 100), "the history of " + room);
        if (!got)
            co_return got.error();
        const auto body = parse(got->body).value_or(json{});
        bool ended = list(body, "chunk").empty();
        for (const auto& raw : list(body, "chunk")) {
            auto e = read_event(raw, ours_);
            if (!e || e->at < of.since || e->at >= of.until)
                continue;
            if (e->id == of.after.value || out.events.size() == most) {
                ended = true;
                break;
            }
            out.events.emplace_back(
                portal_id{}, person{user_id{e->sender}, e->sender_name}, e->at, message_id{e->id},
                std::move(e->what)
            );
        }
        from = text_or(body, "end", "");
        if (ended || from.empty()) {
            from.clear();
            break;
        }
    }
    out.complete = from.empty();
    if (!out.events.empty())
        out.next = out.events.back().id.value;
    if (!of.newest_first)
        std::reverse(out.events.begin(), out.events.end());
    co_return out;
}

awaitable<result<std::string>> rooms::find(std::string room, std::string as, std::string key)
{
    const acting who{as};
    const std::string sender = as.empty() ? client_.settings().bot : as;
    std::string from;
    for (int pages = 0; pages < 5; ++pages) {
        auto got = co_await client_.ask(calls::messages(who, room, from, 100));
        if (!got)
            co_return got.error();
        if (!got->done())  // not in the room: then it said nothing there
            co_return std::string{};
        const auto body = parse(got->body).value_or(json{});
        if (auto id = find_key(body, key, sender); !id.empty())
            co_return id;
        from = text_or(body, "end", "");
        if (from.empty())
            break;
    }
    co_return std::string{};
}

// A refusal may mean that it is so already: kicked before, unbanned before, in the room before.
awaitable<bool> rooms::is_there_already(std::string room, membership m)
{
    auto got = co_await client_.ask(calls::get_state(acting{}, room, "m.room.member", m.whom.value));
    if (!got || !(got->done() || got->status == 404))
        co_return false;
    const auto is = got->done() ? field(*got, "membership") : std::string{"leave"};
    switch (m.what) {
        case change::kick: co_return is != "join" && is != "invite" && is != "knock";
        case change::unban: co_return is != "ban";
        case change::ban: co_return is == "ban";
        case change::invite: co_return is == "join" || is == "invite";
        default: co_return false;
    }
}

awaitable<outcome> rooms::discipline(std::string room, acting ghost, std::string shown_as, membership m)
{
    const char* verb = m.what == change::kick    ? "kick"
                       : m.what == change::ban   ? "ban"
                       : m.what == change::unban ? "unban"
                                                 : "invite";
    if (!ghost.mxid.empty()) {
        auto own = co_await client_.ask(calls::member(ghost, room, verb, m.whom.value, m.reason));
        if (!own)
            co_return own.error();
        if (own->done())
            co_return ok();
    }
    std::string why = m.reason;
    if (!shown_as.empty()) {
        const char* done = m.what == change::kick    ? "kicked by "
                           : m.what == change::ban   ? "banned by "
                           : m.what == change::unban ? "unbanned by "
                                                     : "invited by ";
        why = done + shown_as + (m.reason.empty() ? "" : ": " + m.reason);
    }
    auto got = co_await client_.ask(calls::member(acting{}, room, verb, m.whom.value, why));
    if (!got)
        co_return got.error();
    if (got->done())
        co_return ok();
    if (co_await is_there_already(room, m))
        co_return ok();
    co_return refusal(*got, std::string{"to "} + verb + " " + m.whom.value);
}

awaitable<outcome> rooms::set_rank(std::string room, role r)
{
    auto got = co_await client_.must(
        calls::get_state(acting{}, room, "m.room.power_levels", ""), "to say who has which power"
    );
    if (!got)
        co_return got.error();
    const auto changed =
        with_rank(parse(got->body).value_or(json{}), r.whom.value, r.is, client_.settings().bot);
    if (!changed)
        co_return ok();
    auto put = co_await client_.must(
        calls::put_state(acting{}, room, "m.room.power_levels", "", *changed),
        "to change " + r.whom.value + "'s power"
    );
    if (!put)
        co_return put.error();
    co_return ok();
}

}  // namespace rialto::matrix
