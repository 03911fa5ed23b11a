// tests/bench/process.hpp: the Rialto under test, a process of its own, configured by its own commands.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

namespace rialto::bench {

class rialto_process
{
public:
    rialto_process(std::filesystem::path program, std::filesystem::path directory);
    ~rialto_process();  // killed when it still runs
    rialto_process(const rialto_process&) = delete;
    rialto_process& operator=(const rialto_process&) = delete;

    // `rialto init` and `rialto registration`; throws std::runtime_error with their words.
    void configure(const std::string& homeserver, std::uint16_t component_port);
    void start();
    void stop();  // SIGTERM, and waits
    bool running();
    bool listens() const;  // its listener takes connections

    std::filesystem::path database() const { return directory_ / "rialto.db"; }
    std::filesystem::path log() const { return directory_ / "log"; }
    std::string hs_token() const;
    std::uint16_t port() const { return port_; }
    clockid_t cpu() const { return cpu_; }
    double rss_mb() const;
    double metric(const std::string& name) const;  // 0: there is none

private:
    void command(std::vector<std::string> arguments);
    int spawn(const std::vector<std::string>& arguments) const;

    std::filesystem::path program_, directory_;
    std::uint16_t port_, admin_port_;
    int pid_ = 0;
    clockid_t cpu_{};
};

}  // namespace rialto::bench
