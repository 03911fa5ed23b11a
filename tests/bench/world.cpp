#include "tests/bench/world.hpp"

#include <stdlib.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace rialto::bench {

namespace {

std::filesystem::path fresh_directory()
{
    auto name = (std::filesystem::temp_directory_path() / "rialto-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
        throw std::runtime_error{"no temporary directory can be made"};
    return name;
}

double ms_since(clock::time_point then)
{
    return std::chrono::duration<double, std::milli>(clock::now() - then).count();
}

}  // namespace

scratch::scratch() : path{fresh_directory()} {}

scratch::~scratch()
{
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
}

world::world(const std::filesystem::path& program, const size_of& wished)
    : rialto{program, directory_.path}, size_{wished}
{
    sides.far.members = wished.members;
    rialto.configure(sides.homeserver.url(), sides.far.port());
    fill(rialto.database(), wished);
}

void world::start()
{
    const auto began = clock::now();
    rialto.start();
    const auto lives = [&] {
        if (!rialto.running())
            throw std::runtime_error{"rialto ended: " + last_words()};
    };
    while (!rialto.listens()) {
        lives();
        sides.io.run_one_for(std::chrono::milliseconds{1});
    }
    open_ms = ms_since(began);
    const auto all_in = [&] {
        return sides.far.archives_asked >= size_.portals && sides.homeserver.pings > 0;
    };
    for (std::size_t before = 0; !sides.until(all_in, std::chrono::seconds{20});) {
        lives();
        if (std::exchange(before, sides.far.archives_asked) == sides.far.archives_asked)
            throw std::runtime_error{"rialto does not enter its rooms: " + last_words()};
    }
    entered_ms = ms_since(began);
    sides.quiet(rialto.cpu());
    cpu_ms = 1e3 * seconds_of(rialto.cpu());
    sides.homeserver.push_to(rialto.port(), rialto.hs_token());
}

void world::stop()
{
    rialto.stop();
    sides.homeserver.pings = 0;
    sides.until([&] { return !sides.far.up(); }, std::chrono::seconds{5});
}

void world::warm_up(std::size_t rooms, std::size_t people)
{
    load l{rooms * people, rooms};
    l.people = people;
    to_far(l);
    to_matrix(l);
}

figures world::watched(const load& l, figures (ends::*way)(const load&, clockid_t))
{
    constexpr auto committed = "rialto_store_transactions_total";
    const auto before = rialto.metric(committed);
    const auto began = clock::now();
    try {
        const auto f = (sides.*way)(l, rialto.cpu());
        commits_per_second = 1e3 * (rialto.metric(committed) - before) / ms_since(began);
        return f;
    } catch (const std::runtime_error& e) {
        throw std::runtime_error{std::string{e.what()} + ": " + last_words()};
    }
}

figures world::to_far(const load& l) { return watched(l, &ends::to_far); }
figures world::to_matrix(const load& l) { return watched(l, &ends::to_matrix); }

std::string world::last_words() const
{
    std::ostringstream all;
    all << std::ifstream{rialto.log()}.rdbuf();
    const auto text = all.str();
    constexpr std::size_t most = 1'500;
    return "\n" + (text.size() > most ? text.substr(text.size() - most) : text);
}

}  // namespace rialto::bench
