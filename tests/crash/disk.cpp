#include "tests/crash/disk.hpp"

#include "tests/crash/seams.hpp"

#include <sqlite3.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <utility>

namespace rialto::crash {

namespace {

constexpr std::int64_t sector = 512;
using block = std::array<char, sector>;

// What a file was at its last sync, as the differences to what it is now.
struct kept
{
    std::map<std::int64_t, block> before;  // of the sectors that were changed since, by number
    std::int64_t size = 0;
    bool made = false;     // since: its directory may not know it
    bool changed = false;  // since
};

std::mutex lock;  // of what follows: SQLite calls on the store thread, power is lost on either
std::map<std::string, kept> files;
std::map<std::string, std::string> deleted;  // what they last held for sure
bool sync_breaks = false;
std::uint64_t break_seed = 0, full_until = 0;
std::string database;

std::int64_t size_of(int fd)
{
    struct stat s = {};
    return ::fstat(fd, &s) == 0 ? s.st_size : 0;
}

class open_fd
{
    int fd_;

public:
    explicit open_fd(const std::string& name, int flags = O_RDWR)
        : fd_{::open(name.c_str(), flags | O_CLOEXEC, 0600)}
    {
    }
    ~open_fd() { ::close(fd_); }
    open_fd(const open_fd&) = delete;
    open_fd& operator=(const open_fd&) = delete;
    int get() const { return fd_; }
};

void note_change(kept& k, const std::string& name, std::int64_t from, std::int64_t to)
{
    const open_fd f{name};
    if (!k.changed)
        k.size = size_of(f.get());
    k.changed = true;
    for (auto n = from / sector; n * sector < to; ++n) {
        if (k.before.contains(n))
            continue;
        block old{};
        if (::pread(f.get(), old.data(), old.size(), n * sector) >= 0)
            k.before.emplace(n, old);
    }
}

void forget(const std::string& name, kept& k, std::mt19937_64& luck, bool all)
{
    const auto lost = [&] { return all || luck() % 2 == 0; };
    if (k.made && lost()) {
        ::unlink(name.c_str());
        return;
    }
    const open_fd f{name};
    if (f.get() < 0 || !k.changed)
        return;
    for (const auto& [n, old] : k.before)
        if (lost() && ::pwrite(f.get(), old.data(), old.size(), n * sector) < 0)
            die();
    // Sectors beyond the old end that were put back are of no use; the length may be either.
    if (lost() || size_of(f.get()) % sector != 0)
        (void)!::ftruncate(f.get(), k.size);
    k = kept{};
}

void come_back(const std::string& name, const std::string& text)
{
    if (::access(name.c_str(), F_OK) == 0)
        return;
    const open_fd f{name, O_RDWR | O_CREAT};
    (void)!::write(f.get(), text.data(), text.size());
}

std::string sure_text(const std::string& name, const kept& k)
{
    const open_fd f{name};
    std::string text(static_cast<std::size_t>(size_of(f.get())), '\0');
    (void)!::pread(f.get(), text.data(), text.size(), 0);
    for (const auto& [n, old] : k.before)
        for (std::size_t i = 0; i < old.size() && static_cast<std::size_t>(n * sector) + i < text.size(); ++i)
            text[static_cast<std::size_t>(n * sector) + i] = old[i];
    if (k.changed)
        text.resize(static_cast<std::size_t>(k.size));
    return text;
}

// -- the layer

struct file
{
    sqlite3_file base;
    const char* name;  // null: temporary, which no crash concerns
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
file& self(sqlite3_file* f) { return *reinterpret_cast<file*>(f); }
sqlite3_file* real(sqlite3_file* f) { return self(f).real(); }

int close_file(sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); }
int read_file(sqlite3_file* f, void* to, int n, sqlite3_int64 at)
{
    return real(f)->pMethods->xRead(real(f), to, n, at);
}

int write_file(sqlite3_file* f, const void* from, int n, sqlite3_int64 at)
{
    const auto v = count(act::write);
    if (disk_is_full())
        return SQLITE_FULL;
    const std::lock_guard held{lock};
    if (self(f).name)
        note_change(files[self(f).name], self(f).name, at, at + n);
    if (v == verdict::half_then_die) {
        real(f)->pMethods->xWrite(real(f), from, n / 2, at);
        die();
    }
    return real(f)->pMethods->xWrite(real(f), from, n, at);
}

int truncate_file(sqlite3_file* f, sqlite3_int64 size)
{
    count(act::truncate);
    const std::lock_guard held{lock};
    if (self(f).name) {
        sqlite3_int64 now = 0;
        real(f)->pMethods->xFileSize(real(f), &now);
        note_change(files[self(f).name], self(f).name, size, now);
    }
    return real(f)->pMethods->xTruncate(real(f), size);
}

// SQLite's own layer syncs the directory with the first sync of a file that it made.
int sync_file(sqlite3_file* f, int)
{
    count(act::sync);
    const std::lock_guard held{lock};
    if (!self(f).name)
        return SQLITE_OK;
    auto& k = files[self(f).name];
    if (std::exchange(sync_breaks, false)) {
        std::mt19937_64 luck{break_seed};
        forget(self(f).name, k, luck, break_seed % 2 == 0);
        return SQLITE_IOERR_FSYNC;
    }
    k = kept{};
    return SQLITE_OK;
}

int file_size(sqlite3_file* f, sqlite3_int64* size) { return real(f)->pMethods->xFileSize(real(f), size); }
int lock_file(sqlite3_file* f, int how) { return real(f)->pMethods->xLock(real(f), how); }
int unlock_file(sqlite3_file* f, int how) { return real(f)->pMethods->xUnlock(real(f), how); }
int check_lock(sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); }
int control(sqlite3_file* f, int op, void* arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); }
int sector_size(sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); }
// No promises: neither that appends are safe nor that an overwritten neighbour survives a power cut.
int traits(sqlite3_file*) { return 0; }
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
    count(act::open);
    const bool there = name && ::access(name, F_OK) == 0;
    const int code = system->xOpen(system, name, mine.real(), flags, out);
    if (mine.real()->pMethods)
        mine.base.pMethods = &methods;
    if (!name || code != SQLITE_OK)
        return code;
    const std::lock_guard held{lock};
    if ((flags & SQLITE_OPEN_MAIN_DB) != 0)
        database = name;
    auto& k = files[name];
    k.made = k.made || !there;
    deleted.erase(name);
    return code;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync_directory)
{
    auto* system = static_cast<sqlite3_vfs*>(vfs->pAppData);
    count(act::remove);
    const std::lock_guard held{lock};
    if (sync_directory == 0 && !files[name].made)
        deleted[name] = sure_text(name, files[name]);
    files.erase(name);
    return system->xDelete(system, name, 0);
}

}  // namespace

