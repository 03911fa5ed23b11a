// tests/fakes/xmpp/muc.hpp: the rooms of the server (XEP-0045) and their archive (XEP-0313). One order for
// all: what is reflected, archived and replayed is the same sequence. Values and decisions; sending is the
// server's.
#pragma once

#include "tests/fakes/xmpp/jid.hpp"
#include "tests/fakes/xmpp/xml.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rialto::fakes::xmpp {

constexpr const char* data_ns = "jabber:x:data";  // XEP-0004

class server;

struct occupant
{
    std::string nick, real, bare, role, affiliation, id;  // id: XEP-0421
    element presence;                                     // what it said of itself, without our <x/>
    std::uint64_t since = 0;                              // order of joining
    occupant() = default;
};

struct archived
{
    std::string id, stanza;  // XML of the message without `to`
    std::string rest;        // the same behind "<message"
    std::int64_t at = 0;     // ms
    bool shown = true;       // in the archive; an accident may have lost it
    archived() = default;
};

struct room
{
    std::string address, name, description, password, subject, subject_by, secret;
    bool members_only = false, persistent = false, moderated = false, nonanonymous = false, hidden = false;
    bool change_subject = false, locked = false;
    std::size_t max_users = 0;
    std::map<std::string, occupant> occupants;        // by nick
    std::map<std::string, std::string> nicks;         // by full JID
    std::map<std::string, std::string> affiliations;  // by bare JID, or a whole domain
    std::vector<archived> archive;
    std::size_t history_from = 0;  // join history begins here: ejabberd forgets it at a restart
    std::int64_t last_id = 0;
    room() = default;

    occupant* by_jid(const std::string& full);
    std::string affiliation_of(const std::string& bare) const;
    std::string default_role(const std::string& affiliation) const;
};

class muc_service
{
public:
    explicit muc_service(server& s) : server_{s} {}

    void handle(element stanza, const jid& to);
    void forget(bool keep_rooms, bool keep_archive);  // the server was killed
    room* find(const std::string& address);
    room& make(const std::string& address);  // as a persistent, unlocked one
    std::size_t lose_archive(const std::string& address, std::size_t newest);  // a hole, as mnesia leaves one
    const std::map<std::string, std::unique_ptr<room>>& all() const { return rooms_; }

private:
    using codes = std::vector<int>;

    void presence(element stanza, const jid& to);
    void join(element stanza, const jid& to, room* r);
    bool refused(const element& stanza, room& r, const jid& to);
    void show_others(const room& r, const occupant& o);
    void welcome(room& r, occupant& o, const element& x, bool made);
    void send_history(room& r, const std::string& to, const element& x);
    void send_subject(room& r, const std::string& to);
    void change_nick(element stanza, room& r, occupant& o, const std::string& nick);
    void remove(
        room& r, const std::string& nick, const codes& why, const element* item_extra, const element* status
    );
    void drop_if_empty(const std::string& address);
    element presence_of(const room& r, const occupant& o, const codes& status, bool show_real) const;
    void announce(room& r, const occupant& o, const codes& status);
    bool moderates(const room& r, const occupant& viewer) const;
    void bounced(room& r, const element& stanza);
    void send_all(room& r, const std::string& head, const std::string& rest, bool must_arrive);

    void message(element stanza, const jid& to);
    void groupchat(element stanza, room& r);
    void private_message(element stanza, room& r, const jid& to);
    void mediated(element stanza, room& r);
    void reflect(room& r, const occupant& from, element stanza);
    void reflect_subject(room& r, const occupant& from, element stanza);
    std::string next_id(room& r);

    void iq(element stanza, const jid& to);
    void occupant_iq(element stanza, room& r, const jid& to);
    void disco(const element& stanza, room* r);
    void owner(const element& stanza, room& r);
    void configure(room& r, const element& form);
    void destroy(room& r, const element& how);
    void admin(const element& stanza, room& r);
    void admin_list(const element& stanza, room& r, const element& query);
    bool admin_change(
        room& r, const occupant* by, const std::string& bare, const element& item, bool only_check
    );
    void set_affiliation(room& r, const occupant* by, const std::string& bare, const element& item);
    void set_role(room& r, const occupant* by, const element& item);
    void archive(const element& stanza, room& r);

    server& server_;
    std::map<std::string, std::unique_ptr<room>> rooms_;  // by address
    std::uint64_t joins_ = 0;
};

std::string stamp_of(std::int64_t ms);  // XEP-0082
std::int64_t time_of(const std::string& stamp);
extern const char* const muc_ns;
extern const char* const muc_user_ns;
extern const char* const sid_ns;

}  // namespace rialto::fakes::xmpp
