#include "bridges/xmpp/xmpp_world.hpp"

#include "bridges/xmpp/fence.hpp"
#include "bridges/xmpp/jid.hpp"
#include "bridges/xmpp/session.hpp"
#include "bridges/xmpp/stanza_names.hpp"
#include "core/log.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>

namespace rialto::xmpp {
namespace {

constexpr std::chrono::seconds open_patience{25};
constexpr std::size_t most_offered = 100;

self_description about_us(host& core)
{
    self_description out;
    out.version = RIALTO_VERSION;
    out.identities.emplace_back("gateway", "matrix", "Rialto");
    for (const auto feature :
         {ns::receipts, ns::correct, ns::chat_states, ns::reactions, ns::reply, ns::retract1, ns::markers})
        out.puppet_features.emplace_back(feature);
    out.name_of = [&core](std::string address) -> awaitable<std::string> {
        auto who = co_await core.describe(user_id{std::move(address)});
        co_return who ? who->shown_as : std::string{};
    };
    return out;
}

session_settings settings_of(const xmpp_config& c)
{
    session_settings out;
    out.host = c.host;
    out.port = c.port;
    out.domain = c.domain;
    out.secret = c.secret;
    return out;
}

// A retry for some recipients. A room has no single ones: what it showed, everybody there has.
bool concerns(const event& e, const std::string& peer)
{
    return e.only.empty() || std::find(e.only.begin(), e.only.end(), user_id{peer}) != e.only.end();
}

class link_guard  // however run() ends, not one more byte is sent
{
    xmpp_world& world_;
    session& stream_;
    iq_router& questions_;

public:
    link_guard(xmpp_world& w, session& s, iq_router& q) : world_{w}, stream_{s}, questions_{q} {}
    link_guard(const link_guard&) = delete;
    link_guard& operator=(const link_guard&) = delete;
    ~link_guard()
    {
        stream_.abort();
        world_.attach(nullptr, nullptr);
        questions_.lost();
        world_.go_down();
    }
};

}  // namespace

bool xmpp_world::live_link::up() const noexcept { return ready && stream != nullptr && stream->up(); }
bool xmpp_world::live_link::send(std::string stanza)
{
    return stream != nullptr && stream->send(std::move(stanza));
}

awaitable<result<reply>> xmpp_world::live_link::ask(
    std::string from, std::string to, iq_type type, std::string payload
)
{
    failure down{verdict::try_later, cause::away, "the XMPP server is not reached"};
    if (questions == nullptr)
        co_return down;
    co_return co_await questions->request(std::move(from), std::move(to), type, std::move(payload));
}

xmpp_world::xmpp_world(boost::asio::any_io_executor ex, host& h, clock& time, xmpp_config config)
    : joins_{ex, config.joins},
      around_{ex, h, time, wire_, joins_, std::move(config)},
      chats_{std::make_shared<chats>(around_)},
      inviting_{std::make_shared<inviting>(around_, [this](wish w) -> awaitable<result<inviting::entered>> {
          return open_for_invited(std::move(w));
      })}
{
}
xmpp_world::~xmpp_world() = default;

void xmpp_world::attach(session* s, iq_router* iqs)
{
    wire_.stream = s;
    wire_.questions = iqs;
    if (s == nullptr)
        wire_.ready = false;
}

xmpp_world::room_ptr xmpp_world::room_at(std::string_view bare) const
{
    const auto at = rooms_.find(bare);
    return at == rooms_.end() ? nullptr : at->second;
}

xmpp_world::room_ptr xmpp_world::add_room(portal_id id, room_info known)
{
    if (auto there = room_at(id.room.value); there && !there->closed())
        return there;
    auto made = std::make_shared<muc_portal>(around_, id, std::move(known));
    rooms_.insert_or_assign(id.room.value, made);
    if (wire_.up())
        made->link_up();
    return made;
}

awaitable<outcome> xmpp_world::learn_portals()
{
    auto invitations = co_await inviting_->load();
    if (!invitations)
        co_return invitations.error();
    query mine{query::of::mine};
    for (;;) {
        auto found = co_await around_.core.find(mine);
        if (!found)
            co_return found.error();
        for (auto& [id, state] : found->rooms) {
            if (chat_of(id, around_.config.domain))
                chats_->known(id);
            else
                add_room(id, std::move(state.info));
        }
        if (found->next.empty() || found->next == mine.next)
            co_return ok();
        mine.next = found->next;
    }
}

void xmpp_world::come_up()
{
    wire_.ready = true;
    for (const auto& [bare, r] : rooms_)
        r->link_up();
    chats_->link_up();
    inviting_->link_up();
}

void xmpp_world::go_down()
{
    for (const auto& [bare, r] : rooms_)
        r->link_lost();
    chats_->link_lost();
}

awaitable<void> xmpp_world::tick_for_ever()
{
    for (;;) {
        co_await around_.time.sleep(std::chrono::seconds{1});
        const auto now = around_.time.now();
        std::erase_if(rooms_, [](const auto& r) { return r.second->closed(); });
        for (const auto& [bare, r] : rooms_)
            r->tick(now);
    }
}

awaitable<outcome> xmpp_world::run(account_id account)
{
    using namespace boost::asio::experimental::awaitable_operators;
    session stream{around_.ex, around_.time, settings_of(around_.config)};
    iq_router questions{
        around_.ex, around_.time, around_.config.domain,
        [&stream](std::string stanza) { return stream.send(std::move(stanza)); }, about_us(around_.core)
    };
    stream.on_stanza([this](const node& s) { take(s); });
    stream.wanted([this](const start_tag& t) { return wanted(t); });
    stream.on_oversize([this](const node& top, std::string_view why) { oversize(top, why); });
    const link_guard guard{*this, stream, questions};
    attach(&stream, &questions);
    auto open = co_await stream.open();
    if (!open)
        co_return open.error();
    auto fenced = co_await (pass_fence(questions, around_.time, around_.config.domain) || stream.closed());
    if (auto* lost = std::get_if<1>(&fenced))
        co_return std::move(*lost);
    if (auto& alone = *std::get_if<0>(&fenced); !alone)
        co_return alone.error();
    auto learnt = co_await learn_portals();
    if (!learnt)
        co_return learnt.error();
    come_up();
    around_.core.link_up(account);
    auto ended = co_await (stream.closed() || tick_for_ever());
    if (auto* why = std::get_if<0>(&ended))
        co_return std::move(*why);
    co_return ok();
}

bool xmpp_world::wanted(const start_tag& tag) const
{
    const auto from = tag.attr("from");
    const auto room = room_at(bare_of(from));
    const auto type = tag.attr("type");
    if (!room)
        return tag.name != "message" || type != "groupchat";
    return room->wants(tag.name, from, tag.attr("to"), type);
}

void xmpp_world::take(const node& stanza)
{
    if (stanza.name == "iq") {
        if (wire_.questions != nullptr)
            wire_.questions->take(stanza);
    } else if (stanza.name == "message") {
        take_message(stanza);
    } else if (stanza.name == "presence") {
        if (const auto room = room_at(bare_of(stanza.attr("from"))))
            room->on_presence(stanza);
        else
            chats_->on_presence(stanza);
    }
}

void xmpp_world::take_message(const node& m)
{
    const auto from = m.attr("from"), type = m.attr("type");
    if (type != "error" && type != "groupchat")
        if (const auto h = read_message(m, trust{}); !h.invited_to.empty()) {
            take_invitation(h);
            return;
        }
    const auto room = room_at(bare_of(from));
    if (!room && bare_of(m.attr("to")) == around_.config.listener_jid())
        refuse(m, "item-not-found", "this is the bridge itself: write to a person's address");
    else if (!room)
        chats_->on_message(m);
    else if (type == "groupchat" || type == "error" || resource_of(from).empty())
        room->on_message(m);
    else
        decline_private(m);
}

// Whoever asks the bridge itself in has made it a member: a room that would not have it may have it now.
void xmpp_world::take_invitation(const heard& h)
{
    const auto room = room_at(bare_of(h.invited_to));
    if (bare_of(h.to) != around_.config.listener_jid()) {
        inviting_->on_message(h, room != nullptr);
        return;
    }
    const auto i = invitation_of(h, around_.time.now());
    if (!i || objection(*i, around_.config))
        return;
    if (room)
        room->invited(i->secret);
    else if (!i->secret.empty() && offered_.size() < most_offered)
        offered_.insert_or_assign(i->room, i->secret);
}

// Answers must go back the way they came, and a nick may be another person's by then: what an occupant
// whispers to a puppet has no place on the Matrix side (docs/SECURITY.md), and silence would look like
// delivery.
void xmpp_world::decline_private(const node& m)
{
    refuse(
        m, "feature-not-implemented",
        "private messages in rooms do not reach Matrix: write to the person's own address"
    );
}

void xmpp_world::refuse(const node& m, std::string_view condition, std::string_view why)
{
    const auto h = read_message(m, trust{});
    if (h.error || !h.what || std::holds_alternative<receipt>(*h.what))
        return;
    std::string out;
    {
        element e{out, "message"};
        e("from", m.attr("to"))("to", m.attr("from"))("type", "error");
        if (m.has("id"))
            e("id", m.attr("id"));
        append_error(e, stanza_error{"cancel", std::string{condition}, std::string{why}});
    }
    wire_.send(std::move(out));
}

void xmpp_world::oversize(const node& top, std::string_view why)
{
    log::warn("a stanza was skipped", "why", why, "stanza", top.name);
    const auto type = top.attr("type");
    const bool asks = top.name == "iq" && (type == "get" || type == "set") && top.has("id");
    const bool tells = top.name == "message" && type != "error" && type != "groupchat";
    if ((!asks && !tells) || !top.has("from") || !top.has("to"))
        return;
    std::string out;
    {
        element e{out, top.name};
        e("from", top.attr("to"))("to", top.attr("from"))("type", "error");
        if (top.has("id"))
            e("id", top.attr("id"));
        append_error(e, stanza_error{"modify", "policy-violation", "the message is too large or too deep"});
    }
    wire_.send(std::move(out));
}

awaitable<result<sent>> xmpp_world::deliver(event e)
{
    const auto chat = chat_of(e.portal, around_.config.domain);
    if (!concerns(e, chat ? chat->peer : std::string{}))
        co_return sent{};
    if (chat)
        co_return co_await chats_->deliver(std::move(e));
    failure down{verdict::try_later, cause::away, "the XMPP server is not reached"};
    if (!wire_.up())
        co_return down;
    if (auto* news = std::get_if<report>(&e.what)) {
        co_await inviting_->failed(std::move(*news));
        co_return sent{};
    }
    co_return co_await deliver_in_room(std::move(e));
}

awaitable<result<sent>> xmpp_world::deliver_in_room(event e)
{
    const auto room = add_room(e.portal, room_info{});
    const auto* m = std::get_if<membership>(&e.what);
    const auto whom = m == nullptr ? user_id{} : m->whom.empty() ? e.sender.id : m->whom;
    if (m == nullptr || domain_of(whom.value) != around_.config.domain)
        co_return co_await room->deliver(std::move(e));
    const membership what = *m;
    const auto shown_as = e.sender.shown_as;
    auto answer = co_await inviting_->answered(e.portal, whom.value, what);
    auto done = co_await room->deliver(std::move(e));
    if (answer == inviting::sequel::came)
        co_await room->bring_in(whom.value, shown_as);
    else if (answer == inviting::sequel::deserted)
        inviting_->leave_later(room->id(), [room] { room->abandon("nobody on Matrix is left in it"); });
    co_return done;
}

awaitable<result<opened>> xmpp_world::open(wish w)
{
    failure down{verdict::try_later, cause::away, "the XMPP server is not reached: try again later"};
    if (!wire_.up())
        co_return down;
    if (w.is == kind::direct)
        co_return co_await chats_->open(std::move(w));
    co_return co_await open_room(std::move(w));
}

awaitable<result<opened>> xmpp_world::open_room(wish w)
{
    failure malformed{verdict::give_up, cause::malformed, "name the room in full, as orchard@muc.example"};
    if (w.addresses.empty())
        co_return malformed;
    std::string address = w.addresses.front();
    if (address.starts_with("xmpp:"))
        address = address.substr(
            5, address.find('?') == std::string::npos ? std::string::npos : address.find('?') - 5
        );
    if (address.find('@') == std::string::npos && !around_.config.muc.empty())
        address += "@" + around_.config.muc;
    const auto name = jid::parse(address);
    if (!name || name->local.empty() || !name->resource.empty())
        co_return malformed;
    failure ourselves{verdict::give_up, cause::malformed, "that is a room of this bridge itself"};
    if (name->domain == around_.config.domain)
        co_return ourselves;
    portal_id id{room_id{name->bare()}};
    const bool fresh = room_at(id.room.value) == nullptr;
    auto room = add_room(id, room_info{});
    if (const auto known = offered_.find(id.room.value); known != offered_.end() && w.secret.empty())
        w.secret = known->second;
    offered_.erase(id.room.value);
    room->invited(std::move(w.secret));
    auto ready = co_await room->until_ready(open_patience);
    if (!ready) {
        if (fresh) {
            auto closed = co_await room->close();
            if (!closed)
                log::debug("a room's notes could not be cleared", "room", id.room.value);
            rooms_.erase(id.room.value);
        }
        co_return ready.error();
    }
    opened out{id, room->state()};
    co_return out;
}

awaitable<result<inviting::entered>> xmpp_world::open_for_invited(wish w)
{
    const auto where = w.addresses.front();
    auto far = co_await open_room(std::move(w));
    if (!far)
        co_return far.error();
    const auto room = room_at(where);
    inviting::entered out{std::move(*far), room && room->shows_people()};
    co_return out;
}

awaitable<outcome> xmpp_world::close(portal_id portal)
{
    chats_->close(portal);
    const auto room = room_at(portal.room.value);
    if (!room)
        co_return ok();
    rooms_.erase(portal.room.value);
    co_return co_await room->close();
}

}  // namespace rialto::xmpp
