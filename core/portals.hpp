// core/portals.hpp: which far room is joined to which Matrix room. A portal is an edge: a Matrix room may
// have several (a MUC and a mailbox), a far room has exactly one Matrix room an account. In memory; what is
// here was committed first. One thread.
#pragma once

#include "core/clock.hpp"
#include "core/lane.hpp"

#include <functional>
#include <map>
#include <memory>
#include <unordered_map>

namespace rialto {

// A lane of a portal. Recipients that asked for a later try (a greylisted address) go on in a side lane of
// their own, so that they do not stop the room.
struct lane_id
{
    way bound;
    std::string recipient;  // "": the room's own
    lane_id(way w, std::string r = {}) : bound{w}, recipient{std::move(r)} {}
    auto operator<=>(const lane_id&) const = default;
};

struct portal
{
    portal_row row;
    room state;
    std::string tag;       // core/key.hpp: how our own Matrix events say that they came from here
    std::string watcher;   // mxid of ours who reads its Matrix room from the stream; "" the bot
    bool closing = false;  // unbridging: what is before it in the lanes still goes, nothing new comes in
    std::string last_error;
    position last_seen = 0;                          // of the lane towards the network
    std::map<lane_id, std::unique_ptr<lane>> lanes;  // only where something waits: most portals are quiet

    portal(portal_row r, room s);
    // When it was opened; keys are made of the time (core/context.hpp). What was said before is not its
    // concern.
    timestamp born() const { return from_ms(row.key >> 12); }
    portal_id id() const { return portal_id{row.room, row.account}; }
    lane* queue(const lane_id& at) const
    {
        const auto found = lanes.find(at);
        return found == lanes.end() ? nullptr : found->second.get();
    }
    std::size_t waiting(way w) const;
};
using portal_ptr = std::shared_ptr<portal>;

class portals
{
public:
    portal_ptr add(portal_row row, room state);
    void move(const portal_ptr& p, std::string matrix_room);  // also from and to ""
    void close(const portal_ptr& p);

    portal_ptr by_key(portal_key key) const;
    portal_ptr by_far(std::string_view network, const portal_id& id) const;
    std::vector<portal_ptr> in_room(const std::string& matrix_room) const;
    void each(const std::function<void(const portal_ptr&)>& see) const;
    std::size_t size() const noexcept { return by_key_.size(); }

private:
    static std::string far_name(std::string_view network, const portal_id& id);
    std::unordered_map<portal_key, portal_ptr> by_key_;
    std::unordered_map<std::string, portal_ptr> by_far_;
    std::unordered_multimap<std::string, portal_ptr> by_room_;
};

}  // namespace rialto
