#include "tests/bench/cases.hpp"

#include "tests/bench/bare.hpp"
#include "tests/bench/world.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace rialto::bench {

namespace {

constexpr double added_us = 3'000;  // DESIGN.md §5: 3 ms and one fsync
constexpr std::size_t rooms = 100;

struct directed  // one direction: its names, targets, and how it is driven
{
    std::string name;
    figures (world::*through)(const load&);
    figures (ends::*past)(const load&, clockid_t);
    bare_relay::way bare;
    double cpu_us;
    directed(
        std::string n, figures (world::*t)(const load&), figures (ends::*p)(const load&, clockid_t),
        bare_relay::way b, double cpu
    )
        : name{std::move(n)}, through{t}, past{p}, bare{b}, cpu_us{cpu}
    {
    }
};

// What a commit waits for at best: the slow end of 200 small writes with fdatasync, at this place.
double fsync_p99_us()
{
    const scratch place;
    const int fd = ::open((place.path / "probe").c_str(), O_WRONLY | O_CREAT, 0600);
    const std::string page(4096, 'x');
    std::vector<double> all;
    for (int i = 0; i < 200; ++i) {
        const auto began = clock::now();
        if (::write(fd, page.data(), page.size()) < 0 || ::fdatasync(fd) != 0)
            break;
        all.push_back(std::chrono::duration<double, std::micro>(clock::now() - began).count());
    }
    ::close(fd);
    std::sort(all.begin(), all.end());
    return all.empty() ? 0 : all[all.size() * 99 / 100];
}

figures bare(const directed& d, const load& l)
{
    const scratch place;
    ends sides;
    bare_relay relay{sides, d.bare, l.lanes, place.path / "bare.db"};
    return (sides.*d.past)(l, relay.cpu());
}

void at_rate(world& w, const directed& d, const load& l, double fsync_us, report& into)
{
    const auto at = "_at_" + std::to_string(l.per_second) + "_per_s";
    const auto f = (w.*d.through)(l);
    const auto b = bare(d, l);
    const auto cpu = l.per_second <= 5 ? std::optional{at_most(350)} : std::nullopt;
    into.add(d.name + at + "_cpu_us_per_msg", f.cpu_us, cpu, b.cpu_us);
    into.add(d.name + at + "_latency_p50_us", f.p50_us, {}, b.p50_us);
    into.add(d.name + at + "_latency_p99_us", f.p99_us, at_most(added_us + fsync_us), b.p99_us);
    into.add(d.name + at + "_commits_per_s", w.commits_per_second);
}

void saturated(world& w, const directed& d, std::size_t messages, report& into)
{
    const load many{messages, rooms};
    const auto f = (w.*d.through)(many);
    const auto commits = w.commits_per_second;
    const auto b = bare(d, many);
    into.add(d.name + "_cpu_us_per_msg", f.cpu_us, at_most(d.cpu_us), b.cpu_us);
    into.add(d.name + "_msgs_per_s", f.per_second, at_least(10'000), b.per_second);
    into.add(d.name + "_commits_per_s", commits);
    load single{messages / 10, 1};
    single.window = 200;
    const auto one = (w.*d.through)(single);
    into.add(d.name + "_one_lane_msgs_per_s", one.per_second, at_least(1'000));
    into.add(d.name + "_one_lane_cpu_us_per_msg", one.cpu_us);
}

}  // namespace

void measure_start(const std::filesystem::path& rialto, report& into)
{
    into.say("start and rest: one room");
    world w{rialto, size_of{1}};
    w.start();
    into.add("start_ms", w.open_ms, at_most(50));
    into.add("rss_idle_mb", w.rialto.rss_mb(), at_most(15));
}

void measure_messages(
    const std::filesystem::path& rialto, effort e, bool to_xmpp, bool to_matrix, report& into
)
{
    const std::vector<directed> both{
        {"matrix_to_xmpp", &world::to_far, &ends::to_far, bare_relay::way::to_far, 40},
        {"xmpp_to_matrix", &world::to_matrix, &ends::to_matrix, bare_relay::way::to_matrix, 50}
    };
    const auto fsync_us = fsync_p99_us();
    into.add("fsync_p99_us", fsync_us);
    world w{rialto, size_of{rooms}};
    w.start();
    w.warm_up(rooms);
    const std::size_t messages = e == effort::full ? 50'000 : e == effort::quick ? 10'000 : 500;
    const std::size_t seconds = e == effort::full ? 20 : 2;
    for (const auto& d : both) {
        if (!(d.bare == bare_relay::way::to_far ? to_xmpp : to_matrix))
            continue;
        into.say(
            d.name + ": " + std::to_string(messages) + " messages at once in " + std::to_string(rooms) +
            " rooms"
        );
        saturated(w, d, messages, into);
        if (e == effort::smoke)
            continue;
        for (const std::size_t rate : {5U, 500U}) {
            into.say(d.name + ": " + std::to_string(rate) + " messages a second");
            at_rate(w, d, load{rate * seconds, rooms, rate}, fsync_us, into);
        }
    }
    into.add("rss_loaded_mb", w.rialto.rss_mb());
}

}  // namespace rialto::bench
