// core/hub.hpp, opening and closing portals.
#include "core/hub_batch.hpp"
#include "core/journal.hpp"
#include "core/key.hpp"
#include "core/log.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace rialto {

namespace {
constexpr std::chrono::milliseconds look_again{20};

failure unknown_network(std::string_view name)
{
    return {
        verdict::give_up, cause::not_found, "there is no network called '" + std::string{name} + "' here"
    };
}
// An alias is no key: into a room for members one comes by being asked, on either side.
bool is_private(const room_info& info) { return info.members_only.value_or(false); }
failure by_invitation_only(std::string_view address)
{
    return {
        verdict::give_up, cause::members_only,
        std::string{address} + " is private: ask somebody in it for an invitation"
    };
}
failure not_allowed()
{
    return {verdict::give_up, cause::forbidden, "you are not allowed to use this bridge"};
}
}  // namespace

awaitable<result<opened>> hub::ask_open(network_state* net, kind is, std::string address, std::string asker)
{
    auto who = co_await core_.who.far_of(*net, asker, "");
    if (!who)
        co_return who.error();
    wish w{person{std::move(*who)}, is};
    w.addresses.push_back(std::move(address));
    co_return co_await net->far->open(std::move(w));
}

// Writes the edge down. A far room has exactly one Matrix room; asking again for the same pair is harmless.
// `since`: what was said in the Matrix room after this event ("": from its beginning on) is its concern too.
awaitable<result<portal_ptr>> hub::join_up(
    network_state* net, opened far, std::string room, std::string watcher, std::optional<std::string> since
)
{
    std::vector<store_change> all;
    std::optional<unread_room> unread;
    if (since) {
        unread.emplace(room, watcher.empty() ? core_.options.bot : watcher, std::move(*since));
        all.push_back(still_unread(*unread));
    }
    if (auto known = core_.rooms.by_far(net->name, far.portal)) {
        if (known->row.matrix_room == room)
            co_return known;
        if (!known->row.matrix_room.empty() && known->row.is != kind::direct)
            co_return failure{
                verdict::give_up, cause::conflict,
                "it is already bridged to another room (" + known->row.matrix_room + ")"
            };
        portal_row moved = known->row;
        moved.matrix_room = room;
        all.emplace_back(put_portal{std::move(moved)});
        all.emplace_back(put_note{watcher_key(known->row.key), watcher});
        auto wrote = co_await core_.disk.commit(std::move(all));
        if (!wrote)
            co_return wrote.error();
        core_.rooms.move(known, std::move(room));
        watched_by(known, std::move(watcher));
        if (unread)
            read_first(std::move(*unread));
        co_return known;
    }
    portal_row row;
    row.key = core_.next_portal_key();
    row.network = net->name;
    row.room = far.portal.room;
    row.account = far.portal.account;
    row.matrix_room = std::move(room);
    row.is = far.state.is;
    row.state = to_state(far.state);
    all.emplace_back(put_portal{row});
    if (!watcher.empty())
        all.emplace_back(put_note{watcher_key(row.key), watcher});
    auto made = core_.rooms.add(std::move(row), std::move(far.state));
    watched_by(made, std::move(watcher));
    if (unread)
        read_first(*unread);
    auto wrote = co_await core_.disk.commit(std::move(all));
    if (!wrote) {
        core_.rooms.close(made);
        if (unread)
            unread_.erase(unread->room);
        co_return wrote.error();
    }
    log::info("bridged", "portal", made->row.key, "network", net->name, "room", made->row.matrix_room);
    co_return made;
}

awaitable<void> hub::ask_into(network_state* net, std::string address, std::string asker, open_answer answer)
{
    auto far = co_await ask_open(net, kind::group, std::move(address), std::move(asker));
    answer->emplace(std::move(far));
}

// AS-API GET /rooms/{alias}. The far room is joined first, so that nothing is said before it can be heard.
// When it is slower than the homeserver's user may wait, the Matrix room is made all the same and told how
// the join ended.
awaitable<result<std::string>> hub::open(std::string network, std::string address, std::string asker)
{
    auto* net = core_.network(network);
    if (!net)
        co_return unknown_network(network);
    if (!asker.empty() && !core_.options.may_use(asker))
        co_return not_allowed();
    if (asker.empty())
        asker = core_.options.bot;
    auto answer = std::make_shared<std::optional<result<opened>>>();
    spawn(core_, "ask a far room", ask_into(net, address, std::move(asker), answer));
    const auto until = core_.time.now() + core_.options.open_patience;
    while (!*answer && core_.time.now() < until)
        co_await core_.time.sleep(look_again);
    if (*answer && !**answer)
        co_return (**answer).error();
    if (*answer && is_private((**answer)->state.info))
        co_return co_await keep_private(net, (**answer)->portal, address);
    room_plan plan{kind::group};
    plan.alias = core_.who.portal_alias(network, address);
    plan.network = network;
    plan.far_room = address;
    if (*answer)
        plan.info = (**answer)->state.info;
    if (!plan.info.title)
        plan.info.title = address;
    auto made = co_await core_.matrix.make_room(std::move(plan));
    if (!made)
        co_return made.error();
    if (*answer) {
        auto edge = co_await join_up(net, std::move(***answer), *made, "", std::nullopt);
        if (!edge)
            co_return edge.error();
    } else
        spawn(core_, "open a far room", finish_open(net, std::move(address), *made, answer));
    co_return made;
}

