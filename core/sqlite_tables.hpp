// core/sqlite_tables.hpp: the changes and questions of core/store.hpp in SQL, without threads, waiting or
// transactions. Of the store thread. Errors: sqlite_error.
#pragma once

#include "core/sqlite_db.hpp"
#include "core/store.hpp"

namespace rialto {

class sqlite_tables
{
    sqlite_db& db_;
    sqlite_statement insert_item_, came_back_, release_, add_alias_, move_alias_, try_, sent_far_,
        sent_matrix_, seen_, portal_of_, stage_, settle_, dead_mark_, told_, newest_, requeue_, root_,
        payload_;
    sqlite_statement insert_portal_, replace_portal_, put_person_, put_reaction_, drop_reaction_, put_note_,
        drop_note_;
    sqlite_statement find_matrix_, find_far_, find_alias_, get_, waiting_, dead_, dead_of_, untold_, portals_;
    sqlite_statement person_far_, person_mxid_, reactions_, reactions_of_, reaction_, note_, notes_;

    // The number that commit() gives back, if the change has one.
    std::optional<std::int64_t> apply_one(const put_item& c);
    std::optional<std::int64_t> apply_one(const release_item& c);
    std::optional<std::int64_t> apply_one(const mark_trying& c);
    std::optional<std::int64_t> apply_one(const mark_sent& c);
    std::optional<std::int64_t> apply_one(const mark_seen& c);
    std::optional<std::int64_t> apply_one(const mark_stage& c);
    std::optional<std::int64_t> apply_one(const mark_dead& c);
    std::optional<std::int64_t> apply_one(const mark_told& c);
    std::optional<std::int64_t> apply_one(const requeue& c);
    std::optional<std::int64_t> apply_one(const mark_root& c);
    std::optional<std::int64_t> apply_one(const put_payload& c);
    std::optional<std::int64_t> apply_one(const put_portal& c);
    std::optional<std::int64_t> apply_one(const put_person& c);
    std::optional<std::int64_t> apply_one(const put_reaction& c);
    std::optional<std::int64_t> apply_one(const drop_reaction& c);
    std::optional<std::int64_t> apply_one(const put_note& c);

public:
    explicit sqlite_tables(sqlite_db& db);

    std::vector<std::int64_t> apply(const std::vector<store_change>& all);

    std::optional<item> find(portal_key p, side s, const std::string& id);
    std::optional<item> get(position seq);
    std::vector<item> waiting(position after, std::size_t most);
    std::vector<item> dead(portal_key p, std::size_t most);
    std::vector<item> untold(position after, std::size_t most);
    std::vector<portal_row> portals();
    std::optional<person_row> person_by_far(const std::string& network, const user_id& far);
    std::optional<person_row> person_by_mxid(const std::string& network, const std::string& mxid);
    std::vector<reaction_row> reactions(portal_key p, const std::string& target, const std::string& who);
    std::optional<reaction_row> reaction(portal_key p, const std::string& id);
    std::string note(const std::string& key);
    store::note_rows notes(const std::string& prefix, std::size_t most);
};

}  // namespace rialto
