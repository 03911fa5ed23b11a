// appservice/transactions.hpp: takes what the homeserver pushes (AS-API "Pushing events"). Reading is pure;
// the endpoint answers 200 only after the intake has it on disk, and answers 200 to everything that is
// authentic: any other answer is retried for ever and blocks all that comes behind it. One exception: a full
// journal is 503. One io_context thread.
#pragma once

#include "appservice/http_message.hpp"
#include "appservice/matrix_event.hpp"
#include "appservice/push_lines.hpp"
#include "core/clock.hpp"

#include <map>
#include <set>

namespace rialto::matrix {

struct typing_now  // m.typing: all who are typing in the room
{
    std::string room;
    std::vector<std::string> who;

    typing_now() = default;
    typing_now(std::string r, std::vector<std::string> w) : room{std::move(r)}, who{std::move(w)} {}
};

struct transaction
{
    std::vector<near_event> events;  // in the order pushed
    std::vector<typing_now> typing;
    std::vector<near_event> receipts;  // m.read and m.read.private are one: read
    std::size_t unreadable = 0;        // elements without an envelope

    transaction() = default;
};

// nullopt: not a JSON object at all.
std::optional<transaction> read_transaction(std::string_view body, const is_ours& ours);

// Matrix sends the list of all who type, a far side wants to hear of beginnings and ends.
class typing_board
{
    std::map<std::string, std::set<std::string>> rooms_;

public:
    static constexpr std::size_t most_rooms = 10'000;
    // Who began (true) or ended (false). Of rooms beyond the bound nothing is said.
    std::vector<std::pair<std::string, bool>> update(const typing_now& now);
};

class transaction_endpoint : public http::transaction_sink
{
    intake& core_;
    is_ours ours_;
    std::function<bool(const near_event&)> for_bot_;
    std::function<awaitable<outcome>()> bot_keeps_;
    clock& time_;
    push_lines lines_;
    typing_board board_;
    std::size_t last_spoiled_ = 0;  // hash of the last body that was no JSON
    int spoiled_times_ = 0;

    void pass_hints(const transaction& t);
    arrival place_of(const std::string& txn, http::connection from);
    awaitable<outcome> take(transaction& t, arrival from);
    http::response spoiled(std::string_view body);

public:
    // `for_bot` sees each event first; what it takes (true) is a word to the bot and not for the far side,
    // and `bot_keeps` says when it is on disk.
    transaction_endpoint(
        intake& core, clock& time, is_ours ours, std::function<bool(const near_event&)> for_bot,
        std::function<awaitable<outcome>()> bot_keeps = {}
    );
    awaitable<http::response> on_transaction(std::string txn, std::string body, http::connection from)
        override;
    void opened(std::uint64_t connection) override { core_.connected(lines_.opened(connection)); }
    void closed(std::uint64_t connection) override { core_.disconnected(lines_.closed(connection)); }
};

}  // namespace rialto::matrix
