#include "core/net/line_channel.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <curl/curl.h>

#include <array>
#include <atomic>
#include <utility>

namespace rialto::net {

namespace asio = boost::asio;
using boost::system::error_code;
using descriptor = asio::posix::stream_descriptor;

namespace {

struct free_easy
{
    void operator()(CURL* e) const { curl_easy_cleanup(e); }
};
using easy_ptr = std::unique_ptr<CURL, free_easy>;

struct beginning  // shared with the thread that connects
{
    channel_place place;
    easy_ptr easy;
    CURLcode code = CURLE_FAILED_INIT;
    std::array<char, CURL_ERROR_SIZE> words{};
    std::atomic<bool> unwanted = false;

    static int ask(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
    {
        return static_cast<beginning*>(self)->unwanted ? 1 : 0;
    }

    template <class V>
    void set(CURLoption option, V value)
    {
        curl_easy_setopt(easy.get(), option, value);
    }

    void run()
    {
        easy.reset(curl_easy_init());
        const bool imap = place.url.starts_with("imap");
        const auto url = place.url + "/" + (imap ? "" : place.our_name);  // curl's EHLO names the path
        const auto ms = static_cast<long>(std::chrono::milliseconds{place.patience}.count());
        set(CURLOPT_URL, url.c_str());
        set(CURLOPT_PROTOCOLS_STR, imap ? "imap,imaps" : "smtp,smtps");
        set(CURLOPT_USE_SSL, static_cast<long>(place.clear ? CURLUSESSL_NONE : CURLUSESSL_ALL));
        set(CURLOPT_CONNECT_ONLY, 1L);
        set(CURLOPT_PROXY, "");
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_TCP_KEEPALIVE, 1L);  // IDLE says nothing for half an hour
        set(CURLOPT_TCP_KEEPIDLE, 120L);
        set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
        set(CURLOPT_TIMEOUT_MS, ms);
        set(CURLOPT_CONNECTTIMEOUT_MS, ms);
        set(CURLOPT_ERRORBUFFER, words.data());
        set(CURLOPT_NOPROGRESS, 0L);
        set(CURLOPT_XFERINFOFUNCTION, &beginning::ask);
        set(CURLOPT_XFERINFODATA, this);
        if (!place.ca_file.empty())
            set(CURLOPT_CAINFO, place.ca_file.c_str());
        if (!place.user.empty()) {
            set(CURLOPT_USERNAME, place.user.c_str());
            if (place.bearer.empty())
                set(CURLOPT_PASSWORD, place.password.c_str());
            else
                set(CURLOPT_XOAUTH2_BEARER, place.bearer.c_str());
        }
        code = curl_easy_perform(easy.get());
        set(CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));
        set(CURLOPT_NOPROGRESS, 1L);
    }
};

class curl_channel final : public line_channel, public std::enable_shared_from_this<curl_channel>
{
    easy_ptr easy_;
    descriptor socket_;  // curl's: given back, not closed
    bool over_ = false, resting_ = false;
    std::string ahead_;  // what readable() found

    // Until curl may go on; false: it took too long, or close() was called.
    asio::awaitable<bool> ready(descriptor::wait_type what, std::chrono::steady_clock::time_point until)
    {
        asio::steady_timer limit{socket_.get_executor(), until};
        limit.async_wait([of = weak_from_this()](error_code e) {
            const auto it = of.lock();
            if (!e && it)
                it->close();
        });
        auto [error] = co_await socket_.async_wait(what, asio::as_tuple(asio::use_awaitable));
        limit.cancel();
        co_return !error && !over_;
    }

public:
    curl_channel(easy_ptr e, const asio::any_io_executor& on, int fd) : easy_{std::move(e)}, socket_{on, fd}
    {
    }
    ~curl_channel() override
    {
        if (socket_.is_open())
            socket_.release();
    }

    void close() override
    {
        over_ = true;
        error_code ignored;
        socket_.cancel(ignored);
    }

