// core/relay.hpp, the head of a lane towards a network: who speaks, about which message, in which words; then
// the backend.
#include "core/degrade.hpp"
#include "core/directory.hpp"
#include "core/journal.hpp"
#include "core/log.hpp"
#include "core/media_link.hpp"
#include "core/refs.hpp"
#include "core/relay.hpp"

namespace rialto {

namespace {
settlement moot(std::string why)
{
    return settlement{settlement::is::withdrawn, failure{verdict::give_up, cause::not_found, std::move(why)}};
}
}  // namespace

// promise.md §9 Q5: the redaction of a dead letter makes both moot: nobody may replay it. What was redacted
// and is not known, /sync told without its text; a push from before may still bring it, and must not show it:
// its name is taken.
settlement relay::nothing_to_do(
    const portal_ptr& p, const item& it, const happening& what, const std::optional<item>& known
)
{
    auto done = moot("what it refers to is not known over there");
    if (!std::holds_alternative<retraction>(what))
        return done;
    if (known && known->now == stage::dead)
        done.changes.emplace_back(mark_stage{known->seq, stage::withdrawn, "its author took it back"});
    if (known && overtook(it, *known))
        if (auto mark = withdraw(p, it.bound, known->seq))
            done.changes.push_back(std::move(*mark));
    if (!known && it.bound == way::to_far) {
        item never;
        never.portal = it.portal;
        never.bound = it.bound;
        never.now = stage::withdrawn;
        never.matrix_id = std::get<retraction>(what).target.id.value;
        never.author = it.author;
        never.taken_ms = core_.now_ms();
        never.why = "its author took it back before it came";
        done.changes.emplace_back(put_item{std::move(never)});
    }
    return done;
}

// The item that a name stands for; an edit's name stands for the message it changed.
awaitable<result<std::optional<item>>> relay::root_of(portal_ptr p, side s, std::string id)
{
    auto found = co_await core_.disk.find(p->row.key, s, std::move(id));
    if (!found || !*found || (*found)->root == 0)
        co_return found;
    co_return co_await core_.disk.get((*found)->root);
}

awaitable<settlement> relay::to_far(portal_ptr p, item it, event e, bool again)
{
    e.again = again;
    e.past = e.past || is_late(e.at, core_.now_ms());
    e.id = message_id{it.matrix_id.substr(0, it.matrix_id.find(' '))};
    if (auto* bye = std::get_if<gone>(&e.what)) {
        co_await close(p, bye->why);
        co_return settlement{settlement::is::sent};
    }
    const auto* target = target_of(e.what);
    if (!target) {
        claim_files(e.what, p->row.key, e.id.value);  // a copy for one recipient has the name of the message
        co_return co_await send_far(p, std::move(e));
    }
    const std::string id = target->id.value;
    if (std::holds_alternative<retraction>(e.what)) {
        auto annotation = co_await core_.disk.reaction(p->row.key, id);
        if (annotation && *annotation) {
            auto row = **annotation;
            e.what = reactions{reference{message_id{row.target}}, std::vector<std::string>(1, row.emoji)};
            e.also.assign(1, message_id{id});
            co_return co_await to_far_reaction(p, std::move(it), std::move(e), row.target, false);
        }
    }
    auto known = co_await root_of(p, side::matrix, id);
    if (!known)
        co_return from(known.error());
    switch (judge(e.what, it, *known)) {
        case fitness::moot: co_return nothing_to_do(p, it, e.what, *known);
        case fitness::wait:
            co_return from({verdict::try_later, cause::away, "what it refers to is still on its way"});
        case fitness::refill: co_return refill(**known, std::move(e));
        case fitness::as_new: {
            message now = std::move(std::get<edit>(e.what).now);
            e.what = std::move(now);
            claim_files(e.what, p->row.key, id);
            co_return co_await send_far(p, std::move(e));
        }
        case fitness::go: break;
    }
    if (std::holds_alternative<reactions>(e.what))
        co_return co_await to_far_reaction(p, std::move(it), std::move(e), (*known)->matrix_id, true);
    const auto seq = it.seq, root = (*known)->seq;
    const bool edits = std::holds_alternative<edit>(e.what);
    // Taking back the message ends its edits' links too.
    claim_files(e.what, p->row.key, (*known)->matrix_id);
    auto parts = co_await parts_of(p, e.what, std::move(**known));
    event first = e;
    auto done = co_await send_far(p, std::move(e));
    const bool went = done.what == settlement::is::sent;
    if (edits && went)
        done.changes.emplace_back(mark_root{seq, root});
    if (went && !parts.empty() && p->state.able.retractions && (!edits || done.edited))
        co_return co_await take_far_parts(p, std::move(first), std::move(parts), std::move(done));
    co_return done;
}

// promise.md §9 Q5: an edit of a dead letter replaces the text that an admin may replay.
settlement relay::refill(const item& dead, event e)
{
    auto done = moot("the message it changes was not delivered");
    auto old = from_payload(dead.payload);
    if (old && std::holds_alternative<message>(old->what)) {
        message now = std::move(std::get<edit>(e.what).now);
        old->what = std::move(now);
        done.changes.emplace_back(put_payload{dead.seq, to_payload(*old)});
    }
    return done;
}

// Matrix adds and takes away single annotations, networks carry the set that a person has on a message.
awaitable<settlement> relay::to_far_reaction(portal_ptr p, item it, event e, std::string target, bool adds)
{
    const auto emoji = std::get<reactions>(e.what).set.front();
    auto rows = co_await core_.disk.reactions(p->row.key, target, it.author);
    if (!rows)
        co_return from(rows.error());
    std::vector<std::string> set;
    for (const auto& row : *rows)
        if (adds || row.emoji != emoji)
            set.push_back(row.emoji);
    if (adds && std::find(set.begin(), set.end(), emoji) == set.end())
        set.push_back(emoji);
    const std::string gone_id = adds || e.also.empty() ? std::string{} : e.also.front().value;
    e.also.clear();
    e.what = reactions{reference{message_id{target}}, std::move(set)};
    auto done = co_await send_far(p, std::move(e));
    if (done.what != settlement::is::sent)
        co_return done;
    if (adds)
        done.changes.emplace_back(
            put_reaction{reaction_row{p->row.key, target, it.author, emoji, it.matrix_id}}
        );
    else
        done.changes.emplace_back(drop_reaction{p->row.key, gone_id});
    co_return done;
}

awaitable<result<event>> relay::speak_far(portal_ptr p, event e)
{
    auto* net = core_.network(p->row.network);
    if (e.sender.shown_as.empty())
        e.sender.shown_as = co_await core_.who.shown_as(core_.matrix, e.sender.id.value);
    auto sender = co_await core_.who.far_of(*net, e.sender.id.value, e.sender.shown_as);
    if (!sender)
        co_return sender.error();
    e.sender.id = std::move(*sender);
    std::vector<user_id*> people;
    std::vector<std::string> mxids;
    each_person(e.what, [&](user_id& who) { mxids.push_back(who.value); });
    std::vector<user_id> translated;
    for (const auto& mxid : mxids) {
        auto far = co_await core_.who.far_of(*net, mxid, "");
        if (!far && far.error().next == verdict::try_later)
            co_return far.error();
        translated.push_back(far ? *far : user_id{mxid});
    }
    std::size_t next = 0;
    each_person(e.what, [&](user_id& who) { who = translated[next++]; });
    co_await resolve(p, side::matrix, e.what);
    co_return e;
}

// References to messages get the other side's names; one that is unknown there loses its id and keeps its
// words.
awaitable<void> relay::resolve(portal_ptr p, side s, happening& what)
{
    std::vector<reference> seen;
    each_reference(what, [&](reference& r) { seen.push_back(r); });
    for (auto& r : seen) {
        auto found = co_await root_of(p, s, r.id.value);
        if (!found || !*found) {
            r.id = message_id{};
            r.also.clear();
            continue;
        }
        const item& it = **found;
        r.id = message_id{s == side::matrix ? it.far_id : it.matrix_id};
        r.also.clear();
        if (s == side::matrix)
            for (const auto& other : it.also)
                r.also.emplace_back(other);
        if (s == side::matrix && it.bound == way::to_matrix)
            r.author = user_id{it.author};
    }
    std::size_t next = 0;
    each_reference(what, [&](reference& r) { r = std::move(seen[next++]); });
    auto* said = std::get_if<message>(&what);
    if (auto* changed = std::get_if<edit>(&what))
        said = &changed->now;
    if (said && said->reply_to && said->reply_to->id.empty())
        said->reply_to.reset();
    if (said && said->thread && said->thread->id.empty())
        said->thread.reset();
}

// A network that carries no files, or not such large ones, gets our links; without one, the name alone.
awaitable<outcome> relay::link_files(event& e, const abilities& able)
{
    for (auto* f : files_to_link(e, able)) {
        auto made = co_await core_.media.link(*f);
        if (!made && made.error().next == verdict::try_later)
            co_return made.error();
        if (made)
            f->url = std::move(*made);
    }
    co_return ok();
}

awaitable<settlement> relay::send_far(portal_ptr p, event e)
{
    const bool alone = e.only.size() == 1;
    item whole;
    whole.seq = e.lane;
    whole.portal = p->row.key;
    whole.matrix_id = e.id.value;
    whole.author = e.sender.id.value;
    whole.taken_ms = core_.now_ms();
    auto spoken = co_await speak_far(p, std::move(e));
    if (!spoken)
        co_return from(spoken.error());
    auto linked = co_await link_files(*spoken, p->state.able);
    if (!linked)
        co_return from(linked.error());
    auto parts = degrade(std::move(*spoken), p->state.able);
    if (!parts)
        co_return from(parts.error());
    settlement done{settlement::is::sent};
    done.edited = parts->size() == 1 && std::holds_alternative<edit>(parts->front().what);
    const bool said = !parts->empty() && std::holds_alternative<message>(parts->front().what);
    auto went = co_await send_parts(p, whole.seq, std::move(*parts));
    if (!went)
        co_return from(went.error());
    for (std::size_t i = 0; i < went->size(); ++i) {
        auto& one = (*went)[i];
        if (alone && !one.refused.empty())  // nobody else is left to have it: its lane decides
            co_return from(std::move(one.refused.front().why));
        for (auto& r : one.refused)
            done.refused.push_back(std::move(r));
        one.refused.clear();
        if (i > 0 && said && !alone) {
            note_part(done, whole, i + 1, std::move(one));
            continue;
        }
        if (i == 0)
            done.id = one.id.value;
        else
            done.also.push_back(one.id.value);
        for (auto& id : one.also)
            done.also.push_back(id.value);
    }
    co_return done;
}

awaitable<void> relay::close(portal_ptr p, std::string why)
{
    auto* net = core_.network(p->row.network);
    auto out = co_await net->far->close(p->id());
    if (!out)
        log::warn("puppets could not be taken out", "portal", p->row.key, "error", out.error().why);
    std::vector<std::string> ghosts;
    auto view = co_await core_.matrix.look(p->row.matrix_room);
    if (view)
        for (const auto& m : view->members)
            if (core_.who.network_of(m.mxid) == p->row.network)
                ghosts.push_back(m.mxid);
    const auto room = p->row.matrix_room;
    auto left = co_await core_.matrix.leave(room, std::move(ghosts), why);
    if (!left)
        log::warn("ghosts could not be taken out", "portal", p->row.key, "error", left.error().why);
    portal_row closed = p->row;
    closed.open = false;
    std::vector<store_change> all;
    all.emplace_back(put_portal{std::move(closed)});
    auto wrote = co_await core_.disk.commit(std::move(all));
    if (!wrote)
        log::error(
            "an unbridged room could not be written down", "portal", p->row.key, "error", wrote.error().why
        );
    core_.rooms.close(p);
    log::info("unbridged", "portal", p->row.key, "network", p->row.network, "why", why);
}

}  // namespace rialto
