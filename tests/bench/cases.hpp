// tests/bench/cases.hpp: what is measured. Each throws std::runtime_error when a message is lost, doubled or
// overtaken, or when Rialto does not come up.
#pragma once

#include "tests/bench/report.hpp"

#include <filesystem>

namespace rialto::bench {

enum class effort
{
    smoke,  // seconds: does the program work?
    quick,  // within a minute
    full,
};

void measure_start(const std::filesystem::path& rialto, report& into);
void measure_messages(
    const std::filesystem::path& rialto, effort e, bool to_xmpp, bool to_matrix, report& into
);
void measure_copies(const std::filesystem::path& rialto, effort e, report& into);
void measure_ghosts(const std::filesystem::path& rialto, effort e, report& into);
void measure_portals(const std::filesystem::path& rialto, effort e, report& into);
void measure_big_rooms(const std::filesystem::path& rialto, effort e, report& into);
void measure_distance(const std::filesystem::path& rialto, effort e, report& into);

}  // namespace rialto::bench