    asio::awaitable<bool> send(std::string bytes, std::chrono::seconds patience) override
    {
        const auto until = std::chrono::steady_clock::now() + patience;
        for (std::size_t at = 0; at < bytes.size();) {
            std::size_t sent = 0;
            const auto code = over_
                                  ? CURLE_SEND_ERROR
                                  : curl_easy_send(easy_.get(), bytes.data() + at, bytes.size() - at, &sent);
            at += sent;
            if (code == CURLE_OK)
                continue;
            if (code != CURLE_AGAIN)
                co_return false;
            const bool go_on = co_await ready(descriptor::wait_write, until);
            if (!go_on)
                co_return false;
        }
        co_return !over_;
    }

    asio::awaitable<bool> readable(std::chrono::seconds patience) override
    {
        const auto self = shared_from_this();  // who waits here may be let go of meanwhile
        asio::steady_timer limit{socket_.get_executor(), patience};
        limit.async_wait([of = weak_from_this()](error_code e) {
            const auto it = of.lock();
            if (!e && it)
                it->nudge();
        });
        while (!over_ && ahead_.empty()) {
            std::string some(16 * 1024, '\0');
            std::size_t got = 0;
            const auto code = curl_easy_recv(easy_.get(), some.data(), some.size(), &got);
            if (code != CURLE_AGAIN) {
                some.resize(code == CURLE_OK ? got : 0);
                ahead_ = std::move(some);
                over_ = ahead_.empty();
                break;
            }
            resting_ = true;
            auto [error] =
                co_await socket_.async_wait(descriptor::wait_read, asio::as_tuple(asio::use_awaitable));
            if (!std::exchange(resting_, false) || (error && !over_))
                co_return false;
        }
        co_return true;
    }

    void nudge() override
    {
        if (!std::exchange(resting_, false))
            return;
        error_code ignored;
        socket_.cancel(ignored);
    }

    // What TLS holds is no longer in the socket: first curl is asked, then waited for.
    asio::awaitable<std::string> read(std::chrono::seconds patience) override
    {
        if (!ahead_.empty())
            co_return std::exchange(ahead_, {});
        const auto until = std::chrono::steady_clock::now() + patience;
        std::string some(16 * 1024, '\0');
        for (;;) {
            std::size_t got = 0;
            const auto code =
                over_ ? CURLE_RECV_ERROR : curl_easy_recv(easy_.get(), some.data(), some.size(), &got);
            if (code != CURLE_AGAIN) {
                some.resize(code == CURLE_OK ? got : 0);
                co_return some;
            }
            const bool go_on = co_await ready(descriptor::wait_read, until);
            if (!go_on)
                co_return std::string{};
        }
    }
};

}  // namespace

asio::awaitable<result<std::shared_ptr<line_channel>>> open_channel(channel_place place)
{
    auto on = co_await asio::this_coro::executor;
    auto begun = std::make_shared<beginning>();
    begun->place = std::move(place);
    asio::thread_pool one{1};
    struct unwanted_at_the_end  // when this frame goes before it is done
    {
        std::shared_ptr<beginning> of;
        ~unwanted_at_the_end() { of->unwanted = true; }
    } guard{begun};
    auto done = std::make_shared<asio::steady_timer>(on, asio::steady_timer::time_point::max());
    asio::post(one, [begun, done, on] {
        begun->run();
        asio::post(on, [done] { done->expires_at(asio::steady_timer::time_point::min()); });
    });
    (void)co_await done->async_wait(asio::as_tuple(asio::use_awaitable));
    begun->unwanted = true;  // cancelled: the thread ends within a second
    one.join();
    begun->place.password.clear();
    begun->place.bearer.clear();
    if (begun->code != CURLE_OK) {
        const std::string words =
            begun->words[0] != '\0' ? begun->words.data() : curl_easy_strerror(begun->code);
        co_return failure{verdict::try_later, cause::away, "the mail server cannot be used: " + words};
    }
    curl_socket_t fd = CURL_SOCKET_BAD;
    curl_easy_getinfo(begun->easy.get(), CURLINFO_ACTIVESOCKET, &fd);
    if (fd == CURL_SOCKET_BAD)
        co_return failure{verdict::try_later, cause::away, "the mail server hung up"};
    co_return std::make_shared<curl_channel>(std::move(begun->easy), on, fd);
}

}  // namespace rialto::net
