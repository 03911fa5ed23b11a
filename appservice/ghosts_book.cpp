// What a ghost lacks, and what of it survives a restart.
#include "appservice/ghosts.hpp"

#include <charconv>

namespace rialto::matrix {

std::string device_name(unsigned generation) { return "RIALTO" + std::to_string(generation); }

ghost_book::step ghost_book::next(const std::string& mxid, const std::string& name, const std::string& room)
    const
{
    const auto known = ghosts_.find(mxid);
    if (known == ghosts_.end() || !known->second.enrolled)
        return step::enroll;
    const auto& g = known->second;
    if (!g.has_device)
        return step::make_device;
    if (!name.empty() && (!g.named || g.is.name != name))
        return step::set_name;
    if (room.empty())
        return step::act;
    const auto there = g.rooms.find(room);
    const bool in_it = there != g.rooms.end() ? there->second : g.recalled;
    return in_it ? step::act : step::join;
}

void ghost_book::did(step s, const std::string& mxid, const std::string& name, const std::string& room)
{
    auto& g = ghosts_[mxid];
    switch (s) {
        case step::enroll: g.enrolled = true; break;
        case step::make_device: g.has_device = true; break;
        case step::set_name:
            g.named = true;
            g.is.name = name;
            break;
        case step::join: g.rooms[room] = true; break;
        case step::act: break;
    }
}

void ghost_book::left(const std::string& mxid, const std::string& room)
{
    if (const auto known = ghosts_.find(mxid); known != ghosts_.end())
        known->second.rooms[room] = false;
}

bool ghost_book::in(const std::string& mxid, const std::string& room) const
{
    const auto known = ghosts_.find(mxid);
    if (known == ghosts_.end())
        return false;
    const auto there = known->second.rooms.find(room);
    return there != known->second.rooms.end() && there->second;
}

void ghost_book::recall(const std::string& mxid, const kept& k)
{
    auto& g = ghosts_[mxid];
    g.enrolled = g.has_device = g.recalled = true;
    g.named = !k.name.empty();
    g.is = k;
}

ghost_book::kept ghost_book::keep(const std::string& mxid) const
{
    const auto known = ghosts_.find(mxid);
    return known == ghosts_.end() ? kept{} : known->second.is;
}

void ghost_book::want_generation(const std::string& mxid, unsigned at_least)
{
    auto& g = ghosts_[mxid];
    if (at_least <= g.is.generation)
        return;
    g.is.generation = at_least;
    g.has_device = false;
}

std::string to_note(const ghost_book::kept& k) { return std::to_string(k.generation) + ' ' + k.name; }

std::optional<ghost_book::kept> from_note(std::string_view value)
{
    ghost_book::kept k;
    const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), k.generation);
    if (ec != std::errc{} || end == value.data() + value.size() || *end != ' ')
        return {};
    k.name = value.substr(static_cast<std::size_t>(end - value.data()) + 1);
    return k;
}

}  // namespace rialto::matrix
