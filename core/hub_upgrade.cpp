// core/hub.hpp, rooms in which people talk before the portal stands there: the successor of an upgraded room,
// the room of a chat, a room whose far side was still being joined. The homeserver does not push what is said
// before one of ours is in it, so they are read first; both that, and an upgrade that is being followed, are
// notes on disk until they are done.
#include "core/hub_batch.hpp"
#include "core/key.hpp"
#include "core/log.hpp"

namespace rialto {

namespace {
constexpr std::string_view unread_notes = "unread:", upgrade_notes = "upgrade:";
constexpr std::size_t most_resumed = 10'000;
constexpr std::chrono::milliseconds glance{20};
constexpr std::chrono::minutes at_most{2};

std::string note_name(std::string_view kind, const std::string& room) { return std::string{kind} + room; }
}  // namespace

std::optional<unread_room> hub::unread(const std::string& behind) const
{
    if (unread_.empty())
        return std::nullopt;
    const auto at = unread_.upper_bound(behind);
    return at == unread_.end() ? unread_.begin()->second : at->second;
}

store_change hub::still_unread(const unread_room& u)
{
    return put_note{note_name(unread_notes, u.room), u.watcher + ' ' + u.after};
}

store_change hub::no_longer_unread(const std::string& room)
{
    return put_note{note_name(unread_notes, room), ""};
}

// From here on what is pushed waits, until read_through().
void hub::read_first(unread_room u)
{
    const auto room = u.room;
    unread_.insert_or_assign(room, std::move(u));
    for (const auto& p : core_.rooms.in_room(room))
        trust_.hand_over(p->row.key, watcher_of(*p));
    on_wanted();
}

void hub::read_through(const std::string& room)
{
    unread_.erase(room);
    for (const auto& p : core_.rooms.in_room(room))
        trust_.hand_over(p->row.key, watcher_of(*p));
    if (trust_.size() > 0)
        on_wanted();
}

awaitable<outcome> hub::load_unread()
{
    auto unread = co_await core_.disk.notes_of(std::string{unread_notes}, most_resumed);
    if (!unread)
        co_return unread.error();
    for (const auto& [key, value] : *unread) {
        const auto cut = value.find(' ');
        if (cut != value.npos)
            read_first(
                unread_room{key.substr(unread_notes.size()), value.substr(0, cut), value.substr(cut + 1)}
            );
    }
    auto upgrades = co_await core_.disk.notes_of(std::string{upgrade_notes}, most_resumed);
    if (!upgrades)
        co_return upgrades.error();
    for (const auto& [key, successor] : *upgrades) {
        const auto old = key.substr(upgrade_notes.size());
        upgrades_[old].successor = successor;
        spawn(core_, "follow a room upgrade", follow(old));
    }
    co_return ok();
}

// A tombstone. A chat's room that its ghost watches goes on where the ghost is invited to.
void hub::upgrade(const std::string& room, const std::string& successor, batch& all)
{
    const auto here = core_.rooms.in_room(room);
    if (std::ranges::all_of(here, [](const portal_ptr& p) { return !p->watcher.empty(); }))
        return;
    auto& known = upgrades_[room];
    if (std::exchange(known.successor, successor) == successor && known.running)
        return;
    all.changes.emplace_back(put_note{note_name(upgrade_notes, room), successor});
    all.then("follow a room upgrade", follow(room));
}

// The bot was invited to a successor that it could not enter before.
void hub::joined_late(const std::string& room, batch& all)
{
    for (const auto& [old, known] : upgrades_)
        if (known.successor == room && !known.running)
            all.then("follow a room upgrade", follow(old));
}

// What was said in a room until now, pushed or not, has its place when this ends.
awaitable<void> hub::read_to_here(std::string room)
{
    while (unread_.contains(room))
        co_await core_.time.sleep(glance);
    const auto& bot = core_.options.bot;
    const auto begun = trust_.begun();
    claims_.emplace_back(bot, begun);
    on_wanted();
    while (!trust_.read_since(bot, begun))
        co_await core_.time.sleep(glance);
    std::erase(claims_, std::pair{bot, begun});
}

// Whoever can write a tombstone can name any room; only the new room itself says that it replaces this one.
awaitable<result<bool>> hub::replaces(std::string successor, std::string room)
{
    backoff pause{at_most};
    for (;;) {
        auto in = co_await core_.matrix.bot_join(successor);
        if (in) {
            auto view = co_await core_.matrix.look(successor);
            if (view)
                co_return view->predecessor == room;
            in = view.error();
        }
        if (in.error().next != verdict::try_later)
            co_return in.error();
        co_await core_.time.sleep(pause.after_failure(core_.time.luck()));
    }
}

awaitable<void> hub::follow(std::string room)
{
    auto& known = upgrades_[room];
    if (std::exchange(known.running, true))
        co_return;
    const auto successor = known.successor;
    co_await read_to_here(room);
    auto so = co_await replaces(successor, room);
    std::string told;
    if (!so)
        told = so.error().why + " - invite the bridge's bot to the new room to go on there.";
    else if (!*so)
        told =
            "The new room does not say that it replaces this one - this room stays connected. `!rialto "
            "bridge` in the new room connects that one.";
    else
        co_await move_to(room, successor);
    if (!told.empty()) {
        log::warn("a room upgrade is not followed", "room", room, "named", successor, "why", told);
        auto said =
            co_await core_.matrix.notice(room, std::move(told), content_key("moved", room, successor));
        if (!said)
            log::warn("notice not sent", "room", room, "error", said.error().why);
    }
    auto& now = upgrades_[room];
    now.running = false;
    if (now.successor != successor)  // another tombstone since
        spawn(core_, "follow a room upgrade", follow(room));
    else if (so) {
        upgrades_.erase(room);
        std::vector<store_change> over;
        over.emplace_back(put_note{note_name(upgrade_notes, room), ""});
        (void)co_await lanes_.write_down(0, std::move(over));
    }
}

awaitable<void> hub::move_to(std::string room, std::string successor)
{
    const auto here = core_.rooms.in_room(room);
    if (here.empty())
        co_return;  // unbridged meanwhile
    unread_room unread{successor, core_.options.bot, ""};
    std::vector<store_change> all;
    for (const auto& p : here) {
        portal_row row = p->row;
        row.matrix_room = successor;
        all.emplace_back(put_portal{std::move(row)});
    }
    all.push_back(still_unread(unread));
    (void)co_await lanes_.write_down(0, std::move(all));
    for (const auto& p : here) {
        core_.rooms.move(p, successor);
        log::info("room upgrade followed", "portal", p->row.key, "room", successor);
    }
    read_first(std::move(unread));
}

}  // namespace rialto
