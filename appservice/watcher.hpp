// appservice/watcher.hpp: reads the homeserver's stream where pushes cannot be believed (core/trust.hpp).
// Each bridged room has one of our users as its watcher: the bot, and in chats that a Matrix person began,
// where the bot is no member, the ghost they talk with. /sync of a watcher from its stored token brings what
// was not pushed; the token moves in the commit that journals all of the answer, left-out parts and invites
// included. Read when a push waits for it, at the start, when the homeserver was away or dropped its
// connection, every ten minutes, and when told to. One reads at a time, so that a homeserver that comes back
// is not trampled. One io_context thread; all it refers to outlives it.
#pragma once

#include "appservice/client.hpp"
#include "appservice/marker.hpp"
#include "appservice/sync_answer.hpp"
#include "core/backoff.hpp"
#include "core/clock.hpp"
#include "core/trust.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <deque>
#include <set>

namespace rialto::matrix {

struct watch_rules
{
    std::string bot;
    bool bot_reads = true;  // false: it is the registration's sender, which Synapse does not let /sync
    // A word to the bot: true, then it is nothing for the far side. `fresh`: and it is to be followed.
    std::function<bool(const near_event&, bool fresh)> for_bot;
    std::function<awaitable<outcome>(std::string mxid)> prepare;  // that it is registered
    // Where /sync may be behind (a homeserver of several processes): what an answer that is not must tell.
    std::function<awaitable<result<mark>>(std::string mxid)> set_mark;

    watch_rules() = default;
};

// What is known for certain, and what is not: for `status`.
struct coverage
{
    std::size_t rooms = 0, covered = 0;  // bridged; read by their watcher in this life
    std::vector<std::string> gaps;       // sentences
    timestamp last{};                    // when something was read
};
std::string to_text(const coverage& c);  // "rooms covered 12 of 13; gaps: …"

class watcher
{
public:
    watcher(
        boost::asio::any_io_executor on, client& c, stream_intake& core, clock& time, is_ours ours,
        watch_rules rules
    );

    void want();             // somebody waits
    void lost(bool busy);    // a connection of the homeserver has gone; busy: it was used just before
    void sweep();            // all of them, the last active ones first
    awaitable<void> tend();  // the start, and every ten minutes; until cancelled
    coverage covered() const;
    bool idle() const { return !running_ && queue_.empty(); }

private:
    struct reader  // one of our users
    {
        std::string token;
        std::int64_t moved_ms = 0;  // when something was told last
        std::int64_t began_ms = 0;
        std::int64_t failing_ms = 0;  // since then; 0: it does not
        bool known = false, read = false, blind = false;
    };
    static constexpr std::int64_t patience_ms = 10 * 60'000;  // then what is held goes as it arrived
    void start();
    awaitable<void> work();
    awaitable<outcome> read(std::string who);
    awaitable<result<sync_news>> sync_once(std::string who, reader& r);
    awaitable<result<sync_news>> news_of(std::string who, reader& r);
    awaitable<outcome> ask(std::string who, reader& r, trust::round round);
    awaitable<outcome> fill(
        reading part, std::string who, std::string room, std::string from, std::string to
    );
    std::optional<unread_room> next_unread() const;
    awaitable<void> read_back(unread_room u);
    awaitable<outcome> read_from(unread_room u);
    awaitable<outcome> give_up(std::string who, std::string why);
    awaitable<void> wait_turn(std::string who);
    awaitable<void> line_up();
    awaitable<void> look_after();
    awaitable<outcome> recall(std::string who);
    void strain(std::vector<near_event>& events) const;
    std::string next_in_line();

    boost::asio::any_io_executor on_;
    client& client_;
    stream_intake& core_;
    clock& time_;
    is_ours ours_;
    watch_rules rules_;
    std::map<std::string, reader> readers_;
    std::deque<std::string> queue_;
    std::set<std::string> joined_;  // rooms that the bot is in
    backoff pause_{std::chrono::seconds{30}};
    std::uint32_t nonce_ = 0;
    bool running_ = false, away_ = false, sweep_ = false, looking_ = false, broken_ = false;
    std::int64_t last_ms_ = 0;
    std::string unreadable_;  // the room whose history was not told when it was asked for last
    backoff unread_pause_{std::chrono::seconds{30}};
    std::int64_t unread_from_ms_ = 0;  // not before
};

}  // namespace rialto::matrix
