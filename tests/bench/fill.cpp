#include "core/journal.hpp"
#include "core/sqlite_store.hpp"
#include "tests/bench/world.hpp"

#include <boost/asio/co_spawn.hpp>

#include <stdexcept>

namespace rialto::bench {

namespace {

constexpr std::size_t rows_at_once = 5'000;

// As core/context.hpp makes them: of the time, an hour ago.
std::int64_t first_key()
{
    const auto now = std::chrono::system_clock::now().time_since_epoch() - std::chrono::hours{1};
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count() << 12;
}

store_change portal_number(std::int64_t base, std::size_t number)
{
    rialto::room state{kind::group};
    state.able.html = state.able.edits = state.able.retractions = state.able.typing = true;
    portal_row row;
    row.key = base + static_cast<std::int64_t>(number);
    row.network = "far";
    row.room = room_id{far_server::room(number)};
    row.matrix_room = lean_homeserver::room(number);
    row.state = to_state(state);
    return put_portal{std::move(row)};
}

store_change link_number(std::int64_t base, std::size_t number, std::size_t portals)
{
    item it;
    const auto n = std::to_string(number);
    it.portal = base + static_cast<std::int64_t>(number % portals);
    it.bound = number % 2 == 0 ? way::to_far : way::to_matrix;
    it.now = stage::sent;
    it.matrix_id = "$old-" + n + "-PdBYL4q3TfQAOc5OzUIGbKsQxyz";
    it.far_id = "1763896" + n;
    it.author = number % 2 == 0 ? "@person0:near.test" : "p0@far.test";
    it.taken_ms = (base >> 12) + 1;
    return put_item{std::move(it)};
}

awaitable<void> write_all(store& disk, const size_of& wished)
{
    const auto base = first_key();
    std::vector<store_change> some;
    const auto all = wished.portals + wished.links;
    for (std::size_t i = 0; i < all; ++i) {
        some.push_back(
            i < wished.portals ? portal_number(base, i)
                               : link_number(base, i - wished.portals, wished.portals)
        );
        if (some.size() < rows_at_once && i + 1 < all)
            continue;
        auto wrote = co_await disk.commit(std::move(some));
        if (!wrote)
            throw std::runtime_error{wrote.error().why};
        some.clear();
    }
}

}  // namespace

void fill(const std::filesystem::path& database, const size_of& wished)
{
    boost::asio::io_context io{1};
    const auto disk = open_store(io.get_executor(), database);
    std::exception_ptr failed;
    boost::asio::co_spawn(io, write_all(*disk, wished), [&](std::exception_ptr e) { failed = e; });
    io.run();
    if (failed)
        std::rethrow_exception(failed);
}

}  // namespace rialto::bench