// Nothing of it is shown, and the bridge does not stay in it, unless somebody was invited before.
awaitable<failure> hub::keep_private(network_state* net, portal_id far, std::string address)
{
    if (!core_.rooms.by_far(net->name, far)) {
        auto out = co_await net->far->close(std::move(far));
        if (!out)
            log::warn("a private room could not be left", "network", net->name, "why", out.error().why);
    }
    co_return by_invitation_only(address);
}

awaitable<void> hub::finish_open(
    network_state* net, std::string address, std::string room, open_answer answer
)
{
    while (!*answer)  // the backend's own patience bounds it
        co_await core_.time.sleep(look_again);
    std::string why;
    if (**answer && is_private((**answer)->state.info)) {
        auto refused = co_await keep_private(net, (**answer)->portal, address);
        why = refused.why;
    } else if (**answer) {
        auto edge = co_await join_up(net, std::move(***answer), room, "", std::string{});
        if (edge)
            co_return;
        why = edge.error().why;
    } else
        why = (**answer).error().why;
    std::string text = why + " - " + address + " on " + net->name +
                       " could not be joined, so this room is not connected to it. `!rialto bridge " +
                       net->name + " " + address + "` tries again.";
    auto said = co_await core_.matrix.notice(room, std::move(text), content_key("open", room, address));
    if (!said)
        log::warn("notice not sent", "room", room, "error", said.error().why);
}

awaitable<outcome> hub::bridge(std::string room, std::string network, std::string address, std::string asker)
{
    auto* net = core_.network(network);
    if (!net)
        co_return unknown_network(network);
    if (asker != core_.options.bot && !core_.options.may_use(asker))
        co_return not_allowed();
    auto view = co_await core_.matrix.look(room);
    if (view && view->encrypted)
        co_return failure{
            verdict::give_up, cause::forbidden, "the room is encrypted and the bridge cannot read it"
        };
    auto far = co_await ask_open(net, kind::group, address, std::move(asker));
    if (!far)
        co_return far.error();
    room_plan plan{kind::group};
    plan.network = network;
    plan.far_room = far->portal.room.value;
    plan.info = far->state.info;
    auto edge = co_await join_up(net, std::move(*far), room, "", std::nullopt);
    if (!edge)
        co_return edge.error();
    auto described = co_await core_.matrix.describe_bridge(room, std::move(plan));
    if (!described)
        log::warn("m.bridge not written", "room", room, "error", described.error().why);
    co_return ok();
}

awaitable<outcome> hub::unbridge(std::string room, std::string network, std::string address, std::string why)
{
    return close_all(std::move(room), std::move(network), std::move(address), std::move(why));
}

// The end of a portal is an item of its lane: what was said before still goes, nothing is taken in behind it.
awaitable<outcome> hub::close_all(std::string room, std::string network, std::string address, std::string why)
{
    std::size_t closed = 0;
    for (const auto& p : core_.rooms.in_room(room)) {
        if ((!network.empty() && p->row.network != network) ||
            (!address.empty() && p->row.room.value != address))
            continue;
        if (p->closing)
            continue;
        p->closing = true;
        event bye{p->id(), person{}, core_.time.now(), message_id{}, gone{why}};
        item it;
        it.portal = p->row.key;
        it.bound = way::to_far;
        it.payload = to_payload(bye);
        it.taken_ms = core_.now_ms();
        batch all{arrival{}};
        release_held(p, all);  // said before
        all.put(p, std::move(it), batch::kind::queued);
        auto done = co_await land(all);
        if (!done) {
            p->closing = false;
            co_return done;
        }
        ++closed;
    }
    if (closed == 0)
        co_return failure{verdict::give_up, cause::not_found, "this room is not bridged to it"};
    co_return ok();
}

awaitable<void> hub::start_chat(near_event invite)
{
    auto done = co_await chat(invite);
    if (done)
        co_return;
    log::info("a chat was not opened", "room", invite.room, "error", done.error().why);
    const auto ghost = std::get<membership>(invite.what).whom.value;
    std::vector<std::string> who(1, ghost);
    auto left = co_await core_.matrix.leave(invite.room, std::move(who), done.error().why);
    if (!left)
        log::warn("an invite could not be declined", "room", invite.room, "error", left.error().why);
}

awaitable<outcome> hub::chat(near_event invite)
{
    const auto ghost = std::get<membership>(invite.what).whom.value;
    auto* net = core_.network(core_.who.network_of(ghost));
    if (!net)
        co_return unknown_network(core_.who.network_of(ghost));
    if (!core_.options.may_use(invite.sender))
        co_return not_allowed();
    if (!chats_begun_.allow(invite.sender, core_.time.now()))
        co_return failure{
            verdict::give_up, cause::too_many, "too many chats were begun within an hour: try again later"
        };
    auto whom = co_await core_.who.far_of(*net, ghost, "");
    if (!whom)
        co_return whom.error();
    auto far = co_await ask_open(net, kind::direct, whom->value, invite.sender);
    if (!far)
        co_return far.error();
    auto known = co_await net->far->describe(*whom);
    profile shown{known ? known->shown_as : whom->value};
    auto in = co_await core_.matrix.ghost_join(invite.room, ghost, std::move(shown));
    if (!in)
        co_return in.error();
    auto edge = co_await join_up(net, std::move(*far), invite.room, ghost, invite.id);
    if (!edge)
        co_return edge.error();
    co_return ok();
}

}  // namespace rialto
