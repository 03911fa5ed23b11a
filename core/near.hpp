// core/near.hpp: the border between the core and the Matrix side ("near"; a backend's network is "far").
// `homeserver` is Matrix as the core sees it, `intake` the core as the Matrix side sees it; appservice/
// implements the first and calls the second. No Matrix JSON crosses: people are mxids, rooms room ids,
// references event ids, what happened is the vocabulary of core/event.hpp. One io_context thread; values
// only.
#pragma once

#include "core/backend.hpp"

namespace rialto {

// Something that happened in a Matrix room. References (target, reply_to, thread) carry event ids, mentions
// and membership.whom mxids. `reactions` carries exactly one annotation, whose event id is `id`; taking it
// away is a `retraction` of that id.
struct near_event
{
    std::string room, id;     // room id and event id, opaque (room version 12 ids have no ':')
    std::string sender;       // mxid
    std::string sender_name;  // display name in the room, "" when unknown
    timestamp at{};
    happening what;
    std::string stamp;  // our own content key (order::key) when one of our ghosts or the bot sent it, else ""
    bool direct = false;     // an invite with is_direct
    bool hollow = false;     // redacted or of no concern: only its place in the stream is told
    bool encrypted = false;  // m.room.encrypted, or the room became so: see Trust in docs/SECURITY.md

    near_event() = default;
    near_event(std::string r, std::string i, std::string s, happening h)
        : room{std::move(r)}, id{std::move(i)}, sender{std::move(s)}, what{std::move(h)}
    {
    }
};

// One happening to be done in a Matrix room by a ghost (or by the bot: `as` empty). References and mentions
// are event ids and mxids here; `reactions` carries exactly one. membership: `as` joins or leaves; or `as`
// (or the bot, when the ghost lacks the power) kicks, bans, unbans or invites `whom`. room_info is set by the
// bot.
struct order
{
    std::string room;
    std::string as;  // the ghost's mxid
    profile shown;   // set before the ghost's first join, corrected when it changed
    happening what;
    timestamp at{};  // the origin's time; sent as ?ts= when `past`
    bool past = false;
    std::string key;  // content key and transaction id: same key, same event, however often it is sent
    unsigned generation = 0;  // of the ghost's device (promise.md §2)
    bool again = false;       // older than the homeserver remembers: look for the key before sending

    order() = default;
    order(std::string r, std::string a, happening h, std::string k)
        : room{std::move(r)}, as{std::move(a)}, what{std::move(h)}, key{std::move(k)}
    {
    }
};

struct room_plan
{
    kind is = kind::group;
    std::string alias;  // localpart, deterministic: making the room twice finds the first ("" none)
    room_info info;
    std::vector<std::string> invite;          // mxids
    std::vector<std::string> members;         // ghosts that shall be in it: invited and joined
    std::string network, far_room, far_name;  // for m.bridge

