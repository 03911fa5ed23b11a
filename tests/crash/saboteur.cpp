#include "tests/crash/saboteur.hpp"

#include "tests/crash/seams.hpp"

#include <curl/curl.h>
#include <sqlite3.h>

#include <dlfcn.h>
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cstdarg>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace rialto::crash {

namespace {

treason now = treason::none;
sqlite3_stmt* owed = nullptr;  // a commit that was answered and not made
bool executing = false;        // sqlite3_exec calls sqlite3_step

// Which transactions were answered, over all lives: what such a Rialto would keep in its database.
constexpr std::size_t most = 4096;
using answered_set = std::array<std::atomic<bool>, most>;
answered_set* answered = nullptr;
enum class blank
{
    none,
    ahead,  // the events are still to come
    inside  // they have begun
};
std::map<int, blank> blanking;      // by connection: what is read is taken out of a transaction that is known
std::map<int, std::size_t> asking;  // by connection: the transaction it waits for, when it is a new one

template <class F>
F* real(const char* name)
{
    return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name));
}

bool is(sqlite3_stmt* s, const char* sql)
{
    const char* text = sqlite3_sql(s);
    return text && std::strcmp(text, sql) == 0;
}

void pay()
{
    if (auto* commit = std::exchange(owed, nullptr)) {
        real<int(sqlite3_stmt*)>("sqlite3_step")(commit);
        sqlite3_reset(commit);
    }
}

void drop_parameter(std::string& url, const std::string& name)
{
    const auto from = url.find(name + '=');
    if (from == url.npos)
        return;
    const auto to = std::min(url.find('&', from), url.size() - 1);
    url.erase(from, to + 1 - from);
    if (url.back() == '&' || url.back() == '?')
        url.pop_back();
}

}  // namespace

void choose(const std::string& name)
{
    static const std::map<std::string, treason> all{
        {"", treason::none},
        {"no_sync", treason::no_sync},
        {"early_answer", treason::early_answer},
        {"no_device", treason::no_device},
        {"by_transaction", treason::by_transaction},
    };
    if (!all.contains(name))
        throw std::invalid_argument{"there is no saboteur " + name};
    now = all.at(name);
    void* memory =
        ::mmap(nullptr, sizeof(answered_set), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        throw std::runtime_error{"mmap"};
    answered = new (memory) answered_set{};
}

treason chosen() { return this_page() ? now : treason::none; }

void betray_received(int fd, void* bytes, ssize_t n)
{
    if (chosen() != treason::by_transaction || n <= 0)
        return;
    const std::string_view text{static_cast<char*>(bytes), static_cast<std::size_t>(n)};
    constexpr std::string_view path = "/_matrix/app/v1/transactions/", events = R"("events":[)";
    if (const auto at = text.find(path); at != text.npos) {
        const auto id = std::strtoul(text.data() + at + path.size(), nullptr, 10) % most;
        asking.erase(fd);
        blanking[fd] = (*answered)[id] ? blank::ahead : blank::none;
        if (!(*answered)[id])
            asking[fd] = id;
    }
    auto& state = blanking[fd];
    auto from = state == blank::inside ? 0 : text.npos;
    if (const auto at = text.find(events); state == blank::ahead && at != text.npos)
        from = at + events.size();
    if (from == text.npos)
        return;
    const bool last = text.ends_with("]}");
    state = last ? blank::none : blank::inside;
    std::memset(static_cast<char*>(bytes) + from, ' ', text.size() - from - (last ? 2 : 0));
}

void betray_sent(int fd, const void* bytes, std::size_t n)
{
    const auto waits = asking.find(fd);
    if (waits == asking.end())
        return;
    if (std::string_view{static_cast<const char*>(bytes), n}.starts_with("HTTP/1.1 200"))
        (*answered)[waits->second] = true;
    asking.erase(waits);
}

}  // namespace rialto::crash

using namespace rialto::crash;

#undef curl_easy_setopt

extern "C" {

int sqlite3_exec(sqlite3* db, const char* sql, int (*row)(void*, int, char**, char**), void* to, char** why)
{
    static const auto exec = real<decltype(sqlite3_exec)>("sqlite3_exec");
    if (chosen() == treason::no_sync && std::strcmp(sql, "pragma synchronous = full") == 0)
        sql = "pragma synchronous = off";
    executing = true;
    const int code = exec(db, sql, row, to, why);
    executing = false;
    return code;
}

int sqlite3_step(sqlite3_stmt* s)
{
    static const auto step = real<decltype(sqlite3_step)>("sqlite3_step");
    if (chosen() == treason::early_answer && !executing && is(s, "commit")) {
        owed = s;
        return SQLITE_DONE;
    }
    if (owed && is(s, "begin immediate"))
        pay();
    return step(s);
}

int sqlite3_finalize(sqlite3_stmt* s)
{
    static const auto finalize = real<decltype(sqlite3_finalize)>("sqlite3_finalize");
    if (owed == s && s)
        pay();
    return finalize(s);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wvarargs"  // the enum that libcurl declares is what va_start must be told
CURLcode curl_easy_setopt(CURL* easy, CURLoption option, ...)
{
    static const auto set = real<CURLcode(CURL*, CURLoption, ...)>("curl_easy_setopt");
    std::va_list more;
    va_start(more, option);
#pragma GCC diagnostic pop
    void* value = va_arg(more, void*);  // a long, a pointer and an off_t travel alike on 64 bits
    va_end(more);
    if (chosen() != treason::no_device || option != CURLOPT_URL)
        return set(easy, option, value);
    std::string url{static_cast<const char*>(value)};
    if (url.find("/send/") != url.npos || url.find("/redact/") != url.npos)
        drop_parameter(url, "device_id");
    return set(easy, option, url.c_str());
}
}
