#include "tests/bench/process.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace rialto::bench {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

std::uint16_t free_port()
{
    asio::io_context io;
    const tcp::acceptor any{io, {asio::ip::address_v4::loopback(), 0}};
    return any.local_endpoint().port();
}

std::string here(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

}  // namespace

rialto_process::rialto_process(std::filesystem::path program, std::filesystem::path directory)
    : program_{std::move(program)},
      directory_{std::move(directory)},
      port_{free_port()},
      admin_port_{free_port()}
{
}

rialto_process::~rialto_process()
{
    if (pid_ == 0)
        return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

int rialto_process::spawn(const std::vector<std::string>& arguments) const
{
    std::vector<std::string> all{program_.string()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& a : all)
        argv.push_back(a.data());
    argv.push_back(nullptr);
    const auto log_file = log().string();
    const int child = ::fork();
    if (child < 0)
        throw std::runtime_error{"no process can be made"};
    if (child > 0)
        return child;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int out = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execv(argv[0], argv.data());
    ::_exit(127);
}

void rialto_process::command(std::vector<std::string> arguments)
{
    int status = 0;
    ::waitpid(spawn(arguments), &status, 0);
    if (status == 0)
        return;
    std::ostringstream words;
    words << std::ifstream{log()}.rdbuf();
    throw std::runtime_error{program_.string() + " " + arguments.front() + ": " + words.str()};
}

void rialto_process::configure(const std::string& homeserver, std::uint16_t component_port)
{
    const auto network = "far=xmpp,host=127.0.0.1,port=" + std::to_string(component_port) +
                         ",domain=bridge.far.test,secret=secret,muc=rooms.far.test";
    command(
        {"init", "--homeserver", homeserver, "--server-name", "near.test", "--network", network,
         "--directory", directory_.string(), "--listen", here(port_), "--admin-listen", here(admin_port_)}
    );
    command({"registration", "--config", (directory_ / "config.yaml").string()});
}

void rialto_process::start()
{
    pid_ = spawn({"run", "--config", (directory_ / "config.yaml").string()});
    if (::clock_getcpuclockid(pid_, &cpu_) != 0)
        throw std::runtime_error{"rialto does not run"};
}

void rialto_process::stop()
{
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
}

bool rialto_process::running()
{
    if (pid_ != 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_)
        pid_ = 0;
    return pid_ != 0;
}

bool rialto_process::listens() const
{
    asio::io_context io;
    tcp::socket probe{io};
    boost::system::error_code ec;
    probe.connect({asio::ip::address_v4::loopback(), port_}, ec);
    return !ec;
}

std::string rialto_process::hs_token() const
{
    std::ifstream in{directory_ / "registration.yaml"};
    for (std::string line; std::getline(in, line);) {
        const auto at = line.find("hs_token:");
        if (at == line.npos)
            continue;
        std::string value;
        for (const char c : line.substr(at + 9))
            if (c != ' ' && c != '"' && c != '\'')
                value += c;
        return value;
    }
    throw std::runtime_error{"the registration has no hs_token"};
}

double rialto_process::rss_mb() const
{
    std::ifstream in{"/proc/" + std::to_string(pid_) + "/status"};
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("VmRSS:"))
            return std::stod(line.substr(6)) / 1024;
    return 0;
}

double rialto_process::metric(const std::string& name) const
{
    asio::io_context io;
    tcp::socket at{io};
    boost::system::error_code ec;
    at.connect({asio::ip::address_v4::loopback(), admin_port_}, ec);
    const std::string ask = "GET /metrics HTTP/1.1\r\nHost: rialto\r\nConnection: close\r\n\r\n";
    asio::write(at, asio::buffer(ask), ec);
    std::string all;
    asio::read(at, asio::dynamic_buffer(all), ec);
    const auto line = all.find("\n" + name + " ");
    return line == all.npos ? 0 : std::stod(all.substr(line + name.size() + 2));
}

}  // namespace rialto::bench
