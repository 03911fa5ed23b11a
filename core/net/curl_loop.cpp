#include "core/net/curl_loop.hpp"

#include "core/net/curl_multi.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace rialto::net {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_headers = 128, longest_header = 16 * 1024;

// One request under way. Lives in the frame of the coroutine that waits for it, so that cancelling ends it.
class transfer
{
    std::shared_ptr<curl_multi> multi_;
    http_request request_;
    http_reply reply_;
    CURL* easy_;
    curl_slist* headers_ = nullptr;
    asio::steady_timer done_;
    curl_multi::ended when_done_;
    std::optional<CURLcode> code_;
    std::array<char, CURL_ERROR_SIZE> words_{};
    bool too_large_ = false, no_place_ = false;
    std::uint64_t received_ = 0, given_ = 0;

    static std::size_t take_body(char* data, std::size_t one, std::size_t n, void* self)
    {
        auto& me = *static_cast<transfer*>(self);
        const auto bytes = one * n;
        if (me.received_ + bytes > me.request_.most) {
            me.too_large_ = true;
            return 0;
        }
        me.received_ += bytes;
        if (me.request_.into && me.status() == 200) {
            me.no_place_ = !me.request_.into->take(std::string_view{data, bytes});
            return me.no_place_ ? 0 : bytes;
        }
        me.reply_.body.append(data, bytes);
        return bytes;
    }

    static std::size_t give_body(char* to, std::size_t one, std::size_t n, void* self)
    {
        auto& me = *static_cast<transfer*>(self);
        const auto piece = me.request_.from->read(me.given_, one * n);
        if (piece.empty() && me.given_ < me.request_.from->size())
            return CURL_READFUNC_ABORT;
        std::copy(piece.begin(), piece.end(), to);
        me.given_ += piece.size();
        return piece.size();
    }

    // A connection that was kept may have died: curl says the body again, on a new one.
    static int rewind_body(void* self, curl_off_t to, int origin)
    {
        if (origin != SEEK_SET || to < 0)
            return CURL_SEEKFUNC_FAIL;
        static_cast<transfer*>(self)->given_ = static_cast<std::uint64_t>(to);
        return CURL_SEEKFUNC_OK;
    }

