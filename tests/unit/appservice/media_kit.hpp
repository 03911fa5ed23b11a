// tests/unit/appservice/media_kit.hpp: for tests of files: a homeserver and strangers' servers as one
// scripted http_client that fills sinks and reads sources, a spool in a folder of its own, a clock that
// stands.
#pragma once

#include "appservice/media_files.hpp"
#include "core/asio_clock.hpp"
#include "tests/unit/appservice/scripted_homeserver.hpp"

#include <cstdlib>
#include <filesystem>

namespace rialto::matrix {

struct standing_clock : clock
{
    timestamp at{std::chrono::seconds{1'000'000}};
    timestamp now() const override { return at; }
    awaitable<void> sleep(std::chrono::milliseconds) override { co_return; }
    double luck() override { return 0.5; }
};

// Answers by URL; what was sent in a source is kept as text.
struct file_http : net::http_client
{
    std::map<std::string, net::http_reply> pages;
    std::vector<net::http_request> asked;
    std::vector<std::string> bodies;
    net::http_reply otherwise{404, R"({"errcode":"M_NOT_FOUND","error":"no"})"};

    awaitable<result<net::http_reply>> send(net::http_request r) override
    {
        asked.push_back(r);
        asked.back().into.reset();  // else the spool could not let go
        asked.back().from.reset();
        bodies.push_back(r.from ? r.from->read(0, 1 << 24) : r.body);
        const auto path = r.url.substr(0, r.url.find('?'));
        const auto at = pages.find(path);
        auto reply = at == pages.end() ? otherwise : at->second;
        if (reply.status == 0)
            co_return failure{verdict::try_later, cause::away, "nobody answers"};
        if (reply.body.size() > r.most)
            co_return failure{verdict::give_up, cause::too_large, "too large"};
        if (r.into && reply.status == 200) {
            if (!r.into->take(reply.body))
                co_return failure{verdict::try_later, cause::full, "no place"};
            reply.body.clear();
        }
        co_return reply;
    }
    std::size_t times(std::string_view piece) const
    {
        std::size_t n = 0;
        for (const auto& r : asked)
            n += r.url.find(piece) != r.url.npos;
        return n;
    }
};

struct Media : testing::Test
{
    static constexpr const char* download = "http://hs/_matrix/client/v1/media/download/";
    std::filesystem::path folder = [] {
        auto name = (std::filesystem::temp_directory_path() / "rialto-media-XXXXXX").string();
        return std::filesystem::path{::mkdtemp(name.data())};
    }();
    boost::asio::io_context io;
    standing_clock time;
    file_http http;
    client api{http, client_settings{"http://hs", "token", "hs", "@bot:hs", "rialto"}};
    media_spool spool{folder, 4'000};
    media_files files{io.get_executor(), api, spool, time, 1'000};

    ~Media() override { std::filesystem::remove_all(folder); }

    template <class T>
    T get(awaitable<T> what)
    {
        std::optional<T> got;
        boost::asio::co_spawn(io, std::move(what), [&got](std::exception_ptr e, T value) {
            if (e)
                std::rethrow_exception(e);
            got.emplace(std::move(value));
        });
        io.restart();
        io.run();
        return std::move(*got);
    }
};

}  // namespace rialto::matrix