void mount_disk()
{
    static sqlite3_vfs layer = [] {
        sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
        sqlite3_vfs copy = *system;  // what it does not wrap works on paths alone
        copy.zName = "crash";
        copy.pNext = nullptr;
        copy.pAppData = system;
        copy.szOsFile = static_cast<int>(sizeof(file)) + system->szOsFile;
        copy.xOpen = open_file;
        copy.xDelete = delete_file;
        return copy;
    }();
    sqlite3_vfs_register(&layer, 1);
}

void lose_power(std::uint64_t seed)
{
    const std::lock_guard held{lock};
    std::mt19937_64 luck{seed};
    const bool all = seed % 2 == 0;
    for (auto& [name, k] : files)
        forget(name, k, luck, all);
    for (const auto& [name, text] : deleted)
        if (luck() % 2 == 0)
            come_back(name, text);
    ::unlink((database + "-shm").c_str());  // memory
}

void break_sync(std::uint64_t seed)
{
    sync_breaks = true;
    break_seed = seed;
}

void fill_disk(std::uint64_t operations)
{
    auto* p = this_page();
    full_until = p ? p->count + operations : 0;
}

// The spare file gives room when it is deleted.
bool disk_is_full()
{
    const auto* p = this_page();
    if (!p || p->count >= full_until)
        return false;
    return ::access((database + ".reserve").c_str(), F_OK) == 0;
}

}  // namespace rialto::crash
