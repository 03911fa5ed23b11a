// core/sqlite_db.hpp: a SQLite connection and its statements as values that clean up after themselves. Of one
// thread at a time. Errors: sqlite_error, which knows what follows from it. No SQL here: that is in
// sqlite_schema.cpp and sqlite_tables.cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;

namespace rialto {

class sqlite_error : public std::runtime_error
{
public:
    enum class means
    {
        refused,  // this statement only: a constraint, a value too big
        full,     // no space; the transaction is gone
        busy,     // somebody else holds the database; the transaction is gone
        broken,   // I/O, corruption, anything unknown: what is on disk is not known any more
    };

    sqlite_error(int code, std::string_view doing, std::string_view detail);
    means what_follows() const noexcept { return means_; }
    int code() const noexcept { return code_; }  // extended

private:
    int code_;
    means means_;
};

struct text_or_null  // "" is NULL, which partial indexes leave out
{
    std::string_view text;
    explicit text_or_null(std::string_view t) : text{t} {}
};

class sqlite_db;

class sqlite_statement
{
    sqlite3_stmt* it_ = nullptr;

    void bind(int at, std::int64_t value);
    void bind(int at, std::string_view value);
    void bind(int at, text_or_null value);
    void bind_all(int) {}
    template <class V, class... More>
    void bind_all(int at, const V& value, const More&... more)
    {
        if constexpr (std::is_integral_v<V>)
            bind(at, static_cast<std::int64_t>(value));
        else if constexpr (std::is_same_v<V, text_or_null>)
            bind(at, value);
        else
            bind(at, std::string_view{value});
        bind_all(at + 1, more...);
    }
    bool step();
    void reset() noexcept;

public:
    sqlite_statement(const sqlite_db& db, std::string_view sql);
    ~sqlite_statement();
    sqlite_statement(sqlite_statement&& other) noexcept : it_{std::exchange(other.it_, nullptr)} {}
    sqlite_statement& operator=(sqlite_statement&&) = delete;

    // The rows of one execution. While it lives the database cannot move on: keep it short.
    class rows
    {
        sqlite_statement& of_;

    public:
        explicit rows(sqlite_statement& s) : of_{s} {}
        ~rows() { of_.reset(); }
        rows(const rows&) = delete;
        rows& operator=(const rows&) = delete;
        bool next() { return of_.step(); }
        std::int64_t number(int column) const;
        std::string text(int column) const;  // "" for NULL
        bool is_null(int column) const;
    };
    template <class... V>
    rows start(const V&... values)
    {
        bind_all(1, values...);
        return rows{*this};
    }
    template <class... V>
    void run(const V&... values)
    {
        auto all = start(values...);
        while (all.next())
            ;
    }
};

class sqlite_db
{
    sqlite3* it_ = nullptr;

public:
    // The file must be there. `vfs`: the file layer, "" the system's own (tests break it).
    explicit sqlite_db(const std::filesystem::path& file, const std::string& vfs = {});
    ~sqlite_db();
    sqlite_db(const sqlite_db&) = delete;
    sqlite_db& operator=(const sqlite_db&) = delete;

    void run(const std::string& sql);
    std::int64_t number(std::string_view sql) const;  // the first column of the first row
    std::int64_t last_key() const;
    std::int64_t changed() const;  // rows, by the last statement
    bool in_transaction() const;
    [[noreturn]] void fail(int code, std::string_view doing) const;
    sqlite3* raw() const noexcept { return it_; }
};

}  // namespace rialto
