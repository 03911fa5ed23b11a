// bridges/xmpp/session.hpp: one life of a component's link (XEP-0114): connect, handshake, stanzas in and
// out, end. A new connection is a new session. gloox holds the protocol state, the socket is Asio's, every
// received byte goes to xml_stream. All calls and callbacks on the io_context thread. Callbacks may call
// anything here but the destructor.
#pragma once

#include "bridges/xmpp/xml_stream.hpp"
#include "core/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>

namespace rialto::xmpp {

using boost::asio::awaitable;

struct session_settings
{
    std::string host = "localhost";  // of the server's component port
    std::uint16_t port = 5347;
    std::string domain, secret;  // the component's
    std::string ping_to;         // asked when nothing came for `idle`; "": ourselves, through the server
    std::chrono::milliseconds idle{std::chrono::seconds{60}}, patience{std::chrono::seconds{30}};
    std::size_t most_queued = std::size_t{64} << 20;  // bytes; a server that lets more pile up is given up
    stream_limits limits;
    session_settings() = default;
};

class session
{
public:
    session(boost::asio::any_io_executor ex, clock& time, session_settings settings);
    ~session();  // as abort()
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    // Set before open().
    void on_stanza(std::function<void(const node& stanza)> f);
    void on_oversize(std::function<void(const node& top, std::string_view why)> f);
    void wanted(std::function<bool(const start_tag&)> f);  // early drop, by the start tag alone

    // Connects and shakes hands. A failure is a sentence that tells an operator what to look at; give_up
    // means that waiting will not help: wrong secret, wrong port, unknown domain.
    awaitable<outcome> open(std::chrono::milliseconds deadline = std::chrono::seconds{20});

    // Resumes when the link has ended, at once if it has: ok() after our own close(), else why.
    awaitable<outcome> closed();

    // Appends one stanza. false: the link is not up, nothing was sent. REQUIRES: well-formed, with `from` and
    // `to`.
    bool send(std::string stanza);
    std::size_t queued() const noexcept;                // bytes not yet taken by the kernel
    awaitable<void> drained(std::size_t to = 1 << 20);  // until fewer are queued or the link ended

    void pause(
    );  // stop reading, our own queues are full: one read (64 KiB) may still come, the server holds the rest
    void resume();

    // close: what was sent goes out, then </stream:stream>. abort: not one byte more. After either no
    // callback comes and send() is false.
    void close();
    void abort();

    bool up() const noexcept;
    const std::string& domain() const noexcept;

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace rialto::xmpp
