// bridges/xmpp/occupants.hpp: who is in a MUC, as its presences tell (XEP-0045 §7, §9, §10), and who they
// are. Pure: presences in, movements out. Bounded: what is beyond `most` occupants is not tracked.
//
// A person's name (user_id), the best that the room shows:
//   romeo@montague.example              their real JID (non-anonymous room, or we are moderator)
//   orchard@muc.example/occ:<id>        their occupant-id (XEP-0421): the same person under every nick
//   orchard@muc.example/<nick>          a guest: nobody in particular, and nobody once they leave
// A nick that begins with "occ:" or "nick:" has "nick:" put before it, so that the way back is unique.
#pragma once

#include "bridges/xmpp/stanza_error.hpp"
#include "core/event.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rialto::xmpp {

struct person_name  // a user_id taken apart
{
    enum class is
    {
        real,
        occupant,
        guest
    };
    is what = is::real;
    std::string room, rest;  // rest: real JID, occupant-id or nick
    person_name() = default;
    person_name(is w, std::string r, std::string x) : what{w}, room{std::move(r)}, rest{std::move(x)} {}
    bool operator==(const person_name&) const = default;
};
user_id name_of(const person_name& who);
person_name person_of(const user_id& id);

struct room_presence  // one <presence/> from room/nick, read
{
    std::string nick, to, id, real_jid, occupant_id, affiliation, role, new_nick, reason, actor_nick,
        actor_jid, moved_to;
    std::vector<int> codes;
    bool available = true, destroyed = false;
    std::optional<stanza_error> error;

    room_presence() = default;
    bool has(int code) const noexcept;
    bool own() const noexcept { return has(110); }
};
room_presence read_presence(const node& presence, bool occupant_ids);

struct occupant
{
    std::string nick, real_jid, occupant_id, affiliation, role;
    occupant() = default;
    rank is() const noexcept;
};

enum class departure
{
    left,
    kicked,      // 307: by a person, or by the room's rules
    banned,      // 301
    not_member,  // 321, 322
    technical,   // 333, or no code and no word of their own: the server lost them; they may come back by
                 // themselves
    shutdown,    // 332
    destroyed,   // the room itself is gone
};
departure why_gone(const room_presence& p) noexcept;
// Whose will it was: then the person is not brought back by us.
constexpr bool is_willed(departure d) noexcept
{
    return d == departure::kicked || d == departure::banned || d == departure::not_member;
}

struct movement
{
    enum class is
    {
        nothing,
        arrived,
        departed,
        renamed,
        changed
    };
    is what = is::nothing;
    occupant who, before;
    departure why = departure::left;
    std::string reason;
    movement() = default;
};

class occupants
{
    std::string room_;
    std::size_t most_;
    std::map<std::string, occupant, std::less<>> by_nick_;

public:
    explicit occupants(std::string room, std::size_t most = 20'000) : room_{std::move(room)}, most_{most} {}

    movement apply(const room_presence& p);
    void clear() { by_nick_.clear(); }

    const occupant* by_nick(std::string_view nick) const;
    const occupant* by_person(const user_id& who) const;
    user_id identify(const occupant& o) const;
    user_id identify(std::string_view nick) const;  // a guest when nobody has it
    // Who did it, as an <actor/> names them; empty when the room does not say.
    user_id actor(const room_presence& p) const;
    std::size_t size() const noexcept { return by_nick_.size(); }
    const std::map<std::string, occupant, std::less<>>& all() const noexcept { return by_nick_; }
};

}  // namespace rialto::xmpp
