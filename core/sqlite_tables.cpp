#include "core/sqlite_tables.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace rialto {

namespace {

constexpr std::string_view item_columns =
    "seq, portal, bound, stage, matrix_id, far_id, also, author, payload, root, taken_ms, first_try_ms, "
    "generation, why, cause, verdict, certain, tries";

// `on conflict do nothing`: the origin's id is known already.
constexpr std::string_view insert_item =
    "insert into item(portal, bound, stage, matrix_id, far_id, also, author, payload, root, taken_ms, "
    "first_try_ms, generation, why, cause) "
    "values(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) "
    "on conflict do nothing";
// What we sent comes back under the name that the far side gave it: no news. Not a part of the insert, which
// as insert ... select would keep a journal of its own for the case that a later row fails.
constexpr std::string_view came_back = "select 1 from item where portal = ?1 and far_id = ?2 and bound = 0";
// A held row has no names but its origin's, and nothing refers to it by number: it can be given another one.
constexpr std::string_view release_held =
    "update item set stage = 1, seq = (select max(seq) from item) + 1 "
    "where portal = ?1 and matrix_id = ?2 and bound = 0 and stage = 0 returning seq";
// Two of them, so that only the index of the id that is set is rewritten.
constexpr std::string_view sent_far =
    "update item set stage = 3, payload = null, why = null, far_id = coalesce(?2, far_id), also = "
    "coalesce(?3, also) "
    "where seq = ?1 and bound = 0";
constexpr std::string_view sent_matrix =
    "update item set stage = 3, payload = null, why = null, matrix_id = coalesce(?2, matrix_id) "
    "where seq = ?1 and bound = 1";
// To the end of its lane. Whatever may have arrived counts as tried: it is looked for before it goes again.
constexpr std::string_view requeue_item =
    "update item set seq = ?2, stage = 1, why = null, told = 0, taken_ms = ?3, "
    "first_try_ms = case when certain = 1 then 0 else max(first_try_ms, 1) end where seq = ?1 and stage = 4";
constexpr std::string_view mark_as_dead =
    "update item set stage = 4, why = ?2, cause = ?3, verdict = ?4, certain = ?5, tries = ?6, told = 0 "
    "where seq = ?1";
constexpr std::string_view insert_portal =
    "insert into portal(network, room, account, matrix_room, kind, open, state) values(?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view replace_portal =
    "insert into portal(network, room, account, matrix_room, kind, open, state, key) "
    "values(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) on conflict(key) do update set network = ?1, room = ?2, account "
    "= ?3, "
    "matrix_room = ?4, kind = ?5, open = ?6, state = ?7";
constexpr std::string_view open_portals =
    "select key, network, room, account, matrix_room, kind, state from portal where open = 1 order by key";
constexpr std::string_view put_person_row =
    "insert or replace into person(network, far, mxid, puppet, shown_as, avatar_hash, generation) "
    "values(?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view person_columns =
    "select network, far, mxid, puppet, shown_as, avatar_hash, generation from person ";
constexpr std::string_view reaction_columns = "select portal, target, who, emoji, id from reaction ";
constexpr std::string_view newest_of_alias =
    "where seq = (select max(seq) from alias where portal = ? and side = ? and id = ?)";

std::string select_items(std::string_view rest)
{
    std::string sql{"select "};
    return sql.append(item_columns).append(" from item ").append(rest);
}

// Of both halves of the index of this side, the newest.
std::string find_by(std::string_view column)
{
    const std::string same = "portal = ?1 and " + std::string{column} + " = ?2";
    return select_items("where bound = 0 and " + same) + " union all " +
           select_items("where bound = 1 and " + same) + " order by seq desc limit 1";
}

std::vector<std::string> to_names(const std::string& text)
{
    std::vector<std::string> names;
    if (text.empty())
        return names;
    const auto tree = nlohmann::json::parse(text, nullptr, false);
    for (const auto& one : tree)
        if (one.is_string())
            names.push_back(one.get<std::string>());
    return names;
}

item read_item(const sqlite_statement::rows& row)
{
    item it;
    it.seq = row.number(0);
    it.portal = row.number(1);
    it.bound = static_cast<way>(row.number(2));
    it.now = static_cast<stage>(row.number(3));
    it.matrix_id = row.text(4);
    it.far_id = row.text(5);
    it.also = to_names(row.text(6));
    it.author = row.text(7);
    it.payload = row.text(8);
    it.root = row.number(9);
    it.taken_ms = row.number(10);
    it.first_try_ms = row.number(11);
    it.generation = static_cast<std::uint32_t>(row.number(12));
    it.why = row.text(13);
    it.kind = static_cast<cause>(row.number(14));
    it.next = static_cast<verdict>(row.number(15));
    it.certain = row.number(16) != 0;
    it.tries = static_cast<std::uint32_t>(row.number(17));
    return it;
}

person_row read_person(const sqlite_statement::rows& row)
{
    person_row p;
    p.network = row.text(0);
    p.far = user_id{row.text(1)};
    p.mxid = row.text(2);
    p.puppet = row.number(3) != 0;
    p.shown_as = row.text(4);
    p.avatar_hash = row.text(5);
    p.generation = static_cast<std::uint32_t>(row.number(6));
    return p;
}

reaction_row read_reaction(const sqlite_statement::rows& row)
{
    return reaction_row{row.number(0), row.text(1), row.text(2), row.text(3), row.text(4)};
}

template <class Row, class Read>
std::optional<Row> first(sqlite_statement::rows&& found, Read read)
{
    if (!found.next())
        return std::nullopt;
    return read(found);
}

template <class Row, class Read>
std::vector<Row> every(sqlite_statement::rows&& found, Read read)
{
    std::vector<Row> all;
    while (found.next())
        all.push_back(read(found));
    return all;
}

std::string join(std::string_view a, std::string_view b) { return std::string{a}.append(b); }

std::int64_t limit(std::size_t most)
{
    return static_cast<std::int64_t>(std::min<std::size_t>(most, std::numeric_limits<std::int32_t>::max()));
}

}  // namespace

