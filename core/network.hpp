// core/network.hpp: the core as one backend sees it (`host`), and the loop that keeps the backend running.
// One io_context thread.
#pragma once

#include "core/relay.hpp"

#include <set>

namespace rialto {

class network final : public host
{
public:
    network(core_context& core, relay& lanes, std::string name);

    network_state& state() noexcept { return state_; }
    // Runs the backend until cancelled: back-off with jitter, a link that lasted starts over.
    awaitable<void> supervise();

    using host::accept;
    awaitable<outcome> accept(std::vector<event> batch, note cursor) override;
    awaitable<outcome> accept_all(std::vector<event> batch, std::vector<note> notes) override;
    awaitable<result<message_id>> attempt(event e) override;
    void hint(event e) override;
    awaitable<result<room>> look(portal_id portal) override;
    awaitable<result<page>> history(portal_id portal, extent of) override;
    awaitable<result<listing>> find(query q) override;
    awaitable<result<profile>> describe(user_id puppet) override;
    awaitable<outcome> reachable(user_id puppet) override;
    awaitable<result<std::string>> command(person asker, std::string line) override;
    awaitable<outcome> remember(note n) override;
    awaitable<result<std::string>> recall(std::string key) override;
    void link_up(account_id account) override;
    media_store& media() override { return core_.media; }

private:
    struct taken;
    struct being_written;
    result<portal_ptr> portal_for(
        const event& e, std::vector<store_change>& changes, std::vector<portal_ptr>& made
    );
    awaitable<outcome> open_hosted(portal_id portal);
    awaitable<void> send_hint(event e, portal_ptr p);
    awaitable<std::string> read_event(const portal_ptr& p, std::string sender, std::string far_id);
    std::string note_key(std::string_view key) const;

    core_context& core_;
    relay& lanes_;
    network_state state_;
    std::map<std::string, position> read_;  // "portal sender" -> the newest they have read: latest wins
    // Notes on their way to the disk, and how many of each: recall() knows them already, so that who writes
    // at once what it makes of a note takes nothing back that another does meanwhile.
    std::map<std::string, std::pair<std::string, int>> writing_;
    std::set<std::string> exist_;  // Matrix people: a mail for them is taken while the homeserver is away
};

}  // namespace rialto
