#include "tests/fakes/hs/push.hpp"

#include "tests/fakes/hs/render.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace rialto::fakes::hs {

namespace asio = boost::asio;

namespace {
constexpr std::size_t most_events = 100;
constexpr int longest_backoff = 9;  // 2^9 s
}  // namespace

pusher::pusher(asio::any_io_executor ex, fake_time& time, registration about)
    : executor_{ex},
      time_{time},
      about_{std::move(about)},
      users_{about_.users},
      aliases_{about_.aliases},
      rooms_{about_.rooms},
      client_{ex, time, about_.url},
      retry_{make_bell(ex)}
{
}

void pusher::start()
{
    alive_ = std::make_shared<bool>(true);
    // SQLite Synapse numbers on from what is still stored: with nothing stored, from 1 again (#14556).
    last_id_ = 0;
    for (const auto& t : disk_.unsent)
        last_id_ = std::max(last_id_, t.id);
}

void pusher::kill()
{
    if (!alive_)
        return;
    *alive_ = false;
    alive_.reset();
    client_.close();
    queue_.clear();
    ephemeral_.clear();
    sending_ = recovering_ = false;
    retry_->cancel();
}

void pusher::take(event* e)
{
    if (!alive_ || about_.url.empty())
        return;
    queue_.push_back(e);
    run();
}

void pusher::take_ephemeral(std::string edu)
{
    if (!alive_ || !about_.receive_ephemeral || about_.url.empty() || disk_.down)
        return;
    ephemeral_.push_back(std::move(edu));
    if (ephemeral_.size() > most_events)
        ephemeral_.erase(ephemeral_.begin());
    run();
}

void pusher::run()
{
    // After a restart the recoverer of a service that was down starts with the first event, not before.
    if (disk_.down && !recovering_)
        run_recoverer();
    if (sending_)
        return;
    sending_ = true;
    asio::co_spawn(executor_, send_queue(alive_), asio::detached);
}

void pusher::run_recoverer()
{
    recovering_ = true;
    asio::co_spawn(executor_, recover(alive_), asio::detached);
}

awaitable<void> pusher::send_queue(std::shared_ptr<bool> alive)
{
    while (*alive && !(queue_.empty() && ephemeral_.empty())) {
        push_disk::txn t;
        t.id = ++last_id_;
        const std::size_t most = disk_.down ? 1 : most_events;
        const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(most, queue_.size()));
        t.events.assign(queue_.begin(), end);
        queue_.erase(queue_.begin(), end);
        const auto edus = std::exchange(ephemeral_, {});
        if (disk_.down || (!t.events.empty() && std::exchange(overlook_, false))) {
            if (!t.events.empty())
                disk_.unsent.push_back(std::move(t));
            continue;
        }
        std::string body = body_of(t, edus);
        const auto id = t.id;
        disk_.unsent.push_back(std::move(t));
        const bool done = co_await send(id, std::move(body));
        if (!*alive)
            co_return;
        if (done) {
            std::erase_if(disk_.unsent, [id](const auto& u) { return u.id == id; });
            continue;
        }
        disk_.down = true;
        run_recoverer();
    }
    if (*alive)
        sending_ = false;
}

awaitable<void> pusher::recover(std::shared_ptr<bool> alive)
{
    for (int backoff = 1; *alive;) {
        co_await time_.sleep((std::int64_t{1} << backoff) * 1000, retry_);
        while (*alive && !disk_.unsent.empty()) {
            const auto id = disk_.unsent.front().id;
            // A retry carries no ephemeral events, and what was redacted meanwhile comes with empty content.
            std::string body = body_of(disk_.unsent.front(), {});
            const bool done = co_await send(id, std::move(body));
            if (!*alive)
                co_return;
            if (!done) {
                backoff = std::min(backoff + 1, longest_backoff);
                break;
            }
            std::erase_if(disk_.unsent, [id](const auto& u) { return u.id == id; });
            backoff = 1;
        }
        if (*alive && disk_.unsent.empty()) {
            disk_.down = false;
            recovering_ = false;
            co_return;
        }
    }
}

awaitable<bool> pusher::send(std::int64_t id, std::string body)
{
    ++sent_;
    const auto reply =
        co_await ask("PUT", "/_matrix/app/v1/transactions/" + std::to_string(id), std::move(body));
    co_return reply.status / 100 == 2 && nlohmann::json::accept(reply.body);
}

awaitable<http_reply> pusher::ask(std::string method, std::string path, std::string body)
{
    http_client::asking what{std::move(method), std::move(path), std::move(body)};
    what.headers.emplace_back("Authorization", "Bearer " + about_.hs_token);
    what.headers.emplace_back("User-Agent", "Synapse/1.160.0");
    what.headers.emplace_back("Accept-Encoding", "gzip");
    if (what.method != "GET")
        what.headers.emplace_back("Content-Type", "application/json");
    const char* kind = what.method == "PUT" ? "push" : what.method == "GET" ? "query" : "ping";
    const auto spoilt = faults.hit(kind);
    if (spoilt && spoilt->how == fault::act::delay)
        co_await time_.sleep(spoilt->wait);
    if (spoilt && spoilt->how == fault::act::half)
        what.cut_after = what.body.size() / 2;
    if (spoilt && spoilt->how == fault::act::drop)
        what.cut_after = spoilt->bytes;
    auto reply = co_await client_.ask(std::move(what));
    // The answer is lost on its way: it was handled, and is sent again.
    if (spoilt && spoilt->how == fault::act::status)
        reply.status = 0;
    co_return reply;
}

void pusher::retry_now()
{
    if (recovering_)
        retry_->cancel();
}

std::string pusher::body_of(const push_disk::txn& t, const std::vector<std::string>& ephemeral) const
{
    std::string out = "{";
    if (about_.receive_ephemeral) {
        std::string edus;
        for (const auto& e : ephemeral)
            edus += (edus.empty() ? "" : ",") + e;
        out += R"("de.sorunome.msc2409.ephemeral":[)" + edus + R"(],"ephemeral":[)" + edus + "],";
    }
    out += R"("events":[)";
    const view how{time_.now(), view::of::application_service};
    for (const event* e : t.events) {
        if (out.back() == '}')
            out += ',';
        render(out, *e, how);
    }
    return out + "]}";
}

}  // namespace rialto::fakes::hs