sqlite_tables::sqlite_tables(sqlite_db& db)
    : db_{db},
      insert_item_{db, insert_item},
      came_back_{db, came_back},
      release_{db, release_held},
      add_alias_{db, "insert into alias(portal, side, id, seq) values(?, ?, ?, ?) on conflict do nothing"},
      move_alias_{db, "update alias set seq = ?5 where portal = ?1 and side = ?2 and id = ?3 and seq = ?4"},
      try_{db, "update item set stage = 2, first_try_ms = ?2, generation = ?3 where seq = ?1"},
      sent_far_{db, sent_far},
      sent_matrix_{db, sent_matrix},
      seen_{db, "update item set matrix_id = ?2 where seq = ?1 and bound = 1"},
      portal_of_{db, "select portal from item where seq = ?"},
      stage_{db, "update item set stage = ?2, why = ?3 where seq = ?1"},
      settle_{db, "update item set stage = ?2, why = ?3, payload = null where seq = ?1"},
      dead_mark_{db, mark_as_dead},
      told_{db, "update item set told = 1 where seq = ?"},
      newest_{db, "select max(seq) from item"},
      requeue_{db, requeue_item},
      root_{db, "update item set root = ?2 where seq = ?1"},
      payload_{db, "update item set payload = ?2 where seq = ?1"},
      insert_portal_{db, insert_portal},
      replace_portal_{db, replace_portal},
      put_person_{db, put_person_row},
      put_reaction_{
          db, "insert or replace into reaction(portal, target, who, emoji, id) values(?, ?, ?, ?, ?)"
      },
      drop_reaction_{db, "delete from reaction where portal = ? and id = ?"},
      put_note_{db, "insert or replace into note(key, value) values(?, ?)"},
      drop_note_{db, "delete from note where key = ?"},
      find_matrix_{db, find_by("matrix_id")},
      find_far_{db, find_by("far_id")},
      find_alias_{db, select_items(newest_of_alias)},
      get_{db, select_items("where seq = ?")},
      waiting_{db, select_items("where stage <= 2 and seq > ? order by seq limit ?")},
      dead_{db, select_items("where stage = 4 order by seq limit ?")},
      dead_of_{db, select_items("where stage = 4 and portal = ? order by seq limit ?")},
      untold_{db, select_items("where stage = 4 and told = 0 and seq > ? order by seq limit ?")},
      portals_{db, open_portals},
      person_far_{db, join(person_columns, "where network = ? and far = ?")},
      person_mxid_{db, join(person_columns, "where network = ? and mxid = ?")},
      reactions_{db, join(reaction_columns, "where portal = ? and target = ? order by rowid")},
      reactions_of_{db, join(reaction_columns, "where portal = ? and target = ? and who = ? order by rowid")},
      reaction_{db, join(reaction_columns, "where portal = ? and id = ?")},
      note_{db, "select value from note where key = ?"},
      notes_{db, "select key, value from note where key >= ? and key < ? order by key limit ?"}
{
}

