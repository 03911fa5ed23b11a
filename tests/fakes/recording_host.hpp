// tests/fakes/recording_host.hpp: the core as a backend sees it, without Matrix and disk: writes down what is
// accepted, takes a repeated id as a repeat, and can hold a commit back, refuse one, or die with its process.
// What `ledger` holds outlives a host, as a disk does. One io_context thread.
#pragma once

#include "core/backend.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

namespace rialto::test {

struct ledger
{
    std::vector<event> accepted;  // in order of commit, without repeats
    std::map<std::string, std::string> notes;
    std::map<portal_id, room> portals;
    std::size_t repeats = 0;

    ledger() = default;
    bool has(const event& e) const
    {
        return std::any_of(accepted.begin(), accepted.end(), [&](const event& other) {
            return !e.id.empty() && other.id == e.id && other.portal == e.portal;
        });
    }
};

class recording_host final : public host, public media_store
{
    ledger& disk_;
    boost::asio::steady_timer changed_;
    std::set<std::size_t> line_;  // tickets of the commits that wait
    std::size_t tickets_ = 0;
    bool held_ = false, dead_ = false;

    struct ticket  // given back also by a waiter that is cancelled
    {
        std::set<std::size_t>& line;
        std::size_t mine;
        ticket(std::set<std::size_t>& l, std::size_t m) : line{l}, mine{m} { line.insert(m); }
        ticket(const ticket&) = delete;
        ticket& operator=(const ticket&) = delete;
        ~ticket() { line.erase(mine); }
        bool first() const { return *line.begin() == mine; }
    };

    static failure gone() { return {verdict::try_later, cause::away, "the process is dead"}; }
    static failure none() { return {verdict::unsupported, cause::other, "the recording has none of it"}; }

public:
    std::deque<failure> refuse;  // the next commits
    std::size_t ups = 0;         // calls of link_up()
    bool up = false;

    recording_host(const boost::asio::any_io_executor& ex, ledger& disk)
        : disk_{disk}, changed_{ex, boost::asio::steady_timer::time_point::max()}
    {
    }

    void hold(bool on)  // commits wait, in the order in which they were asked for
    {
        held_ = on;
        changed_.cancel();
    }
    std::size_t waiting() const noexcept { return line_.size(); }
    void die()  // whatever the dead process still does leaves no trace
    {
        dead_ = true;
        changed_.cancel();
    }

    using host::accept;
    awaitable<outcome> accept(std::vector<event> batch, note cursor) override
    {
        {
            const ticket mine{line_, tickets_++};
            while (!dead_ && (held_ || !mine.first()))
                co_await changed_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        }
        changed_.cancel();
        if (dead_)
            co_return gone();
        if (!refuse.empty()) {
            auto why = refuse.front();
            refuse.pop_front();
            co_return why;
        }
        for (auto& e : batch) {
            if (const auto* whole = std::get_if<room>(&e.what)) {
                disk_.portals[e.portal] = *whole;
            } else if (!disk_.portals.contains(e.portal)) {
                failure unknown{verdict::give_up, cause::not_found, "the room is not bridged"};
                co_return unknown;
            } else if (disk_.has(e)) {
                ++disk_.repeats;
            } else {
                disk_.accepted.push_back(std::move(e));
            }
        }
        if (!cursor.key.empty())
            disk_.notes[cursor.key] = std::move(cursor.value);
        co_return ok();
    }
    awaitable<result<message_id>> attempt(event e) override
    {
        if (dead_)
            co_return gone();
        co_return e.id;
    }
    void hint(event) override {}
    awaitable<result<room>> look(portal_id portal) override
    {
        const auto at = disk_.portals.find(portal);
        if (at == disk_.portals.end())
            co_return none();
        co_return at->second;
    }
    awaitable<result<page>> history(portal_id, extent) override { co_return page{}; }
    awaitable<result<listing>> find(query) override
    {
        listing out;
        for (const auto& [id, state] : disk_.portals)
            out.rooms.emplace_back(id, state);
        co_return out;
    }
    awaitable<result<profile>> describe(user_id who) override { co_return profile{who.value}; }
    awaitable<result<std::string>> command(person, std::string) override { co_return none(); }
    awaitable<outcome> remember(note n) override
    {
        if (dead_)
            co_return gone();
        disk_.notes[n.key] = std::move(n.value);
        co_return ok();
    }
    awaitable<result<std::string>> recall(std::string key) override { co_return disk_.notes[key]; }
    void link_up(account_id) override
    {
        ++ups;
        up = true;
    }
    media_store& media() override { return *this; }

    awaitable<result<file>> stat(media_id) override { co_return none(); }
    awaitable<result<std::string>> read(media_id, std::uint64_t, std::size_t) override { co_return none(); }
    awaitable<result<media_id>> create(file) override { co_return none(); }
    awaitable<outcome> append(media_id, std::string) override { co_return none(); }
    awaitable<result<file>> finish(media_id) override { co_return none(); }
    awaitable<outcome> push(media_id, std::string, std::vector<note>) override { co_return none(); }
    awaitable<result<std::string>> link(file) override { co_return none(); }
};

}  // namespace rialto::test
