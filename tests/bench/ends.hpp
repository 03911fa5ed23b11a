// tests/bench/ends.hpp: both ends of a bridge, in one thread: the lean homeserver and the lean XMPP server,
// and the people there, who speak as fast as a window lets them or at a rate. Who is between them is measured
// by its CPU clock; what it loses ends the run.
#pragma once

#include "tests/bench/far.hpp"
#include "tests/bench/homeserver.hpp"
#include "tests/bench/ledger.hpp"

#include <boost/asio/io_context.hpp>

#include <ctime>

namespace rialto::bench {

struct load
{
    std::size_t messages = 0, lanes = 1;
    std::size_t per_second = 0;  // 0: as fast as the window lets them
    std::size_t window = 2'000;  // messages under way at once, in all
    std::size_t people = 1;      // in each room: message n is said by person n % people
    std::size_t first_person = 0;
    load() = default;
    load(std::size_t m, std::size_t l, std::size_t rate = 0) : messages{m}, lanes{l}, per_second{rate} {}
};

struct figures
{
    double cpu_us = 0;  // user and system, of a message
    double per_second = 0, p50_us = 0, p99_us = 0;
    figures() = default;
};

class ends
{
public:
    ends();
    bool until(const std::function<bool()>& so, std::chrono::milliseconds most);
    void quiet(clockid_t of);  // returns when it has used next to no CPU for a while

    // Throws std::runtime_error when a message was lost, doubled or overtaken. `of`: whose CPU counts.
    figures to_far(const load& l, clockid_t of);
    figures to_matrix(const load& l, clockid_t of);

    boost::asio::io_context io{1};
    lean_homeserver homeserver{io};
    far_server far{io};

private:
    using speak = std::function<boost::asio::awaitable<void>(std::size_t from, std::size_t to)>;
    figures measure(const load& l, ledger& all, clockid_t of, const speak& by);
    boost::asio::awaitable<void> drive(const load& l, ledger& all, speak by);

    std::size_t events_ = 0;
};

double seconds_of(clockid_t of);

}  // namespace rialto::bench
