// The file layer of sqlite_faults.hpp, and what the store does on such a disk.
#include "tests/unit/core/sqlite_faults.hpp"

#include "core/sqlite_store.hpp"
#include "tests/unit/core/sqlite_testing.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>
#include <map>
#include <sstream>

namespace rialto::sqlite_faults_test {

namespace {

faulty_disk disk;
std::map<std::string, std::string> durable;  // what each file held at its last fsync

struct faulty_file
{
    sqlite3_file base;
    const char* name;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
faulty_file& self(sqlite3_file* f) { return *reinterpret_cast<faulty_file*>(f); }
sqlite3_file* real(sqlite3_file* f) { return self(f).real(); }

std::string contents(const std::string& file)
{
    std::ifstream in{file, std::ios::binary};
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
}

int close_file(sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); }
int read_file(sqlite3_file* f, void* to, int n, sqlite3_int64 at)
{
    return real(f)->pMethods->xRead(real(f), to, n, at);
}
int write_file(sqlite3_file* f, const void* from, int n, sqlite3_int64 at)
{
    ++disk.writes;
    if (disk.broken_writes)
        return SQLITE_IOERR_WRITE;
    if (disk.full && disk.full())
        return SQLITE_FULL;
    return real(f)->pMethods->xWrite(real(f), from, n, at);
}
int truncate_file(sqlite3_file* f, sqlite3_int64 size) { return real(f)->pMethods->xTruncate(real(f), size); }
int sync_file(sqlite3_file* f, int flags)
{
    ++disk.syncs;
    if (disk.broken_syncs)
        return SQLITE_IOERR_FSYNC;
    const int code = real(f)->pMethods->xSync(real(f), flags);
    if (self(f).name)
        durable[self(f).name] = contents(self(f).name);
    return code;
}
int file_size(sqlite3_file* f, sqlite3_int64* size) { return real(f)->pMethods->xFileSize(real(f), size); }
int lock_file(sqlite3_file* f, int how) { return real(f)->pMethods->xLock(real(f), how); }
int unlock_file(sqlite3_file* f, int how) { return real(f)->pMethods->xUnlock(real(f), how); }
int check_lock(sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); }
int control(sqlite3_file* f, int op, void* arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); }
int sector_size(sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); }
int traits(sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); }
int shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** to)
{
    return real(f)->pMethods->xShmMap(real(f), page, size, extend, to);
}
int shm_lock(sqlite3_file* f, int at, int n, int flags)
{
    return real(f)->pMethods->xShmLock(real(f), at, n, flags);
}
void shm_barrier(sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); }
int shm_unmap(sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); }

constexpr sqlite3_io_methods methods{2,           close_file,  read_file, write_file,  truncate_file,
                                     sync_file,   file_size,   lock_file, unlock_file, check_lock,
                                     control,     sector_size, traits,    shm_map,     shm_lock,
                                     shm_barrier, shm_unmap,   nullptr,   nullptr};

int open_file(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* f, int flags, int* out)
{
    auto* system = static_cast<sqlite3_vfs*>(vfs->pAppData);
    auto& mine = self(f);
    mine.name = name;
    mine.base.pMethods = nullptr;
    const int code = system->xOpen(system, name, mine.real(), flags, out);
    if (mine.real()->pMethods)
        mine.base.pMethods = &methods;
    if (name && code == SQLITE_OK)
        durable.emplace(name, contents(name));
    return code;
}

}  // namespace

faulty_disk& use_faulty_disk()
{
    static sqlite3_vfs layer = [] {
        sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
        sqlite3_vfs copy = *system;  // what it does not wrap works on paths alone
        copy.zName = "faulty";
        copy.pNext = nullptr;
        copy.pAppData = system;
        copy.szOsFile = static_cast<int>(sizeof(faulty_file)) + system->szOsFile;
        copy.xOpen = open_file;
        return copy;
    }();
    static const int registered = sqlite3_vfs_register(&layer, 0);
    EXPECT_EQ(registered, SQLITE_OK);
    disk = faulty_disk{};
    durable.clear();
    return disk;
}

void lose_power()
{
    for (const auto& [name, text] : durable)
        if (std::filesystem::exists(name))
            std::ofstream{name, std::ios::binary | std::ios::trunc} << text;
}

namespace {

class FaultyDisk : public testing::Test
{
protected:
    store_test t_;
    faulty_disk& disk_ = use_faulty_disk();
    std::vector<std::string> ends_;  // what on_broken was told
    std::unique_ptr<store> store_;

