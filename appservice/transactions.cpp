#include "appservice/transactions.hpp"

#include "core/log.hpp"

#include <nlohmann/json.hpp>

namespace rialto::matrix {

namespace {

constexpr std::size_t most_typing = 500, most_receipts = 2'000;

void read_typing(const json& edu, transaction& into)
{
    const auto room = text_or(edu, "room_id", "");
    if (!is_id(room, '!'))
        return;
    typing_now now{std::string{room}, {}};
    for (const auto& who : list(inside(edu, "content"), "user_ids")) {
        if (now.who.size() == most_typing)
            break;
        if (who.is_string() && is_id(who.get_ref<const std::string&>(), '@'))
            now.who.push_back(who.get<std::string>());
    }
    into.typing.push_back(std::move(now));
}

void read_readers(const std::string& room, const std::string& event, const json& readers, transaction& into)
{
    for (const auto& [who, more] : readers.items()) {
        if (into.receipts.size() >= most_receipts)
            return;
        if (!is_id(who, '@'))
            continue;
        near_event e{room, "", who, receipt{reference{message_id{event}}}};
        constexpr std::int64_t end_of_time = 4'102'444'800'000;
        if (const auto ts = integer(more, "ts"); ts && *ts > 0 && *ts < end_of_time)
            e.at = timestamp{std::chrono::milliseconds{*ts}};
        into.receipts.push_back(std::move(e));
    }
}

// m.receipt: {"$event": {"m.read": {"@user": {"ts": 1}}}}
void read_receipts(const json& edu, transaction& into)
{
    const std::string room{text_or(edu, "room_id", "")};
    if (!is_id(room, '!'))
        return;
    for (const auto& [event, kinds] : inside(edu, "content").items()) {
        if (!is_id(event, '$'))
            continue;
        read_readers(room, event, inside(kinds, "m.read"), into);
    }
}

void read_ephemeral(const json& edus, transaction& into)
{
    for (const auto& edu : edus) {
        const auto type = text_or(edu, "type", "");
        if (type == "m.typing")
            read_typing(edu, into);
        else if (type == "m.receipt")
            read_receipts(edu, into);
    }
}

http::response full(const std::string& txn, const failure& why)
{
    log::warn("transaction refused for now", "txn", txn, "why", why.why);
    return {503, R"({"errcode":"M_LIMIT_EXCEEDED","error":"The bridge's journal is full; try again"})"};
}

}  // namespace

std::optional<transaction> read_transaction(std::string_view body, const is_ours& ours)
{
    const auto parsed = parse(body);
    if (!parsed || !parsed->is_object())
        return {};
    transaction t;
    for (const auto& event : list(*parsed, "events")) {
        if (!has_envelope(event))
            ++t.unreadable;
        else if (auto happened = read_event(event, ours))
            t.events.push_back(std::move(*happened));
    }
    // Only one of both is there; servers before AS-API 1.13 use the second name.
    read_ephemeral(list(*parsed, "ephemeral"), t);
    if (member(*parsed, "ephemeral") == nullptr)
        read_ephemeral(list(*parsed, "de.sorunome.msc2409.ephemeral"), t);
    return t;
}

std::vector<std::pair<std::string, bool>> typing_board::update(const typing_now& now)
{
    std::vector<std::pair<std::string, bool>> changes;
    const auto known = rooms_.find(now.room);
    if (known == rooms_.end() && (now.who.empty() || rooms_.size() >= most_rooms))
        return changes;
    auto& typing = known == rooms_.end() ? rooms_[now.room] : known->second;
    std::set<std::string> fresh{now.who.begin(), now.who.end()};
    for (const auto& who : typing)
        if (!fresh.contains(who))
            changes.emplace_back(who, false);
    for (const auto& who : fresh)
        if (!typing.contains(who))
            changes.emplace_back(who, true);
    if (fresh.empty())
        rooms_.erase(now.room);
    else
        typing = std::move(fresh);
    return changes;
}

transaction_endpoint::transaction_endpoint(
    intake& core, clock& time, is_ours ours, std::function<bool(const near_event&)> for_bot,
    std::function<awaitable<outcome>()> bot_keeps
)
    : core_{core},
      ours_{std::move(ours)},
      for_bot_{std::move(for_bot)},
      bot_keeps_{std::move(bot_keeps)},
      time_{time}
{
}

void transaction_endpoint::pass_hints(const transaction& t)
{
    for (const auto& room : t.typing)
        for (const auto& [who, active] : board_.update(room))
            if (!ours_(who))
                core_.hint(near_event{room.room, "", who, typing{active}});
    for (const auto& e : t.receipts)
        if (!ours_(e.sender))
            core_.hint(e);
}

// A homeserver that is one never sends this; a proxy that cut it short may do better next time. But no body
// may block the stream for ever.
http::response transaction_endpoint::spoiled(std::string_view body)
{
    const auto hash = std::hash<std::string_view>{}(body);
    spoiled_times_ = hash == last_spoiled_ ? spoiled_times_ + 1 : 1;
    last_spoiled_ = hash;
    constexpr int patience = 3;
    log::error("transaction is not JSON", "bytes", body.size(), "times", spoiled_times_);
    if (spoiled_times_ < patience)
        return http::response{
            400, R"({"errcode":"M_NOT_JSON","error":"The transaction is not a JSON object"})"
        };
    return http::response{};
}

// A connection on which a transaction is missing is as good as a new one.
arrival transaction_endpoint::place_of(const std::string& txn, http::connection from)
{
    const auto place = lines_.on(from.id, txn, time_.now());
    if (place.missing) {
        log::info("a transaction of the homeserver did not come", "before", txn);
        core_.disconnected(place.line);
    }
    if (place.begins)
        core_.connected(place.line);
    return arrival{place.line, from.proxied};
}

awaitable<outcome> transaction_endpoint::take(transaction& t, arrival from)
{
    std::vector<near_event> batch;
    batch.reserve(t.events.size());
    for (auto& e : t.events)
        if (!for_bot_ || !for_bot_(e))
            batch.push_back(std::move(e));
    if (bot_keeps_) {
        auto kept = co_await bot_keeps_();
        if (!kept)
            co_return kept;
    }
    if (batch.empty())
        co_return ok();
    auto taken = co_await core_.take_in(std::move(batch), from);
    co_return taken;
}

awaitable<http::response> transaction_endpoint::on_transaction(
    std::string txn, std::string body, http::connection from
)
{
    auto read = read_transaction(body, ours_);
    if (!read) {
        lines_.answered(false, time_.now());
        co_return spoiled(body);
    }
    if (read->unreadable > 0)
        log::error("events without an envelope were left out", "txn", txn, "count", read->unreadable);
    const auto taken = co_await take(*read, place_of(txn, from));
    lines_.answered(static_cast<bool>(taken), time_.now());
    if (!taken)
        co_return full(txn, taken.error());
    pass_hints(*read);
    co_return http::response{};
}

}  // namespace rialto::matrix
