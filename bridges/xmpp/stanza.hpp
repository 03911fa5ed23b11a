// bridges/xmpp/stanza.hpp: what a <message/> says, in the words of core/event.hpp, and the way back. Pure: no
// I/O, no clock. Ids are raw here, as they stand on the wire; who qualifies them is bridges/xmpp/ids.hpp.
// XEP-0045, 0066, 0071, 0085, 0184, 0203, 0245, 0308, 0333, 0334, 0359, 0393, 0421, 0424, 0425, 0428, 0444,
// 0461.
#pragma once

#include "bridges/xmpp/stanza_error.hpp"
#include "core/event.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rialto::xmpp {

struct trust  // whose word about ids counts: anybody can write a <stanza-id/> into their message
{
    std::string by;             // XEP-0359 §5: only the stanza-id whose `by` is this; "": none
    bool occupant_ids = false;  // XEP-0421 §5: only from a room that advertises them
    std::string delays;         // XEP-0203 §4: only the <delay/> `from` this; "": anybody's

    trust() = default;
    trust(std::string who, bool ids, std::string late = {})
        : by{std::move(who)}, occupant_ids{ids}, delays{std::move(late)}
    {
    }
};

struct heard
{
    std::string from, to, type, id, origin_id, stanza_id, occupant_id;
    std::string nick;                // XEP-0172
    std::string real_jid;            // of a room's archived message (XEP-0313 §5.1.2)
    std::optional<timestamp> stamp;  // XEP-0203: not live
    std::optional<happening> what;   // message, edit, retraction, reactions, receipt, room_info (a subject)
    std::optional<bool> typing;      // XEP-0085
    bool by_origin = false;          // `what` is a retraction that names the sender's own id (XEP-0424 0.x)
    bool wants_receipt = false;      // XEP-0184
    bool markable = false;           // XEP-0333: its sender wants to know when it was read
    std::string received;            // a receipt for our message of this id
    std::string moderated_by;        // occupant JID of who moderated (XEP-0425); only from the room itself
    std::string invited_to, invited_by, why_invited;  // XEP-0045 §7.8.2 or XEP-0249
    std::string room_secret;                          // of the invitation; never logged
    bool mediated = false;                            // by the room: it also carries the refusal
    bool in_room = false;                             // has <x muc#user/>: a private message of an occupant
    std::string nonce;       // tells a message without any id from another of the same words; the caller's
    std::vector<int> codes;  // XEP-0045 §10.2.1: 104, 172 ...: the room was configured
    std::optional<stanza_error> error;

    heard() = default;
};

heard read_message(const node& message, const trust& believe);

struct route  // where an outgoing message goes
{
    std::string from, to;  // full JIDs, or the room's
    bool group = false;
    std::string id;  // wire id of the first part
    std::string
        target;  // wire name of what edit, reply, reactions, retraction or receipt speak of; "": unknown
    std::vector<std::string> further;  // wire names of the target's other pieces: it was a text and files
    std::string author;                // JID of the author of the target, "" when unknown (XEP-0461 §3.1)
    std::optional<timestamp> late;     // when it was said, if that is long ago (XEP-0203)

    route() = default;
    route(std::string f, std::string t, bool g, std::string i)
        : from{std::move(f)}, to{std::move(t)}, group{g}, id{std::move(i)}
    {
    }
};

struct piece  // one stanza of an event: text first, then a stanza a file (XEP-0066 wants the URL to be the
              // whole body)
{
    std::string id, xml;
    piece() = default;
    piece(std::string i, std::string x) : id{std::move(i)}, xml{std::move(x)} {}
};

// `unsupported` when the target is not known over there, or the happening is none for a message stanza.
result<std::vector<piece>> write_message(const happening& what, const route& way);

std::string write_typing(const route& way, bool active);
std::string write_receipt(std::string_view from, std::string_view to, std::string_view id);    // XEP-0184
std::string write_displayed(std::string_view from, std::string_view to, std::string_view id);  // XEP-0333
// Plain words from the bridge that are not kept; to an occupant of a room (XEP-0045 §7.5) or to a person.
std::string write_words(std::string_view from, std::string_view to, std::string_view text, bool in_room);

}  // namespace rialto::xmpp
