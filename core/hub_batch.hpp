// core/hub_batch.hpp: what one push, or one part of a /sync answer, becomes: the changes of one commit, and
// what is done once they are on disk. Of hub_*.cpp.
#pragma once

#include "core/hub.hpp"

namespace rialto {

struct hub::batch
{
    enum class kind
    {
        queued,
        held,
        held_before,  // pushed twice
        released
    };
    struct row  // one for each numbered change
    {
        portal_ptr at;
        item it;
        kind is;
        row(portal_ptr p, item i, kind k) : at{std::move(p)}, it{std::move(i)}, is{k} {}
    };

    arrival from;
    const trust::round* of = nullptr;  // the /sync it was told by
    bool unread = false;               // it is of the history of an unread room
    std::vector<store_change> changes;
    std::vector<row> rows;
    std::vector<awaitable<void>> after;  // what is done once all is on disk
    std::vector<std::string> names;

    explicit batch(arrival f) : from{f} {}
    explicit batch(const trust::round& r) : of{&r} {}
    bool catches_up() const { return of != nullptr; }

    void then(std::string what, awaitable<void> task)
    {
        names.push_back(std::move(what));
        after.push_back(std::move(task));
    }
    void put(const portal_ptr& p, item it, kind is)
    {
        changes.emplace_back(put_item{it});
        rows.emplace_back(p, std::move(it), is);
    }
    void release(const portal_ptr& p, const item& it)
    {
        changes.emplace_back(release_item{it.portal, it.matrix_id});
        rows.emplace_back(p, it, kind::released);
    }
};

}  // namespace rialto
