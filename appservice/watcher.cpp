#include "appservice/watcher.hpp"

#include "core/log.hpp"
#include "core/metrics.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <charconv>

namespace rialto::matrix {

namespace {

constexpr std::chrono::minutes slow{10};
constexpr std::chrono::seconds moment{3};         // a homeserver that dies is not asked in its last second
constexpr std::chrono::milliseconds behind{100};  // between two looks at a /sync that lags
constexpr std::chrono::milliseconds rest{500};    // where all that is left cannot be read now
constexpr int most_looks = 50;
constexpr std::int64_t between_ms = 100;  // two /sync of one watcher, where each push wants one
constexpr std::size_t each_time = 50;     // ghosts that the slow timer reads, the longest unread first

metrics::counter reads()
{
    return metrics::count("rialto_sync_total", "Times that a watcher read the homeserver's stream.");
}
metrics::counter gave_up()
{
    return metrics::count(
        "rialto_order_unknown_total",
        "Times that messages were released in the order of arrival: /sync did not work."
    );
}
metrics::gauge held_rooms()
{
    return metrics::level("rialto_watchers", "Users of ours who read the stream: the bot and chats' ghosts.");
}

}  // namespace

watcher::watcher(
    boost::asio::any_io_executor on, client& c, stream_intake& core, clock& time, is_ours ours,
    watch_rules rules
)
    : on_{std::move(on)},
      client_{c},
      core_{core},
      time_{time},
      ours_{std::move(ours)},
      rules_{std::move(rules)}
{
}

void watcher::start()
{
    if (running_)
        return;
    running_ = true;
    boost::asio::co_spawn(on_, work(), [this](std::exception_ptr failed) {
        running_ = false;
        try {
            if (failed)
                std::rethrow_exception(failed);
        } catch (const std::exception& e) {
            log::error("reading the homeserver's stream ended", "error", e.what());
        }
    });
}

void watcher::want()
{
    if (!core_.wanted().empty() || core_.unread(unreadable_))
        start();
}

void watcher::sweep()
{
    sweep_ = true;
    start();
}

void watcher::lost(bool busy)
{
    broken_ = broken_ || busy;
    if (std::exchange(looking_, true))
        return;
    boost::asio::co_spawn(on_, look_after(), [this](std::exception_ptr) { looking_ = false; });
}

// An idle connection is closed after two minutes and means nothing: then the bot alone looks whether the
// homeserver is still there. If it is not, all is read once it is back.
awaitable<void> watcher::look_after()
{
    co_await time_.sleep(moment);
    looking_ = false;
    if (std::exchange(broken_, false))
        co_return sweep();
    queue_.push_back(rules_.bot);
    start();
}

awaitable<void> watcher::tend()
{
    sweep();
    for (;;) {
        co_await time_.sleep(slow);
        std::vector<std::pair<std::int64_t, std::string>> ghosts;
        for (const auto& [who, room] : core_.watched())
            if (who != rules_.bot && readers_.contains(who))
                ghosts.emplace_back(readers_[who].began_ms, who);
        std::ranges::sort(ghosts);
        ghosts.erase(std::unique(ghosts.begin(), ghosts.end()), ghosts.end());
        ghosts.resize(std::min(ghosts.size(), each_time));
        queue_.push_back(rules_.bot);
        for (auto& [began, who] : ghosts)
            queue_.push_back(std::move(who));
        start();
    }
}

// Who has a message waiting comes first.
std::string watcher::next_in_line()
{
    auto who = core_.wanted();
    if (!who.empty() || queue_.empty())
        return who;
    who = std::move(queue_.front());
    queue_.pop_front();
    return who;
}

awaitable<void> watcher::work()
{
    for (;;) {
        if (std::exchange(sweep_, false))
            co_await line_up();
        const auto unread = next_unread();
        auto who = unread ? std::string{} : next_in_line();
        if (!unread && who.empty() && !sweep_) {
            if (!core_.unread(""))
                co_return;
            co_await time_.sleep(rest);
        }
        if (unread)
            co_await read_back(*unread);
        if (who.empty())
            continue;
        auto done = co_await read(who);
        if (done) {
            if (std::exchange(away_, false))
                sweep_ = true;  // what it forgot may be in any room
            pause_ = backoff{std::chrono::seconds{30}};
            continue;
        }
        if (!std::exchange(away_, true))
            log::info("the homeserver's stream cannot be read now", "as", who, "error", done.error().why);
        if (std::ranges::find(queue_, who) == queue_.end())
            queue_.push_front(who);
        const auto own = pause_.after_failure(time_.luck());
        co_await time_.sleep(std::max<std::chrono::milliseconds>(own, done.error().after));
    }
}

awaitable<void> watcher::wait_turn(std::string who)
{
    const auto since = to_ms(time_.now()) - readers_[who].began_ms;
    if (since >= 0 && since < between_ms) {
        const std::chrono::milliseconds left{between_ms - since};
        co_await time_.sleep(left);
    }
}

awaitable<outcome> watcher::recall(std::string who)
{
    if (readers_[who].known)
        co_return ok();
    auto note = co_await core_.token_of(who);
    if (!note)
        co_return note.error();
    auto& r = readers_[who];
    const auto cut = note->find(' ');
    if (cut != note->npos) {
        std::from_chars(note->data(), note->data() + cut, r.moved_ms);
        r.token = note->substr(cut + 1);
    }
    r.known = true;
    co_return ok();
}

// The bot first: it is in the most rooms; then the chats, the last active one first.
awaitable<void> watcher::line_up()
{
    std::set<std::string> all;
    for (auto& [who, room] : core_.watched())
        if (who.starts_with('@'))
            all.insert(std::move(who));
    all.insert(rules_.bot);
    std::vector<std::pair<std::int64_t, std::string>> line;
    for (const auto& who : all) {
        auto known = co_await recall(who);
        const bool first = who == rules_.bot;
        line.emplace_back(first ? std::numeric_limits<std::int64_t>::max() : readers_[who].moved_ms, who);
    }
    std::ranges::sort(line, std::greater{});
    queue_.clear();
    for (auto& [moved, who] : line)
        queue_.push_back(std::move(who));
    held_rooms().set(static_cast<double>(line.size()));
    if (!rules_.bot_reads)
        co_return;
    auto got =
        co_await client_.must(calls::joined_rooms(acting{rules_.bot}), "to say which rooms the bot is in");
    if (!got)
        co_return;
    joined_.clear();
    for (auto& room : read_joined_rooms(got->body))
        joined_.insert(std::move(room));
}

awaitable<outcome> watcher::read(std::string who)
{
    co_await wait_turn(who);
    auto known = co_await recall(who);
    if (!known)
        co_return known;
    auto& r = readers_[who];  // never erased
    const auto began = to_ms(time_.now());
    r.began_ms = began;
    if (who == rules_.bot && !rules_.bot_reads) {
        auto done = co_await give_up(who, "the registration must be written anew: the bot may not /sync");
        co_return done;
    }
    // Before it is asked: it vouches for the connections that are open by now.
    auto round = core_.begin_round(who);
    auto done = co_await ask(who, r, std::move(round));
    if (done) {
        r.read = true;
        r.blind = false;
        r.failing_ms = 0;
        last_ms_ = began;
        co_return done;
    }
    if (r.failing_ms == 0)
        r.failing_ms = began;
    const bool for_good = done.error().next != verdict::try_later;
    if (for_good || (began - r.failing_ms > patience_ms && core_.wanted() == who)) {
        auto ended = co_await give_up(who, done.error().why);
        co_return ended;
    }
    co_return done;
}

// What is held must not be held for ever: it goes in the order of arrival, as it would without us.
awaitable<outcome> watcher::give_up(std::string who, std::string why)
{
    auto& r = readers_[who];
    if (!std::exchange(r.blind, true))
        log::error("the order of pushed events is not known: /sync does not work", "as", who, "error", why);
    gave_up().add();
    reading nothing{core_.begin_round(who), std::vector<near_event>{}};
    nothing.last = true;
    nothing.token = std::to_string(r.moved_ms) + ' ' + r.token;
    auto done = co_await core_.catch_up(std::move(nothing));
    co_return done;
}

// Words to the bot are not carried; only fresh invitations of it are followed, a lost command is repeated by
// people.
void watcher::strain(std::vector<near_event>& events) const
{
    if (rules_.for_bot)
        std::erase_if(events, [this](const near_event& e) { return !e.hollow && rules_.for_bot(e, false); });
}

awaitable<result<sync_news>> watcher::sync_once(std::string who, reader& r)
{
    const auto since = r.token;
    auto got = co_await client_.ask(calls::sync(acting{who}, since, ++nonce_));
    if (!got)
        co_return got.error();
    if (got->status == 400 && !since.empty()) {  // a homeserver that does not know its own token any more
        log::warn("the place in the homeserver's stream is lost: reading on from now", "as", who);
        r.token.clear();
        got = co_await client_.ask(calls::sync(acting{who}, "", ++nonce_));
        if (!got)
            co_return got.error();
    }
    if (!got->done())
        co_return refusal(*got, "to let " + who + " read its rooms");
    auto news = read_sync(got->body, ours_);
    if (!news)
        co_return failure{verdict::try_later, cause::malformed, "The homeserver's /sync is none"};
    co_return std::move(*news);
}

// Where processes may be behind one another, the first answer that tells of a mark set just now.
awaitable<result<sync_news>> watcher::news_of(std::string who, reader& r)
{
    if (!rules_.set_mark)
        co_return co_await sync_once(std::move(who), r);
    auto set = co_await rules_.set_mark(who);
    if (!set)
        co_return set.error();
    const auto marked = [&set](const room_news& room) {
        const auto is = [&set](const near_event& e) { return e.id == set->event; };
        return room.id == set->room && std::ranges::any_of(room.events, is);
    };
    for (int tries = 0; tries < most_looks; ++tries) {
        if (tries > 0)
            co_await time_.sleep(behind);
        auto news = co_await sync_once(who, r);
        if (!news)
            co_return news.error();
        if (std::ranges::none_of(news->rooms, marked))
            continue;
        std::erase_if(news->rooms, [&set](const room_news& room) { return room.id == set->room; });
        co_return std::move(*news);
    }
    co_return failure{verdict::try_later, cause::away, "The homeserver's /sync is behind what it was sent"};
}

awaitable<outcome> watcher::ask(std::string who, reader& r, trust::round round)
{
    if (rules_.prepare && !r.read) {
        auto there = co_await rules_.prepare(who);
        if (!there)
            co_return there;
    }
    auto news = co_await news_of(who, r);
    if (!news)
        co_return news.error();
    reads().add();
    reading all{round, std::vector<near_event>{}};
    for (auto& room : news->rooms) {
        if (room.limited && !r.token.empty()) {
            reading part{round, std::vector<near_event>{}};
            auto filled = co_await fill(std::move(part), who, room.id, r.token, news->next);
            if (!filled)
                co_return filled;
        }
        strain(room.events);
        std::ranges::move(room.events, std::back_inserter(all.events));
    }
    for (auto& invite : news->invites)
        if (!rules_.for_bot || !rules_.for_bot(invite, true))
            all.events.push_back(std::move(invite));
    const bool told = !all.events.empty();
    const auto moved = told ? to_ms(time_.now()) : r.moved_ms;
    all.last = true;
    all.first = r.token.empty();
    all.token = std::to_string(moved) + ' ' + news->next;
    auto done = co_await core_.catch_up(std::move(all));
    if (!done)
        co_return done;
    r.token = news->next;
    r.moved_ms = moved;
    co_return ok();
}

coverage watcher::covered() const
{
    coverage out;
    std::set<std::string> seen;
    std::size_t absent = 0, unread = 0;
    for (const auto& [who, room] : core_.watched()) {
        if (!seen.insert(room).second)
            continue;
        ++out.rooms;
        const auto at = readers_.find(who);
        const bool reads_it = at != readers_.end() && at->second.read && !at->second.blind;
        const bool in_it = who != rules_.bot || joined_.contains(room);
        if (reads_it && in_it)
            ++out.covered;
        else
            ++(in_it ? unread : absent);
    }
    if (absent > 0)
        out.gaps.push_back("the bot is not in " + std::to_string(absent) + " bridged rooms: invite it");
    if (unread > 0)
        out.gaps.push_back(std::to_string(unread) + " rooms were not read yet");
    out.gaps.emplace_back("invitations of people who are in no room yet");
    out.last = from_ms(last_ms_);
    return out;
}

std::string to_text(const coverage& c)
{
    std::string out = "rooms covered: " + std::to_string(c.covered) + " of " + std::to_string(c.rooms);
    out += "; not found again after a crash of the homeserver: ";
    for (std::size_t i = 0; i < c.gaps.size(); ++i)
        out += (i > 0 ? ", " : "") + c.gaps[i];
    return out;
}

}  // namespace rialto::matrix
