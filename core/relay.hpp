// core/relay.hpp: carries out what the lanes decide: one coroutine per lane that has something to send, gone
// when it is empty or its link is down. Order, retry, age and dead letters are decided in core/lane and
// core/refs; here they are done. One io_context thread.
#pragma once

#include "core/context.hpp"

namespace rialto {

// What became of the head of a lane.
struct settlement
{
    enum class is
    {
        sent,
        withdrawn,
        dead,
        later
    };
    is what;
    std::vector<store_change> changes;  // committed together with the mark
    std::string id;                     // sent: the id at the destination
    std::vector<std::string> also;
    failure why{verdict::give_up, cause::other, ""};
    std::vector<refusal> refused;  // sent, but not to these
    bool edited = false;           // sent as an edit: the old text is gone over there

    explicit settlement(is w) : what{w} {}
    settlement(is w, failure f) : what{w}, why{std::move(f)} {}
};

// Later when the failure says so, else dead.
settlement from(failure f);

class relay
{
    core_context& core_;
    std::size_t sending_ = 0;
    std::map<std::string, std::int64_t>
        told_;          // (room, kind) -> when its people were last told that it cannot be carried
    struct status_news  // on its way to Matrix
    {
        std::string room, event;
        fate is;
        std::optional<failure> why;
        status_news(std::string r, std::string e, fate f, std::optional<failure> w)
            : room{std::move(r)}, event{std::move(e)}, is{f}, why{std::move(w)}
        {
        }
    };
    std::deque<status_news> statuses_;  // one at a time: "delivered" must not be overtaken by "pending"
    bool showing_ = false, owes_ = false, paying_ = false, stopping_ = false;
    std::int64_t pay_again_ms_ = 0;
    std::map<position, std::vector<sent>> half_sent_;  // parts of a head that are delivered already

public:
    explicit relay(core_context& c) : core_{c} {}

    // The item was committed; one that was dead from the start is a debt. REQUIRES: called in the order of
    // seq within a lane.
    void enqueue(const portal_ptr& p, item it, bool again = false);
    void start(const portal_ptr& p, lane_id at);  // its link came up, or something was added
    void wake(const network_state& net);          // all lanes towards that network
    // The lane's head is older than its author should have to wonder about: say so; expire what is too old.
    void tend();
    // Takes back a queued item whose author redacted it. The change to commit, or nothing when it is too
    // late.
    std::optional<store_change> withdraw(const portal_ptr& p, lane_id at, position seq);
    // The same for an administrator's reason: also what may have gone out, if it is not in flight now.
    std::optional<store_change> take_out(const portal_ptr& p, position seq, failure why);
    // Tried until the store takes it.
    awaitable<std::vector<std::int64_t>> write_down(position seq, std::vector<store_change> all);
    awaitable<void> write_off(mark_stage mark);
    void hurry(const portal_ptr& p, way w);  // what waits for its next try is tried now
    // Authors of dead letters are owed a word until it was said: begins to tell those who were not told.
    void owe();
    void stop() noexcept { stopping_ = true; }  // nothing more is begun: what waits is on disk

    awaitable<outcome> may_be_invited(std::string mxid);  // permitted, and there is such a person

    // By the bot, or in a chat without it by who is talked with.
    awaitable<outcome> say(portal_ptr p, std::string text, std::string key);

    std::size_t sending() const noexcept { return sending_; }  // begun, not answered

    // The item that a name stands for; an edit's name stands for the message it changed.
    awaitable<result<std::optional<item>>> root_of(portal_ptr p, side s, std::string id);
    // References to messages get the other side's names. `what` outlives the call.
    awaitable<void> resolve(portal_ptr p, side s, happening& what);

private:
    bool open(const portal_ptr& p, way w) const;
    awaitable<void> run(portal_ptr p, lane_id at);
    awaitable<void> send_head(portal_ptr p, lane_id at);
    awaitable<settlement> deliver(portal_ptr p, lane_id at, item it, bool again);
    awaitable<void> settle(portal_ptr p, lane_id at, item it, settlement s);
    static settlement refill(const item& dead, event e);
    settlement nothing_to_do(
        const portal_ptr& p, const item& it, const happening& what, const std::optional<item>& known
    );
    std::vector<item> split_off(const portal_ptr& p, const item& it, settlement& s);
    awaitable<void> pay_debts();
    awaitable<std::vector<store_change>> tell_all(std::vector<item> some);
    awaitable<outcome> tell_letters(portal_ptr p, std::vector<item> some);
    awaitable<outcome> tell_near(portal_ptr p, std::vector<item> some, event read);
    awaitable<outcome> tell_far(portal_ptr p, std::vector<item> some, event read);
    void show(const portal_ptr& p, std::string event, fate is, std::optional<failure> why = std::nullopt);
    awaitable<void> show_all();
    awaitable<outcome> tell_unkicked(portal_ptr p, event e, std::string key, std::string why);
    awaitable<bool> has_people(std::string room);  // true also when it cannot be seen
    awaitable<settlement> setting_refused(portal_ptr p, failure why);
    awaitable<settlement> far_is_gone(portal_ptr p, gone bye);
    awaitable<settlement> far_reports(portal_ptr p, report news);
    awaitable<void> close(portal_ptr p, std::string why);
    bool may_tell_again(const portal_ptr& p, std::string_view kind);

    awaitable<settlement> to_far(portal_ptr p, item it, event e, bool again);
    awaitable<settlement> to_far_reaction(portal_ptr p, item it, event e, std::string target, bool adds);
    awaitable<result<event>> speak_far(
        portal_ptr p, event e
    );  // people and references in the network's names
    awaitable<outcome> link_files(event& e, const abilities& able);
    awaitable<settlement> send_far(portal_ptr p, event e);
    awaitable<result<std::vector<sent>>> send_parts(portal_ptr p, position seq, std::vector<event> parts);

    // A long message is several over there, and each is known by its own row (core/relay_parts.cpp).
    static void note_part(settlement& done, const item& whole, std::size_t number, sent part);
    // That still stand, of what is changed or taken back; `what` outlives the call.
    awaitable<std::vector<item>> parts_of(portal_ptr p, const happening& what, item whole);
    awaitable<settlement> take_far_parts(portal_ptr p, event e, std::vector<item> parts, settlement done);
    awaitable<settlement> take_matrix_parts(portal_ptr p, order o, std::vector<item> parts, settlement done);

    awaitable<settlement> to_matrix(portal_ptr p, item it, event e);
    bool may_come_yet(const portal_ptr& p, const item& answer) const;
    awaitable<result<std::uint32_t>> note_first_try(portal_ptr p, position seq, std::string ghost);
    awaitable<void> note_next_try(portal_ptr p, lane_id at, std::vector<store_change>& into);
    awaitable<settlement> to_matrix_reactions(portal_ptr p, item it, order o, item target);
    awaitable<result<order>> speak_matrix(portal_ptr p, const item& it, event e);
    awaitable<settlement> send_matrix(portal_ptr p, const item& it, order o);
    awaitable<outcome> ensure_room(portal_ptr p);
};

}  // namespace rialto
