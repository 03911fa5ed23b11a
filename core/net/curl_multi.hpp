// core/net/curl_multi.hpp: libcurl's sockets and timer on Asio, for curl_loop.cpp. Not thread-safe: one
// io_context thread. curl calls back from within its own functions; nothing here calls curl from there.
#pragma once

#include "core/net/curl_loop.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace rialto::net {

class curl_multi : public std::enable_shared_from_this<curl_multi>
{
public:
    using ended = std::function<void(int curl_code)>;
    using easy = void;  // CURL is void for C++

    curl_multi(boost::asio::any_io_executor on, curl_options options);
    ~curl_multi();
    curl_multi(const curl_multi&) = delete;
    curl_multi& operator=(const curl_multi&) = delete;

    const boost::asio::any_io_executor& executor() const { return on_; }
    easy* take();                           // a fresh handle with our socket functions set
    bool start(easy* e, ended* when_done);  // *when_done is called once unless drop() comes first
    void drop(easy* e);                     // gives a handle back; ends its request if it runs

private:
    using clock = std::chrono::steady_clock;
    struct watch;  // one file descriptor of curl's
    struct calls;  // what curl calls, with C linkage types

    boost::asio::any_io_executor on_;
    curl_options options_;
    void* multi_;
    boost::asio::steady_timer timer_;
    std::unordered_map<int, std::shared_ptr<watch>> watches_;
    std::unordered_set<int> opened_;  // sockets of connections: these live until curl closes them
    std::vector<easy*> spare_;
    std::optional<clock::time_point> due_, armed_;
    std::uint64_t arming_ = 0;

    int watch_socket(int fd, int what);
    void wait_for(int fd, const std::shared_ptr<watch>& w);
    void ready(int fd, int event, const std::shared_ptr<watch>& w);
    void forget(int fd);
    void arm(long ms);
    void wait_timer();
    void kick();
    void reap();
};

}  // namespace rialto::net
