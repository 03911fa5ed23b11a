#include "tests/contract/stage.hpp"

#include <ostream>
#include <set>

namespace rialto::contract {

void PrintTo(const peer_type& p, std::ostream* out) { *out << p.name; }

stage::stage(const peer_type& type)
{
    peer = type.make(io, disk);
    life first{io, *peer, disk};
    if (!first.start()) {
        broken = "the link does not come up";
        if (!first.failures().empty())
            broken += ": " + first.failures().back().why;
        return;
    }
    auto made = first.open_portal();
    if (!made) {
        broken = "the portal cannot be opened: " + made.error().why;
        return;
    }
    state = made->state;
    peer->enter();
    settle();
}

stage::~stage()
{
    peer.reset();
    settle();
}

texts stage::hears() const
{
    texts out;
    std::set<std::string> ids;
    for (const auto& h : peer->hears())
        if (ids.insert(h.id).second || !peer->about().repeats_by_id)
            out.push_back(h.text);
    return out;
}

texts stage::took() const
{
    texts out;
    for (const auto& e : disk.accepted)
        if (const auto* m = std::get_if<message>(&e.what))
            out.push_back(m->body.plain());
    return out;
}

std::string list(const texts& all)
{
    std::string out;
    for (const auto& t : all)
        out += (out.empty() ? "" : ", ") + t;
    return "[" + out + "]";
}

std::string differ(const std::string& what, const texts& wanted, const texts& got)
{
    return wanted == got ? "" : what + ": " + list(got) + " instead of " + list(wanted);
}

std::vector<std::size_t> edges(const std::vector<std::size_t>& steps, std::size_t from, std::size_t most)
{
    std::set<std::size_t> all;
    auto last = from;
    for (const auto end : steps) {
        if (end <= from)
            continue;
        all.insert({last + 1, (last + end) / 2, end - 1, end});
        last = end;
    }
    std::vector<std::size_t> out{all.begin(), all.end()};
    if (out.size() <= most)
        return out;
    std::vector<std::size_t> some;
    for (std::size_t i = 0; i < most; ++i)
        some.push_back(out[i * out.size() / most]);
    return some;
}

rehearsal rehearse(const peer_type& type, const texts& lines, std::size_t most)
{
    rehearsal out;
    stage s{type};
    out.broken = s.broken;
    auto* wire = s.peer->wire();
    if (!out.broken.empty() || wire == nullptr)
        return out;
    const auto sent = wire->passed(tap::way::out), came = wire->passed(tap::way::back);
    life now{s.io, *s.peer, s.disk};
    if (!now.start())
        out.broken = "the link does not come up again";
    std::vector<event> lane;
    for (const auto& line : lines)
        lane.push_back(now.said(line, lane.size()));
    now.lane(std::move(lane));
    if (!s.until([&] { return now.lane_done(); }))
        out.broken = "the rehearsal hangs";
    s.settle();
    out.out = edges(wire->steps(tap::way::out), sent, most);
    out.back = edges(wire->steps(tap::way::back), came, most);
    for (auto& at : out.out)
        at -= sent;
    for (auto& at : out.back)
        at -= came;
    return out;
}

}  // namespace rialto::contract
