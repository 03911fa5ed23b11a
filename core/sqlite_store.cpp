#include "core/sqlite_store.hpp"

#include "core/log.hpp"
#include "core/secrets.hpp"
#include "core/sqlite_schema.hpp"
#include "core/sqlite_thread.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace rialto {

namespace asio = boost::asio;

namespace {

template <class R, class Work, class Handler>
class request final : public store_request
{
    does what_;
    Work work_;
    result<R> result_;
    Handler handler_;
    asio::executor_work_guard<asio::any_io_executor> home_;  // the io_context does not run dry meanwhile

public:
    request(does what, Work work, Handler handler, const asio::any_io_executor& home)
        : what_{what},
          work_{std::move(work)},
          handler_{std::move(handler)},
          home_{asio::make_work_guard(home)}
    {
    }

    does what() const override { return what_; }
    void work(sqlite_tables& tables) override { result_ = work_(tables); }
    void fail(const failure& why) override { result_ = why; }
    void answer() override
    {
        // What was asked was made over there and is freed over there: two threads would contend for its heap.
        auto done = [h = std::move(handler_), r = std::move(result_), w = std::move(work_)]() mutable {
            (void)w;
            std::move(h)(std::move(r));
        };
        asio::post(home_.get_executor(), std::move(done));
        home_.reset();
    }
};

class sqlite_store final : public store
{
    asio::any_io_executor ex_;
    sqlite_thread thread_;

    // Not a coroutine: what it captures is kept by the request alone.
    template <class R, class Work>
    awaitable<result<R>> ask(store_request::does what, Work work)
    {
        return asio::async_initiate<const asio::use_awaitable_t<>&, void(result<R>)>(
            [this, what](auto handler, Work w) {
                const asio::any_io_executor home = asio::get_associated_executor(handler, ex_);
                using kept = request<R, Work, std::decay_t<decltype(handler)>>;
                thread_.add(std::make_unique<kept>(what, std::move(w), std::move(handler), home));
            },
            asio::use_awaitable, std::move(work)
        );
    }
    template <class R, class Work>
    awaitable<result<R>> ask(Work work)
    {
        return ask<R>(store_request::does::ask, std::move(work));
    }

public:
    sqlite_store(
        asio::any_io_executor ex, std::unique_ptr<sqlite_db> db, std::unique_ptr<lease> keep, reserve spare,
        open_options how
    )
        : ex_{std::move(ex)}, thread_{std::move(db), std::move(keep), std::move(spare), std::move(how)}
    {
    }

    awaitable<result<std::vector<std::int64_t>>> commit(std::vector<store_change> all) override
    {
        using does = store_request::does;
        const bool takes = std::any_of(all.begin(), all.end(), [](const auto& c) {
            return std::holds_alternative<put_item>(c) || std::holds_alternative<put_portal>(c);
        });
        return ask<std::vector<std::int64_t>>(
            takes ? does::take : does::settle, [all = std::move(all)](auto& t) { return t.apply(all); }
        );
    }

    awaitable<result<std::optional<item>>> find(portal_key p, side s, std::string id) override
    {
        return ask<std::optional<item>>([p, s, id = std::move(id)](auto& t) { return t.find(p, s, id); });
    }
    awaitable<result<std::optional<item>>> get(position seq) override
    {
        return ask<std::optional<item>>([seq](auto& t) { return t.get(seq); });
    }
    awaitable<result<std::vector<item>>> waiting(position after, std::size_t most) override
    {
        return ask<std::vector<item>>([after, most](auto& t) { return t.waiting(after, most); });
    }
    awaitable<result<std::vector<item>>> dead(portal_key p, std::size_t most) override
    {
        return ask<std::vector<item>>([p, most](auto& t) { return t.dead(p, most); });
    }
    awaitable<result<std::vector<item>>> untold(position after, std::size_t most) override
    {
        return ask<std::vector<item>>([after, most](auto& t) { return t.untold(after, most); });
    }
    awaitable<result<std::vector<portal_row>>> portals() override
    {
        return ask<std::vector<portal_row>>([](auto& t) { return t.portals(); });
    }
    awaitable<result<std::optional<person_row>>> person_by_far(std::string network, user_id far) override
    {
        return ask<std::optional<person_row>>([n = std::move(network), f = std::move(far)](auto& t) {
            return t.person_by_far(n, f);
        });
    }
    awaitable<result<std::optional<person_row>>> person_by_mxid(std::string network, std::string mxid)
        override
    {
        return ask<std::optional<person_row>>([n = std::move(network), m = std::move(mxid)](auto& t) {
            return t.person_by_mxid(n, m);
        });
    }
    awaitable<result<std::vector<reaction_row>>> reactions(portal_key p, std::string target, std::string who)
        override
    {
        return ask<std::vector<reaction_row>>([p, target = std::move(target), who = std::move(who)](auto& t) {
            return t.reactions(p, target, who);
        });
    }
    awaitable<result<std::optional<reaction_row>>> reaction(portal_key p, std::string id) override
    {
        return ask<std::optional<reaction_row>>([p, id = std::move(id)](auto& t) { return t.reaction(p, id); }
        );
    }
    awaitable<result<note_rows>> notes_of(std::string prefix, std::size_t most) override
    {
        return ask<note_rows>([p = std::move(prefix), most](auto& t) { return t.notes(p, most); });
    }
    awaitable<result<std::string>> note(std::string key) override
    {
        return ask<std::string>([key = std::move(key)](auto& t) { return t.note(key); });
    }
};

std::filesystem::path beside(const std::filesystem::path& file, const char* ending)
{
    auto other = file;
    return other += ending;
}

std::unique_ptr<sqlite_db> open_database(const std::filesystem::path& file, const open_options& how)
{
    auto db = std::make_unique<sqlite_db>(file, how.vfs);
    db->run("pragma busy_timeout = 5000");  // an administrator may be looking at it
    db->run("pragma trusted_schema = off");
    migrate(*db, file);
    db->run("pragma journal_mode = wal");
    db->run("pragma synchronous = full");
    db->run("pragma journal_size_limit = 67108864");
    // Pages of 4 KB. What is written often is written less often into the file itself; 8 MB of it are at
    // hand.
    db->run("pragma wal_autocheckpoint = 4000");
    db->run("pragma cache_size = -8192");
    // What a former process wrote but could not fsync is in the page cache and would be believed. This writes
    // it again and fsyncs it; until that has succeeded nothing is acknowledged.
    if (db->number("pragma wal_checkpoint(truncate)") != 0)
        throw config_error{file.string() + ": another program is using the database: end it"};
    return db;
}

}  // namespace

std::unique_ptr<store> open_store(asio::any_io_executor ex, std::filesystem::path file, open_options how)
{
    make_private_file(file);
    must_be_private(file);
    auto held = std::make_unique<lease>(beside(file, ".lock"), how.waiting);
    try {
        auto db = open_database(file, how);
        reserve spare{beside(file, ".reserve"), how.reserve_bytes, how.reserve_pause};
        if (!spare.make())
            log::error("no room on the disk of the database: nothing is taken in", "file", file.string());
        return std::make_unique<sqlite_store>(
            std::move(ex), std::move(db), std::move(held), std::move(spare), std::move(how)
        );
    } catch (const sqlite_error& e) {
        throw config_error{
            file.string() + " cannot be used: " + e.what() +
            ". Check the disk; restore a backup if it is damaged"
        };
    }
}

}  // namespace rialto
