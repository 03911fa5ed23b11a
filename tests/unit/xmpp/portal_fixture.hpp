// tests/unit/xmpp/portal_fixture.hpp: one room and its portal: a room that does what Prosody and ejabberd do.
#pragma once

#include "bridges/xmpp/ids.hpp"
#include "bridges/xmpp/jid.hpp"
#include "bridges/xmpp/portal.hpp"
#include "tests/unit/xmpp/fake_link.hpp"

#include <gmock/gmock.h>

namespace rialto::xmpp {

inline const std::string room_jid = "orchard@muc.example";
inline const std::string alice = "alice_hs.org@bridge.example";
inline const std::string traits_xml =
    "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='conference' type='text' "
    "name='Orchard'/>"
    "<feature var='http://jabber.org/protocol/muc'/><feature var='urn:xmpp:mam:2'/><feature "
    "var='urn:xmpp:sid:0'/></query>";
inline const std::string empty_fin = "<fin xmlns='urn:xmpp:mam:2' complete='true'/>";

// A room that lets everybody in, shows what is said, and has romeo in it.
class Portal : public Bench
{
protected:
    std::shared_ptr<muc_portal> portal;
    bool lets_in = true, shows = true, in_room = true;
    int stanza_ids = 0;
    std::vector<std::string> archive;  // <result/>s the next question brings
    struct archive_page
    {
        std::vector<std::string> rows;
        std::string end;  // <fin/>, or "!condition"
    };
    std::deque<archive_page> pages;      // the answers to come; then `archive`
    std::vector<std::string> questions;  // to the archive
    std::string traits = traits_xml;
    std::optional<std::string> ping_answer;          // else as `in_room` says
    std::map<std::string, std::string> join_errors;  // nick -> "<type> <condition>"

    void SetUp() override
    {
        portal = std::make_shared<muc_portal>(around, portal_id{room_id{room_jid}}, room_info{});
        wire.answer = [this](const std::string& to, const std::string& payload) {
            return answered(to, payload);
        };
        wire.on_send = [this](const std::string& s) { play(s); };
    }
    void TearDown() override
    {
        wire.is_up = false;
        portal->link_lost();
        run();
    }
    std::optional<std::string> answered(const std::string& to, const std::string& payload)
    {
        if (payload.find("disco#info") != std::string::npos)
            return traits;
        if (payload.find("urn:xmpp:ping") != std::string::npos)
            return ping_answer ? ping_answer
                   : in_room   ? std::optional<std::string>{""}
                               : std::optional<std::string>{"!not-acceptable"};
        if (payload.find("urn:xmpp:mam:2") != std::string::npos) {
            const auto id = payload.substr(
                payload.find("queryid='") + 9,
                0 + payload.find('\'', payload.find("queryid='") + 9) - payload.find("queryid='") - 9
            );
            questions.push_back(payload);
            archive_page page{{}, empty_fin};
            if (pages.empty()) {
                page.rows = std::exchange(archive, {});
            } else {
                page = pages.front();
                pages.pop_front();
            }
            for (const auto& row : page.rows)
                from_room(
                    "message", "", "to='rialto@bridge.example/rialto'",
                    "<result xmlns='urn:xmpp:mam:2' queryid='" + id + "' " + row + "</result>"
                );
            return page.end;
        }
        return to == room_jid ? std::optional<std::string>{""} : std::nullopt;
    }
    void from_room(
        std::string_view name, std::string_view nick, std::string_view attributes, std::string_view inside
    )
    {
        const std::string from = nick.empty() ? room_jid : room_jid + "/" + std::string{nick};
        const auto tree = parse(
            "<" + std::string{name} + " from='" + from + "' " + std::string{attributes} + ">" +
            std::string{inside} + "</" + std::string{name} + ">"
        );
        if (name == "presence")
            portal->on_presence(tree.root());
        else
            portal->on_message(tree.root());
    }
    static std::string item(std::string_view inside)
    {
        return "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' "
               "role='participant'/>" +
               std::string{inside} + "</x>";
    }
    void to_listener(std::string_view nick, std::string_view inside, std::string_view more = "")
    {
        from_room(
            "message", nick, "to='rialto@bridge.example/rialto' type='groupchat' " + std::string{more}, inside
        );
    }
    std::string sid()
    {
        return "<stanza-id xmlns='urn:xmpp:sid:0' by='" + room_jid + "' id='s" +
               std::to_string(++stanza_ids) + "'/>";
    }

