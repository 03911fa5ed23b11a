// core/store.hpp: the port to what must survive. One `commit` is one atomic, durable transaction of several
// changes; it resumes only when they are on disk (group commit behind it). Values only; called on the
// io_context thread; the store has its own thread. Errors: cause::full = nothing was written and intake must
// stop (SQLITE_FULL); anything else that cannot be written ends the process (docs/QUEUE.md).
//
// The journal and the links are one table: a row is an `item` on its way and, once settled, the link between
// event id and far id. Its payload is cleared when it is settled as sent or withdrawn.
#pragma once

#include "core/event.hpp"

#include <boost/asio/awaitable.hpp>

namespace rialto {

using boost::asio::awaitable;
using portal_key = std::int64_t;  // immutable, never reused

enum class way : std::uint8_t
{
    to_far = 0,
    to_matrix = 1
};
enum class stage : std::uint8_t
{
    held = 0,
    queued = 1,
    sending = 2,
    sent = 3,
    dead = 4,
    withdrawn = 5
};
enum class side : std::uint8_t
{
    matrix,
    far
};

// clang-format off
struct item
{
    position seq = 0;                // given by the store: the lane position
    portal_key portal = 0;
    way bound = way::to_far;
    stage now = stage::queued;
    std::string matrix_id, far_id;   // event id; the far side's own. The origin's is there from the start and is unique in (portal, bound)
    std::vector<std::string> also;   // further far names
    std::string author;              // far user_id (to_matrix) or mxid (to_far)
    std::string payload;             // core/journal.hpp
    position root = 0;               // of an edit: the item of the message it changes
    std::int64_t taken_ms = 0;       // when accepted, ms since 1970
    std::int64_t first_try_ms = 0;   // 0: not tried
    std::uint32_t generation = 0;    // of the ghost's device at the first try
    std::string why;                 // dead: the reason
    cause kind = cause::other;       // dead: of what kind the reason is
    verdict next = verdict::give_up; // dead: what the failure said
    bool certain = true;             // dead: it surely did not arrive
    std::uint32_t tries = 0;         // dead: how often it was sent
    item() = default;
};
// By which the far side's own name, or our number where it has none, enters a content key.
inline std::string remote_name(const item& it) { return it.far_id.empty() ? "#" + std::to_string(it.seq) : it.far_id; }
struct portal_row
{
    portal_key key = 0;
    std::string network; room_id room; account_id account;
    std::string matrix_room;         // "" until it is made
    kind is = kind::group;
    bool open = true;                // false: unbridged; the row stays, its key is never used again
    std::string state;               // JSON of `room` (core/journal.hpp): abilities, info
    portal_row() = default;
};
struct person_row
{
    std::string network; user_id far; std::string mxid;
    bool puppet = false;             // far is the address of a Matrix person (or of another network's ghost)
    std::string shown_as, avatar_hash;
    std::uint32_t generation = 0;    // of the ghost's device name
    person_row() = default;
};
struct reaction_row { portal_key portal = 0; std::string target, who, emoji, id;  // event id of the target, mxid, the annotation's event id
                      reaction_row() = default; reaction_row(portal_key p, std::string t, std::string w, std::string e, std::string i) : portal{p}, target{std::move(t)}, who{std::move(w)}, emoji{std::move(e)}, id{std::move(i)} {} };

// The changes of a commit, applied in order. Marks of an unknown seq change nothing. `also` of a mark are further
// names at the destination; those of an item are far ones.
struct put_item      { item it; explicit put_item(item i) : it{std::move(i)} {} };                       // left out when its origin id is known in (portal, bound), or is what the far side calls an item to it
struct release_item  { portal_key portal; std::string matrix_id; release_item(portal_key p, std::string m) : portal{p}, matrix_id{std::move(m)} {} };  // held -> queued, at the end of what was taken in; its place until then was none
struct mark_trying   { position seq; std::int64_t first_try_ms; std::uint32_t generation; mark_trying(position s, std::int64_t t, std::uint32_t g) : seq{s}, first_try_ms{t}, generation{g} {} };
struct mark_sent     { position seq; std::string id; std::vector<std::string> also; mark_sent(position s, std::string i, std::vector<std::string> a = {}) : seq{s}, id{std::move(i)}, also{std::move(a)} {} };  // id at the destination; clears the payload
struct mark_seen     { position seq; std::string matrix_id; mark_seen(position s, std::string m) : seq{s}, matrix_id{std::move(m)} {} };  // towards Matrix: it is there under this name; not settled yet
struct mark_stage    { position seq; stage now; std::string why; mark_stage(position s, stage n, std::string w) : seq{s}, now{n}, why{std::move(w)} {} };
struct mark_dead     { position seq; failure why; std::uint32_t tries; mark_dead(position s, failure f, std::uint32_t t) : seq{s}, why{std::move(f)}, tries{t} {} };
struct mark_told     { position seq; explicit mark_told(position s) : seq{s} {} };                        // the author of a dead letter knows
struct requeue       { position seq; std::int64_t taken_ms; requeue(position s, std::int64_t t) : seq{s}, taken_ms{t} {} };  // a dead letter goes to the end of its lane, under a new seq; tried before if that is not certain
struct mark_root     { position seq, root; mark_root(position s, position r) : seq{s}, root{r} {} };
struct put_payload   { position seq; std::string payload; put_payload(position s, std::string p) : seq{s}, payload{std::move(p)} {} };
struct put_portal    { portal_row row; explicit put_portal(portal_row r) : row{std::move(r)} {} };       // key 0: new; else replaces it. A second open one of (network, room, account) is refused: cause::conflict, nothing written
struct put_person    { person_row row; explicit put_person(person_row r) : row{std::move(r)} {} };       // replaces who had this far address or this mxid in the network
struct put_reaction  { reaction_row row; explicit put_reaction(reaction_row r) : row{std::move(r)} {} };
struct drop_reaction { portal_key portal; std::string id; drop_reaction(portal_key p, std::string i) : portal{p}, id{std::move(i)} {} };
struct put_note      { std::string key, value; put_note(std::string k, std::string v) : key{std::move(k)}, value{std::move(v)} {} };
using store_change = std::variant<put_item, release_item, mark_trying, mark_sent, mark_seen, mark_stage, mark_dead, mark_told, requeue, mark_root, put_payload, put_portal, put_person, put_reaction, drop_reaction, put_note>;
// clang-format on

class store
{
public:
    virtual ~store() = default;
    // One number per put_item, release_item, put_portal and requeue, in order: the new seq or key; 0 for an
    // item that was known already, or was not held, or not dead. Durable also for that known one: a duplicate
    // may be acknowledged when this resumes.
    virtual awaitable<result<std::vector<std::int64_t>>> commit(std::vector<store_change> all) = 0;

