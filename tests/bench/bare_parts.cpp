#include "tests/bench/bare_parts.hpp"

#include <curl/curl.h>
#include <expat.h>
#include <sqlite3.h>

#include <stdexcept>

namespace rialto::bench {

struct bare_database::parts
{
    sqlite3* db = nullptr;
    sqlite3_stmt *begin = nullptr, *put = nullptr, *commit = nullptr;

    void must(int code) const
    {
        if (code != SQLITE_OK && code != SQLITE_DONE)
            throw std::runtime_error{sqlite3_errmsg(db)};
    }
    void run(sqlite3_stmt* s) const
    {
        must(sqlite3_step(s));
        sqlite3_reset(s);
    }
    void prepare(const char* sql, sqlite3_stmt** into) const
    {
        must(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, into, nullptr));
    }
};

bare_database::bare_database(const std::filesystem::path& file) : parts_{std::make_unique<parts>()}
{
    auto& p = *parts_;
    p.must(sqlite3_open(file.c_str(), &p.db));
    p.must(sqlite3_exec(
        p.db,
        "pragma journal_mode = wal; pragma synchronous = full;"
        "create table message(seq integer primary key, room text, id text, author text, text text) strict;"
        "create unique index by_id on message(room, id)",
        nullptr, nullptr, nullptr
    ));
    p.prepare("begin immediate", &p.begin);
    p.prepare("insert into message(room, id, author, text) values(?, ?, ?, ?)", &p.put);
    p.prepare("commit", &p.commit);
}

bare_database::~bare_database()
{
    for (auto* s : {parts_->begin, parts_->put, parts_->commit})
        sqlite3_finalize(s);
    sqlite3_close(parts_->db);
}

void bare_database::begin() { parts_->run(parts_->begin); }
void bare_database::commit() { parts_->run(parts_->commit); }

void bare_database::put(const bare_message& m)
{
    int at = 0;
    for (const auto* text : {&m.room, &m.id, &m.author, &m.text})
        sqlite3_bind_text64(parts_->put, ++at, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
    parts_->run(parts_->put);
}

struct bare_reader::parts
{
    XML_Parser parser = XML_ParserCreateNS(nullptr, '|');
    std::function<void(bare_message)> each;
    bare_message now;
    int depth = 0;
    bool in_body = false;

    void start(std::string_view name, const char** attributes)
    {
        ++depth;
        if (depth == 2)
            now = {};
        for (; depth == 2 && *attributes != nullptr; attributes += 2) {
            const std::string_view key{attributes[0]};
            if (key == "from")
                now.author = attributes[1];
            else if (key == "id")
                now.id = attributes[1];
        }
        in_body = depth == 3 && name.ends_with("|body");
    }
    void end()
    {
        in_body = false;
        if (--depth != 1 || now.text.empty())
            return;
        now.room = now.author.substr(0, now.author.find('/'));
        each(std::move(now));
        now = {};
    }
};

bare_reader::bare_reader(std::function<void(bare_message)> each) : parts_{std::make_unique<parts>()}
{
    parts_->each = std::move(each);
    auto* p = parts_->parser;
    XML_SetUserData(p, parts_.get());
    XML_SetElementHandler(
        p,
        [](void* self, const char* name, const char** attributes) {
            static_cast<parts*>(self)->start(name, attributes);
        },
        [](void* self, const char*) { static_cast<parts*>(self)->end(); }
    );
    XML_SetCharacterDataHandler(p, [](void* self, const char* text, int length) {
        auto& me = *static_cast<parts*>(self);
        if (me.in_body)
            me.now.text.append(text, static_cast<std::size_t>(length));
    });
}

bare_reader::~bare_reader() { XML_ParserFree(parts_->parser); }

void bare_reader::feed(std::string_view bytes)
{
    if (XML_Parse(parts_->parser, bytes.data(), static_cast<int>(bytes.size()), 0) == XML_STATUS_ERROR)
        throw std::runtime_error{"the stream is no XML"};
}

bare_client::bare_client()
    : easy_{curl_easy_init()}, headers_{curl_slist_append(nullptr, "Content-Type: application/json")}
{
    headers_ = curl_slist_append(static_cast<curl_slist*>(headers_), "Authorization: Bearer bare");
    curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, "PUT");
    curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(easy_, CURLOPT_PROXY, "");
    constexpr curl_write_callback drop = [](char*, std::size_t one, std::size_t n, void*) { return one * n; };
    curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, drop);
}

bare_client::~bare_client()
{
    curl_easy_cleanup(easy_);
    curl_slist_free_all(static_cast<curl_slist*>(headers_));
}

void bare_client::put(const std::string& url, const std::string& body)
{
    curl_easy_setopt(easy_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, body.data());
    if (curl_easy_perform(easy_) != CURLE_OK)
        throw std::runtime_error{"the PUT failed"};
}

}  // namespace rialto::bench
