#include "core/sqlite_schema.hpp"

#include "core/backend.hpp"
#include "core/sqlite_db.hpp"

#include <string>

namespace rialto {

namespace {

constexpr std::int64_t ours = 0x52'6c'74'6f;  // "Rlto": `file rialto.db` shows it as application id

// A released step is never changed: add another one.
constexpr const char* steps_taken[] = {
    // 1. An item is the journal entry and, once settled, the link: one row a message, so that settling it is
    // one
    // update. The two halves of an index exist because the origin's id is unique and the other one is not (a
    // plainer copy may be sent twice); each row is in one half of each only. The newest item is never
    // deleted:
    // seq would be given again.
    R"(
create table portal(
    key integer primary key autoincrement,
    network text not null, room text not null, account text not null,
    matrix_room text not null, kind integer not null, open integer not null, state text not null) strict;
create unique index portal_far on portal(network, room, account) where open = 1;

create table item(
    seq integer primary key,
    portal integer not null, bound integer not null, stage integer not null,
    matrix_id text, far_id text, also text,
    author text not null, payload text, root integer not null,
    taken_ms integer not null, first_try_ms integer not null, generation integer not null,
    why text) strict;
create unique index item_from_matrix on item(portal, matrix_id) where bound = 0 and matrix_id is not null;
create unique index item_from_far on item(portal, far_id) where bound = 1 and far_id is not null;
create index item_at_far on item(portal, far_id) where bound = 0 and far_id is not null;
create index item_at_matrix on item(portal, matrix_id) where bound = 1 and matrix_id is not null;
create index item_waiting on item(seq) where stage <= 2;
create index item_dead on item(seq) where stage = 4;

create table alias(
    portal integer not null, side integer not null, id text not null, seq integer not null,
    primary key(portal, side, id, seq)) strict, without rowid;

create table person(
    network text not null, far text not null, mxid text not null, puppet integer not null,
    shown_as text not null, avatar_hash text not null, generation integer not null,
    primary key(network, far)) strict;
create unique index person_mxid on person(network, mxid);

create table reaction(
    portal integer not null, id text not null, target text not null, who text not null, emoji text not null,
    primary key(portal, id)) strict;
create index reaction_set on reaction(portal, target, who);

create table note(key text primary key, value text not null) strict, without rowid;
)",
    // 2. What is known of a dead letter. The defaults take no room in a row.
    R"(
alter table item add column cause integer not null default 0;
alter table item add column verdict integer not null default 1;
alter table item add column certain integer not null default 1;
alter table item add column tries integer not null default 0;
alter table item add column told integer not null default 0;
create index item_untold on item(seq) where stage = 4 and told = 0;
)",
};

}  // namespace

std::span<const char* const> schema_steps() { return steps_taken; }

void migrate(sqlite_db& db, const std::filesystem::path& file, std::span<const char* const> steps)
{
    const auto application = db.number("pragma application_id");
    const auto taken = db.number("pragma user_version");
    const bool blank = db.number("select count(*) from sqlite_schema") == 0;
    if (application != ours && !(blank && application == 0 && taken == 0))
        throw config_error{
            file.string() + " is a database of another program: name another file under `database`"
        };
    if (taken > static_cast<std::int64_t>(steps.size()))
        throw config_error{
            file.string() + " was written by a newer Rialto (schema " + std::to_string(taken) +
            ", this one knows " + std::to_string(steps.size()) +
            "): install that version again, or restore the backup made before"
        };
    for (auto i = static_cast<std::size_t>(taken); i < steps.size(); ++i) {
        db.run("begin immediate");
        try {
            db.run(steps[i]);
            db.run("pragma application_id = " + std::to_string(ours));
            db.run("pragma user_version = " + std::to_string(i + 1));
            db.run("commit");
        } catch (...) {
            if (db.in_transaction())
                db.run("rollback");
            throw;
        }
    }
}

}  // namespace rialto
