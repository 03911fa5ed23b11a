#include "core/canary.hpp"

#include "core/log.hpp"
#include "core/metrics.hpp"

#include <charconv>

namespace rialto {

namespace {
constexpr std::string_view probe_words = "canary ";
constexpr std::chrono::milliseconds gauge_every{15'000};
const portal_id the_room{room_id{"probe"}};

metrics::gauge age()
{
    return metrics::level(
        "rialto_canary_age_seconds", "Since the newest probe was sent that came back through the homeserver."
    );
}
metrics::histogram latency()
{
    return metrics::spread("rialto_canary_seconds", "From a probe's acceptance until it was back.");
}
metrics::counter probes() { return metrics::count("rialto_canary_probes_total", "Probes that were begun."); }

std::int64_t sent_at(std::string_view words)  // 0: it is none of ours
{
    if (!words.starts_with(probe_words))
        return 0;
    words.remove_prefix(probe_words.size());
    std::int64_t ms = 0;
    const auto read = std::from_chars(words.data(), words.data() + words.size(), ms);
    return read.ec == std::errc{} ? ms : 0;
}

std::string minutes(std::int64_t ms)
{
    const auto s = ms / 1000;
    return s < 120 ? std::to_string(s) + " s" : std::to_string(s / 60) + " min";
}

native native_bot(std::string_view mxid)
{
    const auto colon = mxid.find(':');
    return native{
        native::what::person, std::string{mxid.substr(1, colon - 1)}, std::string{mxid.substr(colon + 1)}
    };
}
}  // namespace

void canary_book::came_back(std::int64_t sent_ms, std::int64_t now_ms)
{
    if (sent_ms < proved_ms_)
        return;  // an older one that was late
    proved_ms_ = sent_ms;
    took_ms_ = now_ms - sent_ms;
    why_.clear();
}

std::string canary_book::complaint(std::int64_t now_ms) const
{
    const std::chrono::milliseconds limit = rules_.limit, slow = limit / 5;
    std::string out;
    if (age_ms(now_ms) > limit.count())
        out = "no message has come round through the homeserver for " + minutes(age_ms(now_ms));
    else if (took_ms_ > slow.count())
        out = "a message took " + minutes(took_ms_) + " to come round through the homeserver";
    if (!out.empty() && !why_.empty())
        out += ": " + why_;
    return out;
}

canary::canary(host& h, clock& time, canary_rules rules, std::string_view bot)
    : host_{h}, time_{time}, rules_{rules}, bot_{native_bot(bot)}, book_{rules, to_ms(time.now())}
{
}

// Who opens the room is the bot, whose address here is the network's name.
awaitable<outcome> canary::open_room()
{
    room state{kind::group};
    state.able.hosts = true;
    state.info.title = "Rialto's canary";
    state.info.topic = "The bridge talks to itself here, to notice when messages no longer get through.";
    state.info.members_only = true;
    event begin{the_room, person{user_id{std::string{network}}}, time_.now(), message_id{}, std::move(state)};
    return host_.accept(std::move(begin));
}

awaitable<void> canary::probe()
{
    const auto now = to_ms(time_.now());
    message words{document{std::string{probe_words} + std::to_string(now)}};
    words.how = manner::notice;
    event e{the_room, person{}, time_.now(), message_id{"probe-" + std::to_string(now)}, std::move(words)};
    probes().add();
    event again = e;
    auto taken = co_await host_.accept(std::move(e));
    if (!taken && taken.error().kind == cause::not_found) {
        auto opened = co_await open_room();
        if (opened)
            taken = co_await host_.accept(std::move(again));
        else
            taken = std::move(opened);
    }
    if (!taken)
        book_.failed(taken.error().why);
}

awaitable<outcome> canary::run(account_id account)
{
    host_.link_up(account);
    for (;;) {
        co_await probe();
        for (std::chrono::milliseconds left = rules_.every; left.count() > 0;) {
            const auto part = std::min(left, gauge_every);
            co_await time_.sleep(part);
            left -= part;
            age().set(static_cast<double>(book_.age_ms(to_ms(time_.now()))) / 1000);
        }
    }
}

awaitable<result<sent>> canary::deliver(event e)
{
    const auto now = to_ms(time_.now());
    if (const auto* m = std::get_if<message>(&e.what)) {
        const auto ms = sent_at(m->body.plain());
        if (ms > 0 && ms <= now) {
            book_.came_back(ms, now);
            latency().observe(static_cast<double>(now - ms) / 1000);
            age().set(static_cast<double>(book_.age_ms(now)) / 1000);
        }
    } else if (const auto* news = std::get_if<report>(&e.what); news && news->why)
        book_.failed(news->why->why);
    co_return sent{e.id};
}

awaitable<result<user_id>> canary::address_of(native) { co_return user_id{std::string{network}}; }

awaitable<result<native>> canary::native_of(std::string) { co_return bot_; }

}  // namespace rialto
