#include "bridges/xmpp/chat.hpp"

#include "bridges/xmpp/address.hpp"
#include "bridges/xmpp/file_places.hpp"
#include "bridges/xmpp/ids.hpp"
#include "bridges/xmpp/jid.hpp"
#include "bridges/xmpp/muc_puppets.hpp"
#include "bridges/xmpp/portal_signal.hpp"
#include "bridges/xmpp/stanza_names.hpp"
#include "core/log.hpp"

#include <boost/asio/co_spawn.hpp>

namespace rialto::xmpp {
namespace {

constexpr std::size_t batch_size = 100;

std::string full(std::string_view bare)
{
    return std::string{bare} + "/" + std::string{muc_puppets::resource};
}

std::string error_message(
    std::string_view from, std::string_view to, std::string_view id, const stanza_error& e
)
{
    std::string out;
    {
        element m{out, "message"};
        m("from", from)("to", to)("type", "error");
        if (!id.empty())
            m("id", id);
        append_error(m, e);
    }
    return out;
}

std::string presence_stanza(std::string_view from, std::string_view to, std::string_view type)
{
    std::string out;
    {
        element p{out, "presence"};
        p("from", from)("to", to);
        if (!type.empty())
            p("type", type);
    }
    return out;
}

bool is_person(std::string_view jid, std::string_view domain)
{
    const auto local = local_of(jid);
    if (domain_of(jid) != domain || local.empty())
        return false;
    const auto who = matrix_id_of(local);
    return (who && who->sigil == '@') || is_hashed(local);
}

}  // namespace

chats::chats(surroundings& around)
    : around_{around},
      changed_{std::make_unique<changed_signal>(around.ex)},
      openings_{around.config.invites_per_hour}
{
}
chats::~chats() = default;

void chats::link_up()
{
    const auto life = ++life_;
    auto run = [self = shared_from_this(), life]() -> awaitable<void> { co_await self->take_in(life); };
    boost::asio::co_spawn(around_.ex, run, [](std::exception_ptr broken) {
        if (broken)
            log::error("the task of the chats broke");
    });
}

void chats::link_lost()
{
    ++life_;
    changed_->notify();
}

room chats::state(const chat_name& who, std::string_view shown_as) const
{
    room out{kind::direct};
    out.able.html = out.able.files = out.able.edits = out.able.retractions = out.able.reactions =
        out.able.replies = out.able.typing = out.able.receipts = true;
    const auto name = shown_as.empty() ? std::string{local_of(who.peer)} : std::string{shown_as};
    out.members.emplace_back(person{user_id{who.peer}, name}, rank::member, false);
    out.members.emplace_back(person{user_id{who.puppet}}, rank::member, true);
    out.complete = true;
    return out;
}

void chats::on_message(const node& m)
{
    auto h = read_message(m, trust{});
    if (h.error) {
        bounced(h);
        return;
    }
    if (!h.received.empty())
        arrived(h);
    hear(std::move(h));
}

void chats::hear(heard h)
{
    const std::string puppet{bare_of(h.to)}, peer{bare_of(h.from)};
    if (h.type == "groupchat" || h.type == "headline" || peer.empty() ||
        domain_of(peer) == around_.config.domain)
        return;
    if (h.what && !is_person(puppet, around_.config.domain)) {
        const stanza_error nobody{"cancel", "item-not-found", "nobody has this address"};
        around_.wire.send(error_message(h.to, h.from, h.id, nobody));
        return;
    }
    const chat_name who{puppet, peer};
    const auto portal = chat_portal(puppet, peer);
    const auto now = around_.time.now();
    const person from{user_id{peer}, h.nick.empty() ? std::string{local_of(peer)} : h.nick};
    const bool open = known_.find(portal.room.value) != known_.end();
    if (h.typing && !h.what && open) {
        event typed{portal, from, now, message_id{}, typing{*h.typing}};
        around_.core.hint(std::move(typed));
    }
    if (!h.what || std::holds_alternative<room_info>(*h.what))
        return;
    if (std::holds_alternative<receipt>(*h.what)) {
        if (open) {
            event seen{portal, from, now, message_id{}, std::move(*h.what)};
            around_.core.hint(std::move(seen));
        }
        return;
    }
    if (h.markable && !h.id.empty())
        may_be_marked(portal.room.value, h.id);
    inbound one{portal, who};
    one.from = h.from;
    one.id = h.id;
    one.wants_receipt = h.wants_receipt;
    if (waiting_.size() >= most_waiting) {
        refuse(one, failure{verdict::try_later, cause::full, "too many messages wait: try again later"});
        return;
    }
    if (!open) {
        if (!openings_.allow(peer, now)) {
            refuse(
                one,
                failure{
                    verdict::try_later, cause::too_many, "too many new conversations: try again in an hour"
                }
            );
            return;
        }
        one.opens = true;
        known_.insert(portal.room.value);
        one.events.emplace_back(portal, from, now, message_id{}, state(who, from.shown_as));
    }
    one.events.push_back(event_of(std::move(h), portal, from));
    enqueue(std::move(one));
}

event chats::event_of(heard h, const portal_id& portal, const person& from)
{
    const auto now = around_.time.now();
    h.nonce = std::to_string(to_ms(now)) + "." + std::to_string(++nameless_);
    auto id = chat_message_id(h);
    event e{portal, from, h.stamp.value_or(now), std::move(id), std::move(*h.what)};
    if (!h.id.empty())
        e.also.emplace_back(h.id);
    return e;
}

void chats::enqueue(inbound one)
{
    if (last_from_.size() >= most_recent)
        last_from_.clear();
    last_from_.insert_or_assign(one.portal.room.value, one.from);
    waiting_.push_back(std::move(one));
    changed_->notify();
}

// What was taken could not be said on Matrix after all. An error is for the very client that wrote (RFC 6121
// §8.5.2.1.1: one for the account is dropped); when that is not known any more, plain words tell.
void chats::tell_failed(const chat_name& who, const std::string& room, const report& news)
{
    const failure unknown{verdict::give_up, cause::other, "it could not be delivered"};
    const auto why = to_error(news.why ? *news.why : unknown);
    const auto id = news.about.also.empty() ? std::string{} : news.about.also.front().value;
    if (const auto at = last_from_.find(room); at != last_from_.end() && !id.empty()) {
        around_.wire.send(error_message(who.puppet, at->second, id, why));
        return;
    }
    around_.wire.send(write_words(who.puppet, who.peer, "Your message was not delivered: " + why.text, false)
    );
}

awaitable<void> chats::take_in(unsigned life)
{
    while (life == life_) {
        if (waiting_.empty()) {
            co_await changed_->wait();
            continue;
        }
        std::vector<inbound> some;
        while (!waiting_.empty() && some.size() < batch_size) {
            some.push_back(std::move(waiting_.front()));
            waiting_.pop_front();
        }
        co_await accept(std::move(some));
    }
}

awaitable<void> chats::accept(std::vector<inbound> some)
{
    const bool all = co_await accept_all(some);
    if (all) {
        for (const auto& one : some)
            answer_taken(one);
        co_return;
    }
    for (auto& one : some)  // which of them cannot be taken?
        co_await accept_one(std::move(one));
}

awaitable<bool> chats::accept_all(const std::vector<inbound>& some)
{
    std::vector<event> batch;
    for (const auto& one : some)
        for (const auto& e : one.events)
            batch.push_back(e);
    auto taken = co_await around_.core.accept(std::move(batch), note{});
    co_return static_cast<bool>(taken);
}

awaitable<void> chats::accept_one(inbound one)
{
    auto batch = one.events;
    auto taken = co_await around_.core.accept(std::move(batch), note{});
    if (taken) {
        answer_taken(one);
        co_return;
    }
    // The core may have forgotten a chat that we know: unbridged, or its Matrix side left. Open it anew,
    // once.
    if (!one.opens && taken.error().kind == cause::not_found &&
        openings_.allow(one.who.peer, around_.time.now())) {
        const auto& who = one.events.front().sender;
        event whole{one.portal, who, around_.time.now(), message_id{}, state(one.who, who.shown_as)};
        one.events.insert(one.events.begin(), std::move(whole));
        one.opens = true;
        batch = one.events;
        auto again = co_await around_.core.accept(std::move(batch), note{});
        if (again) {
            answer_taken(one);
            co_return;
        }
        taken = std::move(again);
    }
    if (one.opens)
        known_.erase(one.portal.room.value);
    refuse(one, taken.error());
}

void chats::answer_taken(const inbound& one)
{
    if (one.wants_receipt && !one.id.empty())
        around_.wire.send(write_receipt(full(one.who.puppet), one.from, one.id));
}

void chats::refuse(const inbound& one, const failure& why)
{
    if (one.from.empty()) {  // our own report of a late refusal: there is nobody to be told
        log::warn("a late refusal was lost", "chat", one.portal.room.value, "why", why.why);
        return;
    }
    around_.wire.send(error_message(one.who.puppet, one.from, one.id, to_error(why)));
}

void chats::bounced(const heard& h)
{
    if (const auto at = flights_.find(h.id); at != flights_.end()) {
        if (at->second.peer == bare_of(h.from))
            at->second.refused = h.error;
        return;
    }
    const auto late = recent_.find(h.id);
    if (late == recent_.end())
        return;
    const auto who = chat_of(late->second, around_.config.domain);
    if (!who || who->peer != bare_of(h.from))
        return;  // only the receiver's side may say so
    report news{reference{message_id{h.id}}, user_id{who->peer}, fate::failed};
    news.why = chat_failure(*h.error, who->peer);
    event e{late->second, person{user_id{who->peer}}, around_.time.now(), message_id{}, std::move(news)};
    inbound one{late->second, *who};
    one.events.push_back(std::move(e));
    recent_.erase(late);
    if (waiting_.size() < most_waiting)
        waiting_.push_back(std::move(one));
    changed_->notify();
}

// XEP-0184 §5.3: only whom it was sent to can have received it.
void chats::arrived(const heard& h)
{
    const auto at = flights_.find(h.received);
    if (at != flights_.end() && at->second.peer == bare_of(h.from))
        at->second.received = true;
}

// RFC 6121 §3: whoever wants to see a puppet may; it is never more than "available".
void chats::on_presence(const node& p)
{
    const auto type = p.attr("type");
    const std::string to{bare_of(p.attr("to"))}, from{bare_of(p.attr("from"))};
    if (from.empty() || !is_person(to, around_.config.domain))
        return;
    if (type == "subscribe") {
        around_.wire.send(presence_stanza(to, from, "subscribed"));
        around_.wire.send(presence_stanza(full(to), from, ""));
    } else if (type == "probe") {
        around_.wire.send(presence_stanza(full(to), p.attr("from"), ""));
    } else if (type == "unsubscribe") {
        around_.wire.send(presence_stanza(to, from, "unsubscribed"));
    }
}

awaitable<result<opened>> chats::open(wish w)
{
    failure malformed{
        verdict::give_up, cause::malformed, "that is not an XMPP address such as romeo@montague.example"
    };
    if (w.addresses.empty())
        co_return malformed;
    const auto peer = jid::parse(w.addresses.front());
    if (!peer || peer->local.empty() || peer->domain == around_.config.domain)
        co_return malformed;
    const chat_name who{w.asker.id.value, peer->bare()};
    auto id = chat_portal(who.puppet, who.peer);
    known_.insert(id.room.value);
    opened out{std::move(id), state(who, "")};
    co_return out;
}

// What went out before the ping was taken by the server when its answer is here; a refusal by the server
// itself comes before it.
awaitable<outcome> chats::fence(std::string wire_id)
{
    const std::string us = around_.config.domain;
    auto pong =
        co_await around_.wire.ask(us, us, iq_type::get, "<ping xmlns='" + std::string{ns::ping} + "'/>");
    const auto at = flights_.find(wire_id);
    const auto fate = at == flights_.end() ? flight{} : at->second;
    flights_.erase(wire_id);
    if (fate.refused)
        co_return chat_failure(*fate.refused, fate.peer);
    if (pong || fate.received)
        co_return ok();
    failure lost{verdict::try_later, cause::away, "the link was lost while it was sent"};
    lost.certain = false;
    co_return lost;
}

void chats::remember(const std::string& wire_id, const portal_id& portal)
{
    if (recent_order_.size() >= most_recent) {
        recent_.erase(recent_order_.front());
        recent_order_.pop_front();
    }
    recent_.insert_or_assign(wire_id, portal);
    recent_order_.push_back(wire_id);
}

// What an edit, reply, retraction or reaction speaks of, in the words of a chat.
void chats::aim(route& way, const happening& what)
{
    if (const auto* m = std::get_if<message>(&what)) {
        if (m->reply_to)
            way.target = name_in_chat(*m->reply_to);
    } else if (const auto* changed = std::get_if<edit>(&what)) {
        way.target = name_in_chat(changed->target);
        way.further = pieces_in_chat(changed->target);
    } else if (const auto* taken = std::get_if<retraction>(&what)) {
        way.target = name_in_chat(taken->target);
        way.further = pieces_in_chat(taken->target);
    } else if (const auto* r = std::get_if<reactions>(&what)) {
        way.target = name_in_chat(r->target);
    }
}

awaitable<result<sent>> chats::deliver(event e)
{
    const auto who = chat_of(e.portal, around_.config.domain);
    failure nowhere{verdict::give_up, cause::not_found, "there is no such conversation"};
    if (!who)
        co_return nowhere;
    known_.insert(e.portal.room.value);
    failure down{verdict::try_later, cause::away, "the XMPP server is not reached"};
    if (!around_.wire.up())
        co_return down;
    route way{full(who->puppet), who->peer, false, wire_id(e.id)};
    way.late = e.past ? std::optional{e.at} : std::nullopt;
    if (const auto* t = std::get_if<typing>(&e.what)) {
        way.id.clear();
        around_.wire.send(write_typing(way, t->active));
        co_return sent{};
    }
    if (const auto* seen = std::get_if<receipt>(&e.what)) {
        if (seen->read)
            show_read(*who, e.portal.room.value, seen->up_to);
        co_return sent{};
    }
    if (std::holds_alternative<membership>(e.what) || std::holds_alternative<profile>(e.what) ||
        std::holds_alternative<presence>(e.what) || std::holds_alternative<room_info>(e.what))
        co_return sent{};  // two people talk: there is nobody to tell
    if (const auto* news = std::get_if<report>(&e.what)) {
        if (news->is == fate::failed)
            tell_failed(*who, e.portal.room.value, *news);
        co_return sent{};
    }
    auto placed = co_await place_files(around_, e.what);
    if (!placed)
        co_return placed.error();
    aim(way, e.what);
    auto pieces = write_message(e.what, way);
    if (!pieces)
        co_return pieces.error();
    sent out;
    for (auto& p : *pieces) {
        flights_.insert_or_assign(p.id, flight{who->peer});
        if (!around_.wire.send(std::move(p.xml))) {
            flights_.erase(p.id);
            co_return down;
        }
        if (out.id.empty())
            out.id = message_id{p.id};
        else
            out.also.emplace_back(p.id);
        remember(p.id, e.portal);
        auto through = co_await fence(p.id);
        if (!through)
            co_return through.error();
    }
    co_return out;
}

}  // namespace rialto::xmpp
