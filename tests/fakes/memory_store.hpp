// tests/fakes/memory_store.hpp: core/store.hpp in memory, for tests of the core. Deterministic; passes the
// same contract tests as the real one. Commits can be made to fail and to wait; what is kept lives apart from
// the store, so that a test can drop the store (a crash) and go on with a new one.
//   memory_store s{io.get_executor()};
//   s.fail_commit(2, memory_store::disk_full());  // the second one from now
//   s.hold(); ... s.release();                    // meanwhile nothing that is committed has happened
#pragma once

#include "core/store.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <tuple>

namespace rialto {

struct memory_tables
{
    using origin = std::tuple<portal_key, way, std::string>;
    using named = std::tuple<portal_key, side, std::string>;

    std::map<position, item> items;
    std::map<origin, position> origins;
    std::map<named, std::vector<position>> aliases;
    std::map<portal_key, portal_row> portals;
    std::vector<person_row> people;
    std::vector<reaction_row> reactions;
    std::map<std::string, std::string> notes;
    std::set<position> told;
    position last_seq = 0;
    portal_key last_key = 0;
};

// One commit on a copy of the tables. False: refused.
class memory_changes
{
    memory_tables& t_;
    std::vector<std::int64_t>& numbers_;

    static bool settled(stage s) { return s == stage::sent || s == stage::withdrawn; }
    item* at(position seq)
    {
        const auto found = t_.items.find(seq);
        return found == t_.items.end() ? nullptr : &found->second;
    }
    void alias(const item& it, side s, const std::vector<std::string>& names)
    {
        for (const auto& n : names)
            t_.aliases[{it.portal, s, n}].push_back(it.seq);
    }

public:
    memory_changes(memory_tables& t, std::vector<std::int64_t>& numbers) : t_{t}, numbers_{numbers} {}

