#include "core/hub.hpp"

#include "core/journal.hpp"
#include "core/log.hpp"

namespace rialto {

namespace {
constexpr std::size_t read_at_once = 1000;
constexpr std::chrono::seconds tend_every{5};

// Written by close_all() or far_is_gone(): nothing that comes later belongs to the portal.
bool ends_portal(const item& it)
{
    if (it.bound != way::to_far || !it.matrix_id.empty() || !it.author.empty())
        return false;
    const auto read = from_payload(it.payload);
    return read && std::holds_alternative<gone>(read->what);
}
}  // namespace

hub::hub(
    boost::asio::any_io_executor ex, store& disk, homeserver& matrix, clock& time, directory& who,
    media_store& media, core_options options
)
    : core_{std::move(ex), disk, matrix, time, who, media, std::move(options)},
      lanes_{core_},
      trust_{core_.options.order_by_sync},
      chats_begun_{core_.options.chats_per_hour}
{
}

void hub::add(std::string name, const std::function<std::unique_ptr<backend>(host&)>& make)
{
    auto& made = *networks_.emplace_back(std::make_unique<network>(core_, lanes_, std::move(name)));
    made.state().far = make(made);
}

awaitable<outcome> hub::load()
{
    auto rows = co_await core_.disk.portals();
    if (!rows)
        co_return rows.error();
    for (auto& row : *rows) {
        auto state = from_state(row.state);
        auto p = core_.rooms.add(std::move(row), state ? std::move(*state) : room{kind::group});
        if (p->row.is == kind::direct)
            p->watcher = not_known_yet;
    }
    std::size_t orphans = 0;
    for (position after = 0;;) {
        auto page = co_await core_.disk.waiting(after, read_at_once);
        if (!page)
            co_return page.error();
        for (auto& it : *page) {
            after = it.seq;
            auto p = core_.rooms.by_key(it.portal);
            if (!p || !core_.network(p->row.network)) {
                ++orphans;  // the network is not configured now; the row waits for it
                continue;
            }
            p->closing = p->closing || ends_portal(it);
            if (it.now ==
                stage::held) {  // on which connection it came is forgotten: only /sync tells its place
                trust_.hold(watcher_of(*p), arrival{0, false}, std::move(it));
                continue;
            }
            const bool first = p->waiting(it.bound) == 0;
            lanes_.enqueue(p, std::move(it), first);  // only the head can have been in flight
        }
        if (page->size() < read_at_once)
            break;
    }
    lanes_.owe();
    log::info(
        "journal read", "portals", core_.rooms.size(), "waiting", core_.waiting, "held", trust_.size(),
        "without_network", orphans
    );
    co_await find_watchers();
    auto unread = co_await load_unread();
    co_return unread;
}

awaitable<void> hub::run(std::string name)
{
    for (auto& net : networks_)
        if (net->state().name == name)
            co_await net->supervise();
}

awaitable<void> hub::tend()
{
    for (;;) {
        co_await core_.time.sleep(tend_every);
        lanes_.tend();
    }
}

std::vector<std::string> hub::network_names() const
{
    std::vector<std::string> out;
    for (const auto& net : networks_)
        out.push_back(net->state().name);
    return out;
}

std::vector<hub::health> hub::report() const
{
    std::vector<health> out;
    for (const auto& net : networks_)
        out.emplace_back(net->state().name, net->state().last_error, net->state().up);
    return out;
}

std::optional<std::string> hub::ghost_of(std::string_view network, std::string_view address) const
{
    if (!core_.network(network))
        return std::nullopt;
    return core_.who.grammar().ghost(network, address);
}

awaitable<result<bool>> hub::stands(portal_key portal, std::string tag)
{
    const auto p = core_.rooms.by_key(portal);
    if (!p || p->closing)
        co_return false;
    auto gone = co_await core_.disk.note(revoked_note(tag));
    if (!gone)
        co_return gone.error();
    co_return gone->empty();
}

awaitable<std::vector<near_place>> hub::places(std::string room)
{
    std::vector<near_place> out;
    core_.rooms.each([&](const portal_ptr& p) {
        if (!room.empty() && p->row.matrix_room != room)
            return;
        near_place at;
        at.network = p->row.network;
        at.far_room = p->row.room.value;
        const auto* net = core_.network(p->row.network);
        at.state = net && net->up ? "connected" : "link down";
        at.last_error = p->last_error.empty() && net ? net->last_error : p->last_error;
        at.waiting = static_cast<position>(p->waiting(way::to_far) + p->waiting(way::to_matrix));
        out.push_back(std::move(at));
    });
    co_return out;
}

}  // namespace rialto
