// The orders of POST /control, also to be had in-process:
//   {"do":"fault","on":"server"|"push","fault":{...}}   net/fault.hpp; {"do":"no_faults"}
//   {"do":"kill"} {"do":"start"} {"do":"restart"}       the HTTP port stays the same
//   {"do":"stall","on":true}                            reads no request
//   {"do":"freeze"} {"do":"thaw"} {"do":"advance","ms":n} {"do":"scale","by":x} {"do":"seed","seed":n}
//   {"do":"user","localpart":s,"password":s}            -> access_token, user_id
//   {"do":"stats"}                                      -> counts
//   {"do":"events","room":id,"type":t?}                 -> what the room holds, in order
#include "tests/fakes/hs/homeserver.hpp"
#include "tests/fakes/hs/render.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace rialto::fakes::hs {

using nlohmann::json;

namespace {
json events_of(homeserver& hs, const json& order)
{
    json all = json::array();
    const room* r = hs.data().find_room(order.at("room").get<std::string>());
    const std::string type = order.value("type", "");
    const view how{hs.time().now(), view::of::client};
    for (const event* e : r ? r->timeline : std::vector<event*>{})
        if (type.empty() || e->type == type)
            all.push_back(json::parse(render(*e, how)));
    return {{"events", all}};
}

json stats_of(homeserver& hs)
{
    json services = json::array();
    for (std::size_t i = 0; i < hs.services(); ++i) {
        const auto& p = hs.service(i);
        services.push_back(
            {{"id", p.about().id},
             {"queued", p.queued()},
             {"unsent", p.disk().unsent.size()},
             {"down", p.disk().down},
             {"transactions", p.transactions()}}
        );
    }
    return {
        {"events", hs.data().stream.size()},
        {"rooms", hs.data().rooms.size()},
        {"users", hs.data().users.size()},
        {"requests", hs.server().requests()},
        {"connections", hs.server().connections()},
        {"now", hs.time().now()},
        {"services", services}
    };
}

bool move_time(fake_time& time, const std::string& what, const json& order)
{
    if (what == "freeze")
        time.freeze();
    else if (what == "thaw")
        time.thaw();
    else if (what == "advance")
        time.advance(order.at("ms"));
    else if (what == "scale")
        time.scale(order.at("by"));
    else
        return false;
    return true;
}
}  // namespace

json homeserver::control(const json& order)
{
    const std::string what = order.at("do");
    if (what == "stats")
        return stats_of(*this);
    if (what == "events")
        return events_of(*this, order);
    if (what == "user") {
        const std::string localpart = order.at("localpart");
        const auto token = make_user(localpart, order.value("password", ""));
        return {{"access_token", token}, {"user_id", '@' + localpart + ':' + world_.name}};
    }
    if (what == "fault" && order.value("on", "server") == "push") {
        for (auto& s : services_)
            s->faults.add(fault_from(order.at("fault")));
    } else if (what == "fault") {
        faults().add(fault_from(order.at("fault")));
    } else if (what == "no_faults") {
        faults().clear();
        for (auto& s : services_)
            s->faults.clear();
    } else if (what == "seed") {
        faults().seed(order.at("seed"));
    } else if (what == "kill") {
        kill();
    } else if (what == "start") {
        start(port());
    } else if (what == "restart") {
        restart();
    } else if (what == "stall") {
        server_.stall(order.value("on", true));
    } else if (!move_time(time_, what, order)) {
        throw std::invalid_argument{"no such order: " + what};
    }
    return json::object();
}

}  // namespace rialto::fakes::hs
