// bridges/xmpp/muc_puppets.hpp: where each of our own occupants of one MUC stands: the puppets and the
// listener. Pure: presences and time in, standing out. XEP-0045 §7.2, §7.6, §8.2, §9; XEP-0410 for what is
// unsure.
//
// After a lost link or a restart a puppet may still be in (the server kept it) or not (a message said
// meanwhile bounced, and it was kicked): `unsure` until a self-ping tells. Somebody whom a person put out is
// `barred`: not rejoined until their own Matrix side says so. What must survive a restart is in to_text().
#pragma once

#include "bridges/xmpp/occupants.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rialto::xmpp {

enum class standing
{
    out,
    joining,
    in,
    unsure,
    barred
};

struct puppet
{
    std::string jid, nick;    // bare JID of ours; the nick asked for, then the one the room gave
    std::string occupant_id;  // of the puppet itself, as the room calls it
    standing is = standing::out;
    timestamp deadline{}, spoke{};
    std::optional<stanza_error> refused;  // the answer to the last join
    departure why = departure::left;      // of a barred one
    std::string reason, by;

    puppet() = default;
    std::string full() const;
};

struct puppet_change
{
    enum class is
    {
        nothing,
        joined,
        refused,
        left,
        renamed
    };
    is what = is::nothing;
    departure why = departure::left;
    std::string jid, reason, moved_to;
    puppet_change() = default;
};

class muc_puppets
{
    std::map<std::string, puppet, std::less<>> all_;         // by bare JID
    std::map<std::string, std::string, std::less<>> nicks_;  // every nick we ever had -> bare JID
    std::set<std::string, std::less<>> occupant_ids_;
    bool changed_ = false;

    void have_nick(const std::string& nick, const std::string& jid);

public:
    static constexpr std::size_t most_nicks = 5'000;
    static constexpr std::string_view resource = "rialto";

    puppet& at(std::string_view jid);  // made when unknown
    const puppet* find(std::string_view jid) const;
    void begin_join(std::string_view jid, std::string nick, timestamp deadline);
    // A presence of the room to one of ours about itself; others' are nothing.
    puppet_change apply(const room_presence& p);
    void expire(timestamp now);  // joins that were not answered
    void link_lost();            // nobody knows who is still in
    void bar(std::string_view jid, departure why, std::string reason, std::string by);
    void unbar(std::string_view jid);
    void left(std::string_view jid);                       // by our own presence
    void renamed(std::string_view jid, std::string nick);  // as somebody else was told (303)

    // Who of ours has, or had, this nick; "" nobody.
    std::string_view by_nick(std::string_view nick) const;
    std::string_view in_by_nick(std::string_view nick) const;  // has it now (or may)
    bool our_occupant_id(std::string_view id) const { return occupant_ids_.find(id) != occupant_ids_.end(); }
    std::size_t inside() const;
    // Who has been silent longest among those inside, `except` aside; "" nobody.
    std::string longest_silent(std::string_view except) const;
    std::vector<std::string> silent_since(timestamp before, std::string_view except) const;
    const std::map<std::string, puppet, std::less<>>& all() const noexcept { return all_; }

    bool take_changed() noexcept { return std::exchange(changed_, false); }
    void not_kept() noexcept { changed_ = true; }  // what take_changed() told was not written
    std::string to_text() const;
    void read(std::string_view text);  // of a former life: all who were in are unsure
};

}  // namespace rialto::xmpp
