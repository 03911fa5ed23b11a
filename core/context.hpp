// core/context.hpp: what the parts of the core share. Owned by the hub, outlives them all. One io_context
// thread.
#pragma once

#include "core/clock.hpp"
#include "core/near.hpp"
#include "core/portals.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <map>

namespace rialto {

class directory;

struct core_options
{
    std::string server_name, bot;  // bot: mxid
    lane_limits lanes;
    std::size_t journal_length = 1'000'000;  // items waiting in all; then intake answers 503 / 451 / wait
    std::function<bool(std::string_view mxid)> may_use = [](std::string_view) { return true; };
    bool order_by_sync =
        false;  // no connection of the homeserver tells the order (a proxy that hides itself)
    std::size_t most_held = 20'000;   // rows whose order is not known yet; then intake answers 503
    std::size_t chats_per_hour = 60;  // that one Matrix account may begin; the rest is declined
    std::chrono::milliseconds open_patience{4000};  // AS-API /rooms: the homeserver's user is waiting

    core_options() = default;
};

struct network_state  // one configured network
{
    std::string name;
    std::unique_ptr<backend> far;
    bool up = false;  // link_up() since run() began
    std::string last_error;
};

struct core_context
{
    boost::asio::any_io_executor ex;
    store& disk;
    homeserver& matrix;
    clock& time;
    directory& who;
    media_store& media;
    core_options options;
    portals rooms;
    std::map<std::string, network_state*, std::less<>> networks;
    std::size_t waiting = 0;  // items in all lanes

    core_context(
        boost::asio::any_io_executor e, store& s, homeserver& h, clock& c, directory& n, media_store& m,
        core_options o
    )
        : ex{std::move(e)}, disk{s}, matrix{h}, time{c}, who{n}, media{m}, options{std::move(o)}
    {
    }
    network_state* network(std::string_view name) const
    {
        const auto at = networks.find(name);
        return at == networks.end() ? nullptr : at->second;
    }
    std::int64_t now_ms() const { return to_ms(time.now()); }
    // Immutable and never used again, also after a restart: time, then a count.
    portal_key next_portal_key() { return last_key_ = std::max(last_key_ + 1, now_ms() << 12); }

private:
    portal_key last_key_ = 0;
};

// Runs a task of its own; an exception ends that task only and is logged with `what`.
void spawn(const core_context& core, std::string what, awaitable<void> task);

}  // namespace rialto
