// core/hub.hpp, what people tell a network in a room: who asks, where, about which message, in the network's
// own names; then what the backend says is done.
#include "core/hub.hpp"
#include "core/log.hpp"

namespace rialto {

std::string hub::commands_of(std::string_view name) const
{
    const auto* net = core_.network(name);
    return net ? net->far->commands() : std::string{};
}

awaitable<outcome> hub::tell(std::string room, std::string text, std::string key)
{
    for (const auto& p : core_.rooms.in_room(room))
        if (p->row.is == kind::direct && !p->closing)
            co_return co_await lanes_.say(p, std::move(text), std::move(key));
    co_return co_await core_.matrix.notice(std::move(room), std::move(text), std::move(key));
}

awaitable<result<std::string>> hub::command(near_request r)
{
    auto* net = core_.network(r.network);
    if (!net)
        co_return failure{verdict::give_up, cause::not_found, "there is no such network here"};
    if (!core_.options.may_use(r.asker))
        co_return failure{verdict::give_up, cause::forbidden, "you are not allowed to use this bridge"};
    auto who = co_await core_.who.far_of(*net, r.asker, "");
    if (!who)
        co_return who.error();
    request far{person{std::move(*who)}, r.line};
    far.asker.shown_as = co_await core_.who.shown_as(core_.matrix, r.asker);
    far.objection = r.objection;
    far.admin = r.admin;
    for (const auto& p : core_.rooms.in_room(r.room)) {
        if (p->row.network != net->name || p->closing)
            continue;
        far.here.push_back(p->id());
        if (r.about.empty() || !far.about.id.empty())
            continue;
        auto named = co_await lanes_.root_of(p, side::matrix, r.about);
        if (!named)
            co_return named.error();
        if (!*named)
            continue;
        far.about.id = message_id{(*named)->far_id};
        for (const auto& other : (*named)->also)
            far.about.also.emplace_back(other);
        if ((*named)->bound == way::to_matrix)
            far.about.author = user_id{(*named)->author};
    }
    auto said = co_await net->far->command(std::move(far));
    if (!said)
        co_return said.error();
    co_return co_await follow_answer(net, std::move(*said), std::move(r));
}

awaitable<result<std::string>> hub::follow_answer(network_state* net, answer said, near_request r)
{
    if (said.closes) {
        auto done = co_await close_all(r.room, r.network, said.closes->room.value, "ended by " + r.asker);
        if (!done)
            co_return done.error();
    }
    if (!said.opens)
        co_return std::move(said.text);
    const auto id = said.opens->portal;
    room_plan plan{said.opens->state.is};
    plan.network = net->name;
    plan.far_room = id.room.value;
    plan.info = said.opens->state.info;
    auto edge = co_await join_up(net, std::move(*said.opens), r.room, "", std::nullopt);
    if (!edge) {
        if (!core_.rooms.by_far(net->name, id)) {
            auto out = co_await net->far->close(id);
            if (!out)
                log::warn("what was not opened could not be closed", "network", net->name);
        }
        co_return edge.error();
    }
    auto described = co_await core_.matrix.describe_bridge(r.room, std::move(plan));
    if (!described)
        log::warn("m.bridge not written", "room", r.room, "error", described.error().why);
    co_return std::move(said.text);
}

}  // namespace rialto
