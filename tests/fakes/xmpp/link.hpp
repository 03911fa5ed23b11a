// tests/fakes/xmpp/link.hpp: one TCP connection of a client or a component: bytes in, stanzas out, and the
// accidents a link can have. What it has received is read to the end even when its peer is gone, as real
// servers do.
#pragma once

#include "tests/fakes/net/fake_time.hpp"
#include "tests/fakes/xmpp/xml.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <memory>

namespace rialto::fakes::xmpp {

enum class port
{
    c2s,
    component
};

class link : public std::enable_shared_from_this<link>
{
public:
    struct owner
    {
        virtual void opened(link& l, element stream) = 0;
        virtual void stanza(link& l, element e) = 0;
        virtual void gone(link& l) = 0;
        virtual ~owner() = default;
    };
    link(boost::asio::ip::tcp::socket s, port of, owner* to);

    void start();
    void send(std::string_view xml);
    void fail(std::string_view condition);  // a stream error, then the end
    void finish();                          // what is queued is written, then the end
    void cut(
        std::size_t after_bytes = 0
    );               // more are written, then the socket is closed, in mid-stanza if need be
    void abandon();  // the server is gone: no more calls to the owner, the socket is closed
    void stall(bool on);
    void restart_stream() { parser_.reset(); }
    bool dead() const { return !owner_; }
    std::size_t queued() const { return out_.size(); }

    const port kind;
    std::string id;              // of the stream
    std::string name;            // component: its domain; c2s: the user's bare JID
    std::string resource;        // c2s
    std::string awaited_digest;  // component: of the handshake
    bool ready = false;          // c2s: bound; component: authenticated
    bool authenticated = false;
    int priority = -129;                // of the presence; -129: none sent
    std::string presence;               // as XML without `to`
    std::vector<std::string> directed;  // who got directed presence
    std::uint64_t stanzas_in = 0, stanzas_out = 0;
    stream_parser& parser() { return parser_; }

private:
    awaitable<void> read_all(std::shared_ptr<link> self);
    void flush();
    void die();

    boost::asio::ip::tcp::socket socket_;
    owner* owner_;
    stream_parser parser_;
    std::string out_, flight_;
    bell stalled_;
    bool stalling_ = false, writing_ = false, finishing_ = false;
    std::size_t cut_after_ = std::string::npos;
};

using link_ptr = std::shared_ptr<link>;

}  // namespace rialto::fakes::xmpp
