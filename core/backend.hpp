// core/backend.hpp: all that a bridge author has to read (with event.hpp and result.hpp).
// A backend speaks one foreign network and knows nothing of Matrix. All calls are made on the one io_context
// thread; none blocks; all arguments and results are values, so that a backend may be a child process.
// accept() carries what must not be lost; attempt() is for someone who waits for the answer.
#pragma once

#include "core/event.hpp"

#include <boost/asio/awaitable.hpp>
#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <span>
#include <stdexcept>
#include <string_view>

namespace rialto {

using boost::asio::awaitable;

// clang-format off
struct note    { std::string key, value; note() = default; note(std::string k, std::string v) : key{std::move(k)}, value{std::move(v)} {} };  // a cursor: MAM id, UIDVALIDITY+UID
struct native  { enum class what { person, room }; what is = what::person; std::string local, server, shown_as;  // a name on the Matrix side
                 native() = default; native(what w, std::string l, std::string s, std::string shown = {}) : is{w}, local{std::move(l)}, server{std::move(s)}, shown_as{std::move(shown)} {} };
struct extent  { user_id asker; message_id after, before; timestamp since{}, until{timestamp::max()}; position as_of = 0; std::size_t most = 50; bool newest_first = true; extent() = default; };  // of history
struct page    { std::vector<event> events; bool complete = true; std::string next; page() = default; };
struct listing { std::vector<std::pair<portal_id, room>> rooms; std::vector<person> people; std::string next; listing() = default; };
struct query   { enum class of { mine, rooms, people }; of what; user_id asker; std::string words, next; std::size_t most = 100; explicit query(of w) : what{w} {} };  // mine: this backend's portals; else as the asker may see them
struct wish    { person asker; kind is; std::vector<std::string> addresses; native home; std::string secret; wish(person a, kind k) : asker{std::move(a)}, is{k} {} };
struct opened  { portal_id portal; room state; opened(portal_id p, room r) : portal{std::move(p)}, state{std::move(r)} {} };
// What a Matrix person tells a network in a room ("!mail block carol@example.org", without the first word), and what comes of it.
struct request { person asker; std::string line; std::vector<portal_id> here; reference about; std::string objection; bool admin = false;  // here: this network's portals of the room; about: the message that is replied to; objection: why the asker may not change this room, "" they may
                 request() = default; request(person a, std::string l) : asker{std::move(a)}, line{std::move(l)} {} };
struct answer  { std::string text; std::optional<opened> opens; std::optional<portal_id> closes;  // for the asker; a portal that this room gets, or loses
                 answer() = default; explicit answer(std::string t) : text{std::move(t)} {} };
struct refusal { user_id recipient; failure why; refusal(user_id r, failure f) : recipient{std::move(r)}, why{std::move(f)} {} };
struct sent    { message_id id; std::vector<message_id> also; std::vector<refusal> refused; bool settled = true; sent() = default; explicit sent(message_id i) : id{std::move(i)} {} };  // !settled: reports follow
// clang-format on

class media_store  // bytes in the core's bounded spool, fetched on demand, in pieces of at most 1 MiB
{
public:
    virtual ~media_store() = default;
    virtual awaitable<result<file>> stat(media_id id) = 0;
    // Empty at the end.
    virtual awaitable<result<std::string>> read(media_id id, std::uint64_t offset, std::size_t most) = 0;
    // A file for Matrix is created, filled, finished: then it is on the homeserver, and the event to accept
    // names what finish() gave, whose type and size are those of its bytes. What is not finished within an
    // hour is swept. try_later: the homeserver is away, or the spool is full.
    virtual awaitable<result<media_id>> create(file about) = 0;
    virtual awaitable<outcome> append(media_id id, std::string bytes) = 0;
    virtual awaitable<result<file>> finish(media_id id) = 0;
    // HTTP PUT (XEP-0363).
    virtual awaitable<outcome> push(media_id id, std::string url, std::vector<note> headers) = 0;
    // Our own signed, expiring URL of the file's `bytes`; unsupported: there is no public address.
    virtual awaitable<result<std::string>> link(file f) = 0;
};

class host  // the core, as a backend sees it
{
public:
    virtual ~host() = default;
    // Takes over responsibility: on success all is on disk, with the cursor, and will reach Matrix in this
    // order. A `room` from a person opens a portal that is not there yet; one from the room itself (no
    // sender) does not. Acknowledge upstream only then. Never waits for room: a full journal is
    // try_later/full at once.
    virtual awaitable<outcome> accept(std::vector<event> batch, note cursor) = 0;
    awaitable<outcome> accept(event e) { return accept(std::vector<event>(1, std::move(e)), note{}); }
    // Several notes; the core writes them in the same commit.
    virtual awaitable<outcome> accept_all(std::vector<event> batch, std::vector<note> notes)
    {
        for (std::size_t i = 1; i < notes.size(); ++i) {
            auto noted = co_await remember(notes[i]);
            if (!noted)
                co_return noted;
        }
        co_return co_await accept(std::move(batch), notes.empty() ? note{} : std::move(notes.front()));
    }
    // Does it now or not at all, and says what Matrix said: joins, kicks, roles, settings, invites. Not kept.
    // A join into an unknown room asks native_of() which Matrix room is meant and opens the portal.
    virtual awaitable<result<message_id>> attempt(event e) = 0;
    // Typing and presence: latest wins, never journaled, dropped when stale.
    virtual void hint(event e) = 0;
    virtual awaitable<result<room>> look(portal_id portal) = 0;  // as the lane stood at room.as_of
    // What the asker's ghost may see.
    virtual awaitable<result<page>> history(portal_id portal, extent of) = 0;
    virtual awaitable<result<listing>> find(query q) = 0;
    virtual awaitable<result<profile>> describe(user_id puppet) = 0;
    // May this Matrix person be asked into a room from over there: they exist, and policy permits it.
    virtual awaitable<outcome> reachable(user_id /*puppet*/) { co_return ok(); }
    // What the bot would do.
    virtual awaitable<result<std::string>> command(person asker, std::string line) = 0;
    virtual awaitable<outcome> remember(note n) = 0;
    awaitable<outcome> remember_all(std::vector<note> notes)
    {
        return accept_all(std::vector<event>{}, std::move(notes));
    }
    // "": never remembered. What is being written counts: who reads, decides and writes with no co_await in
    // between overwrites nobody.
    virtual awaitable<result<std::string>> recall(std::string key) = 0;
    virtual void link_up(account_id account) = 0;  // lanes may run now; the end of run() is link down
    virtual media_store& media() = 0;
};

class backend
{
public:
    virtual ~backend() = default;
    // Connects, rejoins what find(mine) lists, catches up, reads until the link fails or it is cancelled; the
    // core waits and calls again. Called only under the lease of this account: cancelled, it begins nothing,
    // ends promptly, and once it has returned not one more byte leaves (until then the socket's own may).
    virtual awaitable<outcome> run(account_id account) = 0;
    // Delivers one event of a portal, begun in lane order. May come twice after a crash: the wire id comes
    // from e.id; look before an e.again. After a try_later, the portal's later deliveries in flight fail so
    // too. An exception is give_up, uncertain. A typing event is a hint: it has no id and its result is not
    // looked at.
    virtual awaitable<result<sent>> deliver(event e) = 0;
    // The address a Matrix person (or another network's ghost) has over there. Asked once, then kept by the
    // core.
    virtual awaitable<result<user_id>> address_of(native who) = 0;

