// What grows: people, portals, links, rooms, distances.
#include "tests/bench/cases.hpp"

#include "tests/bench/world.hpp"

namespace rialto::bench {

namespace {

std::string short_number(std::size_t n)
{
    if (n % 1'000'000 == 0)
        return std::to_string(n / 1'000'000) + "m";
    return n % 1'000 == 0 ? std::to_string(n / 1'000) + "k" : std::to_string(n);
}

}  // namespace

// What another puppet in the room costs: the server sends it each message, too.
void measure_copies(const std::filesystem::path& rialto, effort e, report& into)
{
    constexpr std::size_t few = 1, many = 50;
    const std::size_t messages = e == effort::full ? 20'000 : 4'000;
    into.say("copies of a room's message: " + std::to_string(many) + " puppets in each of 10 rooms");
    world w{rialto, size_of{10}};
    w.start();
    const load l{messages, 10};
    w.warm_up(10, few);
    const auto before = w.to_matrix(l);
    w.warm_up(10, many);
    const auto after = w.to_matrix(l);
    const auto more = static_cast<double>(many - few);
    into.add("puppet_copy_cpu_us", (after.cpu_us - before.cpu_us) / more, at_most(3));
}

void measure_ghosts(const std::filesystem::path& rialto, effort e, report& into)
{
    into.say("ghosts: so many people speak for the first time, in 100 rooms");
    std::size_t known = 0;
    constexpr std::size_t rooms = 100;
    world w{rialto, size_of{rooms}};
    w.start();
    const auto rest = w.rialto.rss_mb();
    into.add("rss_0_ghosts_mb", rest);
    for (const std::size_t ghosts : {1'000U, 100'000U}) {
        if (ghosts > 1'000 && e != effort::full)
            break;
        load l{ghosts - known, rooms};
        l.people = 1'000'000;  // nobody twice
        l.first_person = known;
        const auto f = w.to_matrix(l);
        known = ghosts;
        const auto name = short_number(ghosts) + "_ghosts";
        const bool small = ghosts == 1'000;
        into.add(name + "_cpu_us_each", f.cpu_us, small ? std::optional{at_most(500)} : std::nullopt);
        into.add("rss_" + name + "_mb", w.rialto.rss_mb(), small ? std::optional{at_most(25)} : std::nullopt);
    }
}

void measure_portals(const std::filesystem::path& rialto, effort e, report& into)
{
    std::vector<size_of> sizes{size_of{1}, size_of{1'000}};
    if (e == effort::full)
        sizes.emplace_back(100'000).links = 1'000'000;
    for (const auto& size : sizes) {
        const auto name = short_number(size.portals) + "_portals";
        into.say(
            "portals: " + name + ", " + short_number(size.links) + " links (the database is filled first)"
        );
        world w{rialto, size};
        w.start();
        const bool large = size.links > 0;
        into.add("open_ms_" + name, w.open_ms, large ? std::optional{at_most(1'000)} : std::nullopt);
        into.add("all_entered_ms_" + name, w.entered_ms);
        into.add("all_entered_cpu_ms_" + name, w.cpu_ms);
        into.add("rss_mb_" + name, w.rialto.rss_mb());
        w.warm_up(1);
        const load l{4'000, 1};
        into.add("matrix_to_xmpp_cpu_us_per_msg_" + name, w.to_far(l).cpu_us);
        into.add("xmpp_to_matrix_cpu_us_per_msg_" + name, w.to_matrix(l).cpu_us);
    }
}

void measure_big_rooms(const std::filesystem::path& rialto, effort e, report& into)
{
    const std::size_t members = 10'000;
    into.say("a room of 10,000 members");
    size_of size{1};
    size.members = members;
    world w{rialto, size};
    w.start();
    into.add("big_room_entered_ms", w.entered_ms);
    into.add("big_room_entered_cpu_ms", w.cpu_ms);
    into.add("rss_big_room_mb", w.rialto.rss_mb());
    w.warm_up(1);
    const load l{e == effort::full ? 10'000U : 2'000U, 1};
    into.add("big_room_matrix_to_xmpp_cpu_us_per_msg", w.to_far(l).cpu_us);
    into.add("big_room_xmpp_to_matrix_cpu_us_per_msg", w.to_matrix(l).cpu_us);
}

// A homeserver 100 ms away: a lane waits for each answer, lanes do not wait for each other.
void measure_distance(const std::filesystem::path& rialto, effort e, report& into)
{
    const std::size_t most = e == effort::full ? 1'000 : 100;
    into.say("100 ms to the homeserver and back");
    world w{rialto, size_of{most}};
    w.start();
    w.warm_up(most);
    w.sides.homeserver.round_trip = std::chrono::milliseconds{100};
    for (std::size_t lanes = 1; lanes <= most; lanes = lanes == 1 ? 100 : lanes * 10) {
        load l{lanes * 20, lanes};
        l.window = l.messages;
        const auto f = w.to_matrix(l);
        const auto name = std::to_string(lanes) + "_lanes_100_ms_away";
        into.add(
            "xmpp_to_matrix_msgs_per_s_" + name, f.per_second, at_least(8.0 * static_cast<double>(lanes))
        );
        into.add("xmpp_to_matrix_cpu_us_per_msg_" + name, f.cpu_us);
    }
}

}  // namespace rialto::bench
