// A session and the server it talks to, for session*_test.cpp.
#pragma once

#include "bridges/xmpp/session.hpp"
#include "tests/unit/xmpp/wire_fixture.hpp"

namespace rialto::xmpp {

using namespace std::chrono_literals;

inline constexpr const char* answer_header =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
    "xmlns:stream='http://etherx.jabber.org/streams' from='bridge.localhost' id='s1'>";

inline bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

inline std::string stream_error_xml(const std::string& condition)
{
    return "<stream:error><" + condition +
           " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text "
           "xmlns='urn:ietf:params:xml:ns:xmpp-streams'>said so</text></stream:error></stream:stream>";
}

struct Session : wire
{
    std::vector<std::string> heard;
    std::optional<session> link;

    session_settings settings()
    {
        session_settings s;
        s.host = "127.0.0.1";
        s.port = port();
        s.domain = "bridge.localhost";
        s.secret = "secret";
        return s;
    }
    session& fresh(session_settings s)
    {
        link.emplace(io.get_executor(), time, std::move(s));
        link->on_stanza([this](const node& n) { heard.push_back(to_string(n, stream_ns)); });
        return *link;
    }
    session& fresh() { return fresh(settings()); }

    static awaitable<void> shake(peer& p)
    {
        co_await p.until("version='1.0'>");
        co_await p.say(answer_header);
        const auto hands = co_await p.until("</handshake>");
        if (!hands.empty()) {  // else the client went away
            EXPECT_EQ(hands, "<handshake>3d1121b21f6287dc58010ebe9a95fa84ee2483d4</handshake>");
        }
        co_await p.say("<handshake/>");
    }
    // What open() says when the server says this after our header.
    failure refused_with(std::string answer)
    {
        failure why{verdict::unsupported, cause::other, "it did not fail"};
        serve([answer](peer& p) -> awaitable<void> {
            co_await p.until("version='1.0'>");
            co_await p.say(answer);
            co_await p.rest();
        });
        run([&]() -> awaitable<void> {
            auto opened = co_await fresh().open();
            EXPECT_FALSE(opened);
            if (!opened)
                why = opened.error();
            auto ended = co_await link->closed();
            EXPECT_FALSE(ended);
        });
        return why;
    }
};

}  // namespace rialto::xmpp
