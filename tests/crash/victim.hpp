// tests/crash/victim.hpp: the process under test: a fork of this one in which a whole Rialto runs, wired as
// the shipped one (run_daemon), from a configuration file. Its end is noticed at once. One io_context thread.
#pragma once

#include "tests/crash/page.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <sys/types.h>

#include <filesystem>
#include <functional>

namespace rialto::crash {

struct plan  // for one life
{
    std::uint64_t at = 0;
    blow how = blow::none;
    std::uint64_t seed = 0, full_for = 0;
    bool dies_too = false;  // after a call
    plan() = default;
};

class victim
{
public:
    victim(boost::asio::io_context& io, std::filesystem::path config, std::filesystem::path log);
    ~victim();
    victim(const victim&) = delete;
    victim& operator=(const victim&) = delete;

    void start(const plan& p);  // REQUIRES: not running
    bool running() const { return pid_ > 0; }
    void kill();                            // SIGKILL, and it is gone
    void terminate();                       // SIGTERM: it drains
    int status() const { return status_; }  // of the last that ended, as waitpid says
    const page& told() const { return *page_; }
    std::function<void()> on_call;  // blow::call; it stands still meanwhile

private:
    void listen();
    void ended();
    [[noreturn]] void live(int channel) const;

    boost::asio::io_context& io_;
    std::filesystem::path config_, log_;
    page* page_;
    boost::asio::local::stream_protocol::socket channel_;
    char byte_ = 0;
    pid_t pid_ = -1;
    int status_ = 0;
};

}  // namespace rialto::crash
