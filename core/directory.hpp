// core/directory.hpp: who is who on the other side: ghosts (the Matrix accounts of far people) and puppets
// (the far identities of Matrix people). Ghosts follow the grammar of core/names.hpp; what grammar cannot say
// (puppets, ids too long to be spelled out) was asked once and is kept in the store. A bounded cache in
// front. One thread.
#pragma once

#include "core/context.hpp"
#include "core/names.hpp"

#include <unordered_map>

namespace rialto {

class directory
{
public:
    directory(store& disk, names grammar) : disk_{disk}, grammar_{std::move(grammar)} {}

    // A far person's mxid: the Matrix person whose puppet it is, else their ghost.
    awaitable<result<std::string>> mxid_of(const network_state& net, user_id far);
    // A Matrix person's address: the far person whose ghost it is, else their puppet (asked of the backend
    // once).
    awaitable<result<user_id>> far_of(const network_state& net, std::string mxid, std::string shown_as);

    // The name they are shown under: what was seen last, else what the homeserver says, else "".
    awaitable<std::string> shown_as(homeserver& matrix, std::string mxid);
    void named(std::string mxid, std::string shown_as);

    bool is_ghost(std::string_view mxid) const { return grammar_.is_ghost(mxid); }
    std::string network_of(std::string_view mxid) const;  // "" when it is nobody's ghost
    std::string portal_alias(std::string_view network, std::string_view what)
        const;  // localpart; "" too long
    const names& grammar() const noexcept { return grammar_; }

private:
    struct cache
    {
        std::unordered_map<std::string, std::string> known;
        const std::string* find(const std::string& key) const;
        void keep(std::string key, std::string value);
    };
    awaitable<std::string> person_behind(const network_state& net, user_id far);  // "": nobody's puppet
    awaitable<result<std::string>> hashed_ghost(std::string network, user_id far);

    store& disk_;
    names grammar_;
    cache mxids_, fars_, names_;
};

}  // namespace rialto