    // What follows need not be there.
    virtual awaitable<result<native>> native_of(std::string /*address*/) { co_return no("addresses"); }
    // Alias, command, DM, new mail.
    virtual awaitable<result<opened>> open(wish /*w*/) { co_return no("opening rooms"); }
    // Unbridged: take the puppets out.
    virtual awaitable<outcome> close(portal_id /*portal*/) { co_return ok(); }
    virtual awaitable<result<profile>> describe(user_id /*who*/) { co_return no("profiles"); }
    virtual awaitable<result<page>> history(portal_id /*portal*/, extent /*of*/) { co_return no("history"); }
    // What command() understands, for people, a line each; "": nothing, and the network's name calls nobody.
    virtual std::string commands() const { return {}; }
    // Durable before it says so. What it does may be told twice after a crash.
    virtual awaitable<result<answer>> command(request /*r*/) { co_return no("commands"); }

protected:
    static failure no(std::string what)
    {
        return {verdict::unsupported, cause::other, "this network has no " + std::move(what)};
    }
};

struct config_error : std::runtime_error  // what, where, remedy: the daemon never starts half-configured
{
    using std::runtime_error::runtime_error;
};

struct backend_type  // one line each in bridges/registry.cpp
{
    std::string_view name, example_config;
    std::unique_ptr<backend> (*make)(host&, const nlohmann::json& config);  // throws config_error
};
std::span<const backend_type> backend_types();

}  // namespace rialto
