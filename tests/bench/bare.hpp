// tests/bench/bare.hpp: the bare baseline: the same bytes through the same libraries without a bridge, in the
// same run, so that a ratio holds on a noisy machine. Towards the far side: the transaction read by Beast,
// parsed by nlohmann, one durable SQLite commit a transaction, 200, the stanzas in one write. Towards Matrix:
// what one read of the socket brought parsed by expat, one durable commit, a PUT by libcurl for each message.
// No lanes, nothing is awaited, looked up, retried. A thread of its own that blocks; its CPU clock is what
// counts.
#pragma once

#include "tests/bench/ends.hpp"

#include <atomic>
#include <filesystem>
#include <thread>

namespace rialto::bench {

class bare_relay
{
public:
    enum class way
    {
        to_far,
        to_matrix
    };
    bare_relay(ends& sides, way w, std::size_t rooms, const std::filesystem::path& database);
    ~bare_relay();
    bare_relay(const bare_relay&) = delete;
    bare_relay& operator=(const bare_relay&) = delete;
    clockid_t cpu();

private:
    void connect(std::size_t rooms);
    void relay_to_far(const std::filesystem::path& database);
    void relay_to_matrix(const std::filesystem::path& database);

    ends& sides_;
    boost::asio::io_context io_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::ip::tcp::socket far_;
    std::uint16_t far_port_;
    std::string homeserver_;
    std::atomic<bool> ready_ = false;
    std::thread thread_;
};

}  // namespace rialto::bench
