// core/sqlite_thread.hpp: the store thread. Takes all that is queued, answers the questions, puts the commits
// into one transaction (when one is refused: again, each behind a savepoint of its own), and lets go of their
// results when that is on disk. `add` from any thread; everything else happens on the thread.
#pragma once

#include "core/metrics.hpp"
#include "core/result.hpp"
#include "core/sqlite_reserve.hpp"
#include "core/sqlite_store.hpp"
#include "core/sqlite_tables.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

namespace rialto {

class store_request  // something asked by a coroutine; lives in the thread until it is answered
{
public:
    enum class does
    {
        ask,     // reads only
        settle,  // writes, but takes nothing in: still served from the reserve when the disk is full
        take,    // takes something in
    };

    virtual ~store_request() = default;
    virtual does what() const = 0;
    virtual void work(sqlite_tables& tables) = 0;  // throws sqlite_error; keeps the result; may come twice
    virtual void fail(const failure& why) = 0;     // keeps this instead
    virtual void answer() = 0;                     // hands the result over; called once, last
};

class sqlite_thread
{
public:
    // The database is open and in order; `keep` lives as long as the thread (the lease).
    sqlite_thread(
        std::unique_ptr<sqlite_db> db, std::unique_ptr<lease> keep, reserve spare, open_options how
    );
    ~sqlite_thread();  // finishes what was added
    void add(std::unique_ptr<store_request> r);

private:
    using requests = std::deque<std::unique_ptr<store_request>>;

    void run();
    bool next(requests& all);
    void ask(store_request& r);
    void transact(requests& all);
    void attempt(requests& all);
    void apply(store_request& r);
    void run_out(requests& all);
    void refuse_intake(requests& all);
    void drop_intake(requests& all);
    void broken(const sqlite_error& why);
    void roll_back() noexcept;

    std::unique_ptr<lease> lease_;
    std::unique_ptr<sqlite_db> db_;
    sqlite_tables tables_;
    sqlite_statement begin_, commit_, savepoint_, release_, back_;
    reserve reserve_;
    open_options how_;
    metrics::counter transactions_, commits_;
    bool broken_ = false;

    std::mutex lock_;  // of what follows
    std::condition_variable woken_;
    requests queue_;
    bool ending_ = false;

    std::thread thread_;
};

}  // namespace rialto
