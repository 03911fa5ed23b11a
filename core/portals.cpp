#include "core/portals.hpp"

#include "core/key.hpp"

#include <algorithm>

namespace rialto {

portal::portal(portal_row r, room s)
    : row{std::move(r)}, state{std::move(s)}, tag{portal_tag(row.network, id())}
{
}

std::size_t portal::waiting(way w) const
{
    std::size_t all = 0;
    for (const auto& [at, queue] : lanes)
        if (at.bound == w)
            all += queue->size();
    return all;
}

std::string portals::far_name(std::string_view network, const portal_id& id)
{
    return std::string{network} + '\n' + id.account.value + '\n' + id.room.value;
}

portal_ptr portals::add(portal_row row, room state)
{
    auto p = std::make_shared<portal>(std::move(row), std::move(state));
    by_key_[p->row.key] = p;
    by_far_[far_name(p->row.network, p->id())] = p;
    if (!p->row.matrix_room.empty())
        by_room_.emplace(p->row.matrix_room, p);
    return p;
}

void portals::move(const portal_ptr& p, std::string matrix_room)
{
    auto [first, last] = by_room_.equal_range(p->row.matrix_room);
    for (auto at = first; at != last; ++at)
        if (at->second == p) {
            by_room_.erase(at);
            break;
        }
    p->row.matrix_room = std::move(matrix_room);
    if (!p->row.matrix_room.empty())
        by_room_.emplace(p->row.matrix_room, p);
}

void portals::close(const portal_ptr& p)
{
    move(p, "");
    p->row.open = false;
    by_key_.erase(p->row.key);
    const auto at = by_far_.find(far_name(p->row.network, p->id()));
    if (at != by_far_.end() && at->second == p)
        by_far_.erase(at);
}

portal_ptr portals::by_key(portal_key key) const
{
    const auto at = by_key_.find(key);
    return at == by_key_.end() ? nullptr : at->second;
}

portal_ptr portals::by_far(std::string_view network, const portal_id& id) const
{
    const auto at = by_far_.find(far_name(network, id));
    return at == by_far_.end() ? nullptr : at->second;
}

std::vector<portal_ptr> portals::in_room(const std::string& matrix_room) const
{
    std::vector<portal_ptr> out;
    auto [first, last] = by_room_.equal_range(matrix_room);
    for (auto at = first; at != last; ++at)
        out.push_back(at->second);
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a->row.key < b->row.key; });
    return out;
}

void portals::each(const std::function<void(const portal_ptr&)>& see) const
{
    for (const auto& [key, p] : by_key_)
        see(p);
}

}  // namespace rialto