    void play(const std::string& stanza)  // the room's side
    {
        const auto tree = parse(stanza);
        const auto& s = tree.root();
        const std::string from{s.attr("from")}, nick{resource_of(s.attr("to"))};
        if (s.name == "presence" && !s.has("type")) {
            if (!lets_in)
                return;
            if (const auto bad = join_errors.find(nick); bad != join_errors.end()) {
                const auto space = bad->second.find(' ');
                from_room(
                    "presence", nick, "to='" + from + "' type='error'",
                    "<error type='" + bad->second.substr(0, space) + "'><" + bad->second.substr(space + 1) +
                        " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
                );
                return;
            }
            nicks[from] = nick;
            if (from == "rialto@bridge.example/rialto")
                from_room("presence", "romeo", "to='" + from + "'", item(""));
            from_room("presence", nick, "to='" + from + "'", item("<status code='110'/>"));
        } else if (s.name == "message" && s.attr("type") == "groupchat" && shows) {
            const auto* body = s.child("body");
            to_listener(
                nick_of(from),
                body != nullptr ? "<body>" + escaped(body->content()) + "</body>" + sid() : sid(),
                "id='" + std::string{s.attr("id")} + "'"
            );
        }
    }
    std::map<std::string, std::string> nicks;  // full JID -> the nick it was let in under
    std::string nick_of(const std::string& from) { return nicks[from]; }

    // An archive's row as both servers send it; `more` stands in the message.
    static std::string row(
        const std::string& id, const std::string& nick, const std::string& wire, const std::string& body,
        const std::string& more = ""
    )
    {
        return "id='" + id +
               "'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' "
               "stamp='2024-10-03T23:59:00Z'/><message xmlns='jabber:client' type='groupchat' from='" +
               room_jid + "/" + nick + "' id='" + wire + "'><body>" + body + "</body>" + more +
               "</message></forwarded>";
    }
    static std::string fin(const std::string& last, bool complete)
    {
        return std::string{"<fin xmlns='urn:xmpp:mam:2'"} + (complete ? " complete='true'" : "") +
               "><set xmlns='http://jabber.org/protocol/rsm'><last>" + last + "</last></set></fin>";
    }
    void presence_of(const std::string& nick, const std::string& inside, const std::string& more = "")
    {
        from_room("presence", nick, "to='rialto@bridge.example/rialto' " + more, item(inside));
        run();
    }
    void live(
        const std::string& nick, const std::string& body, const std::string& id, const std::string& more
    )
    {
        to_listener(nick, "<body>" + body + "</body>" + more, id.empty() ? "" : "id='" + id + "'");
        run();
    }
    // Alice's puppet is in, then put out by `codes`; told to her and to the listener, as both servers do.
    void put_out(const std::string& codes, const std::string& item_inside)
    {
        const auto x =
            "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='none'>" +
            item_inside + "</item>" + codes;
        from_room("presence", "Alice", "type='unavailable' to='rialto@bridge.example/rialto'", x + "</x>");
        from_room(
            "presence", "Alice", "type='unavailable' to='" + alice + "/rialto'",
            x + "<status code='110'/></x>"
        );
        run();
    }
    std::vector<std::string> heard_texts() const
    {
        std::vector<std::string> out;
        for (const auto& m : core.all<message>())
            out.push_back(m.body.plain());
        return out;
    }
    event act(std::string id, happening what)
    {
        return event{
            portal->id(), person{user_id{alice}, "Alice"}, time.now(), message_id{std::move(id)},
            std::move(what)
        };
    }
    std::shared_ptr<std::optional<result<sent>>> say(const std::string& id, const std::string& text)
    {
        return start(portal->deliver(said(id, text)));
    }

    void enter()
    {
        portal->link_up();
        run();
    }
    event said(std::string id, std::string text)
    {
        return event{
            portal->id(), person{user_id{alice}, "Alice"}, time.now(), message_id{std::move(id)},
            message{document{text}}
        };
    }
    void pass(std::chrono::seconds how_long)
    {
        time.time += how_long;
        portal->tick(time.now());
        run();
    }
};

}  // namespace rialto::xmpp
