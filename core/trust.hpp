// core/trust.hpp: commit is not release. What a homeserver pushes is on disk and answered at once, but
// whether its order can be believed depends on the TCP connection it came on: a homeserver that was killed
// forgets what it had not pushed yet, and goes on with what is newer on a connection that is new. So a row is
// *held* until one `/sync` of the room's watcher (one of our users who is in the room) that began since that
// connection opened has been committed to its end: what that answer lacks was never forgotten. Behind a proxy
// connections tell nothing; there
// `/sync` alone gives the order. Decides only: no clock, no I/O; one thread. Traces: docs/QUEUE.md.
#pragma once

#include "core/near.hpp"
#include "core/store.hpp"

#include <list>
#include <map>
#include <string>
#include <unordered_map>

namespace rialto {

class trust
{
public:
    struct held
    {
        std::string watcher;
        arrival from;
        std::uint64_t round = 0;  // rounds begun before it came
        item it;

        held(std::string w, arrival f, std::uint64_t r, item i)
            : watcher{std::move(w)}, from{f}, round{r}, it{std::move(i)}
        {
        }
    };
    struct round  // one /sync of one watcher
    {
        std::string watcher;
        std::uint64_t covers = 0;  // the newest connection when it began
        std::uint64_t number = 0;

        round() = default;
    };

    // by_sync: no connection is ever trusted (a proxy that hides itself).
    explicit trust(bool by_sync = false) : by_sync_{by_sync} {}

    void opened(std::uint64_t connection) { newest_ = std::max(newest_, connection); }
    // May it get its place in the lane at once? Nothing passes a held row of its own lane.
    bool passes(portal_key lane, const std::string& watcher, const arrival& from) const;
    // False: it is held already.
    bool hold(std::string watcher, const arrival& from, item it);
    void drop(portal_key lane, const std::string& event);  // released, or it was never written
    const held* find(portal_key lane, const std::string& event) const;

    round begin(std::string watcher);
    // What the round vouches for once its answer is journaled, and held rows that came since on connections
    // that are trusted; in the order of arrival.
    std::vector<const held*> vouched(const round& r) const;
    std::vector<const held*> ready() const;
    void finish(const round& r);
    // Whether a /sync of this watcher has ended that began after so many.
    std::uint64_t begun() const noexcept { return rounds_; }
    bool read_since(const std::string& watcher, std::uint64_t begun) const;
    bool holds(portal_key lane) const { return lanes_.contains(lane); }
    std::vector<const held*> of(portal_key lane) const;
    // The portal got another watcher (or its first): what is held waits for that one.
    void hand_over(portal_key lane, const std::string& watcher);
    // Whose /sync somebody waits for longest; nullptr: nobody's.
    const std::string* wanted() const;
    std::size_t size() const noexcept { return rows_.size(); }

private:
    bool indirect(const arrival& from) const { return by_sync_ || from.proxied || from.connection == 0; }
    bool trusted(const std::string& watcher, const arrival& from) const;
    static std::string name(portal_key lane, const std::string& event);

    bool by_sync_;
    std::uint64_t newest_ = 0, rounds_ = 0;
    std::map<std::string, std::uint64_t, std::less<>> covered_;   // per watcher, connections up to this
    std::map<std::string, std::uint64_t, std::less<>> finished_;  // per watcher, the newest round
    std::list<held> rows_;                                        // in the order of arrival
    std::unordered_map<std::string, std::list<held>::iterator> named_;
    std::unordered_map<portal_key, std::size_t> lanes_;  // how many of each are held
};

// A room in which people talked before the bridge was there: what they said is read before anything that is
// pushed from it gets its place.
struct unread_room
{
    std::string room, watcher;
    std::string after;  // an event id; "" the room's beginning

    unread_room(std::string r, std::string w, std::string a)
        : room{std::move(r)}, watcher{std::move(w)}, after{std::move(a)}
    {
    }
};

// A part of what a watcher's /sync told: each room's events in the stream's order.
struct reading
{
    trust::round of;
    std::vector<near_event> events;
    bool last = false;   // nothing of this answer is left
    std::string token;   // of the last part: where the next /sync begins
    bool first = false;  // of this watcher: the place is kept though nothing was told
    std::string unread;  // of no /sync: this unread room's history

    reading() = default;
    reading(trust::round r, std::vector<near_event> e) : of{std::move(r)}, events{std::move(e)} {}
};

// The core as the reader of the homeserver's stream sees it.
class stream_intake
{
public:
    virtual ~stream_intake() = default;
    virtual std::string wanted() const = 0;                                  // a watcher's mxid; "" nobody's
    virtual std::vector<std::pair<std::string, std::string>> watched() = 0;  // watcher, Matrix room
    virtual trust::round begin_round(std::string watcher) = 0;
    // On disk when it succeeds; with the last part the token moves, unless nothing at all was told.
    virtual awaitable<outcome> catch_up(reading r) = 0;
    virtual awaitable<result<std::string>> token_of(std::string watcher) = 0;  // "" never read
    // Goes before whoever is wanted. The next one behind this room, so that one that cannot be read keeps
    // none.
    virtual std::optional<unread_room> unread(const std::string& behind) const = 0;
};

}  // namespace rialto