    // By any of its names: the exact id before an alias, the newest of several.
    virtual awaitable<result<std::optional<item>>> find(portal_key p, side s, std::string id) = 0;
    virtual awaitable<result<std::optional<item>>> get(position seq) = 0;
    // Held, queued, sending; in order.
    virtual awaitable<result<std::vector<item>>> waiting(position after, std::size_t most) = 0;
    // p 0: of all; oldest first.
    virtual awaitable<result<std::vector<item>>> dead(portal_key p, std::size_t most) = 0;
    // The dead ones whose authors were not told yet; oldest first.
    virtual awaitable<result<std::vector<item>>> untold(position after, std::size_t most) = 0;
    // The open ones.
    virtual awaitable<result<std::vector<portal_row>>> portals() = 0;
    virtual awaitable<result<std::optional<person_row>>> person_by_far(std::string network, user_id far) = 0;
    virtual awaitable<result<std::optional<person_row>>> person_by_mxid(
        std::string network, std::string mxid
    ) = 0;
    // The oldest first; who "": of everybody.
    virtual awaitable<result<std::vector<reaction_row>>> reactions(
        portal_key p, std::string target, std::string who
    ) = 0;
    virtual awaitable<result<std::optional<reaction_row>>> reaction(portal_key p, std::string id) = 0;
    virtual awaitable<result<std::string>> note(std::string key) = 0;  // "": none. Putting "" removes it
    using note_rows = std::vector<std::pair<std::string, std::string>>;
    // Those whose keys begin so, in the order of their keys. `prefix` ends in an ASCII sign.
    virtual awaitable<result<note_rows>> notes_of(std::string prefix, std::size_t most) = 0;
};

}  // namespace rialto
