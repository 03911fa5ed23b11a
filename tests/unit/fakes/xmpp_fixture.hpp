// A fake XMPP server with peers that speak to it over real sockets, on an io_context run only while a test
// waits.
#pragma once

#include "tests/fakes/xmpp/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>

namespace rialto::fakes {

using nlohmann::json;
using xmpp::element;

// One connection: a component's or a client's.
class peer
{
public:
    peer(boost::asio::io_context& io, std::uint16_t port) : io_{io}, socket_{io}, parser_{handlers()}
    {
        socket_.connect({boost::asio::ip::address_v4::loopback(), port});
        read();
    }
    ~peer()
    {
        *alive_ = false;
        close();
    }
    void send(const std::string& xml)
    {
        boost::system::error_code ec;
        boost::asio::write(socket_, boost::asio::buffer(xml), ec);
    }
    void close()
    {
        boost::system::error_code ec;
        socket_.close(ec);
    }
    void new_stream() { parser_.reset(); }

    template <class Test>
    bool wait(Test test)
    {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{5};
        while (!test() && std::chrono::steady_clock::now() < end)
            io_.run_one_for(std::chrono::milliseconds{20});
        return test();
    }
    const element* find(const std::function<bool(const element&)>& is) const
    {
        for (const auto& e : got)
            if (is(e))
                return &e;
        return nullptr;
    }
    // The first stanza of that name and id; an empty one when it does not come.
    element answer(const std::string& name, const std::string& id)
    {
        const auto is = [&](const element& e) { return e.name == name && e.get("id") == id; };
        wait([&] { return ended || find(is); });
        const element* e = find(is);
        return e ? *e : element{"none"};
    }
    std::vector<std::string> bodies(const std::string& type = "groupchat") const
    {
        std::vector<std::string> out;
        for (const auto& e : got)
            if (e.name == "message" && e.get("type") == type && e.find("body", ""))
                out.push_back(e.child_text("body", ""));
        return out;
    }

    element stream;
    std::vector<element> got;
    std::string raw;
    bool ended = false;

private:
    xmpp::stream_parser::handler handlers()
    {
        xmpp::stream_parser::handler h;
        h.opened = [this](element e) { stream = std::move(e); };
        h.stanza = [this](element e) { got.push_back(std::move(e)); };
        h.closed = [this] { ended = true; };
        return h;
    }
    void read()
    {
        socket_.async_read_some(boost::asio::buffer(in_), [this, alive = alive_](auto ec, std::size_t n) {
            if (!*alive)
                return;
            if (ec) {
                ended = true;
                return;
            }
            raw.append(in_.data(), n);
            parser_.feed({in_.data(), n});
            read();
        });
    }
    boost::asio::io_context& io_;
    boost::asio::ip::tcp::socket socket_;
    xmpp::stream_parser parser_;
    std::array<char, 8192> in_{};
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

struct Xmpp : testing::Test
{
    boost::asio::io_context io{1};
    std::unique_ptr<xmpp::server> far;
    std::string room = "orchard@conference.localhost";

    void begin(xmpp::options o = {})
    {
        far = std::make_unique<xmpp::server>(io.get_executor(), o);
        far->add_user("alice", "pw");
        far->add_user("carol", "pw");
        far->start();
    }
    void as_ejabberd()
    {
        xmpp::options o;
        o.as = xmpp::personality::ejabberd;
        begin(o);
    }
    std::unique_ptr<peer> component(const std::string& secret = "secret")
    {
        auto p = std::make_unique<peer>(io, far->component_port());
        p->send(
            "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' "
            "to='bridge.localhost'>"
        );
        p->wait([&] { return !p->stream.name.empty(); });
        p->send("<handshake>" + xmpp::digest_of(p->stream.get("id"), secret) + "</handshake>");
        p->wait([&] { return p->ended || !p->got.empty(); });
        return p;
    }
    std::unique_ptr<peer> client(const std::string& base64, const std::string& resource)
    {
        const std::string open =
            "<stream:stream xmlns='jabber:client' "
            "xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>";
        auto p = std::make_unique<peer>(io, far->c2s_port());
        p->send(open);
        p->wait([&] { return p->got.size() == 1; });
        p->send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + base64 + "</auth>");
        p->wait([&] { return p->got.size() == 2; });
        if (p->got.back().name != "success")
            return p;
        p->new_stream();
        p->send(open);
        p->wait([&] { return p->got.size() == 3; });
        p->send(
            "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" + resource +
            "</resource></bind></iq>"
        );
        p->answer("iq", "b");
        p->send("<presence/>");
        return p;
    }
    std::unique_ptr<peer> alice() { return client("AGFsaWNlAHB3", "a"); }
    std::unique_ptr<peer> carol() { return client("AGNhcm9sAHB3", "c"); }

    static std::string join_of(const std::string& from, const std::string& to, const std::string& inside = "")
    {
        return "<presence" + (from.empty() ? "" : " from='" + from + "'") + " to='" + to + "' id='j-" + to +
               "'><x xmlns='http://jabber.org/protocol/muc'>" + inside + "</x></presence>";
    }
    static bool has_status(const element& e, const std::string& code)
    {
        const element* x = e.find("x", xmpp::muc_user_ns);
        for (const auto& c : x ? x->children : std::vector<element>{})
            if (c.name == "status" && c.get("code") == code)
                return true;
        return false;
    }
    static std::string condition(const element& e)
    {
        const element* error = e.find("error", "");
        const element* c = error ? error->find_in(xmpp::stanzas_ns) : nullptr;
        return c ? c->name : "(none) " + to_xml(e);
    }
    static bool is_subject(const element& e)
    {
        return e.name == "message" && e.find("subject", "") && !e.find("body", "");
    }
    // Joins and waits for the subject, which comes last.
    bool enter(peer& p, const std::string& from, const std::string& nick, const std::string& inside = "")
    {
        const auto subjects = [&] { return std::count_if(p.got.begin(), p.got.end(), is_subject); };
        const auto before = subjects();
        p.send(join_of(from, room + '/' + nick, inside));
        return p.wait([&] { return subjects() > before; });
    }
    static std::string said(
        const std::string& from, const std::string& to, const std::string& id, const std::string& body,
        const std::string& type = "groupchat"
    )
    {
        return "<message" + (from.empty() ? "" : " from='" + from + "'") + " to='" + to + "' type='" + type +
               "' id='" + id + "'><body>" + body + "</body></message>";
    }
    void settle()
    {
        for (int i = 0; i < 3; ++i) {
            while (io.poll() > 0) {
            }
            io.run_one_for(std::chrono::milliseconds{3});
        }
    }
};

}  // namespace rialto::fakes
