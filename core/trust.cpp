#include "core/trust.hpp"

#include <algorithm>

namespace rialto {

std::string trust::name(portal_key lane, const std::string& event)
{
    return std::to_string(lane) + ' ' + event;
}

bool trust::trusted(const std::string& watcher, const arrival& from) const
{
    if (indirect(from))
        return false;
    const auto at = covered_.find(watcher);
    return at != covered_.end() && from.connection <= at->second;
}

bool trust::passes(portal_key lane, const std::string& watcher, const arrival& from) const
{
    return !holds(lane) && (from.ordered || trusted(watcher, from));
}

bool trust::hold(std::string watcher, const arrival& from, item it)
{
    auto key = name(it.portal, it.matrix_id);
    if (named_.contains(key))
        return false;
    ++lanes_[it.portal];
    rows_.emplace_back(std::move(watcher), from, rounds_, std::move(it));
    named_.emplace(std::move(key), std::prev(rows_.end()));
    return true;
}

void trust::drop(portal_key lane, const std::string& event)
{
    const auto at = named_.find(name(lane, event));
    if (at == named_.end())
        return;
    rows_.erase(at->second);
    named_.erase(at);
    if (--lanes_[lane] == 0)
        lanes_.erase(lane);
}

const trust::held* trust::find(portal_key lane, const std::string& event) const
{
    const auto at = named_.find(name(lane, event));
    return at == named_.end() ? nullptr : &*at->second;
}

trust::round trust::begin(std::string watcher)
{
    round r;
    r.watcher = std::move(watcher);
    r.covers = newest_;
    r.number = ++rounds_;
    return r;
}

// On a connection of their own rows may be newer than the round: what could be missing before them is older
// than the connection. Where connections tell nothing, only what came before the round began must be in its
// answer, or is nothing that this watcher can see.
std::vector<const trust::held*> trust::vouched(const round& r) const
{
    std::vector<const held*> out;
    for (const auto& row : rows_) {
        const bool is =
            indirect(row.from) && !row.from.ordered ? row.round < r.number : row.from.connection <= r.covers;
        if (row.watcher == r.watcher && is)
            out.push_back(&row);
    }
    return out;
}

std::vector<const trust::held*> trust::ready() const
{
    std::vector<const held*> out;
    std::map<portal_key, bool> waits;  // an older row of the lane is not ready
    for (const auto& row : rows_) {
        auto& behind = waits[row.it.portal];
        behind = behind || !(row.from.ordered || trusted(row.watcher, row.from));
        if (!behind)
            out.push_back(&row);
    }
    return out;
}

void trust::finish(const round& r)
{
    auto& upto = covered_[r.watcher];
    upto = std::max(upto, r.covers);
    auto& last = finished_[r.watcher];
    last = std::max(last, r.number);
}

bool trust::read_since(const std::string& watcher, std::uint64_t begun) const
{
    const auto at = finished_.find(watcher);
    return at != finished_.end() && at->second > begun;
}

std::vector<const trust::held*> trust::of(portal_key lane) const
{
    std::vector<const held*> out;
    if (!holds(lane))
        return out;
    for (const auto& row : rows_)
        if (row.it.portal == lane)
            out.push_back(&row);
    return out;
}

void trust::hand_over(portal_key lane, const std::string& watcher)
{
    for (auto& row : rows_)
        if (row.it.portal == lane)
            row.watcher = watcher;
}

const std::string* trust::wanted() const
{
    const auto at = std::find_if(rows_.begin(), rows_.end(), [this](const held& row) {
        return row.watcher.starts_with('@') && !row.from.ordered && !trusted(row.watcher, row.from);
    });
    return at == rows_.end() ? nullptr : &at->watcher;
}

}  // namespace rialto
