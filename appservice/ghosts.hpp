// appservice/ghosts.hpp: what must be true of a ghost before it can act in a room: registered, with one
// device, named before its first join (a name set later is an event in every room it is in), joined. The book
// decides what comes next, `ghosts` does it. A ghost once made is remembered in the store, so that a restart
// costs nothing: it is then believed to be in its rooms until the homeserver says otherwise. One io_context
// thread.
#pragma once

#include "appservice/client.hpp"
#include "core/store.hpp"

#include <unordered_map>

namespace rialto::matrix {

// RIALTO<generation>: the device whose name the homeserver remembers transaction ids under.
std::string device_name(unsigned generation);

class ghost_book
{
public:
    enum class step
    {
        enroll,
        make_device,
        set_name,
        join,
        act,  // nothing is missing
    };
    struct kept  // of one ghost, across restarts
    {
        unsigned generation = 0;
        std::string name;

        kept() = default;
        kept(unsigned g, std::string n) : generation{g}, name{std::move(n)} {}
        bool operator==(const kept&) const = default;
    };

    // room "": only to exist. name "": as it was.
    step next(const std::string& mxid, const std::string& name, const std::string& room) const;
    void did(step s, const std::string& mxid, const std::string& name, const std::string& room);
    void left(const std::string& mxid, const std::string& room);      // or was never in it
    bool in(const std::string& mxid, const std::string& room) const;  // known for sure

    bool knows(const std::string& mxid) const { return ghosts_.contains(mxid); }
    void recall(const std::string& mxid, const kept& k);
    kept keep(const std::string& mxid) const;
    unsigned generation(const std::string& mxid) const { return keep(mxid).generation; }
    void want_generation(const std::string& mxid, unsigned at_least);  // a new one means a new device

private:
    struct ghost
    {
        bool enrolled = false, has_device = false, named = false, recalled = false;
        kept is;
        std::unordered_map<std::string, bool> rooms;  // in it, or surely not
    };
    std::unordered_map<std::string, ghost> ghosts_;
};

std::string to_note(const ghost_book::kept& k);
std::optional<ghost_book::kept> from_note(std::string_view value);

class ghosts
{
    client& client_;
    store& store_;
    ghost_book book_;

    awaitable<outcome> recall(std::string mxid);
    awaitable<outcome> take(ghost_book::step s, std::string mxid, std::string name, std::string room);
    awaitable<outcome> enter(std::string mxid, std::string room);
    awaitable<outcome> remember(std::string mxid);

public:
    ghosts(client& c, store& s) : client_{c}, store_{s} {}

    // Makes it so; room "": only that the ghost exists. After success the ghost may act.
    awaitable<outcome> ready(std::string mxid, profile shown, std::string room, unsigned generation = 0);
    // Joins even where it is believed to be already: the homeserver said it is not.
    awaitable<outcome> rejoin(std::string mxid, profile shown, std::string room);
    // The homeserver lost the device: the next one, under a new name (its memory of transactions went with
    // it).
    awaitable<outcome> renew_device(std::string mxid);

    acting as(const std::string& mxid) const;  // with its device
    unsigned generation(const std::string& mxid) const { return book_.generation(mxid); }
    bool in(const std::string& mxid, const std::string& room) const { return book_.in(mxid, room); }
    void left(const std::string& mxid, const std::string& room) { book_.left(mxid, room); }
    void seen(const std::string& mxid, const std::string& room);  // it acted there, so it is in it
};

}  // namespace rialto::matrix