    void open()
    {
        open_options how;
        how.vfs = "faulty";
        how.reserve_bytes = 1 << 16;
        how.reserve_pause = std::chrono::milliseconds{0};
        how.on_broken = [this](const std::string& why) { ends_.push_back(why); };
        store_ = open_store(t_.executor(), t_.file(), how);
    }
    std::filesystem::path reserve() const { return t_.file().string() + ".reserve"; }
    result<std::vector<std::int64_t>> commit(std::vector<store_change> all)
    {
        return t_.run(store_->commit(std::move(all)));
    }
};

TEST_F(FaultyDisk, WhenFullTakesNothingInButEndsWhatIsUnderWay)
{
    open();
    const auto seq = commit(changes(put_item{from_far("a")}))->front();
    bool full = true;
    disk_.full = [&] {
        return full && std::filesystem::exists(reserve());
    };  // the room of the reserve is all there is

    result<std::vector<std::int64_t>> taken, settled;
    t_.spawn(store_->commit(changes(put_item{from_far("b")})), [&](auto r) { taken = std::move(r); });
    t_.spawn(store_->commit(changes(mark_sent{seq, "$a"})), [&](auto r) { settled = std::move(r); });
    t_.run_all();
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind, cause::full);
    EXPECT_EQ(taken.error().next, verdict::try_later);
    EXPECT_TRUE(settled) << settled.error().why;
    EXPECT_EQ((*t_.run(store_->get(seq)))->now, stage::sent);
    EXPECT_FALSE(*t_.run(store_->find(1, side::far, "b")));

    full = false;
    EXPECT_TRUE(commit(changes(put_item{from_far("b")})));
    EXPECT_TRUE(std::filesystem::exists(reserve())) << "the reserve is kept again";
    EXPECT_TRUE(ends_.empty()) << "a full disk is no broken disk";
}

TEST_F(FaultyDisk, WhenFullForEverythingFailsEverythingAndGoesOnLater)
{
    open();
    disk_.full = [] { return true; };
    EXPECT_EQ(commit(changes(put_note{"k", "v"})).error().kind, cause::full);
    EXPECT_EQ(commit(changes(put_item{from_far("a")})).error().kind, cause::full);
    disk_.full = nullptr;
    EXPECT_TRUE(commit(changes(put_note{"k", "v"})));
    EXPECT_EQ(*t_.run(store_->note("k")), "v");
}

TEST_F(FaultyDisk, AcknowledgesNothingMoreOnceAWriteOrAnFsyncFailed)
{
    for (const auto fault : {&faulty_disk::broken_writes, &faulty_disk::broken_syncs}) {
        ends_.clear();
        open();
        disk_.*fault = true;
        EXPECT_FALSE(commit(changes(put_item{from_far("a")})));
        EXPECT_EQ(ends_.size(), 1U);
        disk_.*fault = false;  // it seems well again: that is how pages get lost
        EXPECT_FALSE(commit(changes(put_item{from_far("a")})));
        EXPECT_FALSE(t_.run(store_->get(1)));
        EXPECT_EQ(ends_.size(), 1U);
        store_.reset();
    }
}

TEST_F(FaultyDisk, RefusesToStartWhenTheFirstCheckpointFails)
{
    open();
    ASSERT_TRUE(commit(changes(put_note{"k", "v"})));
    disk_.broken_syncs = true;
    store_.reset();  // cannot move the write-ahead log into the database any more
    EXPECT_THROW(open(), config_error);
    disk_.broken_syncs = false;
    open();
    EXPECT_EQ(*t_.run(store_->note("k")), "v");
}

TEST_F(FaultyDisk, HoldsAfterAPowerFailureEverythingThatWasAcknowledged)
{
    open();
    for (int i = 0; i < 200; ++i)
        ASSERT_TRUE(commit(changes(put_item{from_far("f" + std::to_string(i))})));
    const auto at_that_instant = durable;  // closing it properly would write more
    store_.reset();
    durable = at_that_instant;
    for (const auto& [name, text] : durable)
        std::ofstream{name, std::ios::binary};
    lose_power();
    open();
    EXPECT_EQ(t_.run(store_->waiting(0, 1000))->size(), 200U);
}

TEST_F(FaultyDisk, IsLeftAloneWhenNothingHappens)
{
    open();
    ASSERT_TRUE(commit(changes(put_note{"k", "v"})));
    const int before = disk_.writes + disk_.syncs;
    for (int i = 0; i < 100; ++i)
        ASSERT_TRUE(t_.run(store_->note("k")));
    EXPECT_EQ(disk_.writes + disk_.syncs, before) << "questions write nothing";
}

}  // namespace
}  // namespace rialto::sqlite_faults_test