    bool operator()(const put_item& c)
    {
        auto it = c.it;
        const auto& id = it.bound == way::to_far ? it.matrix_id : it.far_id;
        const memory_tables::origin key{it.portal, it.bound, id};
        if (!id.empty() && t_.origins.contains(key)) {
            numbers_.push_back(0);
            return true;
        }
        const bool ours =
            it.bound == way::to_matrix && !id.empty() &&
            std::any_of(t_.items.begin(), t_.items.end(), [&](const auto& row) {
                const auto& other = row.second;
                return other.portal == it.portal && other.bound == way::to_far && other.far_id == id;
            });
        if (ours) {
            numbers_.push_back(0);
            return true;
        }
        it.seq = ++t_.last_seq;
        if (settled(it.now))
            it.payload.clear();
        if (!id.empty())
            t_.origins[key] = it.seq;
        alias(it, side::far, it.also);
        numbers_.push_back(it.seq);
        t_.items[it.seq] = std::move(it);
        return true;
    }
    bool operator()(const release_item& c)
    {
        const auto origin = t_.origins.find(memory_tables::origin{c.portal, way::to_far, c.matrix_id});
        if (origin == t_.origins.end() || t_.items.at(origin->second).now != stage::held) {
            numbers_.push_back(0);
            return true;
        }
        auto moved = t_.items.extract(origin->second);
        moved.key() = moved.mapped().seq = origin->second = ++t_.last_seq;
        moved.mapped().now = stage::queued;
        numbers_.push_back(t_.last_seq);
        t_.items.insert(std::move(moved));
        return true;
    }
    bool operator()(const mark_trying& c)
    {
        if (auto* it = at(c.seq)) {
            it->now = stage::sending;
            it->first_try_ms = c.first_try_ms;
            it->generation = c.generation;
        }
        return true;
    }
    bool operator()(const mark_sent& c)
    {
        auto* it = at(c.seq);
        if (!it)
            return true;
        it->now = stage::sent;
        it->payload.clear();
        it->why.clear();
        auto& id = it->bound == way::to_far ? it->far_id : it->matrix_id;
        if (!c.id.empty())
            id = c.id;
        if (it->bound == way::to_far && !c.also.empty())
            it->also = c.also;
        alias(*it, it->bound == way::to_far ? side::far : side::matrix, c.also);
        return true;
    }
    bool operator()(const mark_seen& c)
    {
        if (auto* it = at(c.seq); it && it->bound == way::to_matrix)
            it->matrix_id = c.matrix_id;
        return true;
    }
    bool operator()(const mark_stage& c)
    {
        if (auto* it = at(c.seq)) {
            it->now = c.now;
            it->why = c.why;
            if (settled(c.now))
                it->payload.clear();
        }
        return true;
    }
    bool operator()(const mark_dead& c)
    {
        if (auto* it = at(c.seq)) {
            it->now = stage::dead;
            it->why = c.why.why;
            it->kind = c.why.kind;
            it->next = c.why.next;
            it->certain = c.why.certain;
            it->tries = c.tries;
            t_.told.erase(c.seq);
        }
        return true;
    }
    bool operator()(const mark_told& c)
    {
        t_.told.insert(c.seq);
        return true;
    }
    bool operator()(const requeue& c)
    {
        auto* old = at(c.seq);
        if (!old || old->now != stage::dead) {
            numbers_.push_back(0);
            return true;
        }
        auto it = std::move(*old);
        t_.items.erase(c.seq);
        it.seq = ++t_.last_seq;
        it.now = stage::queued;
        it.why.clear();
        it.taken_ms = c.taken_ms;
        it.first_try_ms = it.certain ? 0 : std::max<std::int64_t>(it.first_try_ms, 1);
        for (auto& [key, seq] : t_.origins)
            seq = seq == c.seq ? it.seq : seq;
        for (auto& [key, seqs] : t_.aliases)
            std::replace(seqs.begin(), seqs.end(), c.seq, it.seq);
        numbers_.push_back(it.seq);
        t_.items[it.seq] = std::move(it);
        return true;
    }
    bool operator()(const mark_root& c)
    {
        if (auto* it = at(c.seq))
            it->root = c.root;
        return true;
    }
    bool operator()(const put_payload& c)
    {
        if (auto* it = at(c.seq))
            it->payload = c.payload;
        return true;
    }
    bool operator()(const put_portal& c)
    {
        auto row = c.row;
        for (const auto& [key, other] : t_.portals)
            if (row.open && other.open && key != row.key && other.network == row.network &&
                other.room == row.room && other.account == row.account)
                return false;
        if (row.key == 0)
            row.key = t_.last_key + 1;
        t_.last_key = std::max(t_.last_key, row.key);
        numbers_.push_back(row.key);
        t_.portals[row.key] = row;
        return true;
    }
    bool operator()(const put_person& c)
    {
        std::erase_if(t_.people, [&](const person_row& p) {
            return p.network == c.row.network && (p.far == c.row.far || p.mxid == c.row.mxid);
        });
        t_.people.push_back(c.row);
        return true;
    }
    bool operator()(const put_reaction& c)
    {
        (*this)(drop_reaction{c.row.portal, c.row.id});
        t_.reactions.push_back(c.row);
        return true;
    }
    bool operator()(const drop_reaction& c)
    {
        std::erase_if(t_.reactions, [&](const reaction_row& r) {
            return r.portal == c.portal && r.id == c.id;
        });
        return true;
    }
    bool operator()(const put_note& c)
    {
        if (c.value.empty())
            t_.notes.erase(c.key);
        else
            t_.notes[c.key] = c.value;
        return true;
    }
};

class memory_store final : public store
{
    using timer = boost::asio::steady_timer;

    boost::asio::any_io_executor ex_;
    std::shared_ptr<memory_tables> t_;
    std::map<int, failure> faults_;  // by the number of the commit
    int asked_ = 0;
    int committed_ = 0;
    std::unique_ptr<timer> gate_;

    // Never resumes at once, as the real one never does.
    awaitable<void> turn() { co_await boost::asio::post(ex_, boost::asio::use_awaitable); }

    static result<std::vector<std::int64_t>> refused()
    {
        return failure{verdict::give_up, cause::conflict, "the portal is there already"};
    }

public:
    explicit memory_store(
        boost::asio::any_io_executor ex,
        std::shared_ptr<memory_tables> kept = std::make_shared<memory_tables>()
    )
        : ex_{std::move(ex)}, t_{std::move(kept)}
    {
    }

    static failure disk_full() { return {verdict::try_later, cause::full, "the disk is full"}; }
    static failure io_error() { return {verdict::try_later, cause::other, "the disk does not answer"}; }

    void fail_commit(int nth, failure why) { faults_.insert_or_assign(asked_ + nth, std::move(why)); }
    void hold()
    {
        if (!gate_)
            gate_ = std::make_unique<timer>(ex_, timer::time_point::max());
    }
    void release() { gate_.reset(); }  // in the order in which they were asked
    int committed() const { return committed_; }
    const memory_tables& tables() const { return *t_; }

