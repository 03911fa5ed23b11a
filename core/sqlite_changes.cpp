// The changes of a commit; the questions are in sqlite_tables.cpp.
#include "core/sqlite_tables.hpp"

#include <nlohmann/json.hpp>

namespace rialto {

namespace {

bool keeps_no_payload(stage s) { return s == stage::sent || s == stage::withdrawn; }

// `also` is kept twice: in the item, to read it back, and in `alias`, to find by it.
std::string to_text(const std::vector<std::string>& names)
{
    if (names.empty())
        return {};
    return nlohmann::json(names).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::vector<std::int64_t> sqlite_tables::apply(const std::vector<store_change>& all)
{
    std::vector<std::int64_t> numbers;
    for (const auto& change : all)
        if (const auto number = std::visit([this](const auto& c) { return apply_one(c); }, change))
            numbers.push_back(*number);
    return numbers;
}

std::optional<std::int64_t> sqlite_tables::apply_one(const put_item& c)
{
    const auto& it = c.it;
    if (it.bound == way::to_matrix && !it.far_id.empty() && came_back_.start(it.portal, it.far_id).next())
        return 0;
    insert_item_.run(
        it.portal, static_cast<int>(it.bound), static_cast<int>(it.now), text_or_null{it.matrix_id},
        text_or_null{it.far_id}, text_or_null{to_text(it.also)}, it.author,
        text_or_null{keeps_no_payload(it.now) ? std::string_view{} : std::string_view{it.payload}}, it.root,
        it.taken_ms, it.first_try_ms, it.generation, text_or_null{it.why}, static_cast<int>(it.kind)
    );
    if (db_.changed() == 0)
        return 0;
    const auto seq = db_.last_key();
    for (const auto& name : it.also)
        add_alias_.run(it.portal, static_cast<int>(side::far), name, seq);
    return seq;
}

std::optional<std::int64_t> sqlite_tables::apply_one(const release_item& c)
{
    auto moved = release_.start(c.portal, c.matrix_id);
    std::int64_t seq = 0;
    while (moved.next())
        seq = moved.number(0);
    return seq;
}

std::optional<std::int64_t> sqlite_tables::apply_one(const mark_trying& c)
{
    try_.run(c.seq, c.first_try_ms, c.generation);
    return std::nullopt;
}

std::optional<std::int64_t> sqlite_tables::apply_one(const mark_sent& c)
{
    auto names = side::far;
    sent_far_.run(c.seq, text_or_null{c.id}, text_or_null{to_text(c.also)});
    if (db_.changed() == 0) {
        names = side::matrix;
        sent_matrix_.run(c.seq, text_or_null{c.id});
    }
    if (c.also.empty())
        return std::nullopt;
    auto found = portal_of_.start(c.seq);
    if (found.next())
        for (const auto& name : c.also)
            add_alias_.run(found.number(0), static_cast<int>(names), name, c.seq);
    return std::nullopt;
}

std::optional<std::int64_t> sqlite_tables::apply_one(const mark_seen& c)
{
    seen_.run(c.seq, text_or_null{c.matrix_id});
    return std::nullopt;
}

std::optional<std::int64_t> sqlite_tables::apply_one(const mark_stage& c)
{
    auto& how = keeps_no_payload(c.now) ? settle_ : stage_;
    how.run(c.seq, static_cast<int>(c.now), text_or_null{c.why});
    return std::nullopt;
}

std::optional<std::int64_t> sqlite_tables::apply_one(const mark_dead& c)
{
    dead_mark_.run(
        c.seq, text_or_null{c.why.why}, static_cast<int>(c.why.kind), static_cast<int>(c.why.next),
        c.why.certain ? 1 : 0, c.tries
    );
    return std::nullopt;
}

std::optional<std::int64_t> sqlite_tables::apply_one(const mark_told& c)
{
    told_.run(c.seq);
    return std::nullopt;
}

std::optional<std::int64_t> sqlite_tables::apply_one(const requeue& c)
{
    const auto it = get(c.seq);
    if (!it || it->now != stage::dead)
        return 0;
    std::int64_t seq = 0;
    {
        auto newest = newest_.start();
        seq = newest.next() ? newest.number(0) + 1 : 1;
    }
    requeue_.run(c.seq, seq, c.taken_ms);
    for (const auto& name : it->also)
        move_alias_.run(it->portal, static_cast<int>(side::far), name, c.seq, seq);
    return seq;
}

std::optional<std::int64_t> sqlite_tables::apply_one(const mark_root& c)
{
    root_.run(c.seq, c.root);
    return std::nullopt;
}

std::optional<std::int64_t> sqlite_tables::apply_one(const put_payload& c)
{
    payload_.run(c.seq, text_or_null{c.payload});
    return std::nullopt;
}

std::optional<std::int64_t> sqlite_tables::apply_one(const put_portal& c)
{
    const auto& r = c.row;
    const auto is = static_cast<int>(r.is);
    const int open = r.open ? 1 : 0;
    if (r.key != 0) {
        replace_portal_.run(
            r.network, r.room.value, r.account.value, r.matrix_room, is, open, r.state, r.key
        );
        return r.key;
    }
    insert_portal_.run(r.network, r.room.value, r.account.value, r.matrix_room, is, open, r.state);
    return db_.last_key();
}

std::optional<std::int64_t> sqlite_tables::apply_one(const put_person& c)
{
    const auto& r = c.row;
    put_person_.run(
        r.network, r.far.value, r.mxid, r.puppet ? 1 : 0, r.shown_as, r.avatar_hash, r.generation
    );
    return std::nullopt;
}

std::optional<std::int64_t> sqlite_tables::apply_one(const put_reaction& c)
{
    put_reaction_.run(c.row.portal, c.row.target, c.row.who, c.row.emoji, c.row.id);
    return std::nullopt;
}

std::optional<std::int64_t> sqlite_tables::apply_one(const drop_reaction& c)
{
    drop_reaction_.run(c.portal, c.id);
    return std::nullopt;
}

std::optional<std::int64_t> sqlite_tables::apply_one(const put_note& c)
{
    if (c.value.empty())
        drop_note_.run(c.key);
    else
        put_note_.run(c.key, c.value);
    return std::nullopt;
}

}  // namespace rialto
