// A room with a client (Alice, its owner) and a puppet of a component (Romeo).
#pragma once

#include "tests/unit/fakes/xmpp_fixture.hpp"

namespace rialto::fakes {

struct Muc : Xmpp
{
    std::string romeo = "romeo@bridge.localhost/r", juliet = "juliet@bridge.localhost/j";
    std::unique_ptr<peer> c, a;

    void open(xmpp::options o = {})
    {
        begin(o);
        c = component();
        a = alice();
        ASSERT_TRUE(enter(*a, "", "Alice"));
        ASSERT_TRUE(enter(*c, romeo, "Romeo"));
        a->wait([&] { return a->find([](const element& e) { return e.get("from").ends_with("/Romeo"); }); });
    }
    xmpp::room& it() { return *far->rooms().find(room); }
    element iq(
        peer& p, const std::string& from, const std::string& to, const std::string& type,
        const std::string& inside
    )
    {
        const std::string id = "q" + std::to_string(++ids);
        p.send(
            "<iq" + (from.empty() ? "" : " from='" + from + "'") + " to='" + to + "' type='" + type +
            "' id='" + id + "'>" + inside + "</iq>"
        );
        return p.answer("iq", id);
    }
    element gone(peer& p, const std::string& to, const std::string& nick)
    {
        const auto is = [&](const element& e) {
            return e.name == "presence" && e.get("type") == "unavailable" &&
                   e.get("from") == room + '/' + nick && (to.empty() || e.get("to") == to);
        };
        p.wait([&] { return p.find(is); });
        return p.find(is) ? *p.find(is) : element{"none"};
    }
    void say(const std::string& id, const std::string& body) { a->send(said("", room, id, body)); }
    int ids = 0;
};

}  // namespace rialto::fakes
