// bridges/xmpp/portal.hpp, what comes in: stanzas of the room become events in order, echoes of our own
// messages settle those, presences become movements.
#include "bridges/xmpp/ids.hpp"
#include "bridges/xmpp/jid.hpp"
#include "bridges/xmpp/portal.hpp"
#include "bridges/xmpp/portal_signal.hpp"
#include "core/clock.hpp"

#include <algorithm>

namespace rialto::xmpp {
namespace {

constexpr std::chrono::minutes fresh_enough{10};  // older is history: no notification, its own time
constexpr std::chrono::minutes kick_memory{60};
constexpr std::chrono::seconds after_kick{60};

bool has_wire_form(std::string_view id)
{
    return id.size() >= 32 &&
           id.substr(0, 32).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}
bool tells_configuration(const std::vector<int>& codes)  // XEP-0045 §10.2.1
{
    return std::any_of(codes.begin(), codes.end(), [](int c) { return c == 104 || (c >= 170 && c <= 174); });
}

}  // namespace

trust muc_portal::believed() const
{
    return trust{traits_.stanza_ids ? room_jid() : std::string{}, traits_.occupant_ids, room_jid()};
}
trust muc_portal::believed_of_archive() const { return trust{"", traits_.occupant_ids, room_jid()}; }

bool muc_portal::wants(
    std::string_view stanza, std::string_view from, std::string_view to, std::string_view type
) const
{
    if (bare_of(to) == listener())
        return true;
    if (stanza == "message")
        return type != "groupchat";
    if (stanza != "presence" || type == "error")
        return true;
    const auto* p = puppets_.find(bare_of(to));
    return p == nullptr || p->is != standing::in || p->nick == resource_of(from);
}

// Whose of ours said it; "" somebody else. A nick alone proves nothing: after a puppet left, anybody may take
// it.
std::string muc_portal::own_speaker(const heard& h) const
{
    const auto nick = resource_of(h.from);
    if (!h.real_jid.empty()) {
        const auto bare = bare_of(h.real_jid);
        return domain_of(bare) == around_.config.domain ? std::string{bare} : std::string{};
    }
    if (!h.occupant_id.empty()) {
        if (!puppets_.our_occupant_id(h.occupant_id))
            return {};
        return std::string{puppets_.by_nick(nick)};
    }
    if (const auto* o = occupants_.by_nick(nick); o != nullptr && !h.stamp)
        return {};
    const auto now = puppets_.in_by_nick(nick);
    if (!now.empty() && !h.stamp && puppets_.find(now)->is == standing::in)
        return std::string{now};
    // Else somebody may have taken the nick of a puppet that was lost: what we sent has our form of id.
    const bool may_be = !h.what || has_wire_form(h.id.empty() ? h.origin_id : h.id);
    return may_be ? std::string{puppets_.by_nick(nick)} : std::string{};
}

occupant muc_portal::speaker(const heard& h, bool archived) const
{
    const auto nick = resource_of(h.from);
    occupant out;
    out.nick = nick;
    const auto* now = occupants_.by_nick(nick);
    const bool same = now != nullptr && (h.occupant_id.empty() || h.occupant_id == now->occupant_id);
    if (same && (!archived || h.real_jid.empty()))
        out = *now;
    if (!h.real_jid.empty())
        out.real_jid = bare_of(h.real_jid);
    if (!h.occupant_id.empty())
        out.occupant_id = h.occupant_id;
    if (out.real_jid.empty() && !out.occupant_id.empty())
        for (const auto& [n, o] : occupants_.all())  // under another nick now
            if (o.occupant_id == out.occupant_id)
                out.real_jid = o.real_jid;
    return out;
}

// "nick: ..." and "nick, ..." are how people are spoken to in rooms.
void muc_portal::fill_mentions(message& m) const
{
    if (m.body.blocks.empty() || m.body.blocks.front().runs.empty())
        return;
    const std::string_view text = m.body.blocks.front().runs.front().text;
    const auto end = text.find_first_of(":,");
    if (end == std::string_view::npos || end == 0 || end > 256)
        return;
    const auto jid = puppets_.in_by_nick(text.substr(0, end));
    if (!jid.empty() && jid != listener())
        m.mentions.emplace_back(std::string{jid});
}

void muc_portal::tell(event e)
{
    intake_.live(std::move(e), cursor{});
    changed_->notify();
}

void muc_portal::on_message(const node& m)
{
    if (const auto row = read_row(m)) {
        if (m.attr("from") != room_jid())
            return;  // anybody can write an archive's row; only the room's own is one
        for (const auto& open : reading_)
            if (open.id == row->query_id) {
                (*open.row)(*row);
                return;
            }
        return;
    }
    auto h = read_message(m, believed());
    if (h.error) {
        const auto* f = echoes_.find(h.id);
        if (f == nullptr || f->jid != bare_of(h.to) || !resource_of(h.from).empty())
            return;  // an occupant's word is not the room's
        echoes_.refused(h.id, *h.error);
        changed_->notify();
        return;
    }
    h.real_jid.clear();  // of who is in, the presences tell; this may be anybody's
    if (bare_of(h.to) != listener() || h.type != "groupchat")
        return;
    // The room has not noticed yet that our former life ended. Which ids to believe is not known; read so, it
    // would be another message than its own row in the archive. That, or the join's history, tells it again.
    if (!traits_known_)
        return;
    if (tells_configuration(h.codes)) {
        refresh_ = true;
        changed_->notify();
    }
    hear(std::move(h), nullptr, true);
}

void muc_portal::hear(heard h, const archive_row* row, bool moves_cursor)
{
    const auto now = around_.time.now();
    if (h.type != "groupchat" || h.error)
        return;
    if (row != nullptr) {
        h.stanza_id = row->id;
        if (row->stamp)
            h.stamp = row->stamp;
        if (!traits_.shows_people)
            h.real_jid.clear();
    }
    h.nonce = h.stamp ? std::string{} : std::to_string(to_ms(now)) + "." + std::to_string(++nameless_);
    const auto at = h.stamp.value_or(now);
    if (row == nullptr && h.stamp && !intake_.position().empty() && *h.stamp <= intake_.position().at)
        history_reaches_back_ = true;
    const cursor where = moves_cursor ? cursor{h.stanza_id, at} : cursor{};
    const auto add = [&](std::optional<event> e) {
        if (row != nullptr)
            intake_.archived(std::move(e), where);
        else
            intake_.live(std::move(e), where);
        changed_->notify();
    };
    const auto nick = resource_of(h.from);
    if (nick.empty() && h.moderated_by.empty() &&
        !std::holds_alternative<room_info>(h.what.value_or(message{})))
        return;  // the room's own announcements
    if (const auto ours = nick.empty() ? std::string{} : own_speaker(h); !ours.empty()) {
        auto id = room_message_id(h, user_id{ours});
        echoes_.saw(h.id.empty() ? h.origin_id : h.id, ours, id);
        add(std::nullopt);
        return;
    }
    const auto from = teller(h, row != nullptr);
    if (h.typing && !h.what && row == nullptr && !h.stamp) {
        event typed{id_, from, now, message_id{}, typing{*h.typing}};
        if (occupants_.size() <= around_.config.typing_limit)
            around_.core.hint(std::move(typed));
        return;
    }
    if (!h.what || std::holds_alternative<receipt>(*h.what)) {
        add(std::nullopt);
        return;
    }
    if (const auto* info = std::get_if<room_info>(&*h.what)) {
        if (!moves_cursor)
            return;  // an old topic, seen when it was new
        if (info->topic == info_.topic.value_or(""))
            return;  // each join is told the subject again
        info_.topic = info->topic;
    }
    auto e = event_of(std::move(h), from, at);
    e.past = now - at > fresh_enough;
    add(std::move(e));
}

// Who said it; of a moderation, who moderated.
person muc_portal::teller(const heard& h, bool archived) const
{
    if (!h.moderated_by.empty()) {
        const auto nick = resource_of(h.moderated_by);
        return person{occupants_.identify(nick), std::string{nick}};
    }
    const auto nick = resource_of(h.from);
    if (nick.empty())
        return person{};
    return person{occupants_.identify(speaker(h, archived)), std::string{nick}};
}

event muc_portal::event_of(heard h, const person& from, timestamp at) const
{
    qualify(h, from.id);
    if (auto* said = std::get_if<message>(&*h.what))
        fill_mentions(*said);
    const bool state = std::holds_alternative<room_info>(*h.what);
    auto id = state ? message_id{} : room_message_id(h, from.id);
    event e{id_, from, at, std::move(id), std::move(*h.what)};
    if (!state && !h.id.empty())
        e.also.push_back(own_name(from.id, h.id));
    if (!state && !h.origin_id.empty() && h.origin_id != h.id)
        e.also.push_back(own_name(from.id, h.origin_id));
    return e;
}

bool muc_portal::is_ours(const room_presence& p) const
{
    if (!p.real_jid.empty())
        return domain_of(p.real_jid) == around_.config.domain;
    if (!p.occupant_id.empty() && puppets_.our_occupant_id(p.occupant_id))
        return true;
    const auto jid = puppets_.in_by_nick(p.nick);
    if (jid.empty() || occupants_.by_nick(p.nick) != nullptr)
        return false;
    // Of who just comes in we may not know the occupant-id yet; a puppet that was in had told us its own.
    return p.occupant_id.empty() || puppets_.find(jid)->is == standing::joining;
}

// What the bridge does in a room was wished on the Matrix side: no ghost is to be made of it.
person muc_portal::actor_of(const room_presence& p) const
{
    const auto who = occupants_.actor(p);
    const bool ours = !p.actor_jid.empty() ? domain_of(p.actor_jid) == around_.config.domain
                                           : !puppets_.in_by_nick(p.actor_nick).empty();
    if (ours)
        return person{};
    return person{who, p.actor_nick};
}

void muc_portal::on_presence(const node& n)
{
    const auto p = read_presence(n, traits_.occupant_ids);
    const bool to_listener = bare_of(p.to) == listener();
    const bool was_in = listening();
    if (p.error && !to_listener)
        rename_refused(std::string{bare_of(p.to)}, *p.error);
    const auto change = puppets_.apply(p);
    if (change.what != puppet_change::is::nothing)
        changed_->notify();
    if (change.what == puppet_change::is::left && to_listener)
        listener_left(change);
    else if (change.what == puppet_change::is::left)
        puppet_left(change, p);
    if (!to_listener || p.error || p.own() || p.nick.empty())
        return;
    if (is_ours(p)) {
        // The listener hears of a puppet's new nick before the puppet does.
        if (const auto jid = puppets_.in_by_nick(p.nick); p.has(303) && !p.new_nick.empty() && !jid.empty())
            puppets_.renamed(std::string{jid}, p.new_nick);
        return;
    }
    const auto moved = occupants_.apply(p);
    if (was_in && listening())
        tell_movement(p, moved);
}

void muc_portal::puppet_left(const puppet_change& c, const room_presence& p)
{
    if (!is_willed(c.why))
        return;  // a technical loss: it comes back when it next speaks
    const auto by = actor_of(p);
    puppets_.bar(c.jid, c.why, c.reason, p.actor_nick.empty() ? by.id.value : p.actor_nick);
    const auto what = c.why == departure::banned ? change::ban : change::kick;
    auto reason = c.reason;
    if (reason.empty() && c.why == departure::not_member)
        reason = "the room is for members only";
    event e{id_, by, around_.time.now(), message_id{}, membership{what, user_id{c.jid}, std::move(reason)}};
    tell(std::move(e));
}

void muc_portal::listener_left(const puppet_change& c)
{
    if (phase_ == phase::closed)
        return;
    const auto now = around_.time.now();
    const bool again = c.why == departure::kicked && now - last_kick_ < kick_memory;
    if (c.why == departure::kicked)
        last_kick_ = now;
    if (c.why == departure::destroyed) {
        gone why{c.reason.empty() ? "the room was destroyed" : "the room was destroyed: " + c.reason};
        why.moved_to = room_id{c.moved_to};
        end_with(std::move(why));
    } else if (c.why == departure::banned || again) {
        const std::string verb = c.why == departure::banned ? "banned" : "kicked again";
        end_with(gone{"the bridge was " + verb + (c.reason.empty() ? std::string{} : ": " + c.reason)});
    } else {
        fall(c.why == departure::kicked ? after_kick : std::chrono::seconds{1});
    }
}

void muc_portal::tell_movement(const room_presence& p, const movement& m)
{
    using is = movement::is;
    const auto now = around_.time.now();
    const auto about = [&](const occupant& who, person by, happening what) {
        (void)who;
        event e{id_, std::move(by), now, message_id{}, std::move(what)};
        tell(std::move(e));
    };
    const person who{occupants_.identify(m.who), m.who.nick};
    if (m.what == is::arrived) {
        about(m.who, who, membership{change::join, who.id});
    } else if (m.what == is::departed) {
        const bool kicked = m.why == departure::kicked || m.why == departure::not_member;
        const auto what = m.why == departure::banned ? change::ban : kicked ? change::kick : change::leave;
        const auto actor = actor_of(p);
        about(m.who, what == change::leave ? who : actor, membership{what, who.id, m.reason});
    } else if (m.what == is::renamed) {
        const auto before = occupants_.identify(m.before);
        if (before == who.id) {
            about(m.who, who, profile{m.who.nick});
        } else {  // a guest is the nick
            about(m.before, person{before, m.before.nick}, membership{change::leave, before});
            about(m.who, who, membership{change::join, who.id});
        }
    } else if (m.what == is::changed) {
        about(m.who, person{}, role{who.id, m.who.is()});
    }
}

}  // namespace rialto::xmpp
