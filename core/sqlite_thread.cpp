#include "core/sqlite_thread.hpp"

#include "core/log.hpp"

#include <unistd.h>

#include <algorithm>
#include <iterator>

namespace rialto {

namespace {

constexpr int tempfail = 75;  // sysexits.h EX_TEMPFAIL
constexpr std::size_t most_together =
    1000;  // requests in a transaction: bounds its size and the wait of the first

bool takes_in(const std::unique_ptr<store_request>& r) { return r->what() == store_request::does::take; }
failure no_room() { return {verdict::try_later, cause::full, "the disk that holds the database is full"}; }
failure not_now(const sqlite_error& e) { return {verdict::try_later, cause::other, e.what()}; }
failure refused(const sqlite_error& e) { return {verdict::give_up, cause::conflict, e.what()}; }
failure too_late()
{
    return {verdict::try_later, cause::other, "the database cannot be trusted since an error of its disk"};
}

}  // namespace

sqlite_thread::sqlite_thread(
    std::unique_ptr<sqlite_db> db, std::unique_ptr<lease> keep, reserve spare, open_options how
)
    : lease_{std::move(keep)},
      db_{std::move(db)},
      tables_{*db_},
      begin_{*db_, "begin immediate"},
      commit_{*db_, "commit"},
      savepoint_{*db_, "savepoint one"},
      release_{*db_, "release one"},
      back_{*db_, "rollback to one"},
      reserve_{std::move(spare)},
      how_{std::move(how)},
      transactions_{metrics::count(
          "rialto_store_transactions_total",
          "Transactions of the database, each of them on disk when it ended."
      )},
      commits_{metrics::count("rialto_store_commits_total", "Commits that these transactions held.")}
{
    if (!how_.figures)
        how_.figures = std::make_shared<store_figures>();
    thread_ = std::thread{[this] { run(); }};
}

sqlite_thread::~sqlite_thread()
{
    {
        const std::lock_guard held{lock_};
        ending_ = true;
    }
    woken_.notify_one();
    thread_.join();
}

void sqlite_thread::add(std::unique_ptr<store_request> r)
{
    {
        const std::lock_guard held{lock_};
        queue_.push_back(std::move(r));
    }
    woken_.notify_one();
}

bool sqlite_thread::next(requests& all)
{
    all.clear();
    std::unique_lock held{lock_};
    woken_.wait(held, [this] { return ending_ || !queue_.empty(); });
    if (queue_.size() <= most_together) {
        all.swap(queue_);
        return !all.empty();
    }
    const auto end = queue_.begin() + most_together;
    std::move(queue_.begin(), end, std::back_inserter(all));
    queue_.erase(queue_.begin(), end);
    return true;
}

void sqlite_thread::run()
{
    requests all;
    while (next(all)) {
        const auto asks = [](const auto& r) { return r->what() == store_request::does::ask; };
        for (const auto& r : all)
            if (asks(r))
                ask(*r);
        std::erase_if(all, asks);
        if (!all.empty())
            transact(all);
    }
}

// Before the transaction, not in it: what is not on disk yet must not be seen by anybody.
void sqlite_thread::ask(store_request& r)
{
    ++how_.figures->questions;
    try {
        if (broken_)
            r.fail(too_late());
        else
            r.work(tables_);
    } catch (const sqlite_error& e) {
        r.fail(not_now(e));
        if (e.what_follows() == sqlite_error::means::broken)
            broken(e);
    }
    r.answer();
}

void sqlite_thread::transact(requests& all)
{
    if (!broken_)
        refuse_intake(all);
    try {
        if (!broken_)
            attempt(all);
    } catch (const sqlite_error& e) {
        roll_back();
        if (e.what_follows() == sqlite_error::means::full)
            run_out(all);
        else if (e.what_follows() == sqlite_error::means::broken)
            broken(e);
        for (const auto& r : all)
            r->fail(e.what_follows() == sqlite_error::means::full ? no_room() : not_now(e));
    }
    for (const auto& r : all) {
        if (broken_)
            r->fail(too_late());
        r->answer();
    }
}

// Hardly ever is one refused, and a savepoint copies every page that is touched behind it: so they are set
// only when it is known that one of them is.
void sqlite_thread::attempt(requests& all)
{
    if (all.empty())
        return;
    begin_.run();
    try {
        for (const auto& r : all)
            r->work(tables_);
    } catch (const sqlite_error& e) {
        if (e.what_follows() != sqlite_error::means::refused)
            throw;
        roll_back();
        begin_.run();
        for (const auto& r : all)
            apply(*r);
    }
    commit_.run();
    ++how_.figures->transactions;
    how_.figures->commits += all.size();
    transactions_.add();
    commits_.add(static_cast<double>(all.size()));
}

void sqlite_thread::apply(store_request& r)
{
    savepoint_.run();
    try {
        r.work(tables_);
    } catch (const sqlite_error& e) {
        if (e.what_follows() != sqlite_error::means::refused)
            throw;
        ++how_.figures->refused;
        log::warn("the database refused a change", "why", e.what());
        back_.run();
        r.fail(refused(e));
    }
    release_.run();
}

// The reserve is spent so that what is under way can be ended; what would be taken in is refused until it is
// back.
void sqlite_thread::run_out(requests& all)
{
    ++how_.figures->full;
    if (!reserve_.kept())
        return;
    log::error("the disk of the database is full: nothing more is taken in", "remedy", "free some space");
    reserve_.give_up();
    drop_intake(all);
    try {
        attempt(all);
    } catch (const sqlite_error& e) {
        roll_back();
        if (e.what_follows() == sqlite_error::means::broken)
            broken(e);
        for (const auto& r : all)
            r->fail(no_room());
    }
    for (const auto& r : all)
        r->answer();
    all.clear();
}

void sqlite_thread::refuse_intake(requests& all)
{
    if (reserve_.kept() || std::none_of(all.begin(), all.end(), takes_in))
        return;
    if (reserve_.make())
        log::info("the disk of the database has room again");
    else
        drop_intake(all);
}

void sqlite_thread::drop_intake(requests& all)
{
    for (const auto& r : all)
        if (takes_in(r)) {
            r->fail(no_room());
            r->answer();
        }
    std::erase_if(all, takes_in);
}

// fsync reports an error once and may then call the lost page clean, so nothing that was read since can be
// believed: no retry, no acknowledgement (LWN 752063, "PostgreSQL's fsync() surprise").
void sqlite_thread::broken(const sqlite_error& why)
{
    broken_ = true;
    log::error("the database cannot be written or read: ending", "why", why.what(), "code", why.code());
    if (!how_.on_broken)
        ::_exit(tempfail);
    how_.on_broken(why.what());
}

void sqlite_thread::roll_back() noexcept
{
    try {
        if (db_->in_transaction())
            db_->run("rollback");
    } catch (const sqlite_error& e) {
        log::warn("roll back failed", "why", e.what());
    }
}

}  // namespace rialto
