#include "tests/crash/victim.hpp"

#include "appservice/daemon.hpp"
#include "tests/crash/disk.hpp"
#include "tests/crash/seams.hpp"

#include <boost/asio/buffer.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <new>
#include <stdexcept>
#include <system_error>

namespace rialto::crash {

namespace asio = boost::asio;

victim::victim(asio::io_context& io, std::filesystem::path config, std::filesystem::path log)
    : io_{io}, config_{std::move(config)}, log_{std::move(log)}, channel_{io}
{
    void* memory = ::mmap(nullptr, sizeof(page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        throw std::system_error{errno, std::generic_category(), "mmap"};
    page_ = new (memory) page;
}

victim::~victim()
{
    kill();
    ::munmap(page_, sizeof(page));
}

void victim::start(const plan& p)
{
    page_->~page();
    new (page_) page;
    page_->at = p.at;
    page_->how = p.how;
    page_->seed = p.seed;
    page_->full_for = p.full_for;
    page_->dies_too = p.dies_too;
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        throw std::system_error{errno, std::generic_category(), "socketpair"};
    pid_ = ::fork();
    if (pid_ < 0)
        throw std::system_error{errno, std::generic_category(), "fork"};
    if (pid_ == 0)
        live(ends[1]);
    ::close(ends[1]);
    if (::read(ends[0], &byte_, 1) != 1)  // it holds nothing of ours any more
        throw std::runtime_error{"the process under test does not begin"};
    channel_ = asio::local::stream_protocol::socket{io_, asio::local::stream_protocol{}, ends[0]};
    listen();
}

// Nothing of the world is held: a socket that two processes have open does not close when one of them dies.
void victim::live(int channel) const
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    constexpr int at = 3;
    ::dup2(channel, at);
    ::close_range(at + 1, ~0U, 0);
    if (::write(at, ".", 1) != 1)
        ::_exit(cli::fault);
    const int log = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    become_victim(*page_, at);
    mount_disk();
    cli::run_options options;
    options.config = config_;
    try {
        ::_exit(run_daemon(options));
    } catch (const std::exception& e) {
        ::dprintf(STDERR_FILENO, "ended: %s\n", e.what());
        ::_exit(cli::fault);
    }
}

void victim::listen()
{
    channel_.async_read_some(asio::buffer(&byte_, 1), [this](boost::system::error_code ec, std::size_t) {
        if (ec == asio::error::operation_aborted)
            return;
        if (ec)
            return ended();
        if (on_call)
            on_call();
        boost::system::error_code ignored;
        channel_.write_some(asio::buffer(&byte_, 1), ignored);
        listen();
    });
}

void victim::ended()
{
    if (pid_ <= 0)
        return;
    ::waitpid(pid_, &status_, 0);
    pid_ = -1;
    boost::system::error_code ignored;
    channel_.close(ignored);
}

void victim::kill()
{
    if (pid_ <= 0)
        return;
    ::kill(pid_, SIGKILL);
    ended();
}

void victim::terminate()
{
    if (pid_ > 0)
        ::kill(pid_, SIGTERM);
}

}  // namespace rialto::crash