    room_plan() = default;
    explicit room_plan(kind k) : is{k} {}
};

struct near_member
{
    std::string mxid, shown_as;
    std::int64_t power = 0;
    near_member() = default;
    near_member(std::string m, std::string s, std::int64_t p)
        : mxid{std::move(m)}, shown_as{std::move(s)}, power{p}
    {
    }
};

struct near_room  // as it is now
{
    room_info info;
    std::vector<near_member> members;  // joined
    std::int64_t state_default = 50;
    bool encrypted = false, direct = false, public_join = false;
    std::string predecessor;  // the room that this one says it replaces (m.room.create)
    near_room() = default;
};

class homeserver
{
public:
    virtual ~homeserver() = default;
    // Does it; on success `id` is the event id. Registers, names, invites and joins the ghost as needed. 5xx,
    // 429, time-outs: try_later with the server's delay. A repeat with the same key is the same event.
    virtual awaitable<result<sent>> deliver(order o) = 0;
    virtual awaitable<result<std::string>> make_room(room_plan plan) = 0;  // room id
    virtual awaitable<result<std::string>> room_of_alias(std::string alias) = 0;
    virtual awaitable<result<near_room>> look(std::string room) = 0;
    virtual awaitable<result<profile>> describe(std::string mxid
    ) = 0;  // the name they gave themselves; "" none
    virtual awaitable<outcome> bot_join(std::string room) = 0;
    virtual awaitable<outcome> ghost_join(std::string room, std::string mxid, profile shown) = 0;
    // m.bridge and the older name.
    virtual awaitable<outcome> describe_bridge(std::string room, room_plan plan) = 0;
    // By the bot, m.notice.
    virtual awaitable<outcome> notice(std::string room, std::string text, std::string key) = 0;
    // com.beeper.message_send_status of an event, by the bot.
    virtual awaitable<outcome> status(
        std::string room, std::string event, fate is, std::optional<failure> why
    ) = 0;
    // "" in who: the bot.
    virtual awaitable<outcome> leave(std::string room, std::vector<std::string> who, std::string why) = 0;
    virtual awaitable<result<page>> history(std::string room, std::string as, extent of) = 0;
    // Of the device that this ghost sends with, as far as it is known without asking; 0: the first one.
    virtual std::uint32_t generation(const std::string& /*mxid*/) const { return 0; }
    virtual void hint(order o) = 0;  // typing, receipts, presence: sent at once or dropped
};

// How a push came in. `ordered`: whoever hands it in knows that nothing older is missing.
struct arrival
{
    std::uint64_t connection = 0;  // grows with the time of opening; 0: of a former life of ours
    bool proxied = false;          // the connection says nothing of the homeserver behind it
    bool ordered = true;

    arrival() = default;
    arrival(std::uint64_t c, bool p) : connection{c}, proxied{p}, ordered{false} {}
};

struct near_place  // a Matrix room and the far rooms it is joined to
{
    std::string network, far_room, state;
    position waiting = 0;
    std::string last_error;
    near_place() = default;
};

struct near_request  // what somebody in a Matrix room tells a network
{
    std::string network, room, asker, line;
    std::string about;      // the event that it replies to; "" none
    std::string objection;  // why they may not change this room; "": they may
    bool admin = false;     // of the bridge
    near_request() = default;
};

class intake
{
public:
    virtual ~intake() = default;
    // Takes over responsibility for all of it: success is "on disk" (answer 200 then). try_later/full: answer
    // 503.
    virtual awaitable<outcome> take_in(std::vector<near_event> batch, arrival from = arrival{}) = 0;
    // The homeserver's connections; all that comes on one is told between the two.
    virtual void connected(std::uint64_t /*connection*/) {}
    virtual void disconnected(std::uint64_t /*connection*/) {}
    virtual void hint(near_event e) = 0;  // typing and receipts
    // `#_rialto_<network>_room=<address>`: opens the far room for the asker; the Matrix room's id.
    virtual awaitable<result<std::string>> open(
        std::string network, std::string address, std::string asker
    ) = 0;
    virtual awaitable<outcome> bridge(
        std::string room, std::string network, std::string address, std::string asker
    ) = 0;
    virtual awaitable<outcome> unbridge(
        std::string room, std::string network, std::string address, std::string why
    ) = 0;
    virtual awaitable<std::vector<near_place>> places(std::string room) = 0;  // "": all
    // What a network understands, in words for people; "": it takes no commands.
    virtual std::string commands_of(std::string_view /*network*/) const { return {}; }
    virtual awaitable<result<std::string>> command(near_request /*r*/)
    {
        co_return failure{verdict::unsupported, cause::other, "no network takes commands"};
    }
    // By the bot; where it is not a member (a chat), by who is talked with. Same key, same words once.
    virtual awaitable<outcome> tell(std::string /*room*/, std::string /*text*/, std::string /*key*/)
    {
        co_return failure{verdict::unsupported, cause::other, "there is nobody to tell it"};
    }
    // The ghost of a far address, by grammar alone.
    virtual std::optional<std::string> ghost_of(std::string_view network, std::string_view address) const = 0;
};

}  // namespace rialto
