#include "core/net/curl_multi.hpp"

#include <boost/asio/post.hpp>

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

namespace rialto::net {

namespace asio = boost::asio;

struct curl_multi::watch
{
    asio::posix::stream_descriptor descriptor;
    int wanted = 0;  // CURL_POLL_IN | CURL_POLL_OUT
    bool reading = false, writing = false;

    explicit watch(const asio::any_io_executor& on) : descriptor{on} {}
};

namespace {

// Only IP: curl is told http and https, nothing else opens sockets.
std::optional<asio::ip::address> address_of(const curl_sockaddr& a)
{
    if (a.family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, &a.addr, sizeof in);
        return asio::ip::address_v4{ntohl(in.sin_addr.s_addr)};
    }
    if (a.family == AF_INET6) {
        sockaddr_in6 in{};
        std::memcpy(&in, &a.addr, sizeof in);
        asio::ip::address_v6::bytes_type bytes{};
        std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
        return asio::ip::address_v6{bytes};
    }
    return {};
}

void init_once()
{
    static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (done != CURLE_OK)
        throw std::runtime_error{"libcurl cannot be initialised"};
}

}  // namespace

struct curl_multi::calls
{
    static int socket(CURL*, curl_socket_t fd, int what, void* self, void*)
    {
        return static_cast<curl_multi*>(self)->watch_socket(fd, what);
    }
    static int timer(CURLM*, long ms, void* self)
    {
        static_cast<curl_multi*>(self)->arm(ms);
        return 0;
    }
    static curl_socket_t open(void* self, curlsocktype, curl_sockaddr* to)
    {
        auto& me = *static_cast<curl_multi*>(self);
        if (me.options_.may_connect) {
            const auto address = address_of(*to);
            if (!address || !me.options_.may_connect(*address))
                return CURL_SOCKET_BAD;
        }
        const int fd = ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
        if (fd >= 0)
            me.opened_.insert(fd);
        return fd;
    }
    static int close(void* self, curl_socket_t fd)
    {
        auto& me = *static_cast<curl_multi*>(self);
        me.opened_.erase(fd);
        me.forget(fd);
        return ::close(fd);
    }
};

curl_multi::curl_multi(asio::any_io_executor on, curl_options options)
    : on_{std::move(on)}, options_{std::move(options)}, multi_{nullptr}, timer_{on_}
{
    init_once();
    multi_ = curl_multi_init();
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &calls::socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &calls::timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, options_.connections_per_host);
    curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, options_.connections);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, options_.connections);
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
}

curl_multi::~curl_multi()
{
    for (auto* e : spare_)
        curl_easy_cleanup(e);
    curl_multi_cleanup(multi_);  // closes what is idle, through calls::close
    for (auto& [fd, w] : watches_)
        w->descriptor.release();
}

curl_multi::easy* curl_multi::take()
{
    CURL* e = nullptr;
    if (spare_.empty()) {
        e = curl_easy_init();
    } else {
        e = spare_.back();
        spare_.pop_back();
        curl_easy_reset(e);
    }
    curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, &calls::open);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, &calls::close);
    curl_easy_setopt(e, CURLOPT_CLOSESOCKETDATA, this);
    return e;
}

bool curl_multi::start(easy* e, ended* when_done)
{
    curl_easy_setopt(e, CURLOPT_PRIVATE, when_done);
    return curl_multi_add_handle(multi_, e) == CURLM_OK;
}

void curl_multi::drop(easy* e)
{
    constexpr std::size_t most_spare = 32;
    curl_multi_remove_handle(multi_, e);  // does nothing when it is not in
    if (spare_.size() < most_spare)
        spare_.push_back(e);
    else
        curl_easy_cleanup(e);
}

