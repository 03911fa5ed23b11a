// core/sqlite_schema.hpp: the tables, as numbered steps that are taken once and in order. `pragma
// user_version` says how many a database has behind it. Errors: config_error for a database that is not ours
// or is newer than this program; sqlite_error.
#pragma once

#include <filesystem>
#include <span>

namespace rialto {

class sqlite_db;

std::span<const char* const> schema_steps();

// Each step is a transaction with its number: a crash in between leaves a database that goes on where it
// stood.
void migrate(
    sqlite_db& db, const std::filesystem::path& file, std::span<const char* const> steps = schema_steps()
);

}  // namespace rialto
