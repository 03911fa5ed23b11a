// bridges/xmpp/mam.hpp: asking an archive what happened while we were away (XEP-0313 mam:2 with XEP-0059),
// and the cursor that says how far we have read. Pure: the text of questions, the sense of answers.
#pragma once

#include "core/event.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rialto::xmpp {

struct node;

// The last archived message that is committed, and when it was said: a room may forget the row, never the
// time.
struct cursor
{
    std::string id;
    timestamp at{};

    cursor() = default;
    cursor(std::string i, timestamp t) : id{std::move(i)}, at{t} {}
    bool empty() const noexcept { return at == timestamp{}; }
    bool operator==(const cursor&) const = default;
};
std::string to_text(const cursor& c);  // "<ms> <id>"
cursor read_cursor(std::string_view text);

inline constexpr std::size_t page_size = 50;  // rows; ejabberd's and Prosody's own limit is 50..250

// <query/> for what comes after `id`, or since `start` when `id` is empty.
std::string archive_query(
    std::string_view query_id, std::string_view after_id, std::optional<timestamp> start
);
std::string archive_newest(std::string_view query_id);  // the newest row only: where "now" is

struct archive_row
{
    std::string id, query_id;
    const node* message = nullptr;  // of the tree it was read from
    std::optional<timestamp> stamp;

    archive_row() = default;
};
std::optional<archive_row> read_row(const node& message);  // nullopt: no <result/> of an archive

struct archive_end  // <fin/>
{
    bool complete = true;
    std::string last;

    archive_end() = default;
};
std::optional<archive_end> read_fin(const node* payload);

}  // namespace rialto::xmpp
