// tests/bench/world.hpp: a Rialto between its two ends, with a database of the wished size, brought to where
// all rooms are entered. Temporary; its directory is removed with it.
#pragma once

#include "tests/bench/ends.hpp"
#include "tests/bench/process.hpp"

namespace rialto::bench {

struct size_of
{
    std::size_t portals = 1, links = 0, members = 1;  // members: far people in each room
    size_of() = default;
    explicit size_of(std::size_t p) : portals{p} {}
};

// Writes portals and settled messages through the store, as a Rialto of old would have left them.
void fill(const std::filesystem::path& database, const size_of& wished);

class scratch  // an empty directory for us alone
{
public:
    scratch();
    ~scratch();
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;
    const std::filesystem::path path;
};

class world
{
public:
    world(const std::filesystem::path& program, const size_of& wished);

    void start();  // and waits until all rooms are entered
    void stop();
    // One message each way in each of so many rooms: puppets and ghosts come in. Further people: others too.
    void warm_up(std::size_t rooms, std::size_t people = 1);
    figures to_far(const load& l);
    figures to_matrix(const load& l);
    std::string last_words() const;

    // Of the last start:
    double open_ms = 0;             // until its listener takes connections
    double entered_ms = 0;          // until all rooms are entered
    double cpu_ms = 0;              // used until then
    double commits_per_second = 0;  // of the last load, durable ones

private:
    scratch directory_;

public:
    ends sides;
    rialto_process rialto;

private:
    figures watched(const load& l, figures (ends::*way)(const load&, clockid_t));

    size_of size_;
};

}  // namespace rialto::bench
