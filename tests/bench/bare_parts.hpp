// tests/bench/bare_parts.hpp: the libraries of the bare baseline, each used in the plainest way.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace rialto::bench {

struct bare_message
{
    std::string room, id, author, text;
    bare_message() = default;
};

class bare_database  // SQLite, WAL, synchronous=FULL; one table with a unique index, as the journal has
{
public:
    explicit bare_database(const std::filesystem::path& file);
    ~bare_database();
    bare_database(const bare_database&) = delete;
    bare_database& operator=(const bare_database&) = delete;
    void begin();
    void put(const bare_message& m);
    void commit();

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

class bare_reader  // expat over a stream of stanzas; `each` for every message with a body
{
public:
    explicit bare_reader(std::function<void(bare_message)> each);
    ~bare_reader();
    bare_reader(const bare_reader&) = delete;
    bare_reader& operator=(const bare_reader&) = delete;
    void feed(std::string_view bytes);

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

class bare_client  // libcurl, one connection
{
public:
    bare_client();
    ~bare_client();
    bare_client(const bare_client&) = delete;
    bare_client& operator=(const bare_client&) = delete;
    void put(const std::string& url, const std::string& body);

private:
    void* easy_;
    void* headers_;
};

}  // namespace rialto::bench
