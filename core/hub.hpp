// core/hub.hpp: the core as the Matrix side sees it (`intake`): journals what Matrix pushes, opens and closes
// portals, and owns the networks. Everything it takes is on disk before it answers. One io_context thread.
#pragma once

#include "core/directory.hpp"
#include "core/media_link.hpp"
#include "core/network.hpp"
#include "core/opening_limit.hpp"
#include "core/queue.hpp"
#include "core/trust.hpp"

#include <set>

namespace rialto {

class hub final : public intake, public stream_intake, public link_register, public queue_keeper
{
public:
    hub(boost::asio::any_io_executor ex, store& disk, homeserver& matrix, clock& time, directory& who,
        media_store& media, core_options options);

    // A configured network; the backend is made with the host that is handed to `make`.
    void add(std::string name, const std::function<std::unique_ptr<backend>(host&)>& make);
    awaitable<outcome> load();                 // portals and what waits, before anything runs
    awaitable<void> run(std::string network);  // supervises one backend until cancelled
    awaitable<void> tend();                    // every few seconds, until cancelled
    std::vector<std::string> network_names() const;
    struct health
    {
        std::string network, last_error;
        bool up = false;
        health(std::string n, std::string e, bool u) : network{std::move(n)}, last_error{std::move(e)}, up{u}
        {
        }
    };
    std::vector<health> report() const;
    std::size_t sending() const noexcept { return lanes_.sending(); }
    std::size_t waiting() const noexcept { return core_.waiting; }
    std::size_t portal_count() const noexcept { return core_.rooms.size(); }

    awaitable<outcome> take_in(std::vector<near_event> batch, arrival from = arrival{}) override;
    void connected(std::uint64_t connection) override;
    void disconnected(std::uint64_t connection) override;
    std::string wanted() const override;
    std::vector<std::pair<std::string, std::string>> watched() override;
    trust::round begin_round(std::string watcher) override;
    awaitable<outcome> catch_up(reading r) override;
    awaitable<result<std::string>> token_of(std::string watcher) override;
    std::optional<unread_room> unread(const std::string& behind) const override;
    std::size_t held() const noexcept { return trust_.size(); }
    // Called when somebody's /sync is wanted, and when a connection of the homeserver has gone.
    std::function<void()> on_wanted = [] {};
    std::function<void(bool just_used)> on_disconnected = [](bool) {};

    void hint(near_event e) override;
    awaitable<result<std::string>> open(std::string network, std::string address, std::string asker) override;
    awaitable<outcome> bridge(std::string room, std::string network, std::string address, std::string asker)
        override;
    awaitable<outcome> unbridge(std::string room, std::string network, std::string address, std::string why)
        override;
    awaitable<std::vector<near_place>> places(std::string room) override;
    std::string commands_of(std::string_view network) const override;
    awaitable<result<std::string>> command(near_request r) override;
    awaitable<outcome> tell(std::string room, std::string text, std::string key) override;
    std::optional<std::string> ghost_of(std::string_view network, std::string_view address) const override;
    awaitable<result<bool>> stands(portal_key portal, std::string tag) override;

    awaitable<result<queue_view>> list(std::string matrix_room) override;
    awaitable<result<letter>> show(position seq, bool with_body) override;
    awaitable<result<std::size_t>> retry(std::vector<position> some) override;
    awaitable<outcome> drop(position seq, std::string by) override;

    void stop() noexcept { lanes_.stop(); }  // a drain: what is in flight ends, nothing more begins

private:
    queued_lane view_of(const portal& p, const lane_id& at, const lane& queue) const;
    place place_by_key(portal_key key) const;
    awaitable<result<bool>> retry_one(portal_ptr p, item it);
    struct batch;  // what one take_in writes and then enqueues
    void sort_in(near_event e, batch& all);
    bool sort_membership(const near_event& e, batch& all);
    void to_portal(const portal_ptr& p, const near_event& e, batch& all);
    void see_own(const portal_ptr& p, const near_event& e, batch& all);
    void put_first(const portal_ptr& p, item it, batch& all);
    void put_back(const portal_ptr& p, const near_event& e, batch& all);
    awaitable<outcome> land(batch& all);
    awaitable<void> release_ready();
    awaitable<void> find_watchers();
    static constexpr std::string_view not_known_yet = "?";  // who watches: it is being read
    static std::string watcher_key(portal_key p);
    const std::string& watcher_of(const portal& p) const;
    void watched_by(const portal_ptr& p, std::string mxid);  // "" the bot
    void release(const std::vector<const trust::held*>& rows, batch& all);
    void count_late(const batch& all, std::size_t in_stream) const;
    void release_held(const portal_ptr& p, batch& all);
    void take_back(const portal_ptr& p, const near_event& e, batch& all);
    awaitable<void> refuse_encrypted(std::string room, std::string event);
    awaitable<void> carry_hint(portal_ptr p, near_event e);
    awaitable<void> removed(std::string room);
    awaitable<void> start_chat(near_event invite);
    awaitable<outcome> chat(near_event invite);
    static store_change still_unread(const unread_room& u);
    static store_change no_longer_unread(const std::string& room);
    void read_first(unread_room u);
    void read_through(const std::string& room);
    awaitable<outcome> load_unread();
    void upgrade(const std::string& room, const std::string& successor, batch& all);
    void joined_late(const std::string& room, batch& all);
    awaitable<void> read_to_here(std::string room);
    awaitable<result<bool>> replaces(std::string successor, std::string room);
    awaitable<void> follow(std::string room);
    awaitable<void> move_to(std::string room, std::string successor);

    awaitable<result<opened>> ask_open(network_state* net, kind is, std::string address, std::string asker);
    awaitable<result<portal_ptr>> join_up(
        network_state* net, opened far, std::string room, std::string watcher,
        std::optional<std::string> since
    );
    using open_answer = std::shared_ptr<std::optional<result<opened>>>;
    awaitable<void> ask_into(network_state* net, std::string address, std::string asker, open_answer answer);
    awaitable<void> finish_open(
        network_state* net, std::string address, std::string room, open_answer answer
    );
    awaitable<result<std::string>> follow_answer(network_state* net, answer said, near_request r);
    awaitable<failure> keep_private(network_state* net, portal_id far, std::string address);
    awaitable<outcome> close_all(std::string room, std::string network, std::string address, std::string why);

    core_context core_;
    relay lanes_;
    trust trust_;
    bool releasing_ = false;
    timestamp last_push_{};
    std::vector<std::unique_ptr<network>> networks_;
    opening_limit chats_begun_;                   // by Matrix accounts
    std::map<std::string, bool> told_encrypted_;  // rooms
    std::set<std::string> invites_;               // event ids that a chat was or is begun by
    std::map<std::string, unread_room> unread_;   // by room
    struct followed
    {
        std::string successor;
        bool running = false;
    };
    std::map<std::string, followed> upgrades_;                   // by the old room
    std::vector<std::pair<std::string, std::uint64_t>> claims_;  // a watcher, and the rounds begun before
};

}  // namespace rialto
