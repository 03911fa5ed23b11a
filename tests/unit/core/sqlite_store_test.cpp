// What only the store on disk has to show: crashes, its lock, its files, its thread.
#include "core/sqlite_store.hpp"
#include "core/metrics.hpp"

#include "core/secrets.hpp"
#include "tests/unit/core/sqlite_testing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace rialto::sqlite_store_test {
namespace {

using testing::HasSubstr;

unsigned mode_of(const std::filesystem::path& file)
{
    struct stat about = {};
    EXPECT_EQ(::stat(file.c_str(), &about), 0) << file;
    return about.st_mode & 07777U;
}

// Runs `what` in a child; REQUIRES: no thread of this process is needed there.
template <class What>
int in_child(What what)
{
    const auto pid = ::fork();
    if (pid == 0) {
        what();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return status;
}

template <class What>
std::string refusal_of(What what)
{
    try {
        what();
    } catch (const config_error& e) {
        return e.what();
    }
    return "(accepted)";
}

TEST(SqliteStore, HoldsWhatWasCommittedWhenItsProcessIsKilled)
{
    store_test t;
    const auto file = t.file();
    int told[2];
    ASSERT_EQ(::pipe(told), 0);
    const int status = in_child([&] {
        store_test child;
        auto s = open_store(child.executor(), file);
        for (int i = 0;; ++i) {
            auto done = child.run(s->commit(
                changes(put_item{from_far("f" + std::to_string(i))}, put_note{"cursor", std::to_string(i)})
            ));
            if (!done || ::write(told[1], "x", 1) != 1)
                ::_exit(1);
            if (i == 99)
                ::kill(::getpid(), SIGKILL);
        }
    });
    ASSERT_TRUE(WIFSIGNALED(status));
    ::close(told[1]);
    char acknowledged[200];
    const auto count = ::read(told[0], acknowledged, sizeof acknowledged);
    ::close(told[0]);

    auto s = open_store(t.executor(), file);
    EXPECT_EQ(t.run(s->waiting(0, 1000))->size(), static_cast<std::size_t>(count));
    EXPECT_EQ(*t.run(s->note("cursor")), "99");
    auto again = t.run(s->commit(changes(put_item{from_far("f99")})));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->front(), 0) << "a duplicate after the crash is recognised";
}

TEST(SqliteStore, PutsEverythingThatWaitsIntoOneTransaction)
{
    store_test t;
    open_options how;
    how.figures = std::make_shared<store_figures>();
    auto s = open_store(t.executor(), t.file(), how);
    int done = 0;
    for (int i = 0; i < 500; ++i)
        t.spawn(s->commit(changes(put_item{from_far("f" + std::to_string(i))})), [&](auto r) {
            done += r ? 1 : 0;
        });
    t.run_all();
    EXPECT_EQ(done, 500);
    EXPECT_EQ(how.figures->commits, 500U);
    // All are queued by one turn of the io_context, which is far faster than the fsyncs of the first few.
    EXPECT_LT(how.figures->transactions, 100U);
}

TEST(SqliteStore, ShowsInTheMetricsHowManyTransactionsItsCommitsTook)
{
    store_test t;
    auto s = open_store(t.executor(), t.file());
    auto transactions = metrics::count("rialto_store_transactions_total", "");
    auto commits = metrics::count("rialto_store_commits_total", "");
    const auto before = std::pair{transactions.value(), commits.value()};
    for (int i = 0; i < 20; ++i)
        t.spawn(s->commit(changes(put_item{from_far("m" + std::to_string(i))})), [](auto r) {
            EXPECT_TRUE(r);
        });
    t.run_all();
    EXPECT_EQ(commits.value() - before.second, 20);
    EXPECT_GE(transactions.value() - before.first, 1);
    EXPECT_LE(transactions.value() - before.first, 20);
}

TEST(SqliteStore, SparesItsNeighboursWhenACommitOfTheGroupIsRefused)
{
    store_test t;
    auto s = open_store(t.executor(), t.file());
    ASSERT_TRUE(t.run(s->commit(changes(put_portal{a_portal("orchard")}))));
    int good = 0, bad = 0;
    for (int i = 0; i < 60; ++i) {
        auto all = changes(put_item{from_far("f" + std::to_string(i))});
        if (i % 3 == 0)
            all.push_back(put_portal{a_portal("orchard")});
        t.spawn(s->commit(std::move(all)), [&](auto r) { ++(r ? good : bad); });
    }
    t.run_all();
    EXPECT_EQ(good, 40);
    EXPECT_EQ(bad, 20);
    EXPECT_EQ(t.run(s->waiting(0, 100))->size(), 40U);
}

TEST(SqliteStore, FinishesWhatWasAskedBeforeItEnds)
{
    store_test t;
    int done = 0;
    auto s = open_store(t.executor(), t.file());
    for (int i = 0; i < 2500; ++i)
        t.spawn(s->commit(changes(put_item{from_far("f" + std::to_string(i))})), [&](auto r) {
            done += r ? 1 : 0;
        });
    t.poll();
    s.reset();
    t.run_all();
    EXPECT_EQ(done, 2500);
    s = open_store(t.executor(), t.file());
    EXPECT_EQ(t.run(s->waiting(0, 5000))->size(), 2500U);
}

TEST(SqliteStore, KeepsItsKeysAndPositionsOverARestart)
{
    store_test t;
    auto s = open_store(t.executor(), t.file());
    auto first = t.run(s->commit(changes(put_portal{a_portal("a")}, put_item{from_far("a")})));
    s.reset();
    s = open_store(t.executor(), t.file());
    auto second = t.run(s->commit(changes(put_portal{a_portal("b")}, put_item{from_far("b")})));
    ASSERT_TRUE(first && second);
    EXPECT_GT(second->at(0), first->at(0));
    EXPECT_GT(second->at(1), first->at(1));
    EXPECT_EQ(t.run(s->portals())->size(), 2U);
}

TEST(SqliteStore, MakesItsFilesForItsOwnerAloneWhateverTheUmask)
{
    store_test t;
    const auto before = ::umask(0);
    const auto file = t.file().parent_path() / "new" / "folder" / "rialto.db";
    auto s = open_store(t.executor(), file);
    ASSERT_TRUE(t.run(s->commit(changes(put_note{"k", "v"}))));
    ::umask(before);
    EXPECT_EQ(mode_of(file.parent_path()), 0700U);
    for (const auto* ending : {"", "-wal", "-shm", ".lock", ".reserve"})
        EXPECT_EQ(mode_of(file.string() + ending), 0600U) << ending;
}

TEST(SqliteStore, RefusesADatabaseThatOthersCanUseAndNamesTheRemedy)
{
    for (const unsigned mode : {0640U, 0604U, 0660U, 0601U}) {
        store_test t;
        open_store(t.executor(), t.file()).reset();
        ::chmod(t.file().c_str(), mode);
        const auto why = refusal_of([&] { (void)open_store(t.executor(), t.file()); });
        EXPECT_THAT(why, HasSubstr(t.file().string()));
        EXPECT_THAT(why, HasSubstr("chmod 600"));
    }
}

TEST(SqliteStore, RefusesADatabaseOfAnotherProgramOrNoDatabaseAtAll)
{
    store_test t;
    make_private_file(t.file());
    std::ofstream{t.file()} << std::string(10'000, 'x');
    EXPECT_THAT(refusal_of([&] { (void)open_store(t.executor(), t.file()); }), HasSubstr(t.file().string()));
    EXPECT_THAT(
        refusal_of([&] { (void)open_store(t.executor(), "/dev/null/rialto.db"); }), HasSubstr("/dev/null")
    );
}

TEST(SqliteStore, FailsAtOnceWhenAnotherHasTheDatabaseAndItShallNotWait)
{
    store_test t;
    auto s = open_store(t.executor(), t.file());
    open_options how;
    how.waiting.wait = false;
    try {
        (void)open_store(t.executor(), t.file(), how);
        FAIL() << "two have it";
    } catch (const lease_held& e) {
        EXPECT_THAT(e.what(), HasSubstr(std::to_string(::getpid())));
    }
    s.reset();
    EXPECT_NO_THROW((void)open_store(t.executor(), t.file(), how));
}

TEST(SqliteStore, WaitsUntilTheOtherEnds)
{
    store_test t;
    auto s = open_store(t.executor(), t.file());
    ASSERT_TRUE(t.run(s->commit(changes(put_note{"k", "v"}))));
    int asked = 0;
    open_options how;
    how.waiting.poll = std::chrono::milliseconds{1};
    how.waiting.stopped = [&] {
        if (++asked == 3)
            s.reset();  // the other one ends while we wait
        return false;
    };
    auto next = open_store(t.executor(), t.file(), how);
    EXPECT_EQ(asked, 3);
    EXPECT_EQ(*t.run(next->note("k")), "v");
}

TEST(SqliteStore, CanBeStoppedWhileItWaits)
{
    store_test t;
    auto s = open_store(t.executor(), t.file());
    open_options how;
    how.waiting.stopped = [] { return true; };
    EXPECT_THROW((void)open_store(t.executor(), t.file(), how), lease_held);
}

TEST(SqliteStore, IsFreeAgainWhenItsHolderIsKilled)
{
    store_test t;
    const auto file = t.file();
    const int status = in_child([&] {
        store_test child;
        auto s = open_store(child.executor(), file);
        ::kill(::getpid(), SIGKILL);
    });
    ASSERT_TRUE(WIFSIGNALED(status));
    open_options how;
    how.waiting.wait = false;
    EXPECT_NO_THROW((void)open_store(t.executor(), file, how));
}

TEST(SqliteStore, EndsTheProcessWith75WhenTheDiskCannotBeWritten)
{
    store_test t;
    const auto file = t.file();
    open_store(t.executor(), file).reset();
    const int status = in_child([&] {
        store_test child;
        auto s = open_store(child.executor(), file);
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit none{4096, 4096};
        ::setrlimit(RLIMIT_FSIZE, &none);  // write(2) fails with EFBIG, which SQLite reports as an I/O error
        auto big = from_far("a");
        big.payload = std::string(100'000, 'x');
        auto done = child.run(s->commit(changes(put_item{big})));
        ::_exit(done ? 1 : 2);
    });
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 75);
}

}  // namespace
}  // namespace rialto::sqlite_store_test
