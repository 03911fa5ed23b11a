// bridges/xmpp/portal.hpp, what was said meanwhile: the archive is read from the cursor, page by page, each
// committed with its cursor, while live copies wait; and one message of our own is looked for before it is
// sent again.
#include "bridges/xmpp/ids.hpp"
#include "bridges/xmpp/portal.hpp"
#include "bridges/xmpp/portal_signal.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"

#include <algorithm>

namespace rialto::xmpp {
namespace {

// Clocks differ, and a sender's own time (which a Matrix event carries) may be anything.
constexpr std::chrono::minutes overlap{10};
constexpr std::size_t most_pages = 10'000, most_pages_looked_through = 200;
constexpr unsigned most_archive_refusals = 5;

bool has_no_archive(const stanza_error& e)
{
    const auto& c = e.condition;
    return c == "feature-not-implemented" || c == "service-unavailable" || c == "forbidden" ||
           c == "not-allowed" || c == "not-acceptable" || c == "not-authorized";
}

// "I have none", of a room that advertises one: it may only not be there yet. ejabberd 23.01 answers so until
// the workers of its archive's database have started, and what was missed would be lost.
bool may_come_yet(const stanza_error& e)
{
    return e.condition == "service-unavailable" || e.condition == "feature-not-implemented";
}

}  // namespace

awaitable<result<archive_end>> muc_portal::ask_archive(std::string query_id, std::string query, row_taker row)
{
    reading_.emplace_back(query_id, &row);
    auto answer =
        co_await around_.wire.ask(listener() + "/rialto", room_jid(), iq_type::set, std::move(query));
    std::erase_if(reading_, [&](const archive_read& r) { return r.id == query_id; });
    if (!answer)
        co_return answer.error();
    if (answer->error) {
        auto why = to_failure(*answer->error, "the archive of " + room_jid());
        why.kind = answer->error->condition == "item-not-found" ? cause::not_found : why.kind;
        if (has_no_archive(*answer->error))
            why.next = verdict::unsupported;
        if (traits_.archive && may_come_yet(*answer->error) && ++archive_refusals_ < most_archive_refusals)
            why.next = verdict::try_later;
        co_return why;
    }
    archive_refusals_ = 0;
    auto fin = read_fin(answer->payload());
    failure unclear{
        verdict::unsupported, cause::other, "the archive of " + room_jid() + " answers something else"
    };
    if (!fin)
        co_return unclear;
    co_return *fin;
}

awaitable<outcome> muc_portal::start_at_newest()
{
    cursor newest{"", around_.time.now()};
    const auto id = next_query_id();
    row_taker take = [&newest](const archive_row& r) {
        newest.id = r.id;
        if (r.stamp)
            newest.at = *r.stamp;
    };
    auto asked = co_await ask_archive(id, archive_newest(id), take);
    if (!asked && asked.error().next == verdict::try_later)
        co_return asked.error();
    if (!asked && asked.error().next == verdict::unsupported)
        traits_.archive = false;
    intake_.start_at(newest);
    confirmed_ = newest;
    note where{cursor_key(), to_text(newest)};
    co_return co_await around_.core.remember(std::move(where));
}

awaitable<outcome> muc_portal::read_archive_from(cursor from, bool moves_cursor)
{
    row_taker take = [this, moves_cursor](const archive_row& r) {
        if (r.message != nullptr)
            hear(read_message(*r.message, believed_of_archive()), &r, moves_cursor);
    };
    std::string after = from.id;
    std::optional<timestamp> start;
    if (after.empty())
        start = from.at - overlap;
    for (std::size_t page = 0; page < most_pages; ++page) {
        const auto id = next_query_id();
        auto fin = co_await ask_archive(id, archive_query(id, after, start), take);
        if (!fin && fin.error().kind == cause::not_found && !start) {  // the cursor's own row has expired
            start = from.at - overlap;
            after.clear();
            continue;
        }
        if (!fin)
            co_return fin.error();
        co_await flush();
        if (!fin->last.empty())
            confirmed_ = cursor{fin->last, around_.time.now()};
        if (fin->complete)
            co_return ok();
        after = fin->last;
    }
    failure endless{verdict::try_later, cause::other, "the archive of " + room_jid() + " does not end"};
    co_return endless;
}

awaitable<outcome> muc_portal::catch_up()
{
    if (intake_.position().empty())
        co_return co_await start_at_newest();
    confirmed_ = intake_.position();
    if (!traits_.archive)
        co_return ok();  // the join asked for history since the cursor; it is among the live copies
    auto read = co_await read_archive_from(intake_.position(), true);
    if (!read && read.error().next == verdict::unsupported) {
        log::warn("a room's archive cannot be read", "room", room_jid(), "why", read.error().why);
        traits_.archive = false;
        co_return ok();
    }
    co_return read;
}

// XEP-0359's id of a message of ours that may have been sent before: "" when it certainly was not.
awaitable<result<message_id>> muc_portal::look_up(std::string wire_id, std::string jid, timestamp since)
{
    if (auto known = echoes_.shown(wire_id, jid))
        co_return *known;
    failure unsure{
        verdict::give_up, cause::other,
        room_jid() + " keeps no archive, so that nobody can tell whether this arrived before the interruption"
    };
    unsure.certain = false;
    if (!traits_.archive) {
        if (!history_reaches_back_)
            co_return unsure;
        co_return message_id{};
    }
    row_taker take = [this](const archive_row& r) {
        if (r.message == nullptr)
            return;
        auto h = read_message(*r.message, believed_of_archive());
        h.stanza_id = r.id;
        const auto whose = own_speaker(h);
        if (!whose.empty())
            echoes_.saw(h.id.empty() ? h.origin_id : h.id, whose, room_message_id(h, user_id{whose}));
    };
    std::string after;
    std::optional<timestamp> start = std::min(since, around_.time.now()) - overlap;
    for (std::size_t page = 0; page < most_pages_looked_through; ++page) {
        const auto id = next_query_id();
        auto fin = co_await ask_archive(id, archive_query(id, after, start), take);
        if (!fin && fin.error().next == verdict::unsupported)
            traits_.archive = false;
        if (!fin && !traits_.archive)
            co_return unsure;
        if (!fin)
            co_return fin.error();
        if (auto known = echoes_.shown(wire_id, jid))
            co_return *known;
        if (fin->complete)
            break;
        after = fin->last;
    }
    co_return message_id{};
}

}  // namespace rialto::xmpp
