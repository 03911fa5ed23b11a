#include "core/sqlite_db.hpp"

#include <sqlite3.h>

#include <string>

namespace rialto {

namespace {
sqlite_error::means meaning_of(int code)
{
    switch (code & 0xff) {
        case SQLITE_CONSTRAINT:
        case SQLITE_TOOBIG:
        case SQLITE_MISMATCH: return sqlite_error::means::refused;
        case SQLITE_FULL: return sqlite_error::means::full;
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return sqlite_error::means::busy;
        default: return sqlite_error::means::broken;
    }
}

std::string sentence(int code, std::string_view doing, std::string_view detail)
{
    std::string out{"SQLite could not "};
    out.append(doing).append(": ").append(detail).append(" (").append(std::to_string(code)).append(")");
    return out;
}
}  // namespace

sqlite_error::sqlite_error(int code, std::string_view doing, std::string_view detail)
    : std::runtime_error{sentence(code, doing, detail)}, code_{code}, means_{meaning_of(code)}
{
}

sqlite_statement::sqlite_statement(const sqlite_db& db, std::string_view sql)
{
    const auto code = sqlite3_prepare_v3(
        db.raw(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &it_, nullptr
    );
    if (code != SQLITE_OK)
        db.fail(code, "prepare a statement");
}

sqlite_statement::~sqlite_statement() { sqlite3_finalize(it_); }

void sqlite_statement::bind(int at, std::int64_t value) { sqlite3_bind_int64(it_, at, value); }

void sqlite_statement::bind(int at, std::string_view value)
{
    const auto* text = value.data() ? value.data() : "";  // a null pointer would become NULL
    const auto code = sqlite3_bind_text64(it_, at, text, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    if (code != SQLITE_OK)
        throw sqlite_error{code, "take a value", sqlite3_errstr(code)};
}

void sqlite_statement::bind(int at, text_or_null value)
{
    if (value.text.empty())
        sqlite3_bind_null(it_, at);
    else
        bind(at, value.text);
}

bool sqlite_statement::step()
{
    const auto code = sqlite3_step(it_);
    if (code == SQLITE_ROW)
        return true;
    if (code == SQLITE_DONE)
        return false;
    auto* db = sqlite3_db_handle(it_);
    throw sqlite_error{sqlite3_extended_errcode(db), "run a statement", sqlite3_errmsg(db)};
}

void sqlite_statement::reset() noexcept
{
    if (it_)
        sqlite3_reset(it_);
}

std::int64_t sqlite_statement::rows::number(int column) const
{
    return sqlite3_column_int64(of_.it_, column);
}

std::string sqlite_statement::rows::text(int column) const
{
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(of_.it_, column));
    if (!text)
        return {};
    return std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(of_.it_, column)));
}

bool sqlite_statement::rows::is_null(int column) const
{
    return sqlite3_column_type(of_.it_, column) == SQLITE_NULL;
}

sqlite_db::sqlite_db(const std::filesystem::path& file, const std::string& vfs)
{
    const auto code = sqlite3_open_v2(
        file.c_str(), &it_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
        vfs.empty() ? nullptr : vfs.c_str()
    );
    if (code == SQLITE_OK)
        return;
    const sqlite_error why{code, "open the database", it_ ? sqlite3_errmsg(it_) : sqlite3_errstr(code)};
    sqlite3_close(it_);
    throw why;
}

sqlite_db::~sqlite_db() { sqlite3_close_v2(it_); }

void sqlite_db::run(const std::string& sql)
{
    const auto code = sqlite3_exec(it_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        fail(code, "run `" + sql.substr(0, 40) + "`");
}

std::int64_t sqlite_db::number(std::string_view sql) const
{
    sqlite_statement once{*this, sql};
    auto all = once.start();
    return all.next() ? all.number(0) : 0;
}

std::int64_t sqlite_db::last_key() const { return sqlite3_last_insert_rowid(it_); }
std::int64_t sqlite_db::changed() const { return sqlite3_changes64(it_); }
bool sqlite_db::in_transaction() const { return sqlite3_get_autocommit(it_) == 0; }

void sqlite_db::fail(int code, std::string_view doing) const
{
    const auto extended = sqlite3_extended_errcode(it_);
    throw sqlite_error{(extended & 0xff) == (code & 0xff) ? extended : code, doing, sqlite3_errmsg(it_)};
}

}  // namespace rialto
