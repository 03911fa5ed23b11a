// Messages in rooms (XEP-0045 §7.4, §7.5, §7.8; XEP-0359, XEP-0421).
#include "tests/fakes/xmpp/muc.hpp"
#include "tests/fakes/xmpp/server.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <set>

namespace rialto::fakes::xmpp {

std::string stamp_of(std::int64_t ms)
{
    const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char out[96];
    std::snprintf(
        out, sizeof out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
        parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>(ms % 1000)
    );
    return out;
}

std::int64_t time_of(const std::string& stamp)
{
    std::tm parts{};
    double seconds = 0;
    if (std::sscanf(
            stamp.c_str(), "%d-%d-%dT%d:%d:%lf", &parts.tm_year, &parts.tm_mon, &parts.tm_mday,
            &parts.tm_hour, &parts.tm_min, &seconds
        ) != 6)
        return -1;
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    return static_cast<std::int64_t>(timegm(&parts)) * 1000 + static_cast<std::int64_t>(seconds * 1000 + 0.5);
}

// Both servers put out whose error says that they cannot be reached; any other is carried.
static bool means_gone(const element& stanza)
{
    static const std::set<std::string, std::less<>> conditions{"gone",
                                                               "internal-server-error",
                                                               "item-not-found",
                                                               "jid-malformed",
                                                               "recipient-unavailable",
                                                               "redirect",
                                                               "remote-server-not-found",
                                                               "remote-server-timeout"};
    for (const auto& child : stanza.children)
        if (child.name == "error")
            for (const auto& what : child.children)
                if (conditions.contains(what.name))
                    return true;
    return false;
}

void muc_service::message(element stanza, const jid& to)
{
    room* r = find(to.bare());
    const std::string type = stanza.get("type");
    if (type == "error") {
        if (r && !to.resource.empty() && r->by_jid(stanza.get("from")) && !means_gone(stanza))
            return private_message(std::move(stanza), *r, to);  // an answer to a private message
        if (r && !stanza.get("from").empty())
            bounced(*r, stanza);
        return;
    }
    if (!r)
        return server_.bounce(stanza, "cancel", "item-not-found", "Conference room does not exist");
    if (type == "groupchat" && to.resource.empty())
        return groupchat(std::move(stanza), *r);
    if (type == "groupchat")
        return server_.bounce(stanza, "modify", "bad-request");
    if (to.resource.empty())
        return mediated(std::move(stanza), *r);
    private_message(std::move(stanza), *r, to);
}

void muc_service::groupchat(element stanza, room& r)
{
    const occupant* me = r.by_jid(stanza.get("from"));
    if (!me)
        return server_.bounce(
            stanza, server_.ejabberd() ? "modify" : "cancel", "not-acceptable",
            "Only occupants are allowed to send messages to the conference"
        );
    if (me->role == "visitor")
        return server_.bounce(
            stanza, "auth", "forbidden", "Visitors are not allowed to send messages to all occupants"
        );
    if (stanza.find("subject", "") && !stanza.find("body", "") && !stanza.find("thread", ""))
        return reflect_subject(r, *me, std::move(stanza));
    reflect(r, *me, std::move(stanza));
}

std::string muc_service::next_id(room& r)
{
    // ejabberd: microseconds, so the ids sort by time. Prosody 0.12: random.
    if (!server_.ejabberd())
        return server_.fresh_id(32);
    r.last_id = std::max(r.last_id + 1, server_.time().now() * 1000);
    return std::to_string(r.last_id);
}

// Same id to all, our stanza-id and occupant-id instead of any that were claimed in our name.
void muc_service::reflect(room& r, const occupant& from, element stanza)
{
    std::erase_if(stanza.children, [&](const element& c) {
        return (c.ns == sid_ns && c.name == "stanza-id" && c.get("by") == r.address) ||
               c.ns == "urn:xmpp:occupant-id:0" || c.ns == muc_user_ns || c.ns == "urn:xmpp:delay";
    });
    stanza.unset("to");
    stanza.set("from", r.address + '/' + from.nick);
    if (server_.settings().occupant_id)
        stanza.add("occupant-id", "urn:xmpp:occupant-id:0").set("id", from.id);
    archived row;
    row.id = next_id(r);
    stanza.add("stanza-id", sid_ns).set("by", r.address).set("id", row.id);
    row.stanza = to_xml(stanza);
    row.rest = row.stanza.substr(sizeof "<message" - 1);
    row.at = server_.time().now();
    const bool kept = stanza.find("body", "") ||
                      std::any_of(stanza.children.begin(), stanza.children.end(), [](const element& c) {
                          return c.ns == "urn:xmpp:reactions:0" || c.ns == "urn:xmpp:message-retract:1" ||
                                 c.ns == "urn:xmpp:fasten:0";
                      });
    const std::string rest = row.rest;
    if (kept)
        r.archive.push_back(std::move(row));
    send_all(r, "<message", rest, true);
}

void muc_service::reflect_subject(room& r, const occupant& from, element stanza)
{
    if (from.role != "moderator" && !r.change_subject)
        return server_.bounce(stanza, "auth", "forbidden", "Only moderators may change the subject");
    r.subject = stanza.child_text("subject", "");
    r.subject_by = from.nick;
    reflect(r, from, std::move(stanza));
}

void muc_service::send_subject(room& r, const std::string& to)
{
    element m{"message"};
    m.set("type", "groupchat").set("to", to);
    m.set("from", r.subject_by.empty() ? r.address : r.address + '/' + r.subject_by);
    element& subject = m.add("subject");
    if (!r.subject.empty())
        subject.add_text(r.subject);
    server_.deliver(jid{to}, to_xml(m));
}

// §7.2.14: history is the newest of the archive, as far back as asked for.
void muc_service::send_history(room& r, const std::string& to, const element& x)
{
    const element* wanted = x.find("history", muc_ns);
    std::size_t most = server_.settings().history;
    std::int64_t since = 0;
    if (wanted) {
        const auto number = [&](const char* key, std::size_t otherwise) {
            return wanted->has(key)
                       ? static_cast<std::size_t>(std::strtoul(wanted->get(key).c_str(), nullptr, 10))
                       : otherwise;
        };
        if (number("maxchars", 1) == 0)
            return;
        most = std::min(number("maxstanzas", most), most);
        if (wanted->has("since"))
            since = time_of(wanted->get("since"));
        if (wanted->has("seconds"))
            since = server_.time().now() - static_cast<std::int64_t>(number("seconds", 0)) * 1000;
    }
    const std::size_t all = r.archive.size();
    for (std::size_t i = std::max(r.history_from, all > most ? all - most : 0); i < all; ++i) {
        const archived& row = r.archive[i];
        if (row.at < since)
            continue;
        std::string xml = "<message to='" + escaped(to) + '\'' + row.rest;
        const std::string delay = "<delay xmlns='urn:xmpp:delay' from='" + escaped(r.address) + "' stamp='" +
                                  stamp_of(row.at) + "'/>";
        xml.insert(xml.rfind("</message>"), delay);
        server_.deliver(jid{to}, xml);
    }
}

void muc_service::private_message(element stanza, room& r, const jid& to)
{
    const occupant* me = r.by_jid(stanza.get("from"));
    if (!me)
        return server_.bounce(
            stanza, "modify", "not-acceptable", "Only occupants are allowed to send private messages"
        );
    const auto them = r.occupants.find(to.resource);
    if (them == r.occupants.end())
        return server_.bounce(stanza, "cancel", "item-not-found", "Recipient is not in the conference room");
    stanza.set("from", r.address + '/' + me->nick).set("to", them->second.real);
    if (!stanza.find("x", muc_user_ns))
        stanza.add("x", muc_user_ns);
    server_.route(std::move(stanza));
}

// §7.8.2: an occupant asks the room to invite; a decline goes back the same way.
void muc_service::mediated(element stanza, room& r)
{
    const element* x = stanza.find("x", muc_user_ns);
    const element* what = x ? x->find("invite", muc_user_ns) : nullptr;
    if (x && !what)
        what = x->find("decline", muc_user_ns);
    const occupant* me = r.by_jid(stanza.get("from"));
    if (!what || (what->name == "invite" && !me))
        return server_.bounce(stanza, "cancel", "not-acceptable");
    const std::string bare = jid{stanza.get("from")}.bare();
    const std::string to = what->get("to");
    if (what->name == "invite" && r.members_only) {
        if (me->affiliation != "owner" && me->affiliation != "admin")
            return server_.bounce(stanza, "auth", "forbidden");
        auto& theirs = r.affiliations[jid{to}.bare()];
        if (theirs.empty())
            theirs = "member";
    }
    element out{"message"};
    out.set("from", r.address).set("to", to);
    element& ours = out.add("x", muc_user_ns);
    element& copy = ours.add(*what);
    copy.unset("to");
    copy.set("from", bare);
    if (!r.password.empty())
        ours.add("password", muc_user_ns).add_text(r.password);
    server_.route(std::move(out));
}

}  // namespace rialto::fakes::xmpp
