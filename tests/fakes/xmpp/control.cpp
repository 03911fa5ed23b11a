// The orders of POST /control, also to be had in-process:
//   {"do":"fault","fault":{...}}  net/fault.hpp; kinds: message presence iq groupchat join mam ping
//   to_component
//   {"do":"no_faults"} {"do":"seed","seed":n}
//   {"do":"kill"} {"do":"start"} {"do":"restart"}       the ports stay the same; "keep_archive",
//   "keep_rooms": bool
//   {"do":"cut","what":"components"|"clients","bytes":n}  the links of now, after n more bytes
//   {"do":"stall","on":true}                            reads nothing from the links of now
//   {"do":"freeze"} {"do":"thaw"} {"do":"advance","ms":n} {"do":"scale","by":x}
//   {"do":"user","name":s,"password":s}
//   {"do":"room","room":jid,...members_only,password,moderated,affiliations}
//   {"do":"lose_archive","room":jid,"newest":n}
//   {"do":"stats"} {"do":"archive","room":jid}           -> [{"id","from","body","at"}]
#include "tests/fakes/xmpp/server.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace rialto::fakes::xmpp {

using nlohmann::json;

namespace {
json archive_of(const room* r)
{
    json all = json::array();
    if (!r)
        return all;
    for (const auto& row : r->archive) {
        element message;
        stream_parser::handler h;
        h.opened = [](const element&) {};
        h.stanza = [&](element e) { message = std::move(e); };
        h.closed = [] {};
        stream_parser parser{h};
        parser.feed("<stream xmlns='jabber:client'>" + row.stanza);
        all.push_back(
            {{"id", row.id},
             {"from", message.get("from")},
             {"body", message.child_text("body", "")},
             {"message_id", message.get("id")},
             {"at", row.at},
             {"shown", row.shown}}
        );
    }
    return all;
}

void set_up(room& r, const json& order)
{
    r.members_only = order.value("members_only", r.members_only);
    r.moderated = order.value("moderated", r.moderated);
    r.nonanonymous = order.value("nonanonymous", r.nonanonymous);
    r.persistent = order.value("persistent", true);
    r.password = order.value("password", r.password);
    r.subject = order.value("subject", r.subject);
    r.max_users = order.value("max_users", r.max_users);
    r.change_subject = order.value("change_subject", r.change_subject);
    const json affiliations = order.value("affiliations", json::object());
    for (const auto& [who, what] : affiliations.items())
        r.affiliations[who] = what.get<std::string>();
}

json stats_of(server& s)
{
    json rooms = json::object();
    for (const auto& [address, r] : s.rooms().all()) {
        json nicks = json::array();
        for (const auto& [nick, o] : r->occupants)
            nicks.push_back(nick);
        rooms[address] = {{"occupants", nicks}, {"archive", r->archive.size()}};
    }
    return {
        {"components", s.components()}, {"clients", s.clients()}, {"rooms", rooms}, {"now", s.time().now()}
    };
}

bool arrange(server& s, const std::string& what, const json& order)
{
    if (what == "user")
        s.add_user(order.at("name"), order.value("password", ""));
    else if (what == "room")
        set_up(s.rooms().make(order.at("room")), order);
    else if (what == "lose_archive")
        s.rooms().lose_archive(order.at("room"), order.at("newest"));
    else if (what == "freeze")
        s.time().freeze();
    else if (what == "thaw")
        s.time().thaw();
    else if (what == "advance")
        s.time().advance(order.at("ms"));
    else if (what == "scale")
        s.time().scale(order.at("by"));
    else
        return false;
    return true;
}
}  // namespace

json server::control(const json& order)
{
    const std::string what = order.at("do");
    options_.archive_survives = order.value("keep_archive", options_.archive_survives);
    options_.rooms_survive = order.value("keep_rooms", options_.rooms_survive);
    if (what == "stats")
        return stats_of(*this);
    if (what == "archive")
        return {{"archive", archive_of(rooms_.find(order.at("room")))}};
    if (what == "fault")
        faults_.add(fault_from(order.at("fault")));
    else if (what == "no_faults")
        faults_.clear();
    else if (what == "seed")
        luck_.seed(order.at("seed").get<std::uint64_t>());
    else if (what == "kill")
        kill();
    else if (what == "start")
        start(c2s_.port, component_.port, http_.port());
    else if (what == "restart")
        restart();
    else if (what == "cut" && order.value("what", "components") == "clients")
        cut_clients(order.value("bytes", std::size_t{0}));
    else if (what == "cut")
        cut_components(order.value("bytes", std::size_t{0}));
    else if (what == "stall")
        stall(order.value("on", true));
    else if (!arrange(*this, what, order))
        throw std::invalid_argument{"no such order: " + what};
    return json::object();
}

}  // namespace rialto::fakes::xmpp
