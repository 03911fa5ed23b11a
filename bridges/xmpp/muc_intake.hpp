// bridges/xmpp/muc_intake.hpp: in which order a room's messages go to the core, and how far we have read
// (docs/QUEUE.md): live copies wait until what the archive has from before is committed, or they would
// overtake it. A message that is seen twice counts once. Pure. Bounded: what is too much is dropped and
// `overflowed()` says that the room has to be read again from the cursor.
#pragma once

#include "bridges/xmpp/mam.hpp"

#include <deque>
#include <optional>
#include <unordered_set>
#include <vector>

namespace rialto::xmpp {

struct intake_batch
{
    std::vector<event> events;
    cursor before, upto;  // upto: to be committed with them; empty: unchanged
    intake_batch() = default;
};

class muc_intake
{
    struct entry
    {
        std::optional<event> what;  // none: a message of our own, only the cursor moves
        cursor where;
        entry(std::optional<event> e, cursor c) : what{std::move(e)}, where{std::move(c)} {}
    };
    std::deque<entry> ready_, held_;
    std::unordered_set<std::string> known_;
    std::deque<std::string> order_;
    cursor position_;
    std::size_t most_, uncommitted_ = 0;
    bool holding_ = false, overflowed_ = false;

    bool fresh(const entry& e);
    bool has_place();

public:
    static constexpr std::size_t batch_size = 100, most_known = 10'000, own_before_commit = 50;

    explicit muc_intake(std::size_t most = 5'000) : most_{most} {}

    void start_at(cursor c) { position_ = std::move(c); }
    const cursor& position() const noexcept { return position_; }

    // From when the room is lost until its archive was read: what was held is forgotten, it will be read
    // again, and what a room tells us meanwhile for which we are still in it passes nothing.
    void hold();
    void live(std::optional<event> e, cursor where);
    void archived(std::optional<event> e, cursor where);
    void release();                     // the archive's rows are committed
    void put_back(intake_batch batch);  // it could not be committed
    bool holding() const noexcept { return holding_; }
    bool overflowed() const noexcept { return overflowed_; }

    // The next to commit, in order; nothing: nothing is worth a commit.
    std::optional<intake_batch> take();
};

}  // namespace rialto::xmpp
