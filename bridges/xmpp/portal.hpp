// bridges/xmpp/portal.hpp: one MUC that is joined to Matrix: a listener in it that hears for everybody,
// puppets that come in when they first speak, what is said there carried to the core in order, what is to be
// said there sent until the room shows it (docs/QUEUE.md). Decisions are in muc_*.hpp; here they are obeyed.
// One io_context thread; the backend feeds stanzas in and tells when the link comes and goes. Times are the
// clock's.
#pragma once

#include "bridges/xmpp/link.hpp"
#include "bridges/xmpp/mam.hpp"
#include "bridges/xmpp/muc.hpp"
#include "bridges/xmpp/muc_echoes.hpp"
#include "bridges/xmpp/muc_intake.hpp"
#include "bridges/xmpp/muc_puppets.hpp"
#include "bridges/xmpp/occupants.hpp"
#include "bridges/xmpp/stanza.hpp"

#include <functional>
#include <map>
#include <memory>

namespace rialto::xmpp {

class changed_signal;

class muc_portal : public std::enable_shared_from_this<muc_portal>
{
public:
    muc_portal(surroundings& around, portal_id id, room_info known);
    ~muc_portal();

    const portal_id& id() const noexcept { return id_; }
    const std::string& room_jid() const noexcept { return id_.room.value; }

    void link_up();  // joins, catches up, then goes on for as long as the link lasts
    void link_lost();
    void tick(timestamp now);  // about once a second
    void on_presence(const node& p);
    void on_message(const node& m);
    // By the start tag alone: of what the room sends to N of ours one copy is read.
    bool wants(std::string_view stanza, std::string_view from, std::string_view to, std::string_view type)
        const;

    // In the room and caught up; or why not: a refusal by the room, the link, or `patience` is over.
    awaitable<outcome> until_ready(std::chrono::seconds patience);
    awaitable<result<sent>> deliver(event e);
    awaitable<outcome> close();
    room state() const;
    bool shows_people() const noexcept { return traits_.shows_people; }
    // Somebody wants us in: what was refused before may go now. The password counts where we are not in yet.
    void invited(std::string secret);
    awaitable<void> bring_in(std::string jid, std::string shown_as);  // who took an invitation
    void abandon(std::string why);  // nobody on Matrix is left: the core is asked to unbridge
    bool closed() const noexcept { return phase_ == phase::closed; }

private:
    enum class phase
    {
        down,
        joining,
        ready,
        closed
    };
    using row_taker = std::function<void(const archive_row&)>;
    struct archive_read  // one question to the archive that is open
    {
        std::string id;
        row_taker* row;
        archive_read(std::string i, row_taker* r) : id{std::move(i)}, row{r} {}
    };

    // portal.cpp: the life of it
    awaitable<void> live(unsigned life);
    awaitable<outcome> come_up(unsigned life);
    awaitable<outcome> come_in(unsigned life);
    awaitable<outcome> load();
    awaitable<outcome> learn_service();
    awaitable<outcome> learn_traits();
    awaitable<bool> look_after();
    bool living(unsigned life) const noexcept;
    void fall(std::chrono::seconds pause);
    void end_with(gone why);
    void wake_at(timestamp when);
    awaitable<void> changed_by(timestamp deadline);

    // portal_commit.cpp: what was heard goes to disk
    awaitable<void> flush();
    awaitable<bool> commit(const intake_batch& batch);
    awaitable<bool> commit_one_by_one(const intake_batch& batch);
    awaitable<outcome> hand_over(std::vector<event> events, note where);
    awaitable<outcome> save_puppets();
    awaitable<outcome> save_secret();
    std::string cursor_key() const { return "mam/" + room_jid(); }
    std::string puppets_key() const { return "puppets/" + room_jid(); }
    std::string secret_key() const { return "secret/" + room_jid(); }

    // portal_enter.cpp: who is in
    awaitable<outcome> enter(std::string jid, std::string shown_as);
    awaitable<outcome> join_once(std::string jid, std::string nick, std::string shown_as);
    awaitable<outcome> make_room_for(std::string jid);
    awaitable<presence_truth> self_ping(std::string jid);
    std::string nick_of(const std::string& jid, const std::string& shown_as, unsigned attempt) const;
    void send_leave(const std::string& jid, std::string_view why);
    void begin_rename(const std::string& jid, const std::string& shown_as);
    void rename_refused(const std::string& jid, const stanza_error& why);
    failure barred(const puppet& p) const;

    // portal_catchup.cpp: what was said meanwhile
    awaitable<outcome> catch_up();
    awaitable<outcome> read_archive_from(cursor from, bool moves_cursor);
    awaitable<outcome> start_at_newest();
    awaitable<result<archive_end>> ask_archive(std::string query_id, std::string query, row_taker row);
    std::string next_query_id() { return "q" + std::to_string(++queries_); }
    awaitable<result<message_id>> look_up(std::string wire_id, std::string jid, timestamp since);

    // portal_hear.cpp: what comes in
    void hear(heard h, const archive_row* row, bool moves_cursor);
    std::string own_speaker(const heard& h) const;
    occupant speaker(const heard& h, bool archived) const;
    person teller(const heard& h, bool archived) const;
    event event_of(heard h, const person& from, timestamp at) const;
    void fill_mentions(message& m) const;
    void tell(event e);
    void tell_movement(const room_presence& p, const movement& m);
    void puppet_left(const puppet_change& c, const room_presence& p);
    void listener_left(const puppet_change& c);
    bool is_ours(const room_presence& p) const;
    person actor_of(const room_presence& p) const;
    trust believed() const;
    trust believed_of_archive() const;

    // portal_send.cpp: what goes out
    awaitable<result<sent>> speak(event e);
    awaitable<result<message_id>> send_piece(
        std::string jid, std::string shown_as, piece p, bool doubt, timestamp since
    );
    awaitable<outcome> find_out(std::string jid);
    std::string speaker_of_retraction(const event& e) const;

    // portal_state.cpp: members and names
    awaitable<result<sent>> move(event e, membership m);
    awaitable<result<sent>> invite(event e, std::string whom, std::string why);
    awaitable<result<sent>> administer(std::string payload);
    awaitable<result<sent>> moderate(retraction r);
    awaitable<result<sent>> rename(event e);
    void type(const event& e);
    result<sent> tell_failed(const report& news);

    std::string listener() const { return around_.config.listener_jid(); }
    bool listening() const;
    failure away() const;

    surroundings& around_;
    portal_id id_;
    room_info info_;
    muc_traits traits_;
    bool traits_known_ = false;
    muc_puppets puppets_;
    occupants occupants_;
    muc_echoes echoes_;
    muc_intake intake_;
    std::unique_ptr<changed_signal> changed_;
    struct renaming  // a puppet that is in and asks for another nick
    {
        std::string shown_as;
        unsigned attempt = 0;
        explicit renaming(std::string s) : shown_as{std::move(s)} {}
    };
    std::map<std::string, renaming> renaming_;
    std::vector<archive_read> reading_;
    cursor confirmed_;  // by the archive: up to here nothing can have been missed
    std::optional<failure> refusal_;
    std::string secret_, saved_secret_;  // the room's password
    phase phase_ = phase::down;
    unsigned life_ = 0, queries_ = 0, nameless_ = 0, archive_refusals_ = 0;
    bool saving_puppets_ = false, loaded_ = false, refresh_ = false, history_reaches_back_ = false;
    timestamp wake_at_ = timestamp::max(), retry_at_{}, check_at_{}, deep_check_at_{}, last_kick_{},
              opened_{};
};

}  // namespace rialto::xmpp
