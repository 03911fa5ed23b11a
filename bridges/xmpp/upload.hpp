// bridges/xmpp/upload.hpp: the words of XEP-0363 (HTTP File Upload): which service of a server offers it,
// what is asked of it, what a slot is. And what is remembered of it between two messages. Pure.
#pragma once

#include "core/event.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rialto::xmpp {

struct node;
struct stanza_error;

struct upload_service
{
    std::string jid;
    std::uint64_t most = 0;  // bytes; 0: it does not say
    upload_service() = default;
};

struct upload_slot
{
    std::string put, get;
    std::vector<std::pair<std::string, std::string>> headers;
    upload_slot() = default;
};

std::vector<std::string> read_items(const node* query);      // JIDs, of disco#items
std::optional<std::uint64_t> read_offer(const node* query);  // of disco#info: is it one, and its largest file
std::string write_slot_request(const file& f);               // §5; name, size and type are the file's
std::optional<upload_slot> read_slot(const node* slot);      // §5, §4; nullopt: not one that we follow
failure slot_failure(const stanza_error& e, std::string_view service);
std::string_view server_of(std::string_view component);  // matrix.example.org -> example.org; "": it has none

class upload_memory  // bounded
{
public:
    static constexpr std::size_t most = 500;
    static constexpr int tries = 3;

    std::optional<upload_service> service;
    timestamp asked{};  // when it was looked for last

    std::string known(const media_id& id) const;  // where it was put already; "": nowhere
    void put(const media_id& id, std::string url);
    bool once_more(const media_id& id);  // false: it failed often enough, its lane may not wait longer

private:
    struct past
    {
        std::string url;
        int failed = 0;
        past() = default;
    };
    past& of(const media_id& id);
    std::map<std::string, past, std::less<>> past_;
    std::deque<std::string> order_;
};

}  // namespace rialto::xmpp
