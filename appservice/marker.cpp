#include "appservice/marker.hpp"

namespace rialto::matrix {

awaitable<outcome> marker::enter(std::string watcher)
{
    if (room_.empty()) {
        room_plan plan{kind::group};
        plan.alias = alias_;
        plan.info.title = "Rialto's order of events";
        plan.info.topic = "The bridge asks here how far the homeserver's processes have come.";
        plan.info.members_only = true;
        auto made = co_await near_.make_room(std::move(plan));
        if (!made)
            co_return made.error();
        room_ = std::move(*made);
    }
    auto& api = near_.api();
    if (watcher == api.settings().bot || in_.contains(watcher))
        co_return ok();
    const acting bot{};
    auto asked = co_await api.ask(calls::member(bot, room_, "invite", watcher, ""));
    if (!asked)
        co_return asked.error();  // refused: it may be in it
    auto joined =
        co_await api.must(calls::join(acting{watcher}, room_), "to let " + watcher + " into " + room_);
    if (!joined)
        co_return joined.error();
    in_.insert(std::move(watcher));
    co_return ok();
}

awaitable<result<mark>> marker::put(std::string watcher)
{
    auto there = co_await enter(std::move(watcher));
    if (there) {
        const auto txn = "marker-" + std::to_string(to_ms(time_.now())) + "-" + std::to_string(++number_);
        const acting bot{};
        auto sent = co_await near_.api().must(
            calls::send(bot, room_, marker_type, txn, "{}"), "to take a mark in " + room_
        );
        if (sent)
            co_return mark{room_, field(*sent, "event_id")};
        there = sent.error();
    }
    if (there.error().next != verdict::try_later) {  // somebody closed the room: another one
        room_.clear();
        in_.clear();
    }
    auto later = there.error();
    later.next = verdict::try_later;
    co_return later;
}

}  // namespace rialto::matrix
