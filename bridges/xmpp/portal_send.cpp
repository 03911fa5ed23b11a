// bridges/xmpp/portal.hpp, what goes out: one stanza at a time, until the room shows it to the listener.
// Every send is repeatable: same id; looked for before it is sent again.
#include "bridges/xmpp/file_places.hpp"
#include "bridges/xmpp/ids.hpp"
#include "bridges/xmpp/jid.hpp"
#include "bridges/xmpp/portal.hpp"
#include "bridges/xmpp/portal_signal.hpp"
#include "core/log.hpp"
#include "core/refs.hpp"

namespace rialto::xmpp {
namespace {

constexpr std::chrono::seconds echo_patience{10}, room_patience{30};
constexpr int most_tries = 4;

const reference* meant_by(const happening& what)
{
    const auto* said = std::get_if<message>(&what);
    return said != nullptr && said->reply_to ? &*said->reply_to : target_of(what);
}

// A room that was there and cannot be found may be back when its server is; what people decided stays
// decided.
failure for_now(failure f)
{
    if (f.kind != cause::banned && f.kind != cause::forbidden && f.kind != cause::members_only)
        f.next = verdict::try_later;
    return f;
}

}  // namespace

// Matrix moderators redact what others wrote: on XMPP its author's puppet takes it back.
std::string muc_portal::speaker_of_retraction(const event& e) const
{
    const auto& target = std::get<retraction>(e.what).target;
    for (const auto& other : target.also) {
        if (raw_name(other, e.sender.id))
            return e.sender.id.value;
        const auto end = other.value.find("@" + around_.config.domain + "#");
        if (end != std::string::npos)
            return other.value.substr(0, end + 1 + around_.config.domain.size());
    }
    if (!target.author.empty() && domain_of(target.author.value) != around_.config.domain)
        return {};
    return target.author.empty() ? e.sender.id.value : target.author.value;
}

awaitable<result<sent>> muc_portal::speak(event e)
{
    auto ready = co_await until_ready(room_patience);
    if (!ready)
        co_return for_now(ready.error());
    auto placed = co_await place_files(around_, e.what);
    if (!placed)
        co_return placed.error();
    std::string speaker = e.sender.id.value, shown_as = e.sender.shown_as;
    if (auto* r = std::get_if<retraction>(&e.what)) {
        speaker = speaker_of_retraction(e);
        if (speaker.empty())
            co_return co_await moderate(std::move(*r));
        if (speaker != e.sender.id.value)
            shown_as = r->target.shown_as;  // the author comes in, not the moderator
    }
    const auto& self = puppets_.at(speaker);
    route way{self.full(), room_jid(), true, wire_id(e.id)};
    way.late = e.past ? std::optional{e.at} : std::nullopt;
    if (const auto* target = meant_by(e.what)) {
        way.target = name_in_room(*target, user_id{speaker}, std::holds_alternative<edit>(e.what));
        way.further = pieces_in_room(*target);
        if (const auto* author = occupants_.by_person(target->author))
            way.author = room_jid() + "/" + author->nick;
    }
    auto pieces = write_message(e.what, way);
    if (!pieces)
        co_return pieces.error();
    sent out;
    for (auto& piece : *pieces) {
        const auto raw = piece.id;
        auto shown = co_await send_piece(speaker, shown_as, std::move(piece), e.again, e.at);
        if (!shown)
            co_return shown.error();
        if (out.id.empty())
            out.id = std::move(*shown);
        else
            out.also.push_back(std::move(*shown));
        out.also.push_back(own_name(user_id{speaker}, raw));
    }
    co_return out;
}

awaitable<result<message_id>> muc_portal::send_piece(
    std::string jid, std::string shown_as, piece p, bool doubt, timestamp since
)
{
    for (int tries = 0; tries < most_tries; ++tries) {
        if (doubt) {
            auto found = co_await look_up(p.id, jid, since);
            if (!found || !found->empty())
                co_return found;
            doubt = false;
        }
        auto in = co_await enter(jid, shown_as);
        if (!in)
            co_return in.error();
        const auto now = around_.time.now();
        echoes_.expect(p.id, jid, now + echo_patience);
        puppets_.at(jid).spoke = now;
        if (!around_.wire.send(p.xml)) {
            echoes_.forget(p.id);
            co_return away();
        }
        while (echoes_.find(p.id) != nullptr && echoes_.find(p.id)->what == flight::is::open)
            co_await changed_by(now + echo_patience);
        const auto* found = echoes_.find(p.id);
        const flight what = found == nullptr ? flight{} : *found;
        echoes_.forget(p.id);
        if (what.what == flight::is::shown)
            co_return what.id;
        if (what.what == flight::is::lost) {
            failure lost{
                verdict::try_later, cause::away, "the link was lost before " + room_jid() + " showed it"
            };
            lost.certain = false;
            co_return lost;
        }
        if (what.what == flight::is::refused) {
            if (!wants_rejoin(what.error))
                co_return send_failure(what.error, jid);
            puppets_.left(jid);
            if (puppets_.at(jid).is == standing::barred)
                co_return barred(puppets_.at(jid));
            continue;
        }
        log::warn("a room did not show a message in time", "room", room_jid(), "id", p.id);
        doubt = true;
        auto known = co_await find_out(jid);
        if (!known)
            co_return known.error();
    }
    failure silent{verdict::try_later, cause::other, room_jid() + " does not show what is sent to it"};
    silent.certain = false;
    co_return silent;
}

// No echo in time: who is still in? The listener coming in again reads the archive, and with it the echo.
awaitable<outcome> muc_portal::find_out(std::string jid)
{
    failure unsure{verdict::try_later, cause::away, room_jid() + " does not answer"};
    unsure.certain = false;
    const auto hears = co_await self_ping(listener());
    if (hears == presence_truth::unknown)
        co_return unsure;
    if (hears == presence_truth::out) {
        fall(std::chrono::seconds{0});
        auto again = co_await until_ready(room_patience);
        if (!again) {
            unsure.why = again.error().why;
            co_return unsure;
        }
    }
    const auto says = co_await self_ping(jid);
    if (says == presence_truth::unknown)
        co_return unsure;
    if (says == presence_truth::out)
        puppets_.left(jid);
    co_return ok();
}

}  // namespace rialto::xmpp