    long status() const
    {
        long out = 0;
        curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &out);
        return out;
    }

    static std::size_t take_header(char* data, std::size_t one, std::size_t n, void* self)
    {
        auto& headers = static_cast<transfer*>(self)->reply_.headers;
        std::string_view line{data, one * n};
        if (line.starts_with("HTTP/"))
            headers.clear();  // what came before was an interim answer
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || headers.size() == most_headers || line.size() > longest_header)
            return one * n;
        std::string name{line.substr(0, colon)};
        for (auto& c : name)
            if (c >= 'A' && c <= 'Z')
                c = static_cast<char>(c - 'A' + 'a');
        line.remove_prefix(std::min(line.find_first_not_of(" \t", colon + 1), line.size()));
        headers.emplace_back(std::move(name), line.substr(0, line.find_last_not_of(" \t\r\n") + 1));
        return one * n;
    }

    template <class V>
    void set(CURLoption option, V value)
    {
        curl_easy_setopt(easy_, option, value);
    }

    void set_method()
    {
        if (request_.method == "HEAD") {
            set(CURLOPT_NOBODY, 1L);
        } else if (request_.from) {
            set(CURLOPT_UPLOAD, 1L);
            set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
            set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request_.from->size()));
            set(CURLOPT_READFUNCTION, &transfer::give_body);
            set(CURLOPT_READDATA, this);
            set(CURLOPT_SEEKFUNCTION, &transfer::rewind_body);
            set(CURLOPT_SEEKDATA, this);
        } else if (request_.method != "GET") {
            set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
            if (!request_.body.empty() || request_.method == "PUT" || request_.method == "POST") {
                set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
                set(CURLOPT_POSTFIELDS, request_.body.data());
            }
        }
    }

    void set_all()
    {
        constexpr long connect_ms = 10'000;
        set(CURLOPT_URL, request_.url.c_str());
        set(CURLOPT_PROTOCOLS_STR, "http,https");
        set(CURLOPT_PATH_AS_IS, 1L);
        set(CURLOPT_PROXY, "");  // whatever the environment says
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
        set(CURLOPT_TIMEOUT_MS, static_cast<long>(request_.deadline.count()));
        set(CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
        set(CURLOPT_TCP_KEEPALIVE, 1L);
        set(CURLOPT_USERAGENT, "Rialto/" RIALTO_VERSION);
        set(CURLOPT_ERRORBUFFER, words_.data());
        set(CURLOPT_WRITEFUNCTION, &transfer::take_body);
        set(CURLOPT_WRITEDATA, this);
        set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request_.most));  // already by Content-Length
        set(CURLOPT_HEADERFUNCTION, &transfer::take_header);
        set(CURLOPT_HEADERDATA, this);
        set_method();
        headers_ = curl_slist_append(nullptr, "Expect:");
        for (const auto& [name, value] : request_.headers)
            headers_ = curl_slist_append(headers_, (name + ": " + value).c_str());
        set(CURLOPT_HTTPHEADER, headers_);
    }

    failure why() const
    {
        const std::string host{host_of(request_.url)};
        if (no_place_)
            return {verdict::try_later, cause::full, "There is no place for the answer of " + host};
        if (too_large_ || *code_ == CURLE_FILESIZE_EXCEEDED)
            return {verdict::give_up, cause::too_large, "The answer of " + host + " is too large"};
        const std::string words = words_[0] != '\0' ? words_.data() : curl_easy_strerror(*code_);
        failure f{verdict::try_later, cause::away, "No answer from " + host + ": " + words};
        switch (*code_) {
            case CURLE_URL_MALFORMAT:
            case CURLE_UNSUPPORTED_PROTOCOL:
                return {verdict::give_up, cause::malformed, "Not an http address at " + host + ": " + words};
            case CURLE_COULDNT_RESOLVE_HOST:
            case CURLE_COULDNT_CONNECT:
            case CURLE_SSL_CONNECT_ERROR:
            case CURLE_PEER_FAILED_VERIFICATION: return f;
            default: f.certain = false; return f;
        }
    }

public:
    transfer(std::shared_ptr<curl_multi> m, http_request r)
        : multi_{std::move(m)},
          request_{std::move(r)},
          easy_{multi_->take()},
          done_{multi_->executor(), asio::steady_timer::time_point::max()}
    {
        set_all();
        when_done_ = [this](int code) {
            code_ = static_cast<CURLcode>(code);
            done_.cancel();
        };
        if (!multi_->start(easy_, &when_done_))
            code_ = CURLE_FAILED_INIT;
    }
    ~transfer()
    {
        multi_->drop(easy_);
        curl_slist_free_all(headers_);
    }
    transfer(const transfer&) = delete;
    transfer& operator=(const transfer&) = delete;

    bool ended() const { return code_.has_value(); }
    asio::steady_timer& done() { return done_; }

    result<http_reply> answer()
    {
        if (*code_ != CURLE_OK)
            return why();
        reply_.status = static_cast<int>(status());
        return std::move(reply_);
    }
};

// A header with a line break would be two.
bool sane(const http_request& r)
{
    const auto whole = [](const std::string& s) {
        return s.find_first_of(std::string_view{"\r\n\0", 3}) == s.npos;
    };
    for (const auto& [name, value] : r.headers)
        if (!whole(name) || !whole(value))
            return false;
    return whole(r.method) && whole(r.url);
}

}  // namespace

curl_loop::curl_loop(asio::any_io_executor on, curl_options options)
    : multi_{std::make_shared<curl_multi>(std::move(on), std::move(options))}
{
}

awaitable<result<http_reply>> curl_loop::send(http_request r)
{
    if (!sane(r))
        co_return failure{verdict::give_up, cause::malformed, "A line break in a request's header"};
    transfer t{multi_, std::move(r)};
    if (!t.ended()) {
        boost::system::error_code ec;
        co_await t.done().async_wait(asio::redirect_error(asio::use_awaitable, ec));
        if (!t.ended())
            throw boost::system::system_error{asio::error::operation_aborted};
    }
    co_return t.answer();
}

}  // namespace rialto::net
