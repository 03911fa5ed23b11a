// tests/bench/far.hpp: a lean XMPP server: one component (XEP-0114) and rooms (XEP-0045) that exist when they
// are entered, without an archive's rows. It answers what a well-behaved server does and keeps no more of a
// room than who of the component is in it. One io_context thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rialto::bench {

// Cuts a stream into its stanzas. Understands what a sane serialiser writes: no comments, no CDATA, no '>' in
// attributes.
class stanza_cutter
{
public:
    // `opened` for the stream's start tag, `each` for every stanza; the views last as long as the call.
    void feed(
        std::string_view bytes, const std::function<void(std::string_view)>& opened,
        const std::function<void(std::string_view)>& each
    );

private:
    std::string buffer_;
    std::size_t begin_ = 0, at_ = 0;
    int depth_ = 0;
};
std::string_view attribute_of(std::string_view stanza, std::string_view name);  // of its start tag; "": none
std::string_view body_of(std::string_view stanza);

class far_server
{
public:
    explicit far_server(boost::asio::io_context& io);
    std::uint16_t port() const { return port_; }
    static std::string room(std::size_t number) { return "r" + std::to_string(number) + "@rooms.far.test"; }

    std::function<void(std::string_view body)> heard;  // each groupchat message that the component sends
    std::size_t members = 1;                           // far people in a room that is entered: p0, p1, …
    std::size_t joins = 0, archives_asked = 0;         // the latter comes last when a room is entered
    bool up() const { return static_cast<bool>(link_); }

    // A far person speaks: everybody of the component who is in the room is told.
    void say(std::size_t room, std::size_t person, std::string_view text);
    // Another far person comes in.
    void enter(std::size_t room, std::size_t person);

private:
    struct link
    {
        boost::asio::ip::tcp::socket socket;
        std::string out;
        bool writing = false;
        explicit link(boost::asio::ip::tcp::socket s) : socket{std::move(s)} {}
    };
    struct occupant
    {
        std::string full, nick;
        occupant(std::string f, std::string n) : full{std::move(f)}, nick{std::move(n)} {}
    };
    using occupants = std::vector<occupant>;

    boost::asio::awaitable<void> accept_all();
    boost::asio::awaitable<void> serve(std::shared_ptr<link> l);
    static boost::asio::awaitable<void> flush(std::shared_ptr<link> l);
    void send(std::string_view xml);
    void take(std::string_view stanza);
    void take_iq(std::string_view iq);
    void take_presence(std::string_view presence);
    void take_groupchat(std::string_view message);
    void broadcast(
        const std::string& room, std::string_view nick, std::string_view id, std::string_view inner
    );

    boost::asio::io_context& io_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_;
    std::shared_ptr<link> link_;
    std::map<std::string, occupants, std::less<>> rooms_;
    std::size_t stanza_ids_ = 0;
};

}  // namespace rialto::bench
