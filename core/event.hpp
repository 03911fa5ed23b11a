// core/event.hpp: what can happen, in words that no network owns. Values only: each can be journaled, sent
// through a pipe and compared. Everybody is named by a far address: a far person by their own, a Matrix
// person by their puppet's. Constructors are there on purpose (g++ 12, docs/STYLE.md "Coroutines").
// sizeof(event) is large: move it, never copy it.
#pragma once

#include "core/document.hpp"
#include "core/result.hpp"

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace rialto {

using timestamp = std::chrono::system_clock::time_point;
using position = std::int64_t;  // of an event in its portal's lane; rises, has gaps

// clang-format off
template <class Tag>
struct name  // opaque to all but its maker
{
    std::string value;
    name() = default;
    explicit name(std::string v) : value{std::move(v)} {}
    bool empty() const noexcept { return value.empty(); }
    auto operator<=>(const name&) const = default;
};
using user_id    = name<struct user_tag>;     // minted by the backend: romeo@montague.example
using room_id    = name<struct room_tag>;     // minted by the backend: orchard@muc.example
using account_id = name<struct account_tag>;  // a Matrix user's own far account; empty: the bridge's own link
using message_id = name<struct message_tag>;  // minted where the message was born
using media_id   = name<struct media_tag>;    // bytes that the core keeps

enum class manner       { say, emote, notice };
enum class kind         { group, direct, mailbox };
enum class rank         { visitor, member, moderator, admin, owner };
enum class change       { join, leave, invite, knock, kick, ban, unban };
enum class bond         { asked, granted, refused, ended };  // may see presence
enum class availability { offline, away, busy, online };
enum class fate         { queued, relayed, delivered, delayed, failed };

struct portal_id { room_id room; account_id account;
                   portal_id() = default; portal_id(room_id r, account_id a = account_id{}) : room{std::move(r)}, account{std::move(a)} {}
                   auto operator<=>(const portal_id&) const = default; };
struct profile   { std::string shown_as; media_id avatar; std::string avatar_hash;
                   profile() = default; explicit profile(std::string s) : shown_as{std::move(s)} {}
                   bool operator==(const profile&) const = default; };
struct person    { user_id id; std::string shown_as;
                   person() = default; explicit person(user_id i, std::string s = {}) : id{std::move(i)}, shown_as{std::move(s)} {}
                   bool operator==(const person&) const = default; };
struct file      { enum class as { file, image, audio, video, voice, sticker };
                   std::string name, mime; std::uint64_t size = 0; media_id bytes; std::string url;  // one of both; a url is fetched by the core
                   as shown = as::file; std::uint32_t width = 0, height = 0, millis = 0; bool in_body = false;
                   file() = default; file(std::string n, std::string m, media_id b) : name{std::move(n)}, mime{std::move(m)}, bytes{std::move(b)} {}
                   bool operator==(const file&) const = default; };
// A message spoken of. `also`: its other names over there (an XEP-0308 id, a mail's parts); author, shown_as (the author's name) and excerpt are filled by the core.
struct reference { message_id id; std::vector<message_id> also; user_id author; std::string shown_as, excerpt;
                   reference() = default; explicit reference(message_id i) : id{std::move(i)} {}
                   bool operator==(const reference&) const = default; };

struct message    { document body; manner how = manner::say; std::string subject; std::vector<file> files; std::optional<reference> reply_to, thread; std::vector<user_id> mentions;
                    message() = default; explicit message(document b) : body{std::move(b)} {} bool operator==(const message&) const = default; };
struct edit       { reference target; message now; edit() = default; edit(reference t, message n) : target{std::move(t)}, now{std::move(n)} {} bool operator==(const edit&) const = default; };
struct retraction { reference target; std::string reason; retraction() = default; explicit retraction(reference t) : target{std::move(t)} {} bool operator==(const retraction&) const = default; };
struct reactions  { reference target; std::vector<std::string> set; reactions() = default; reactions(reference t, std::vector<std::string> s) : target{std::move(t)}, set{std::move(s)} {} bool operator==(const reactions&) const = default; };  // all that this person has there now
struct receipt    { reference up_to; bool read = true; receipt() = default; explicit receipt(reference r) : up_to{std::move(r)} {} bool operator==(const receipt&) const = default; };  // read | only received
struct typing     { bool active = false; typing() = default; explicit typing(bool a) : active{a} {} bool operator==(const typing&) const = default; };
struct presence   { availability is = availability::offline; std::string text; presence() = default; presence(availability a, std::string t) : is{a}, text{std::move(t)} {} bool operator==(const presence&) const = default; };
struct contact    { user_id whom; bond is = bond::asked; contact() = default; contact(user_id w, bond b) : whom{std::move(w)}, is{b} {} bool operator==(const contact&) const = default; };
struct membership { change what = change::join; user_id whom; std::string reason; membership() = default; membership(change c, user_id w, std::string r = {}) : what{c}, whom{std::move(w)}, reason{std::move(r)} {} bool operator==(const membership&) const = default; };
struct role       { user_id whom; rank is = rank::member; role() = default; role(user_id w, rank r) : whom{std::move(w)}, is{r} {} bool operator==(const role&) const = default; };
struct room_info  { std::optional<std::string> title, topic; std::optional<media_id> avatar; std::optional<bool> members_only, moderated, listed, history_open; room_info() = default; bool operator==(const room_info&) const = default; };  // nullopt: as it was
struct gone       { std::string why; room_id moved_to; gone() = default; explicit gone(std::string w) : why{std::move(w)} {} bool operator==(const gone&) const = default; };
struct report     { reference about; user_id recipient; fate is = fate::queued; std::optional<failure> why; report() = default; report(reference a, user_id r, fate f) : about{std::move(a)}, recipient{std::move(r)}, is{f} {} bool operator==(const report&) const = default; };
struct abilities  // of one portal; what is false or too small the core degrades beforehand
{
    bool html = false, files = false, edits = false, old_edits = false, retractions = false, reactions = false, replies = false, threads = false, typing = false, receipts = false;
    bool one_file = false;  // a message carries no more than one; further ones are messages of their own
    bool hosts = false;  // the backend *is* the room over there: it is also given what it accepted itself, in Matrix's order, and reflects that
    std::uint64_t max_text = std::numeric_limits<std::uint64_t>::max(), max_file = std::numeric_limits<std::uint64_t>::max();  // bytes
    std::uint32_t in_flight = 1;    // deliveries begun before the first is done; more than 1 only where order is nobody's concern
    std::chrono::seconds hold{0};   // undo window: edits and retractions fold in
    bool operator==(const abilities&) const = default;
};
struct member     { person who; rank is = rank::member; bool puppet = false; member() = default; member(person w, rank r, bool p) : who{std::move(w)}, is{r}, puppet{p} {} bool operator==(const member&) const = default; };
struct room       { kind is = rialto::kind::group; room_info info; abilities able; std::vector<member> members; bool complete = false; position as_of = 0; room() = default; explicit room(kind k) : is{k} {} bool operator==(const room&) const = default; };  // the whole of it: opens a portal, or sets it right

using happening = std::variant<message, edit, retraction, reactions, receipt, typing, presence, contact, membership, role, room_info, room, profile, gone, report>;

struct event
{
    portal_id portal;              // room empty: about the person as such (presence, contact, profile)
    person sender;                 // who did it; empty: the far room itself
    timestamp at{};
    happening what;
    message_id id;                 // the origin's own, unique in the portal: it is deduplicated by this. Empty: state, may be repeated
    std::vector<message_id> also;  // other names by which the far side will speak of it
    position lane = 0;             // set by the core
    bool past = false;             // history: no notification, sent with its old time
    bool again = false;            // may have gone out before a crash: look before sending
    std::vector<user_id> only;     // a retry for these recipients; the others have it
    event() = default;
    event(portal_id p, person s, timestamp t, message_id i, happening h) : portal{std::move(p)}, sender{std::move(s)}, at{t}, what{std::move(h)}, id{std::move(i)} {}
    bool operator==(const event&) const = default;
};
// clang-format on

}  // namespace rialto