std::optional<item> sqlite_tables::find(portal_key p, side s, const std::string& id)
{
    if (id.empty())
        return std::nullopt;
    auto& by_id = s == side::matrix ? find_matrix_ : find_far_;
    if (auto exact = first<item>(by_id.start(p, id), read_item))
        return exact;
    return first<item>(find_alias_.start(p, static_cast<int>(s), id), read_item);
}

std::optional<item> sqlite_tables::get(position seq) { return first<item>(get_.start(seq), read_item); }

std::vector<item> sqlite_tables::waiting(position after, std::size_t most)
{
    return every<item>(waiting_.start(after, limit(most)), read_item);
}

std::vector<item> sqlite_tables::dead(portal_key p, std::size_t most)
{
    if (p == 0)
        return every<item>(dead_.start(limit(most)), read_item);
    return every<item>(dead_of_.start(p, limit(most)), read_item);
}

std::vector<item> sqlite_tables::untold(position after, std::size_t most)
{
    return every<item>(untold_.start(after, limit(most)), read_item);
}

std::vector<portal_row> sqlite_tables::portals()
{
    return every<portal_row>(portals_.start(), [](const auto& row) {
        portal_row r;
        r.key = row.number(0);
        r.network = row.text(1);
        r.room = room_id{row.text(2)};
        r.account = account_id{row.text(3)};
        r.matrix_room = row.text(4);
        r.is = static_cast<kind>(row.number(5));
        r.state = row.text(6);
        return r;
    });
}

std::optional<person_row> sqlite_tables::person_by_far(const std::string& network, const user_id& far)
{
    return first<person_row>(person_far_.start(network, far.value), read_person);
}

std::optional<person_row> sqlite_tables::person_by_mxid(const std::string& network, const std::string& mxid)
{
    return first<person_row>(person_mxid_.start(network, mxid), read_person);
}

std::vector<reaction_row> sqlite_tables::reactions(
    portal_key p, const std::string& target, const std::string& who
)
{
    if (who.empty())
        return every<reaction_row>(reactions_.start(p, target), read_reaction);
    return every<reaction_row>(reactions_of_.start(p, target, who), read_reaction);
}

std::optional<reaction_row> sqlite_tables::reaction(portal_key p, const std::string& id)
{
    return first<reaction_row>(reaction_.start(p, id), read_reaction);
}

std::string sqlite_tables::note(const std::string& key)
{
    auto found = first<std::string>(note_.start(key), [](const auto& row) { return row.text(0); });
    return found ? *found : std::string{};
}

store::note_rows sqlite_tables::notes(const std::string& prefix, std::size_t most)
{
    auto end = prefix;
    if (!end.empty())
        ++end.back();
    return every<std::pair<std::string, std::string>>(
        notes_.start(prefix, end, limit(most)),
        [](const auto& row) { return std::pair{row.text(0), row.text(1)}; }
    );
}

}  // namespace rialto