int curl_multi::watch_socket(int fd, int what)
{
    if (what == CURL_POLL_REMOVE) {
        // A connection goes back to the pool and will be watched again: keep its descriptor registered. What
        // we did not open is the resolver's wake-up pair: it is closed next, without a word to calls::close.
        if (!opened_.contains(fd))
            forget(fd);
        else if (const auto known = watches_.find(fd); known != watches_.end())
            known->second->wanted = 0;
        return 0;
    }
    auto& w = watches_[fd];
    if (!w) {
        w = std::make_shared<watch>(on_);
        boost::system::error_code ec;
        w->descriptor.assign(fd, ec);
        if (ec) {
            watches_.erase(fd);
            return -1;
        }
    }
    w->wanted = what;
    wait_for(fd, w);
    return 0;
}

void curl_multi::wait_for(int fd, const std::shared_ptr<watch>& w)
{
    using descriptor = asio::posix::stream_descriptor;
    const auto then = [self = weak_from_this(), fd, w](int event, bool watch::* waiting) {
        return [self, fd, w, event, waiting](boost::system::error_code ec) {
            (*w).*waiting = false;
            const auto alive = self.lock();
            if (alive && !ec && (w->wanted & event) != 0)
                alive->ready(fd, event, w);
        };
    };
    if ((w->wanted & CURL_POLL_IN) != 0 && !w->reading) {
        w->reading = true;
        w->descriptor.async_wait(descriptor::wait_read, then(CURL_POLL_IN, &watch::reading));
    }
    if ((w->wanted & CURL_POLL_OUT) != 0 && !w->writing) {
        w->writing = true;
        w->descriptor.async_wait(descriptor::wait_write, then(CURL_POLL_OUT, &watch::writing));
    }
}

void curl_multi::ready(int fd, int event, const std::shared_ptr<watch>& w)
{
    int running = 0;
    curl_multi_socket_action(
        multi_, fd, event == CURL_POLL_IN ? CURL_CSELECT_IN : CURL_CSELECT_OUT, &running
    );
    reap();
    // curl says nothing when it wants the same again. The number may belong to another socket by now.
    if (const auto known = watches_.find(fd); known != watches_.end() && known->second == w)
        wait_for(fd, w);
}

void curl_multi::forget(int fd)
{
    const auto known = watches_.find(fd);
    if (known == watches_.end())
        return;
    known->second->wanted = 0;
    known->second->descriptor.release();  // before it is closed behind Asio's back
    watches_.erase(known);
}

// curl moves its timer with every request; a timerfd write each time cost more than the request itself. "At
// once" is a post, and a deadline later than the armed one waits until that one fires.
void curl_multi::arm(long ms)
{
    const auto mine = ++arming_;
    due_.reset();
    if (ms == 0) {
        asio::post(on_, [self = weak_from_this(), mine] {
            if (const auto alive = self.lock(); alive && alive->arming_ == mine)
                alive->kick();
        });
    } else if (ms > 0) {
        due_ = clock::now() + std::chrono::milliseconds{ms};
        if (!armed_ || *due_ < *armed_)
            wait_timer();
    }
}

void curl_multi::wait_timer()
{
    armed_ = due_;
    timer_.expires_at(*armed_);
    timer_.async_wait([self = weak_from_this()](boost::system::error_code ec) {
        const auto alive = self.lock();
        if (ec || !alive)
            return;
        alive->armed_.reset();
        if (!alive->due_)
            return;
        if (clock::now() >= *alive->due_) {
            alive->due_.reset();
            alive->kick();
        } else {
            alive->wait_timer();
        }
    });
}

void curl_multi::kick()
{
    int running = 0;
    curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
    reap();
}

void curl_multi::reap()
{
    int left = 0;
    while (const CURLMsg* m = curl_multi_info_read(multi_, &left)) {
        if (m->msg != CURLMSG_DONE)
            continue;
        CURL* e = m->easy_handle;
        const int code = m->data.result;  // m is gone with the removal
        char* private_data = nullptr;
        curl_easy_getinfo(e, CURLINFO_PRIVATE, &private_data);
        curl_multi_remove_handle(multi_, e);
        if (auto* when_done = static_cast<ended*>(static_cast<void*>(private_data)))
            (*when_done)(code);
    }
}

}  // namespace rialto::net