    awaitable<result<std::vector<std::int64_t>>> commit(std::vector<store_change> all) override
    {
        const int number = ++asked_;
        if (gate_)
            co_await gate_->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        else
            co_await turn();
        if (const auto fault = faults_.find(number); fault != faults_.end())
            co_return fault->second;
        memory_tables next = *t_;
        std::vector<std::int64_t> numbers;
        memory_changes apply{next, numbers};
        for (const auto& change : all)
            if (!std::visit(apply, change))
                co_return refused();
        *t_ = std::move(next);
        ++committed_;
        co_return numbers;
    }

    awaitable<result<std::optional<item>>> find(portal_key p, side s, std::string id) override
    {
        co_await turn();
        std::optional<item> best;
        if (id.empty())
            co_return best;
        for (const auto& [seq, it] : t_->items)
            if (it.portal == p && (s == side::matrix ? it.matrix_id : it.far_id) == id)
                best = it;
        const auto aliased = t_->aliases.find(memory_tables::named{p, s, id});
        if (!best && aliased != t_->aliases.end())
            best = t_->items.at(*std::max_element(aliased->second.begin(), aliased->second.end()));
        co_return best;
    }
    awaitable<result<std::optional<item>>> get(position seq) override
    {
        co_await turn();
        std::optional<item> found;
        if (const auto it = t_->items.find(seq); it != t_->items.end())
            found = it->second;
        co_return found;
    }
    awaitable<result<std::vector<item>>> waiting(position after, std::size_t most) override
    {
        co_await turn();
        std::vector<item> some;
        for (auto it = t_->items.upper_bound(after); it != t_->items.end() && some.size() < most; ++it)
            if (it->second.now <= stage::sending)
                some.push_back(it->second);
        co_return some;
    }
    awaitable<result<std::vector<item>>> dead(portal_key p, std::size_t most) override
    {
        co_await turn();
        std::vector<item> some;
        for (const auto& [seq, it] : t_->items)
            if (it.now == stage::dead && (p == 0 || it.portal == p) && some.size() < most)
                some.push_back(it);
        co_return some;
    }
    awaitable<result<std::vector<item>>> untold(position after, std::size_t most) override
    {
        co_await turn();
        std::vector<item> some;
        for (const auto& [seq, it] : t_->items)
            if (it.now == stage::dead && seq > after && !t_->told.contains(seq) && some.size() < most)
                some.push_back(it);
        co_return some;
    }
    awaitable<result<std::vector<portal_row>>> portals() override
    {
        co_await turn();
        std::vector<portal_row> open;
        for (const auto& [key, row] : t_->portals)
            if (row.open)
                open.push_back(row);
        co_return open;
    }
    awaitable<result<std::optional<person_row>>> person_by_far(std::string network, user_id far) override
    {
        co_await turn();
        std::optional<person_row> found;
        for (const auto& p : t_->people)
            if (p.network == network && p.far == far)
                found = p;
        co_return found;
    }
    awaitable<result<std::optional<person_row>>> person_by_mxid(std::string network, std::string mxid)
        override
    {
        co_await turn();
        std::optional<person_row> found;
        for (const auto& p : t_->people)
            if (p.network == network && p.mxid == mxid)
                found = p;
        co_return found;
    }
    awaitable<result<std::vector<reaction_row>>> reactions(portal_key p, std::string target, std::string who)
        override
    {
        co_await turn();
        std::vector<reaction_row> set;
        for (const auto& r : t_->reactions)
            if (r.portal == p && r.target == target && (who.empty() || r.who == who))
                set.push_back(r);
        co_return set;
    }
    awaitable<result<std::optional<reaction_row>>> reaction(portal_key p, std::string id) override
    {
        co_await turn();
        std::optional<reaction_row> found;
        for (const auto& r : t_->reactions)
            if (r.portal == p && r.id == id)
                found = r;
        co_return found;
    }
    awaitable<result<note_rows>> notes_of(std::string prefix, std::size_t most) override
    {
        co_await turn();
        note_rows some;
        for (const auto& [key, value] : t_->notes)
            if (key.starts_with(prefix) && some.size() < most)
                some.emplace_back(key, value);
        co_return some;
    }
    awaitable<result<std::string>> note(std::string key) override
    {
        co_await turn();
        const auto found = t_->notes.find(key);
        std::string value;
        if (found != t_->notes.end())
            value = found->second;
        co_return value;
    }
};

}  // namespace rialto
